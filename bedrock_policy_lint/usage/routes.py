"""Where guardrails and data automation may run a call: profiles that are no inference profiles."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, NamedTuple

DATA_AUTOMATION, GUARDRAIL = "data-automation-profile", "guardrail-profile"


class Route(NamedTuple):
    """A profile as it is seen from one Region."""

    profile: str
    destinations: tuple[str, ...]
    """Where AWS asks for it; none for a global profile, which it asks for in the caller's Region alone."""


def routes(kind: str, region: str) -> tuple[Route, ...]:
    """The profiles of a kind that AWS documents for calls from a Region; none where it documents none."""
    return tuple(Route(row["profile"], tuple(row["to"])) for row in _tables()[kind] if region in row["from"])


def destinations(kind: str, profile: str, region: str) -> tuple[str, ...] | None:
    """Where a profile may run a call from a Region; None where nobody says."""
    return next((route.destinations for route in routes(kind, region) if route.profile == profile), None)


@cache
def _tables() -> dict[str, list[dict[str, Any]]]:
    import json

    with open(os.path.join(os.path.dirname(__file__), "data", "routes.json"), encoding="utf-8") as file:
        found: dict[str, list[dict[str, Any]]] = json.load(file)
    return found
