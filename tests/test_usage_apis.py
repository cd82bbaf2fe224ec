"""The names of APIs, and the words that people use for them."""

from __future__ import annotations

import pytest

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.usage import apis
from bedrock_policy_lint.usage.targets import parse_resource

CATALOG = default()


def api(word: str) -> apis.Api:
    found = apis.find(word)
    assert found is not None
    return found


@pytest.mark.parametrize("name", apis.names())
def test_a_name_is_found_whatever_its_hyphens_and_case(name: str) -> None:
    for word in (name, name.upper(), name.replace("-", ""), name.replace("-", "_")):
        assert api(word).name == name


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("ConverseStream", "converse-stream"),
        ("converse_stream", "converse-stream"),
        ("InvokeModelWithResponseStream", "invoke-model-stream"),
        ("invoke_model_with_response_stream", "invoke-model-stream"),
        ("InvokeModelWithBidirectionalStream", "bidirectional-stream"),
        ("StartAsyncInvoke", "async-invoke"),
        ("CreateModelInvocationJob", "batch"),
        ("RetrieveAndGenerateStream", "retrieve-and-generate"),
        ("InvokeDataAutomationAsync", "data-automation"),
        ("ListInferenceProfiles", "list-profiles"),
        ("GetInferenceProfile", "get-profile"),
        ("ChatCompletions", "chat-completions"),
        ("Messages", "mantle"),
    ],
)
def test_an_operation_is_a_word_for_its_api(operation: str, name: str) -> None:
    assert api(operation).name == name


@pytest.mark.parametrize("word", ["", "invoke", "CreateAgent", "converse stream", "bedrock:Converse"])
def test_nothing_else_is_an_api(word: str) -> None:
    assert apis.find(word) is None


@pytest.mark.parametrize("name", apis.names())
def test_the_catalogue_knows_every_operation_of_the_client(name: str) -> None:
    for operation in api(name).operations:
        assert CATALOG.operation(operation, api(name).client) is not None
    assert (api(name).operation(CATALOG) is None) == (name == "render-prompt")


def test_every_family_is_one_that_models_are_described_by() -> None:
    families = {family for model in CATALOG.models() for family in model.apis}
    assert {api(name).family for name in apis.names()} - {""} <= families


def test_mantle_alone_has_a_prefix_of_its_own() -> None:
    assert [name for name in apis.names() if api(name).service != "bedrock"] == ["mantle"]
    assert api("mantle").service == "bedrock-mantle"


def test_what_streams_has_a_streaming_operation() -> None:
    assert [name for name in apis.names() if api(name).streams] == [
        "invoke-model-stream",
        "converse-stream",
        "bidirectional-stream",
    ]


@pytest.mark.parametrize("name", apis.names())
def test_every_resource_can_be_named_by_a_bare_id(name: str) -> None:
    for kind in api(name).resources:
        assert parse_resource("ABC123/DEF456" if kind in ("agent-alias", "flow") else "ABC123", kind, "", CATALOG)
