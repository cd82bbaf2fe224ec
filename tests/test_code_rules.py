"""Rules on what code calls: each finding has two ends, the call and what stands against it."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest
from conftest import Run

NOVA, PRO, TITAN = "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0", "amazon.titan-embed-text-v2:0"
SONNET = "anthropic.claude-sonnet-4-6"
HERE, ACCOUNT = "us-east-1", "111122223333"
INVOKE, STREAM, APPLY = "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock:ApplyGuardrail"
GUARDRAIL = f"arn:aws:bedrock:{HERE}:{ACCOUNT}:guardrail/abc123def456"

APP = """\
import os
import boto3

client = boto3.client("bedrock-runtime"{region})
MODEL = {model}


def handler(event, context):
    return {call}
"""


def model(name: str = NOVA, region: str = HERE) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{name}"


def profile(name: str, region: str = HERE) -> str:
    return f"arn:aws:bedrock:{region}:{ACCOUNT}:inference-profile/{name}"


def allow(actions: str | list[str], *resources: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources), **more}


def app(call: str = "converse(modelId=MODEL, messages=[])", *, named: str = NOVA, region: str = "") -> str:
    """A function of Lambda that makes a call; `named` is a model, or an expression that comes to one."""
    given = f', region_name="{region}"' if region else ""
    written = named if named.startswith("os.") else f'"{named}"'
    return APP.format(region=given, model=written, call=f"client.{call}")


def template(*statements: dict[str, Any], settings: dict[str, str] | None = None, **properties: Any) -> str:
    """A template of SAM with the function, and a role with these grants."""
    function = {
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "CodeUri": "src/",
        "Environment": {"Variables": settings or {"LOG_LEVEL": "INFO"}},
        "Policies": [{"Version": "2012-10-17", "Statement": list(statements)}],
        **properties,
    }
    chat = {"Type": "AWS::Serverless::Function", "Properties": function}
    return json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Chat": chat}}, indent=2)


class Found(NamedTuple):
    rule: str
    at: str
    """What it points at, behind the name of the file."""
    related: list[str]
    """What stands at the other places, with the label behind."""
    text: str
    """All that it says."""


def found(run: Run, folder: Path, files: dict[str, str], *words: str, region: str = HERE) -> list[Found]:
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    where = ("--region", region, "--account", ACCOUNT) if region else ()
    ran = run(".", "--format", "sarif", *where, *words)
    return [_found(folder, result) for result in json.loads(ran.out)["runs"][0]["results"]]


def _found(folder: Path, result: dict[str, Any]) -> Found:
    (at,) = result["locations"]
    others = [f"{_marked(folder, each)}: {each['message']['text']}" for each in result.get("relatedLocations", ())]
    words = [result["message"]["text"], *(place.get("message", {}).get("text", "") for place in [at])]
    fixes = [fix["description"]["text"] for fix in result.get("fixes", ())]
    return Found(result["ruleId"], _marked(folder, at), others, " | ".join([*words, *fixes]))


def _marked(folder: Path, location: dict[str, Any]) -> str:
    place = location["physicalLocation"]
    path, region = place["artifactLocation"]["uri"], place["region"]
    text = (folder / path).read_text()
    return f"{path}: {text[region['charOffset'] : region['charOffset'] + region['charLength']]}"


BEDROCK = [INVOKE, STREAM]
HAIKU, EMBED = "anthropic.claude-3-haiku-20240307-v1:0", "cohere.embed-english-v3"
US, EU = f"us.{SONNET}", f"eu.{SONNET}"
GUARDED = """converse(
        modelId=MODEL,
        guardrailConfig={"guardrailIdentifier": "abc123def456", "guardrailVersion": "1"},
    )"""
WANTED = {"StringEquals": {"bedrock:GuardrailIdentifier": f"{GUARDRAIL}:1"}}
CONVERSE = "src/app.py: client.converse"


class Case(NamedTuple):
    code: str
    grants: list[dict[str, Any]]
    rule: str
    at: str
    related: list[str]


def case(name: str, code: str, grants: list[dict[str, Any]], rule: str, at: str, *related: str) -> Any:
    return pytest.param(Case(code, grants, rule, at, list(related)), id=name)


CASES = [
    case(
        "the action",
        app("converse_stream(modelId=MODEL, messages=[])"),
        [allow(INVOKE, model())],
        "api-action-missing",
        f'template.json: "{INVOKE}"',
        "src/app.py: client.converse_stream: called here",
        f'src/app.py: "{NOVA}": this model',
    ),
    case(
        "the model",
        app(named=PRO),
        [allow(INVOKE, model())],
        "model-policy-drift",
        f'template.json: "{model()}"',
        f"{CONVERSE}: called here",
        f'src/app.py: "{PRO}": this model',
    ),
    case(
        "no grant comes near",
        app(named=PRO),
        [allow("s3:GetObject", "arn:aws:s3:::docs/*")],
        "invoke-not-allowed",
        CONVERSE,
        f'src/app.py: "{PRO}": this model',
    ),
    case(
        "the Region of the client",
        app(region="us-east-1"),
        [allow(INVOKE, model(region="eu-west-2"))],
        "grant-region-mismatch",
        "template.json: eu-west-2",
        f"{CONVERSE}: called here",
        f'src/app.py: "{NOVA}": this model',
    ),
    case(
        "the profile",
        app(named=US),
        [allow(INVOKE, model(SONNET, "us-*"))],
        "foundation-model-without-profile",
        f'template.json: "{model(SONNET, "us-*")}"',
        f"{CONVERSE}: called here",
        f'src/app.py: "{US}": this model',
    ),
    case(
        "the models of a profile",
        app(named=US),
        [allow(INVOKE, profile(US))],
        "profile-without-foundation-model",
        f'template.json: "{profile(US)}"',
        f"{CONVERSE}: called here",
        f'src/app.py: "{US}": this model',
    ),
    case(
        "the guardrail",
        app(GUARDED),
        [allow(INVOKE, model())],
        "applyguardrail-missing",
        CONVERSE,
        'src/app.py: "abc123def456": this guardrail',
    ),
    case(
        "a guardrail that is wanted",
        app(),
        [allow(INVOKE, model(), Condition=WANTED)],
        "guardrail-required-but-omitted",
        'template.json: "bedrock:GuardrailIdentifier"',
        f"{CONVERSE}: called here",
        f'src/app.py: "{NOVA}": this model',
    ),
    case(
        "a model that cannot stream",
        app("invoke_model_with_response_stream(modelId=MODEL, body=b'')", named=TITAN),
        [allow(BEDROCK, model(TITAN))],
        "streaming-unsupported-model",
        f'src/app.py: "{TITAN}"',
        "src/app.py: client.invoke_model_with_response_stream: called here",
    ),
    case(
        "an API that the model lacks",
        app(named=TITAN),
        [allow(INVOKE, model(TITAN))],
        "api-unsupported-model",
        f'src/app.py: "{TITAN}"',
        f"{CONVERSE}: called here",
    ),
    case(
        "the end of its life",
        app(named=HAIKU),
        [allow(INVOKE, "*")],
        "usage-model-end-of-life",
        f'src/app.py: "{HAIKU}"',
        f"{CONVERSE}: called here",
    ),
    case(
        "a geography",
        app(named=EU),
        [allow(INVOKE, "*")],
        "geo-prefix-region-mismatch",
        f'src/app.py: "{EU}"',
        f"{CONVERSE}: called here",
    ),
    case(
        "no such model there",
        app("invoke_model(modelId=MODEL, body=b'')", named=EMBED, region="us-west-1"),
        [allow(INVOKE, "*")],
        "usage-model-not-in-region",
        f'src/app.py: "{EMBED}"',
        "src/app.py: client.invoke_model: called here",
    ),
    case(
        "a profile is needed",
        app(named=SONNET),
        [allow(INVOKE, "*")],
        "on-demand-unsupported-model",
        f'src/app.py: "{SONNET}"',
        f"{CONVERSE}: called here",
    ),
    case(
        "a model that nobody knows",
        app(named="amazon.nova-huge-v9:0"),
        [allow(INVOKE, "*")],
        "usage-unknown-model",
        'src/app.py: "amazon.nova-huge-v9:0"',
        f"{CONVERSE}: called here",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_a_call_in_code_and_what_stands_against_it_are_told_together(run: Run, folder: Path, case: Case) -> None:
    files = {"template.json": template(*case.grants), "src/app.py": case.code}
    (told,) = [
        each for each in found(run, folder, files, "--ignore", "wildcard-resource") if each.rule != "unused-action"
    ]
    assert (told.rule, told.at, told.related) == (case.rule, case.at, case.related)
    assert "declar" not in told.text


@pytest.mark.parametrize(
    ("code", "grants"),
    [
        (app("converse_stream(modelId=MODEL, messages=[])"), [allow(STREAM, model())]),
        (app(named=PRO), [allow(INVOKE, model(PRO))]),
        (app(named=US), [allow(INVOKE, profile(US), model(SONNET, "us-*"))]),
        (app(GUARDED), [allow(INVOKE, model()), allow(APPLY, GUARDRAIL)]),
        (app(GUARDED), [allow(INVOKE, model(), Condition=WANTED), allow(APPLY, GUARDRAIL)]),
        (app(region="eu-west-2"), [allow(INVOKE, model(region="eu-west-2"))]),
    ],
)
def test_what_is_granted_as_it_is_called_is_left_alone(
    run: Run, folder: Path, code: str, grants: list[dict[str, Any]]
) -> None:
    assert found(run, folder, {"template.json": template(*grants), "src/app.py": code}) == []


def test_one_fault_has_the_places_of_all_calls_that_fail_of_it(run: Run, folder: Path) -> None:
    code = app() + f'\n\ndef other(event, context):\n    return client.converse(modelId="{PRO}", messages=[])\n'
    both = template(allow(STREAM, model(), model(PRO)), Handler="app.handler").replace("app.handler", "app.other")
    files = {
        "template.json": both,
        "src/app.py": code.replace(
            "def other(event, context):\n", "def other(event, context):\n    handler(event, context)\n"
        ),
    }
    (told,) = [each for each in found(run, folder, files) if each.rule == "api-action-missing"]
    assert told.related.count("src/app.py: client.converse: called here") == 2


# Where the Region is open


def test_a_denial_in_every_region_is_one_finding_with_a_fix(run: Run, folder: Path) -> None:
    grant = allow(INVOKE, f"arn:aws:bedrock:${{AWS::Region}}::foundation-model/{NOVA}")
    text = template(grant).replace(
        f'"arn:aws:bedrock:${{AWS::Region}}::foundation-model/{NOVA}"', json.dumps({"Fn::Sub": grant["Resource"][0]})
    )
    code = app("converse_stream(modelId=MODEL, messages=[])")
    (told,) = found(run, folder, {"template.json": text, "src/app.py": code}, region="")
    assert told.rule == "api-action-missing"
    assert told.text.startswith("In any Region (here 'us-east-1'): the Lambda function 'Chat' calling ConverseStream")
    assert told.text.endswith("(grants more)")


# What is granted for nothing

IDLE = ["unused-action", "unused-resource", "wider-than-usage"]


def excess(run: Run, folder: Path, text: str, code: str = "", *words: str, **more: Any) -> list[tuple[str, str]]:
    files = {"template.json": text, "src/app.py": code or app(), **more.pop("files", {})}
    told = found(run, folder, files, "--select", ",".join(IDLE), *words, **more)
    assert not any("declar" in each.text for each in told)
    assert all(f"{CONVERSE}: this is called" in each.related for each in told)
    return [(each.rule, each.at.removeprefix("template.json: ")) for each in told]


def test_an_action_that_no_code_needs(run: Run, folder: Path) -> None:
    text = template(allow(BEDROCK, model()), allow("bedrock:Retrieve", "*"), allow("bedrock:ListFoundationModels", "*"))
    assert excess(run, folder, text) == [("unused-action", f'"{STREAM}"'), ("unused-action", '"bedrock:Retrieve"')]


def test_a_model_that_no_code_calls(run: Run, folder: Path) -> None:
    text = template(allow(INVOKE, model(), model(PRO), model(region="us-west-2")))
    assert excess(run, folder, text) == [
        ("unused-resource", f'"{model(PRO)}"'),
        ("unused-resource", f'"{model(region="us-west-2")}"'),
    ]


def test_a_wildcard_that_takes_in_more_than_code_calls(run: Run, folder: Path) -> None:
    text = template(allow(INVOKE, model("amazon.nova-*")))
    assert excess(run, folder, text) == [("wider-than-usage", "amazon.nova-*")]


def test_a_region_that_is_not_known_may_be_any(run: Run, folder: Path) -> None:
    text = template(allow(INVOKE, model(), model(region="us-west-2"), model(PRO)), allow("bedrock:Retrieve", "*"))
    assert excess(run, folder, text, region="") == [
        ("unused-resource", f'"{model(PRO)}"'),
        ("unused-action", '"bedrock:Retrieve"'),
    ]


LAMBDA = {"Service": "lambda.amazonaws.com"}


def with_role(principal: Any = LAMBDA, **more: Any) -> str:
    """The template, with a role of its own that this principal may take."""
    whole = json.loads(template(Role={"Fn::GetAtt": ["Role", "Arn"]}))
    del whole["Resources"]["Chat"]["Properties"]["Policies"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    document = {"Version": "2012-10-17", "Statement": [allow(BEDROCK, model())]}
    policies = [{"PolicyName": "models", "PolicyDocument": document}]
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": policies}}
    whole["Resources"] |= {"Role": role, **more.pop("resources", {})}
    return json.dumps(whole | more, indent=2)


def test_a_role_that_only_the_function_can_take(run: Run, folder: Path) -> None:
    assert excess(run, folder, with_role()) == [("unused-action", f'"{STREAM}"')]


FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"S3Bucket": "code", "S3Key": "other.zip"}},
}
AGENT = {
    "Type": "AWS::Bedrock::Agent",
    "Properties": {"AgentName": "a", "FoundationModel": NOVA, "AgentResourceRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
}


@pytest.mark.parametrize(
    "text",
    [
        with_role({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
        with_role({"AWS": f"arn:aws:iam::{ACCOUNT}:root", **LAMBDA}),
        with_role("*"),
        with_role(resources={"Other": FUNCTION}),
        with_role(resources={"Agent": AGENT}),
        with_role(Outputs={"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}),
    ],
    ids=["another service", "people", "anyone", "a function without code", "an agent", "an output"],
)
def test_a_role_that_others_may_use_is_left_alone(run: Run, folder: Path, text: str) -> None:
    assert excess(run, folder, text) == []


@pytest.mark.parametrize(
    "code",
    [
        app().replace("import os", "import os\nimport langchain_aws"),
        app().replace("import os", "import os\nimport subprocess"),
        app() + '\n\ndef stream(name="converse_stream"):\n    return getattr(client, name)\n',
        app() + "\n\ndef others(thing):\n    return thing.retrieve(MODEL)\n",
        app(named='os.environ["MODEL"]'),
        app() + '\nURL = "https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke"\n',
        app() + "\nthis is no Python\n",
    ],
)
def test_code_that_may_do_more_than_was_found_is_left_alone(run: Run, folder: Path, code: str) -> None:
    text = template(allow(BEDROCK, model()), allow("bedrock:Retrieve", "*"))
    files = {"template.json": text, "src/app.py": code}
    assert found(run, folder, files, "--select", ",".join(IDLE)) == []


def test_a_grant_that_some_value_of_a_parameter_needs_is_left_alone(run: Run, folder: Path) -> None:
    whole = json.loads(template(allow(INVOKE, model(), model(PRO)), settings={"MODEL": "?"}))
    whole["Resources"]["Chat"]["Properties"]["Environment"]["Variables"]["MODEL"] = {"Ref": "Model"}
    whole["Parameters"] = {"Model": {"Type": "String", "Default": NOVA}}
    assert excess(run, folder, json.dumps(whole, indent=2), app(named='os.environ["MODEL"]')) == []


def test_what_fails_in_any_case_is_about_to_change(run: Run, folder: Path) -> None:
    code = app("invoke_model_with_response_stream(modelId=MODEL, body=b'')", named=TITAN)
    files = {"template.json": template(allow(BEDROCK, model(TITAN))), "src/app.py": code}
    assert [each.rule for each in found(run, folder, files)] == ["streaming-unsupported-model"]


# Drift


def drift(run: Run, folder: Path, text: str, code: str, *, region: str = "") -> list[Found]:
    files = {"template.json": text, "src/app.py": code}
    return found(run, folder, files, "--select", "model-id-drift", region=region)


@pytest.mark.parametrize("region", ["", HERE])
def test_a_setting_that_nobody_reads(run: Run, folder: Path, region: str) -> None:
    (told,) = drift(run, folder, template(allow(INVOKE, model()), settings={"MODEL_ID": PRO}), app(), region=region)
    assert told.at == f'template.json: "{PRO}"'
    assert told.related == [f"{CONVERSE}: called here", f'src/app.py: "{NOVA}": this model']
    assert f"'MODEL_ID' of 'Chat' names '{PRO}', but its code never reads that and calls '{NOVA}'" in told.text


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"MODEL_ID": NOVA}, app()),
        ({"LOG_LEVEL": "debug"}, app()),
        ({"MODEL_ID": PRO}, app() + '\nOTHER = os.environ.get("MODEL_ID")\n'),
        ({"MODEL_ID": PRO}, app() + "\nSETTINGS = dict(os.environ)\n"),
        ({"MODEL_ID": PRO}, app() + '\nSETTINGS = {name: os.getenv(name) for name in ["MODEL_ID"]}\n'),
        ({"MODEL_ID": PRO}, app().replace("import os", "import os\nimport dynaconf")),
        ({"MODEL_ID": PRO}, app(named='os.environ["MODEL_ID"]')),
    ],
)
def test_a_setting_that_may_be_read_or_says_the_same_is_left_alone(
    run: Run, folder: Path, settings: dict[str, str], code: str
) -> None:
    assert drift(run, folder, template(allow(INVOKE, model()), settings=settings), code) == []


def default(name: str = PRO) -> str:
    return app(named=f'os.environ.get("MODEL_ID", "{name}")')


@pytest.mark.parametrize("region", ["", HERE])
def test_a_default_that_is_not_granted(run: Run, folder: Path, region: str) -> None:
    (told,) = drift(
        run, folder, template(allow(INVOKE, model()), settings={"MODEL_ID": NOVA}), default(), region=region
    )
    assert told.at == f'src/app.py: "{PRO}"'
    assert told.related == [f'template.json: "{NOVA}": set here', f'template.json: "{model()}": granted here']


@pytest.mark.parametrize(
    ("grants", "settings", "code"),
    [
        ([allow(INVOKE, model())], {"MODEL_ID": NOVA}, default(NOVA)),
        ([allow(INVOKE, model(), model(PRO))], {"MODEL_ID": NOVA}, default()),
        ([allow(INVOKE, model("amazon.nova-*"))], {"MODEL_ID": NOVA}, default()),
        ([allow(INVOKE, model()), allow("bedrock:*", "*")], {"MODEL_ID": NOVA}, default()),
        (
            [allow(INVOKE, model()), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            {"MODEL_ID": NOVA},
            default(),
        ),
        ([allow(INVOKE, model(PRO))], {"MODEL_ID": NOVA}, default()),
        ([allow(INVOKE, model())], {"OTHER": "info"}, default()),
    ],
    ids=["the same", "both", "a pattern", "everything", "all but", "denied as it is", "not set"],
)
def test_a_default_that_may_be_called_or_is_in_force_is_left_alone(
    run: Run, folder: Path, grants: list[dict[str, Any]], settings: dict[str, str], code: str
) -> None:
    assert drift(run, folder, template(*grants, settings=settings), code) == []


# Code that no template runs


def loose(run: Run, folder: Path, code: str, *grants: dict[str, Any], region: str = "", **files: str) -> list[Found]:
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(grants)}, indent=2)
    written = {"app.py": dedent(code), "policy.json": policy, **files}
    return found(run, folder, written, region=region)


def test_a_stream_that_is_not_granted_is_told_once(run: Run, folder: Path) -> None:
    (told,) = loose(
        run, folder, app("converse_stream(modelId=MODEL)", region=HERE), allow(INVOKE, model(region="us-*"))
    )
    assert (told.rule, told.at) == ("api-action-missing", f'policy.json: "{INVOKE}"')
    assert told.related[0] == "app.py: client.converse_stream: called here"
    assert "the code in 'repository' calling ConverseStream" in told.text.replace("The code", "the code")


def test_an_account_that_nobody_knows_is_written_into_no_policy(run: Run, folder: Path) -> None:
    told = loose(run, folder, app(named=US, region=HERE), allow(INVOKE, model(SONNET, "us-*")))
    assert [each.rule for each in told] == ["foundation-model-without-profile"]
    assert "${AWS::AccountId}" not in told[0].text
    assert "(grants more)" not in told[0].text


def test_a_knowledge_base_in_another_region(run: Run, folder: Path) -> None:
    code = """\
    import boto3

    boto3.client("bedrock-agent-runtime", region_name="eu-west-1").retrieve(knowledgeBaseId="ABCDE12345")
    """
    arn = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:knowledge-base/ABCDE12345"
    (told,) = loose(run, folder, code, allow("bedrock:Retrieve", arn))
    assert (told.rule, told.at) == ("grant-region-mismatch", "policy.json: us-east-1")


LEFT = "region-left-to-environment"


def test_a_region_that_is_left_to_the_environment(run: Run, folder: Path) -> None:
    code = app() + "\n\ndef again():\n    return client.converse(modelId=MODEL)\n"
    (told,) = loose(run, folder, code, allow(INVOKE, model()))
    assert (told.rule, told.at) == (LEFT, "app.py: client.converse")
    assert told.related == [f'policy.json: "{model()}": granted here', "app.py: client.converse: likewise"]
    assert (
        "'client.converse' and 1 more call leave their Region to the environment, and only 'us-east-1' is" in told.text
    )


def test_a_test_of_the_region_pins_it_too(run: Run, folder: Path) -> None:
    pinned = {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-east-2"]}}
    (told,) = loose(run, folder, app(), allow(INVOKE, model(region="*"), Condition=pinned))
    assert told.rule == LEFT
    assert "only 'us-east-1' and 'us-east-2' are granted" in told.text


@pytest.mark.parametrize(
    ("code", "grants", "files"),
    [
        (app(region=HERE), [allow(INVOKE, model())], {}),
        (app(), [allow(INVOKE, model(region="*"))], {}),
        (app(), [allow(INVOKE, model()), allow(INVOKE, model(region="*"))], {}),
        (app(), [allow(INVOKE, model())], {".env.example": "AWS_REGION=us-east-1\n"}),
        (app(), [allow(INVOKE, model())], {".github/workflows/run.yml": "env: {AWS_DEFAULT_REGION: us-east-1}\n"}),
        (app(), [allow(INVOKE, model())], {"Dockerfile": "FROM python\nENV AWS_REGION=us-east-1\n"}),
        ('import os\nos.environ["AWS_REGION"] = "us-east-1"\n' + app(), [allow(INVOKE, model())], {}),
    ],
)
def test_a_region_that_is_given_or_free_is_left_alone(
    run: Run, folder: Path, code: str, grants: list[dict[str, Any]], files: dict[str, str]
) -> None:
    assert LEFT not in [each.rule for each in loose(run, folder, code, *grants, **files)]


def test_a_region_that_the_command_line_names_is_meant(run: Run, folder: Path) -> None:
    assert loose(run, folder, app(), allow(INVOKE, model()), region=HERE) == []


def test_aws_sets_the_region_of_a_function(run: Run, folder: Path) -> None:
    files = {"template.json": template(allow(INVOKE, model())), "src/app.py": app()}
    assert found(run, folder, files, "--select", LEFT, region="") == []
