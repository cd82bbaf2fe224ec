"""The Serverless Framework: its variables, and the template that it makes of a `serverless.yml`."""

from __future__ import annotations

from bedrock_policy_lint.frontends.serverless.blueprint import read

__all__ = ["read"]
