"""Clients of Bedrock that are set up by files: coding assistants, proxies, environments."""
