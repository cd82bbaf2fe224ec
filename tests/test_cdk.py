"""What a cloud assembly of the AWS CDK says of the templates in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.frontends import cdk

NOTHING = Inputs()


def stack(template: str, environment: str, **more: Any) -> dict[str, Any]:
    properties = {"templateFile": template, **more}
    return {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def manifest(folder: Path, **artifacts: Any) -> Path:
    path = folder / "manifest.json"
    write(path, {"version": "55.0.0", "artifacts": artifacts})
    return path


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("aws://111122223333/eu-west-1", Inputs({}, ("eu-west-1",), "111122223333")),
        ("aws://unknown-account/eu-west-1", Inputs({}, ("eu-west-1",), "")),
        ("aws://111122223333/unknown-region", Inputs({}, (), "111122223333")),
        ("aws://unknown-account/unknown-region", NOTHING),
        ("gcp://a/b", NOTHING),
        ("aws://", NOTHING),
        ("", NOTHING),
    ],
)
def test_a_stack_goes_where_its_environment_says(tmp_path: Path, environment: str, expected: Inputs) -> None:
    manifest(tmp_path, Chat=stack("Chat.template.json", environment))

    assert cdk.environment_of(str(tmp_path / "Chat.template.json")) == expected


def test_parameters_are_those_of_the_stack(tmp_path: Path) -> None:
    given = {"Stage": "prod", "Bucket": "b-${AWS::Region}", "Count": 3}
    manifest(tmp_path, Chat=stack("Chat.template.json", "", parameters=given))

    assert cdk.environment_of(str(tmp_path / "Chat.template.json")).parameters == {"Stage": "prod"}


def test_another_file_beside_the_manifest_is_told_nothing(tmp_path: Path) -> None:
    manifest(tmp_path, Chat=stack("Chat.template.json", "aws://111122223333/eu-west-1"))

    assert cdk.environment_of(str(tmp_path / "policy.json")) == NOTHING


def assembly(folder: Path) -> None:
    manifest(
        folder,
        **{
            "Chat.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Chat.assets.json"}},
            "Chat": {
                **stack("Chat.template.json", "aws://111122223333/eu-west-1", parameters={"Stage": "prod"}),
                "dependencies": ["Other", "Chat.assets", 7],
            },
            "Other": stack("Other.template.json", "aws://111122223333/us-east-1"),
        },
    )
    files = {"0a1b": {"source": {"path": "ChatInner.nested.template.json", "packaging": "file"}}}
    write(folder / "Chat.assets.json", {"version": "55.0.0", "files": files, "dockerImages": {}})


def test_a_nested_stack_goes_where_its_parent_goes(tmp_path: Path) -> None:
    assembly(tmp_path)
    nested = str(tmp_path / "ChatInner.nested.template.json")

    assert cdk.environment_of(nested) == Inputs({}, ("eu-west-1",), "111122223333")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://s3.eu-west-1.amazonaws.com/assets/0a1b.json", "ChatInner.nested.template.json"),
        ("https://s3.eu-west-1.amazonaws.com/assets/ffff.json", None),
        ("0a1b", None),
        ("", None),
    ],
)
def test_the_url_of_a_nested_stack_names_a_local_file(tmp_path: Path, url: str, expected: str | None) -> None:
    assembly(tmp_path)

    assert cdk.nested_template(str(tmp_path / "Chat.template.json"), url) == expected


def test_older_assemblies_tell_of_assets_in_metadata(tmp_path: Path) -> None:
    entry = {"type": "aws:cdk:asset", "data": {"path": "Inner.nested.template.json", "sourceHash": "0a1b"}}
    chat = {
        **stack("Chat.template.json", "aws://111122223333/eu-west-1"),
        "metadata": {"/Chat": [entry, {"type": "x"}]},
    }
    manifest(tmp_path, Chat=chat)

    assert cdk.environment_of(str(tmp_path / "Inner.nested.template.json")).regions == ("eu-west-1",)


def test_stages_have_assemblies_of_their_own(tmp_path: Path) -> None:
    def stage(name: str) -> dict[str, Any]:
        return {"type": "cdk:cloud-assembly", "properties": {"directoryName": name}}

    top = manifest(
        tmp_path,
        Eu=stage("assembly-Eu"),
        Up=stage(".."),
        Out=stage("../elsewhere"),
        Self=stage("."),
        App=stack("App.template.json", ""),
        Bad=stack("../App.template.json", ""),
    )
    manifest(tmp_path / "assembly-Eu", Chat=stack("EuChat.template.json", "aws://111122223333/eu-central-1"))
    chat = tmp_path / "assembly-Eu" / "EuChat.template.json"

    assert cdk.templates(str(top)) == [str(tmp_path / "App.template.json"), str(chat)]
    assert cdk.environment_of(str(chat)).regions == ("eu-central-1",)


WRONG = [7, "text", None, [], {}, [[]], {"a": 1}, True]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    "content",
    [
        "%s",
        '{"artifacts": %s}',
        '{"artifacts": {"Chat": %s}}',
        '{"artifacts": {"Chat": {"type": %s, "environment": %s, "properties": %s}}}',
        '{"artifacts": {"Chat": {"type": "aws:cloudformation:stack", "environment": %s, "dependencies": %s,'
        ' "metadata": %s, "properties": {"templateFile": "C.json", "parameters": %s}}}}',
        '{"artifacts": {"Chat": {"type": "aws:cloudformation:stack", "metadata": {"a": %s},'
        ' "properties": {"templateFile": %s}}}}',
        '{"artifacts": {"A": {"type": "cdk:cloud-assembly", "properties": {"directoryName": %s}}}}',
        '{"artifacts": {"A": {"type": "cdk:asset-manifest", "properties": {"file": %s}}, "Chat": {"type":'
        ' "aws:cloudformation:stack", "dependencies": ["A"], "properties": {"templateFile": "C.json"}}}}',
    ],
)
def test_a_manifest_of_wrong_types_tells_nothing(tmp_path: Path, content: str, wrong: Any) -> None:
    write(tmp_path / "manifest.json", content.replace("%s", json.dumps(wrong)))

    for name in ("C.json", "D.json"):
        inputs = cdk.environment_of(str(tmp_path / name))
        assert (inputs.regions, inputs.account) == ((), "")
        assert cdk.nested_template(str(tmp_path / name), "https://x/a.json") is None
    cdk.templates(str(tmp_path / "manifest.json"))


@pytest.mark.parametrize("content", ["", "{", "[" * 500])
def test_a_manifest_that_cannot_be_read_tells_nothing(tmp_path: Path, content: str) -> None:
    write(tmp_path / "manifest.json", content)

    assert cdk.environment_of(str(tmp_path / "C.json")) == NOTHING
    assert cdk.templates(str(tmp_path / "manifest.json")) == []


def test_a_manifest_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    there = manifest(tmp_path / "there", Chat=stack("C.json", "aws://111122223333/eu-west-1"))
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "manifest.json").symlink_to(there)

    assert cdk.environment_of(str(tmp_path / "here" / "C.json")) == NOTHING
