"""Calls of Bedrock in shell commands: scripts, Makefiles, workflows of CI."""
