"""Presets: what they say is sourced and well-formed, and a preset with its models becomes uses."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bedrock_policy_lint.catalog import Catalog
from bedrock_policy_lint.usage import presets
from bedrock_policy_lint.usage.presets import Parameter, Preset, PresetError, Use
from bedrock_policy_lint.usage.terms import CREDENTIALS

ALL = [found for name in presets.names() if (found := presets.find(name))]
EVERY = pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)

SAID = {
    "chat-completions": "Chat Completions",
    "converse": "Converse",
    "converse-stream": "ConverseStream",
    "invoke-model": "InvokeModel",
    "invoke-model-stream": "InvokeModelWithResponseStream",
    "list-profiles": "ListInferenceProfiles",
    "mantle": "bedrock-mantle:CreateInference",
    "responses": "Responses",
}
"""The words of a claim that stand for an API."""

MAIN, SMALL = "us.anthropic.claude-sonnet-4-6", "us.anthropic.claude-haiku-4-5-20251001-v1:0"


def preset(name: str) -> Preset:
    found = presets.find(name)
    assert found
    return found


def test_the_well_known_clients_are_there() -> None:
    assert presets.names() == (
        "claude-code",
        "langchain",
        "litellm",
        "strands",
        "openai-sdk",
        "openai-sdk-mantle",
        "console-playground",
    )


def test_an_unknown_name_is_not_found() -> None:
    assert presets.find("claude") is None


@EVERY
def test_every_claim_has_an_address_and_a_date(preset: Preset) -> None:
    assert preset.claims
    for claim in preset.claims:
        assert claim.text.endswith(".")
        assert re.fullmatch(r"https://[\w.-]+/\S+", claim.source)
        assert date.fromisoformat(claim.read).isoformat() == claim.read


@EVERY
def test_every_api_is_claimed(preset: Preset) -> None:
    claimed = " ".join(claim.text for claim in preset.claims)
    for use in preset.uses:
        assert re.search(rf"\b{SAID[use.api]}\b", claimed), use.api


@EVERY
def test_every_api_exists(preset: Preset) -> None:
    apis = pytest.importorskip("bedrock_policy_lint.usage.apis")

    assert {use.api for use in preset.uses} <= set(apis.names())


@EVERY
def test_every_default_is_claimed_and_in_the_catalogue(preset: Preset) -> None:
    catalog = Catalog()
    claimed = " ".join(claim.text for claim in preset.claims)
    for default in filter(None, (parameter.default for parameter in preset.parameters)):
        assert default in claimed
        assert catalog.profile(default) or catalog.model(default)


@EVERY
def test_parameters_and_uses_belong_together(preset: Preset) -> None:
    known = [parameter.name for parameter in preset.parameters]
    used = {name for use in preset.uses for name in re.findall(r"\{(.+?)\}", use.model)}

    assert preset.title
    assert len(set(known)) == len(known)
    assert used == set(known)
    assert all(parameter.meaning for parameter in preset.parameters)
    assert not any(parameter.required and parameter.default for parameter in preset.parameters)
    assert all(use.credentials in ("", *CREDENTIALS) for use in preset.uses)
    assert all((use.model == "") == (use.api == "list-profiles") for use in preset.uses)
    assert all(bool(use.part) == (use.model not in ("", "{model}")) for use in preset.uses)


@EVERY
def test_a_model_for_every_parameter_fills_every_use(preset: Preset) -> None:
    given = {parameter.name: f"some.{parameter.name}" for parameter in preset.parameters}

    uses = presets.expand(preset, given)

    assert [use.api for use in uses] == [use.api for use in preset.uses]
    assert {use.model for use in uses} - {""} == set(given.values())


def test_models_stand_in_their_places() -> None:
    assert presets.expand(preset("claude-code"), {"model": MAIN, "small-model": SMALL}) == (
        Use("invoke-model-stream", MAIN),
        Use("invoke-model", MAIN),
        Use("invoke-model-stream", SMALL, "small model"),
        Use("invoke-model", SMALL, "small model"),
        Use("list-profiles", ""),
    )


@pytest.mark.parametrize(
    "given", [{"model": MAIN}, {"model": MAIN, "small-model": MAIN}, {"model": MAIN, "small-model": ""}]
)
def test_a_part_without_a_model_of_its_own_adds_nothing(given: dict[str, str]) -> None:
    assert presets.expand(preset("claude-code"), given) == (
        Use("invoke-model-stream", MAIN),
        Use("invoke-model", MAIN),
        Use("list-profiles", ""),
    )


def test_a_default_holds_until_a_model_is_given() -> None:
    (untold,) = presets.expand(preset("strands"), {})
    (told,) = presets.expand(preset("strands"), {"model": MAIN})

    assert (untold.model, told.model) == ("global.anthropic.claude-sonnet-4-6", MAIN)


def test_the_openai_sdk_carries_a_key() -> None:
    for name in ("openai-sdk", "openai-sdk-mantle"):
        assert {use.credentials for use in presets.expand(preset(name), {"model": "m"})} == {"short-term-key"}


def test_braces_in_a_value_stay_as_they_are() -> None:
    (use,) = presets.expand(preset("strands"), {"model": "{model}"})

    assert use.model == "{model}"


@pytest.mark.parametrize("given", [{}, {"model": ""}, {"small-model": SMALL}])
def test_a_missing_parameter_is_named_with_its_meaning(given: dict[str, str]) -> None:
    with pytest.raises(PresetError, match=r"the preset claude-code needs model: the primary model") as caught:
        presets.expand(preset("claude-code"), given)

    assert caught.value.parameter == "model"


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("modle", "; nearest: model"),
        ("Small_Model", "; nearest: small-model, model"),
        ("small", "; nearest: small-model"),
        ("temperature", ""),
    ],
)
def test_an_unknown_parameter_comes_with_the_nearest_names(word: str, end: str) -> None:
    with pytest.raises(PresetError) as caught:
        presets.expand(preset("claude-code"), {word: MAIN})

    assert str(caught.value) == f"the preset claude-code has no parameter {word!r}{end}"
    assert caught.value.parameter == word


def test_a_parameter_is_required_only_without_a_default() -> None:
    assert preset("strands").parameters == (
        Parameter("model", False, "global.anthropic.claude-sonnet-4-6", "the model_id of BedrockModel"),
    )
