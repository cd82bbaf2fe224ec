"""Calls of Bedrock in JavaScript and TypeScript."""
