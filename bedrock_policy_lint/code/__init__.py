"""What application code calls: read as text, never imported, never run."""
