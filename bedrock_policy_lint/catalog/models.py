"""Foundation models and system-defined inference profiles, as listed on the catalogue's date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .store import Store

MODELS_FILE = "models.json"
PROFILES_FILE = "profiles.json"


class Model(NamedTuple):
    """A model the API lists. None is unknown, never no."""

    id: str
    status: str
    """active or legacy, on the catalogue's date."""
    kind: str
    """text, embedding, image, rerank, video or speech."""
    apis: dict[str, bool]
    """API family to whether the model supports it; an absent one is unknown."""
    provider: str | None = None
    name: str | None = None
    announced: bool = True
    """False for an identifier that no AWS page names."""
    launch_date: str | None = None
    legacy_date: str | None = None
    public_extended_access_date: str | None = None
    eol_date: str | None = None
    eol_regions: tuple[str, ...] | None = None
    """Where the end-of-life date holds; the model may be listed elsewhere."""
    eol_no_sooner_than: str | None = None
    endpoints: tuple[str, ...] = ()
    input_modalities: tuple[str, ...] | None = None
    output_modalities: tuple[str, ...] | None = None
    streaming: bool | None = None
    on_demand_regions: tuple[str, ...] = ()
    """Where the plain model id works on bedrock-runtime."""
    on_demand_unconfirmed_regions: tuple[str, ...] = ()
    """Where it may: the source does not tell the two endpoints apart."""
    inference_profile_only: bool | None = None
    profile_only_regions: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    mantle_regions: tuple[str, ...] = ()
    mantle_apis: tuple[str, ...] = ()
    govcloud_regions: tuple[str, ...] = ()
    govcloud_geo_regions: tuple[str, ...] = ()
    govcloud_as_of: str | None = None
    govcloud_note: str | None = None
    marketplace_required: bool | None = None
    product_id: str | None = None
    product_id_source: str | None = None
    card_read_without_product_id: bool | None = None
    first_time_use_form: bool = False
    source: tuple[str, ...] = ()


class OtherModel(NamedTuple):
    """An identifier the API does not list (any more)."""

    id: str
    category: str
    """gone, documented_restricted, sdk_constant_only, provisioned_variant or unconfirmed."""
    provider: str | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    legacy_date: str | None = None
    eol_date: str | None = None
    last_on_demand_regions: tuple[str, ...] = ()
    product_id: str | None = None
    source: tuple[str, ...] = ()


class Provider(NamedTuple):
    """A model provider; `tokens` start its model ids."""

    name: str
    tokens: tuple[str, ...]
    sold_through_marketplace: bool | None
    basis: str
    first_time_use_form: bool


class WithdrawnSource(NamedTuple):
    """A source Region that a profile once had."""

    last_seen: str | None = None
    destinations: tuple[str, ...] | None = None
    why: str | None = None


class Profile(NamedTuple):
    """A system-defined inference profile."""

    id: str
    prefix: str
    scope: str
    """geo or global."""
    partition: str
    model_id: str
    status: str
    """listed (by the API), documented (GovCloud), unconfirmed or gone."""
    withdrawn_sources: dict[str, WithdrawnSource]
    name: str | None = None
    last_seen: str | None = None
    source_regions: tuple[str, ...] = ()
    routes: dict[str, tuple[str, ...]] | None = None
    """Source Region to destination Regions; None where nobody lists them, as for every global profile."""
    unconfirmed_routes: dict[str, tuple[str, ...]] | None = None
    documented_unscanned_sources: tuple[str, ...] = ()
    """Source Regions that AWS documents and no scan reached."""
    note: str | None = None
    source: tuple[str, ...] = ()

    def destinations(self, region: str) -> tuple[str, ...] | None:
        """Where a call from this source Region may run; None if unknown."""
        return self.routes.get(region) if self.routes is not None else None


class CommunityId(NamedTuple):
    """A profile id that only price tables or hand-kept lists show."""

    id: str
    note: str
    source: tuple[str, ...]


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _routes(rows: dict[str, list[str]] | None) -> dict[str, tuple[str, ...]] | None:
    return None if rows is None else {source: tuple(found) for source, found in rows.items()}


def read_model(row: dict[str, Any]) -> Model:
    """A model from its record."""
    return Model(**{"apis": {}, **_frozen(row)})


def read_other(row: dict[str, Any]) -> OtherModel:
    """An identifier that is not listed, from its record."""
    return OtherModel(**_frozen(row))


def read_profile(row: dict[str, Any]) -> Profile:
    """A profile from its record."""
    fields = _frozen(row)
    fields["routes"] = _routes(row.get("routes"))
    fields["unconfirmed_routes"] = _routes(row.get("unconfirmed_routes"))
    fields["withdrawn_sources"] = {
        region: WithdrawnSource(**_frozen(found)) for region, found in row.get("withdrawn_sources", {}).items()
    }
    return Profile(**fields)


def find_model(store: Store, model_id: str) -> Model | OtherModel | None:
    """The record of one identifier, read without parsing the others."""
    row = store.record(MODELS_FILE, model_id)
    if row is None:
        return None
    return read_other(row) if "category" in row else read_model(row)


def find_profile(store: Store, profile_id: str) -> Profile | CommunityId | None:
    """The record of one profile, read without parsing the others."""
    row = store.record(PROFILES_FILE, profile_id)
    if row is None:
        return None
    return read_profile(row) if "prefix" in row else CommunityId(**_frozen(row))


def all_models(store: Store) -> tuple[Model, ...]:
    """Every model the API lists."""
    return tuple([read_model(row) for row in store.load(MODELS_FILE)["models"]])


def all_other_models(store: Store) -> tuple[OtherModel, ...]:
    """Every other known identifier."""
    return tuple([read_other(row) for row in store.load(MODELS_FILE)["other_ids"]])


def all_providers(store: Store) -> tuple[Provider, ...]:
    """Every provider."""
    return tuple(
        Provider(
            row["name"],
            tuple(row["tokens"]),
            row.get("sold_through_marketplace"),
            row["basis"],
            row["first_time_use_form"],
        )
        for row in store.load(MODELS_FILE)["providers"]
    )


def all_profiles(store: Store) -> tuple[Profile, ...]:
    """Every profile: listed, documented, unconfirmed, gone."""
    return tuple([read_profile(row) for row in store.load(PROFILES_FILE)["profiles"]])


def all_community_ids(store: Store) -> tuple[CommunityId, ...]:
    """Every id that is not to be taken for real."""
    return tuple([CommunityId(**_frozen(row)) for row in store.load(PROFILES_FILE)["community_only"]])
