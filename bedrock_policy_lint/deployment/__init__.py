"""What templates and configurations deploy, whichever language they are written in, and what that comes to call."""
