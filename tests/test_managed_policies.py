"""The managed policies of AWS that are shipped, and the script that builds them."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from scripts import load_script

from bedrock_policy_lint.deployment import managed
from bedrock_policy_lint.deployment.misspelt import meant_by
from bedrock_policy_lint.model.text import Hole, Template, Text

ROOT = Path(__file__).resolve().parent.parent
PARTITION = Hole("AWS::Partition", "${AWS::Partition}")

NEEDED = (
    "AdministratorAccess",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AmazonBedrockFullAccess",
    "AmazonBedrockLimitedAccess",
    "AmazonBedrockMantleFullAccess",
    "AmazonBedrockMantleInferenceAccess",
    "AmazonBedrockMantleReadOnly",
    "AmazonBedrockMarketplaceAccess",
    "AmazonBedrockReadOnly",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonS3ReadOnlyAccess",
    "AmazonSageMakerFullAccess",
    "BedrockAgentCoreFullAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "PowerUserAccess",
    "ReadOnlyAccess",
)


script = load_script("build_managed_policies")


# What is shipped


@pytest.mark.parametrize("name", NEEDED)
def test_what_workloads_are_commonly_given_is_known(name: str) -> None:
    policy = managed.find(name)
    assert policy is not None
    assert policy.statements
    assert policy.attachment == ("identity", True, "managed")


def test_every_policy_can_be_read_and_keeps_to_the_grammar() -> None:
    from bedrock_policy_lint.frontends import policy_document
    from bedrock_policy_lint.model.policy import Attachment

    defects: list[tuple[str, object]] = []
    for name in managed.known_names():
        document = managed.document(name)
        (root, *_) = document.path_to(document.source, 0, 0)
        found: list[policy_document.Defect] = []
        assert policy_document.read(root, Attachment("identity", True), found).statements, name
        defects += [(name, defect) for defect in found]
    assert defects == []


def test_the_data_says_how_old_it_is() -> None:
    dates = [found.date for name in managed.known_names() if (found := managed.entry(name))]
    assert max(dates) == managed.as_of() >= "2026-09-30"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("AmazonBedrockFullAccess", "AmazonBedrockFullAccess"),
        ("arn:aws:iam::aws:policy/AmazonBedrockFullAccess", "AmazonBedrockFullAccess"),
        (Template(("arn:", PARTITION, ":iam::aws:policy/AdministratorAccess")), "AdministratorAccess"),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "AWSLambdaBasicExecutionRole"),
        ("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "ViewOnlyAccess"),
        # IAM finds no policy there.
        ("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole", ""),
        ("arn:aws:iam::aws:policy/service-role/AmazonBedrockFullAccess", ""),
        # In other partitions the documents differ.
        ("arn:aws-us-gov:iam::aws:policy/AmazonBedrockFullAccess", ""),
        ("arn:aws:iam::111122223333:policy/AmazonBedrockFullAccess", ""),
        (Template(("arn:aws:iam::aws:policy/", Hole("Name", "${Name}"))), ""),
        (Template((Hole("PolicyArn", "${PolicyArn}"),)), ""),
        ("AmazonBedrock", ""),
        ("", ""),
        ("# as_of", ""),
    ],
)
def test_a_policy_is_found_by_name_and_by_arn(given: Text, name: str) -> None:
    assert managed.name_of(given) == name
    assert (managed.find(given) is not None) == bool(name)


def test_a_place_in_a_policy_reads_well() -> None:
    policy = managed.find("AmazonBedrockFullAccess")
    assert policy is not None
    (document,) = managed.documents([policy, policy])
    assert document.policies == []
    action = next(action for statement in policy.statements for action in statement.actions)
    place = action.node.source.point(action.node.start)
    assert (action.node.source.path, place.line, place.column) == ("aws:policy/AmazonBedrockFullAccess", 5, 9)
    assert document.source.text.splitlines()[4].strip() == '"bedrock:*"'
    address = document.address(document.source, action.node.start, action.node.end)
    assert address == ('Statement "BedrockAll"', "Action", "bedrock:*")


def test_a_policy_can_be_a_boundary_too() -> None:
    policy, boundary = managed.find("PowerUserAccess"), managed.find("PowerUserAccess", "boundary")
    assert policy is not None
    assert boundary is not None
    assert (policy.kind, boundary.kind) == ("identity", "boundary")
    assert len(managed.documents([policy, boundary])) == 1


# How it is built


POLICIES = {
    name: {
        "Path": path,
        "DefaultVersionId": "v2",
        "UpdateDate": "2026-01-02T03:04:05+00:00",
        "Document": {"Statement": [{"Sid": name, "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
    }
    for name, path in [(f"Policy{number:02}", "/") for number in range(20)] + [("Linked", "/aws-service-role/")]
}


def test_what_is_packed_comes_out_again() -> None:
    selected = script.select(script.listed(f'text = """\n{json.dumps(POLICIES)}"""'))
    assert len(selected) == 20
    index, blocks = script.pack(selected)
    assert script.unpack(index, blocks) == selected
    assert index.startswith("# as_of 2026-01-02, source moto ")


def test_the_reader_and_the_script_agree() -> None:
    data = script.DATA
    policies = script.unpack((data / script.INDEX).read_text("utf-8"), (data / script.BLOCKS).read_bytes())
    assert tuple(policies) == managed.known_names()
    for name, shipped in policies.items():
        found = managed.entry(name)
        assert found is not None
        assert (found.path, found.version, found.date) == shipped[:3]
        assert json.loads(managed.document(name).source.text) == json.loads(shipped.document)


def test_another_form_of_the_package_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "source_text", lambda: "import somewhere_else")
    assert script.main(["--check"]) == 2


def test_differences_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = f'text = """\n{json.dumps(POLICIES)}"""'
    monkeypatch.setattr(script, "source_text", lambda: module)
    assert script.main(["--data", str(tmp_path)]) == 0
    assert script.main(["--check", "--data", str(tmp_path)]) == 0
    module = module.replace("Policy07", "Policy77")
    assert script.main(["--check", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == ["Policy07", "Policy77"]


def installed() -> str:
    """The version of the package, if it is there."""
    try:
        return version(script.PACKAGE)
    except PackageNotFoundError:
        return "none"


@pytest.mark.skipif(installed() != script.VERSION, reason=f"needs {script.PACKAGE} {script.VERSION}")
def test_the_shipped_data_is_what_a_fresh_build_gives() -> None:
    assert script.main(["--check"]) == 0


# Slips


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("AmazonBedrockFullAcess", "AmazonBedrockFullAccess"),
        ("AmazonBedrokFullAcces", "AmazonBedrockFullAccess"),
        ("AmazonBedrcokReadOnly", "AmazonBedrockReadOnly"),
        ("amazonbedrockfullaccess", "AmazonBedrockFullAccess"),
        ("AmazonConnectFullAccess", "AmazonConnect_FullAccess"),
        ("AmazonBedrockReadOnlyAccess", "AmazonBedrockReadOnly"),
        ("AmazonS3ReadOnly", "AmazonS3ReadOnlyAccess"),
        ("AWSLambdaBasicExecutionRolePolicy", "AWSLambdaBasicExecutionRole"),
        # What may be new is no slip: other versions, services and operations.
        ("AmazonBedrockFullAccessV2", ""),
        ("AmazonBedrockFullAccess2", ""),
        ("AmazonSXSFullAccess", ""),
        ("AWSElementalMediaConceptFullAccess", ""),
        ("AmazonBedrock", ""),
        ("", ""),
    ],
)
def test_what_a_name_was_meant_for(written: str, meant: str) -> None:
    assert meant_by(written) == meant


def test_no_name_of_aws_is_taken_for_a_slip_of_another() -> None:
    names = managed.known_names()[::10]
    assert [name for name in names if meant_by(name) != name] == []
