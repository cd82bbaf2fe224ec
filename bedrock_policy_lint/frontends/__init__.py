"""Spanned trees become policies here: one module per dialect, none of which knows another or any rule."""
