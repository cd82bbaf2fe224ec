"""Regions, partitions and the geographies of inference profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .store import Store


class Region(NamedTuple):
    """An AWS Region. None is unknown, never no."""

    name: str
    partition: str
    long_name: str
    bedrock: bool
    """Whether the control plane has an endpoint there."""
    bedrock_runtime: bool | None = None
    fips_control: bool | None = None
    fips_runtime: bool | None = None
    mantle_documented: bool | None = None
    mantle_answered: bool | None = None
    """Whether bedrock-mantle answered a model list there; the documents and the scan disagree in places."""
    application_inference_profiles: bool | None = None
    scanned: bool = False
    """Whether models and profiles were read from the API there."""

    @property
    def mantle(self) -> bool | None:
        """Whether bedrock-mantle is there, by either source."""
        if self.mantle_documented or self.mantle_answered:
            return True
        return self.mantle_documented if self.mantle_answered is None else self.mantle_answered


class Partition(NamedTuple):
    """An AWS partition."""

    name: str
    dns_suffix: str
    has_bedrock: bool


class Geography(NamedTuple):
    """The reach of a profile prefix, over all its current profiles."""

    prefix: str
    partition: str
    profiles: int
    source_regions: tuple[str, ...]
    destination_regions: tuple[str, ...] | None
    """None for global: any commercial Region."""


class RegionTable:
    """Everything in regions.json."""

    def __init__(self, store: Store) -> None:
        """Read the table."""
        data = store.load("regions.json")
        self.as_of: str = data["as_of"]
        self.regions = {row["name"]: Region(**row) for row in data["regions"]}
        self.partitions = {row["name"]: Partition(**row) for row in data["partitions"]}
        self.geographies = {
            row["prefix"]: Geography(
                row["prefix"],
                row["partition"],
                row["profiles"],
                tuple(row["source_regions"]),
                tuple(row["destination_regions"]) if "destination_regions" in row else None,
            )
            for row in data["geographies"]
        }
