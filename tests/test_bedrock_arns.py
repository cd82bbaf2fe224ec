"""What Bedrock ARN patterns mean: kinds, ids, Regions, and the lives of models."""

from __future__ import annotations

import pytest

from bedrock_policy_lint.bedrock import arns
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.model.arn import Arn, parse
from bedrock_policy_lint.model.text import from_policy
from bedrock_policy_lint.rule import Context

CATALOG = default()
CONTEXT = Context(CATALOG, "", "2026-11-20")


def arn_of(written: str) -> Arn:
    arn = parse(from_policy(written))
    assert arn is not None
    return arn


def target_of(written: str) -> arns.Target:
    named = arns.target(arn_of(written))
    assert named is not None
    return named


def regions_of(written: str) -> set[str] | None:
    found = arns.regions(arn_of(written), CATALOG)
    return None if found is None else {region.name for region in found}


def test_a_target_is_exact_only_without_wildcard_and_hole() -> None:
    assert target_of("arn:aws:bedrock:*::foundation-model/a.b").exact == "a.b"
    assert target_of("arn:aws:bedrock:*::foundation-model/a.*").exact == ""
    assert target_of("arn:aws:bedrock:*::foundation-model/a.${x}").exact == ""


@pytest.mark.parametrize("written", ["arn:aws:s3:::bucket", "arn:aws:bedrock:*::*", "arn:aws:bedrock:*::${kind}/x"])
def test_what_shows_no_type_of_bedrock_has_no_target(written: str) -> None:
    assert arns.target(arn_of(written)) is None


@pytest.mark.parametrize(
    ("written", "geography"),
    [
        ("us.anthropic.claude-sonnet-4-6", "us"),
        ("us-gov.anthropic.*", "us-gov"),
        ("global.*", "global"),
        ("us.anth*", "us"),
        ("us.${model}", "us"),
        ("us*", None),
        ("us.unknownvendor.model", None),
        ("us.unknown*", None),
        ("anthropic.claude-sonnet-4-6", None),
        ("*.anthropic.claude", None),
    ],
)
def test_a_geography_counts_only_before_what_can_be_a_model(written: str, geography: str | None) -> None:
    assert arns.geography_of(from_policy(written), CATALOG) == geography


@pytest.mark.parametrize(
    ("resource", "misplaced"),
    [
        ("foundation-model/eu.anthropic.claude-sonnet-4-6", True),
        ("foundation-model/${geo}.anthropic.claude-sonnet-4-6", True),
        ("foundation-model/${geo}anthropic.claude-sonnet-4-6", False),
        ("foundation-model/${model}", False),
        ("foundation-model/anthropic.*", False),
        ("inference-profile/anthropic.*", True),
        ("inference-profile/anthropic*", True),
        ("inference-profile/eu.*", False),
        ("inference-profile/*anthropic*", False),
        ("application-inference-profile/anthropic.x", False),
    ],
)
def test_an_id_is_misplaced_only_where_nothing_it_stands_for_can_match(resource: str, misplaced: bool) -> None:
    named = target_of(f"arn:aws:bedrock:us-east-1:*:{resource}")

    assert arns.is_misplaced(named, CATALOG) is misplaced


def test_regions_keep_to_the_partition() -> None:
    assert regions_of("arn:aws:bedrock:us-*::foundation-model/x") == {
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
    assert regions_of("arn:aws-us-gov:bedrock:us-*::foundation-model/x") == {"us-gov-east-1", "us-gov-west-1"}


def test_an_empty_region_is_none_of_them_and_a_hole_is_unknown() -> None:
    assert regions_of("arn:aws:bedrock:::foundation-model/x") == set()
    assert regions_of("arn:aws:bedrock:${region}::foundation-model/x") is None


def test_a_model_is_offered_at_both_ends_of_its_profiles_routes() -> None:
    model = CATALOG.model("anthropic.claude-sonnet-4-6")
    assert model is not None

    found = arns.offered(model.id, CATALOG)

    assert set(model.on_demand_regions) <= found
    for profile in filter(None, map(CATALOG.profile, model.profiles)):
        assert set(profile.source_regions).union(*(profile.routes or {}).values()) <= found


def test_profiles_of_a_geography_come_before_global_ones() -> None:
    model = CATALOG.model("anthropic.claude-sonnet-4-6")
    assert model is not None

    assert arns.profiles_from(model, "eu-west-1", CATALOG) == (
        "eu.anthropic.claude-sonnet-4-6",
        "global.anthropic.claude-sonnet-4-6",
    )


@pytest.mark.parametrize(
    ("written", "today", "over"),
    [
        ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "2026-11-20", True),
        ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "2026-09-10", False),
        ("arn:aws:bedrock:us-*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "2026-11-20", True),
        ("arn:aws:bedrock:*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "2026-11-20", False),
        ("arn:aws:bedrock:ca-central-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "2026-11-20", False),
        ("arn:aws:bedrock:${r}::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "2026-11-20", False),
        ("arn:aws:bedrock:${r}::foundation-model/amazon.nova-canvas-v1:0", "2026-11-20", True),
        # Past its end there, and still a destination of a profile that is listed elsewhere.
        (
            "arn:aws:bedrock:ap-northeast-1::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0",
            "2026-11-20",
            False,
        ),
        (
            "arn:aws:bedrock:ap-northeast-1:*:inference-profile/apac.anthropic.claude-3-5-sonnet-20240620-v1:0",
            "2026-11-20",
            True,
        ),
        # Listed on the catalogue's date, and over since.
        ("arn:aws:bedrock:us-east-1::foundation-model/ai21.jamba-1-5-mini-v1:0", "2026-12-01", True),
        ("arn:aws:bedrock:us-east-1::foundation-model/ai21.jamba-1-5-mini-v1:0", "2026-11-20", False),
    ],
)
def test_the_end_of_life_is_judged_per_region_and_day(written: str, today: str, over: bool) -> None:
    assert arns.ended(target_of(written), arn_of(written), Context(CATALOG, "", today)) is over


@pytest.mark.parametrize(
    ("region", "model", "needed"),
    [
        ("us-east-1", "anthropic.claude-sonnet-4-6", True),
        ("eu-west-2", "anthropic.claude-sonnet-4-6", False),
        ("*", "anthropic.claude-sonnet-4-6", False),
        ("*", "anthropic.claude-opus-5", True),
        ("${region}", "anthropic.claude-opus-4-7", True),
        ("us-gov-west-1", "anthropic.claude-opus-5", False),
        ("", "anthropic.claude-opus-5", False),
        ("us-east-1", "twelvelabs.marengo-embed-2-7-v1:0", False),
        ("us-east-1", "amazon.nova-lite-v1:0", False),
    ],
)
def test_a_profile_is_needed_where_no_call_by_the_own_id_works(region: str, model: str, needed: bool) -> None:
    arn = arn_of(f"arn:aws:bedrock:{region}::foundation-model/{model}")

    assert arns.needs_profile(arn, CONTEXT) is needed
