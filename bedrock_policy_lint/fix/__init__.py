"""From what a rule asks to change to a safely rewritten file."""
