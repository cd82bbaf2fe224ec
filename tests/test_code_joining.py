"""Templates together with the code that they deploy: every kind says in its own way where that lies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from code_trees import CALLED, DRIFT, GRANTED, arn, asked, document, lay, policy, python, told, typescript

if TYPE_CHECKING:
    from conftest import Run

CALL_PY, CALL_TS = "src/app.py:5:12", "src/app.ts:4:25"
HERE = "template.json"
SUB = "arn:aws:lambda:us-east-1:111122223333:layer:x:1"


def drift(found: list[str]) -> list[str]:
    """Where calls stand that the grants name another model for; nothing else may be found."""
    assert all(one.startswith(DRIFT) for one in found), found
    return [one.partition(" ← ")[2] for one in found]


def role(model: str = GRANTED) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policies = [{"PolicyName": "chat", "PolicyDocument": document(model)}]
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}, "Policies": policies}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def function(metadata: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    given = {"Handler": "app.handler", "Runtime": "python3.12", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, **properties}
    made = {"Type": "AWS::Lambda::Function", "Properties": given}
    return made if metadata is None else {**made, "Metadata": metadata}


def template(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Role": role(), **resources}}


def serverless_function(metadata: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    made = {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [document()], **properties}}
    return made if metadata is None else {**made, "Metadata": metadata}


def sam(globals_: dict[str, Any] | None = None, **resources: dict[str, Any]) -> dict[str, Any]:
    given = {"Globals": {"Function": globals_}} if globals_ else {}
    return {"Transform": "AWS::Serverless-2016-10-31", **given, "Resources": resources}


# CloudFormation and SAM


def test_finds_code_by_a_local_path_and_tells_both_ends(folder: Path, run: Run) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src")), "src/app.py": python()})
    found = told(run)
    assert drift(found) == [CALL_PY]
    line = 1 + next(at for at, text in enumerate((folder / HERE).read_text().split("\n")) if arn() in text)
    assert found[0].startswith(f"{DRIFT} {HERE}:{line}:")


def test_is_silent_when_the_call_is_granted(folder: Path, run: Run) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src")), "src/app.py": python(GRANTED)})
    assert told(run) == []


@pytest.mark.parametrize(
    ("handler", "file"),
    [
        ("app.handler", "src/app.py"),
        ("chat/app.handler", "src/chat/app.py"),
        ("chat.app.handler", "src/chat/app.py"),
    ],
)
def test_a_handler_names_a_module_with_dots_or_slashes(folder: Path, run: Run, handler: str, file: str) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src", Handler=handler)), file: python(), "src/other.py": python()})
    assert drift(told(run)) == [f"{file}:5:12"]


def test_follows_imports_and_takes_only_what_is_used(folder: Path, run: Run) -> None:
    both = python(CALLED, "chat") + python(GRANTED, "embed")
    handler = "from shared.llm import chat, embed\ndef handler(event, context):\n    return {}(event, context)\n"
    for used, expected in (("chat", ["src/shared/llm.py:5:12"]), ("embed", [])):
        lay(
            folder,
            {
                HERE: template(Chat=function(Code="src")),
                "src/shared/llm.py": both,
                "src/shared/__init__.py": "",
                "src/app.py": handler.format(used),
            },
        )
        assert drift(told(run)) == expected


def test_tells_functions_with_one_folder_and_several_handlers_apart(folder: Path, run: Run) -> None:
    lay(
        folder,
        {
            HERE: sam(
                {"CodeUri": "src/", "Runtime": "nodejs22.x"},
                Chat=serverless_function(Handler="app.chat"),
                Embed=serverless_function(Handler="app.embed"),
            ),
            "src/app.ts": typescript(CALLED, "chat") + "export const embed = async () => 1;\n",
        },
    )
    assert [one.partition(":")[0] for one in told(run)] == [f"{DRIFT} {HERE}"]


def test_tells_commonjs_handlers_apart(folder: Path, run: Run) -> None:
    code = (
        'const { BedrockRuntimeClient, ConverseCommand } = require("@aws-sdk/client-bedrock-runtime");\n'
        "const client = new BedrockRuntimeClient({});\n"
        f'exports.chat = async () => client.send(new ConverseCommand({{ modelId: "{CALLED}" }}));\n'
        f'exports.embed = async () => client.send(new ConverseCommand({{ modelId: "{GRANTED}" }}));\n'
    )
    for handler, expected in (("app.chat", ["src/app.js:3:44"]), ("app.embed", [])):
        lay(
            folder,
            {HERE: template(Chat=function(Code="src", Handler=handler, Runtime="nodejs22.x")), "src/app.js": code},
        )
        assert drift(told(run)) == expected


def test_reads_code_in_the_template(folder: Path, run: Run) -> None:
    text = "\n".join("          " + line for line in python().splitlines())
    lay(
        folder,
        {
            "template.yaml": f"""\
Resources:
  Chat:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
{text}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: "sts:AssumeRole"}}
      Policies:
        - PolicyName: chat
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {{Effect: Allow, Action: "bedrock:InvokeModel", Resource: "{arn()}"}}
"""
        },
    )
    assert drift(told(run)) == ["template.yaml:14:22"]


def test_a_runtime_tells_which_of_two_files_is_meant(folder: Path, run: Run) -> None:
    files = {"src/app.py": python(GRANTED), "src/app.ts": typescript()}
    for runtime, expected in (("python3.12", []), ("nodejs22.x", [CALL_TS])):
        lay(
            folder,
            {HERE: sam(None, Chat=serverless_function(CodeUri="src", Handler="app.handler", Runtime=runtime)), **files},
        )
        assert drift(told(run)) == expected


def test_builds_of_esbuild_start_from_their_entry_points(folder: Path, run: Run) -> None:
    build = {"BuildMethod": "esbuild", "BuildProperties": {"EntryPoints": ["src/app.ts"], "Sourcemap": True}}
    made = serverless_function(build, CodeUri=".", Handler="app.handler", Runtime="nodejs22.x")
    lay(folder, {HERE: sam(None, Chat=made), "src/app.ts": typescript(), "app.js": typescript(GRANTED)})
    assert drift(told(run)) == [CALL_TS]


def test_of_several_entry_points_that_of_the_handler_counts(folder: Path, run: Run) -> None:
    build = {"BuildMethod": "esbuild", "BuildProperties": {"EntryPoints": ["src/one.ts", "src/app.ts"]}}
    made = serverless_function(build, CodeUri=".", Handler="app.handler", Runtime="nodejs22.x")
    lay(folder, {HERE: sam(None, Chat=made), "src/app.ts": typescript(), "src/one.ts": typescript(GRANTED)})
    assert drift(told(run)) == [CALL_TS]


def test_a_function_of_sam_that_names_no_place_has_its_code_beside_the_template(folder: Path, run: Run) -> None:
    lay(folder, {HERE: sam(Chat=serverless_function(Handler="src/app.handler", Runtime="python3.12"))})
    lay(folder, {"src/app.py": python()})
    assert drift(told(run)) == [CALL_PY]


def test_layers_are_where_modules_are_loaded_from(folder: Path, run: Run) -> None:
    handler = "from llm import chat\ndef handler(event, context):\n    return chat(event, context)\n"
    layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layers/common"}}
    made = serverless_function(CodeUri="src", Handler="app.handler", Runtime="python3.12", Layers=[{"Ref": "Common"}])
    for place in ("layers/common/python/llm.py", "layers/common/llm.py"):
        lay(folder, {HERE: sam(None, Chat=made, Common=layer), "src/app.py": handler, place: python(name="chat")})
        assert drift(told(run)) == [f"{place}:5:12"]
        (folder / place).unlink()


def test_nested_stacks_have_code_of_their_own(folder: Path, run: Run) -> None:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "chat/inner.json"}}
    inner = template(Chat=function(Code="src"))
    lay(folder, {HERE: {"Resources": {"Inner": stack}}, "chat/inner.json": inner, "chat/src/app.py": python()})
    assert drift(told(run)) == ["chat/src/app.py:5:12"]


def test_code_of_two_templates_is_told_for_each_grant(folder: Path, run: Run) -> None:
    code = template(Chat=function(Code="src"))
    lay(folder, {"one.json": code, "two.json": code, "src/app.py": python()})
    assert drift(told(run)) == [CALL_PY, CALL_PY]


# Assets of CDK


def manifest(assets: dict[str, Any]) -> dict[str, Any]:
    return {
        "cdk.out/manifest.json": {
            "version": "36.0.0",
            "artifacts": {
                "App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}},
                "App": {
                    "type": "aws:cloudformation:stack",
                    "environment": "aws://unknown-account/unknown-region",
                    "properties": {"templateFile": "App.template.json"},
                    "dependencies": ["App.assets"],
                },
            },
        },
        "cdk.out/App.assets.json": {"version": "36.0.0", **assets},
    }


BUNDLE = (
    'var import_client_bedrock_runtime = require("@aws-sdk/client-bedrock-runtime");\n'
    "var client = new import_client_bedrock_runtime.BedrockRuntimeClient({});\n"
    "var handler = async () => client.send(\n"
    f'  new import_client_bedrock_runtime.ConverseCommand({{ modelId: "{CALLED}" }})\n'
    ");\n"
    "0 && (module.exports = {\n  handler\n});\n"
)


def test_metadata_of_cdk_names_the_asset(folder: Path, run: Run) -> None:
    metadata = {"aws:asset:path": "asset.0123456789abcdef", "aws:asset:property": "Code", "aws:asset:is-bundled": True}
    made = function(metadata, Code={"S3Bucket": "b", "S3Key": "k.zip"}, Handler="index.handler", Runtime="nodejs22.x")
    lay(folder, {"cdk.out/App.template.json": template(Chat=made), "cdk.out/asset.0123456789abcdef/index.js": BUNDLE})
    assert drift(told(run, "cdk.out")) == ["cdk.out/asset.0123456789abcdef/index.js:4:7"]


def test_the_list_of_assets_names_what_metadata_do_not(folder: Path, run: Run) -> None:
    key = "0123456789abcdef0123456789abcdef"
    made = function(Code={"S3Bucket": "b", "S3Key": f"{key}.zip"})
    listed = {"files": {key: {"source": {"path": f"asset.{key}", "packaging": "zip"}}}}
    lay(
        folder,
        {
            "cdk.out/App.template.json": template(Chat=made),
            f"cdk.out/asset.{key}/app.py": python(),
            **manifest(listed),
        },
    )
    assert drift(told(run, "cdk.out")) == [f"cdk.out/asset.{key}/app.py:5:12"]


def test_the_list_of_assets_names_images(folder: Path, run: Run) -> None:
    key = "0123456789abcdef0123456789abcdef"
    uri = {"Fn::Sub": f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/cdk-assets:{key}"}
    task = {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "TaskRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "ContainerDefinitions": [{"Name": "chat", "Image": uri}, {"Name": "logs", "Image": "fluent-bit:latest"}],
        },
    }
    listed = {"dockerImages": {key: {"source": {"directory": f"asset.{key}"}}}}
    files = {
        "Dockerfile": 'FROM python:3.12\nWORKDIR /app\nCOPY app.py .\nCMD ["python", "app.py"]\n',
        "app.py": python(name="main") + "main(1, 2)\n",
        "other.py": python() + "handler(1, 2)\n",
    }
    lay(
        folder,
        {
            "cdk.out/App.template.json": template(Task=task),
            **{f"cdk.out/asset.{key}/{name}": text for name, text in files.items()},
            **manifest(listed),
        },
    )
    assert drift(told(run, "cdk.out")) == [f"cdk.out/asset.{key}/app.py:5:12"]


# Containers


def image_function(**properties: Any) -> dict[str, Any]:
    metadata = {"DockerContext": "chat", "Dockerfile": "Dockerfile", "DockerTag": "v1"}
    return serverless_function(metadata, PackageType="Image", **properties)


SRV = "FROM python:3.12\nWORKDIR /srv\n"
LAMBDA = "FROM public.ecr.aws/lambda/python:3.12\n"


@pytest.mark.parametrize(
    ("dockerfile", "file"),
    [
        (LAMBDA + 'COPY app.py ${LAMBDA_TASK_ROOT}\nCMD ["app.handler"]\n', "app.py"),
        (LAMBDA + 'COPY src/ ${LAMBDA_TASK_ROOT}/\nCMD ["app.handler"]\n', "src/app.py"),
        (LAMBDA + 'COPY . .\nCMD [ "src.app.handler" ]\n', "src/app.py"),
        (SRV + "COPY . .\nCMD python -u src/app.py\n", "src/app.py"),
        (SRV + "COPY src app\nCMD python -m app.app\n", "src/app.py"),
        (SRV + 'COPY . .\nENTRYPOINT ["uvicorn"]\nCMD ["src.app:api", "--port", "80"]', "src/app.py"),
        ("FROM python:3.12 AS base\nWORKDIR /srv\nCOPY src .\nFROM base\nCMD exec gunicorn -w 2 app:api", "src/app.py"),
        ("FROM a AS b\nADD src /b\n" + SRV + 'COPY --from=b /b /c\nWORKDIR /c\nCMD ["python", "app.py"]', "src/app.py"),
    ],
)  # fmt: skip
def test_a_dockerfile_says_what_starts(folder: Path, run: Run, dockerfile: str, file: str) -> None:
    code = python() + "handler(1, 2)\n"
    other = python() + "handler(1, 2)\n"
    lay(
        folder,
        {
            HERE: sam(None, Chat=image_function()),
            "chat/Dockerfile": dockerfile,
            f"chat/{file}": code,
            "chat/tools/other.py": other,
        },
    )
    assert drift(told(run)) == [f"chat/{file}:5:12"]


def test_where_no_dockerfile_says_what_starts_all_code_of_its_folder_counts(folder: Path, run: Run) -> None:
    code = python() + "handler(1, 2)\n"
    lay(
        folder,
        {
            HERE: sam(None, Chat=image_function()),
            "chat/Dockerfile": "FROM python:3.12\nCMD ./start.sh | tee log\n",
            "chat/one.py": code,
            "chat/tests/test_one.py": code,
        },
    )
    assert drift(told(run)) == ["chat/one.py:5:12"]


def test_the_template_says_what_runs_in_place_of_the_dockerfile(folder: Path, run: Run) -> None:
    made = image_function(ImageConfig={"Command": ["two.handler"]})
    lay(
        folder,
        {
            HERE: sam(None, Chat=made),
            "chat/Dockerfile": LAMBDA + 'COPY . .\nCMD ["one.handler"]\n',
            "chat/one.py": python(),
            "chat/two.py": python(GRANTED),
        },
    )
    assert told(run) == []


def test_an_image_sets_variables_that_the_template_does_not(folder: Path, run: Run) -> None:
    code = python().replace(f'"{CALLED}"', 'os.environ["MODEL"]').replace("import boto3", "import os, boto3")
    dockerfile = LAMBDA + f'ENV MODEL={CALLED}\nCOPY . .\nCMD ["app.handler"]\n'
    files = {"chat/Dockerfile": dockerfile, "chat/app.py": code}
    lay(folder, {HERE: sam(None, Chat=image_function()), **files})
    assert drift(told(run)) == ["chat/app.py:5:12"]
    set_there = image_function(Environment={"Variables": {"MODEL": GRANTED}})
    lay(folder, {HERE: sam(None, Chat=set_there)})
    assert told(run) == []


# What cannot be had


def test_asks_where_code_is_that_should_be_there(folder: Path, run: Run) -> None:
    cases = {
        "nowhere": "there is no such file or folder",
        "../..": "it lies outside of the repository",
        "chat.zip": "archives are not opened",
    }
    (folder / "chat.zip").write_bytes(b"PK")
    for path, why in cases.items():
        lay(folder, {HERE: template(Chat=function(Code=path))})
        assert told(run) == []
        assert [one.partition(" ")[2] for one in asked(run)] == [f"what the code at `{path}` calls: {why}"]


def test_asks_nothing_where_bedrock_is_no_matter(folder: Path, run: Run) -> None:
    nothing = template(Chat=function(Code="nowhere"))
    nothing["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"] = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::docs/*"}],
    }
    lay(folder, {HERE: nothing})
    assert asked(run) == []


def test_asks_for_a_handler_that_is_not_there(folder: Path, run: Run) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src", Handler="main.handler")), "src/app.py": python()})
    assert [one.partition(" ")[2] for one in asked(run) if one.startswith(HERE)] == [
        "what the code at `src` calls: no file there is that of the handler `main.handler`"
    ]


def test_links_do_not_lead_out_of_the_repository(folder: Path, run: Run, tmp_path: Path) -> None:
    lay(tmp_path, {"elsewhere/app.py": python()})
    os.symlink(tmp_path / "elsewhere", folder / "src")
    lay(folder, {HERE: template(Chat=function(Code="src"))})
    assert told(run) == []
    assert "it lies outside of the repository" in asked(run)[0]
    os.mkdir(folder / "code")
    os.symlink(tmp_path / "elsewhere" / "app.py", folder / "code" / "app.py")
    lay(folder, {HERE: template(Chat=function(Code="code"))})
    assert told(run) == []


def test_code_that_cannot_be_read_is_a_question(folder: Path, run: Run) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src")), "src/app.py": "def handler(:\n    bedrock\n"})
    assert told(run) == []
    (question,) = asked(run)
    assert question.startswith("src/app.py:1 what this file calls: ")


# Values of the environment

READS = python().replace(f'"{CALLED}"', 'os.environ["MODEL"]').replace("import boto3", "import os, boto3")
FALLS_BACK = READS.replace('os.environ["MODEL"]', f'os.environ.get("MODEL", "{CALLED}")')


def given(value: Any, **parameters: Any) -> dict[str, Any]:
    made = template(Chat=function(Code="src", Environment={"Variables": {"MODEL": value}} if value else {}))
    return {**made, "Parameters": parameters} if parameters else made


def test_a_variable_has_the_value_that_the_template_gives_it(folder: Path, run: Run) -> None:
    for value, expected in ((CALLED, [CALL_PY]), (GRANTED, [])):
        lay(folder, {HERE: given(value), "src/app.py": READS})
        assert drift(told(run)) == expected


def test_a_default_of_the_code_holds_where_the_template_gives_nothing(folder: Path, run: Run) -> None:
    lay(folder, {HERE: given(None), "src/app.py": FALLS_BACK})
    assert drift(told(run)) == [CALL_PY]


def test_a_variable_that_nobody_sets_is_a_question(folder: Path, run: Run) -> None:
    lay(folder, {HERE: given(None), "src/app.py": READS})
    assert told(run) == []
    assert asked(run) == [
        "src/app.py:5 which model `client.converse` calls: the value of `$MODEL` is not known",
    ]


def test_a_parameter_is_its_default_and_what_it_is_deployed_with(folder: Path, run: Run) -> None:
    lay(folder, {HERE: given({"Ref": "Model"}, Model={"Type": "String", "Default": CALLED}), "src/app.py": READS})
    assert drift(told(run)) == [CALL_PY]
    assert told(run, ".", "--parameter", f"Model={GRANTED}") == []


def test_a_parameter_without_default_is_no_finding(folder: Path, run: Run) -> None:
    lay(folder, {HERE: given({"Ref": "Model"}, Model={"Type": "String"}), "src/app.py": READS})
    assert told(run) == []


def test_a_condition_is_looked_at_both_ways(folder: Path, run: Run) -> None:
    value = {"Fn::If": ["IsProd", GRANTED, CALLED]}
    made = given(value, Stage={"Type": "String", "Default": "prod"})
    made["Conditions"] = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    lay(folder, {HERE: made, "src/app.py": READS})
    assert drift(told(run)) == [CALL_PY]


def test_variables_that_have_one_value_are_told_apart(folder: Path, run: Run) -> None:
    gone = "anthropic.claude-3-opus-20240229-v1:0"
    parameters = {name: {"Type": "String", "Default": gone} for name in ("First", "Second")}
    variables = {"FIRST": {"Ref": "First"}, "SECOND": {"Ref": "Second"}}
    made = template(Chat=function(Code="src", Environment={"Variables": variables}))
    code = READS.replace("event, context", "model").replace('os.environ["MODEL"]', "model").replace("handler", "ask")
    code += 'def handler(event, context):\n    ask(os.environ["FIRST"])\n    ask(os.environ["SECOND"])\n'
    lay(folder, {HERE: {**made, "Parameters": parameters}, "src/app.py": code})
    found = json.loads(run(".", "--region", "us-east-1", "--format", "json").out)["findings"]
    ended = [one["message"] for one in found if one["rule"] == "usage-model-end-of-life"]
    assert [one.partition(":")[0] for one in ended] == [f"with the default of `{name}`" for name in parameters]


def test_a_setting_is_not_taken_for_what_only_has_its_name(folder: Path, run: Run) -> None:
    code = READS.replace('os.environ["MODEL"]', 'event["MODEL"]')
    lay(folder, {HERE: given(GRANTED), "src/app.py": code})
    assert told(run) == []
    assert [one.rpartition(": ")[2] for one in asked(run)] == ['the value of `event["MODEL"]` is not known']


def test_what_a_setting_makes_in_code_is_told_with_the_setting(folder: Path, run: Run) -> None:
    gone = "anthropic.claude-3-opus-20240229-v1:0"
    prefix = "f\"arn:aws:bedrock:us-east-1::foundation-model/{os.environ['MODEL']}\""
    code = READS.replace('os.environ["MODEL"]', prefix)
    lay(folder, {HERE: given({"Ref": "Model"}, Model={"Type": "String", "Default": gone}), "src/app.py": code})
    messages = [
        one["message"] for one in json.loads(run(".", "--region", "us-east-1", "--format", "json").out)["findings"]
    ]
    assert [one.partition(":")[0] for one in messages if "no longer listed" in one] == ["with the default of `Model`"]


# The Region in the environment

IN_A_REGION = python(GRANTED).replace("import boto3", "import os, boto3")


def region(text: str) -> str:
    return IN_A_REGION.replace('e")', f'e", region_name={text})')


@pytest.mark.parametrize(
    "text",
    [
        'os.environ.get("AWS_REGION", "us-west-2")',
        'os.getenv("AWS_REGION") or "us-west-2"',
        'os.environ.get("AWS_REGION", "")',
        'boto3.Session().region_name or "us-west-2"',
        'boto3.client("s3").meta.region_name',
    ],
)
def test_lambda_says_in_which_region_it_runs_whatever_the_default(folder: Path, run: Run, text: str) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src")), "src/app.py": region(text)})
    assert told(run) == []
    assert asked(run) == []


def test_elsewhere_a_default_of_the_region_may_hold(folder: Path, run: Run) -> None:
    lay(folder, {**usage("app.py"), "app.py": region('os.environ.get("AWS_REGION", "us-west-2")')})
    assert [one.partition(" ← ")[2] for one in told(run, region="") if " ← " in one] == ["app.py:5:12"]


def test_a_region_of_its_own_has_its_default(folder: Path, run: Run) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src")), "src/app.py": region('os.getenv("REGION", "us-west-2")')})
    assert [one.partition(" ← ")[2] for one in told(run)] == [CALL_PY]


def test_a_region_that_is_empty_unless_it_is_set_is_not_known(folder: Path, run: Run) -> None:
    lay(folder, {HERE: template(Chat=function(Code="src")), "src/app.py": region('os.getenv("REGION", "")')})
    assert told(run) == []
    assert asked(run) == [
        "src/app.py:5 in which Region `client.converse` calls: the value of `$REGION` is not known",
    ]


def test_the_region_within_an_arn_is_that_in_which_the_code_runs(folder: Path, run: Run) -> None:
    name = "arn:aws:bedrock:{os.environ['AWS_REGION']}::foundation-model/"
    code = IN_A_REGION.replace(f'"{GRANTED}"', f'f"{name}{CALLED}"')
    lay(folder, {HERE: template(Chat=function(Code="src")), "src/app.py": code})
    assert drift(told(run)) == [CALL_PY]
    lay(folder, {"src/app.py": code.replace(CALLED, GRANTED)})
    assert told(run) == []


def test_a_comment_in_the_code_excuses_what_is_found_there(folder: Path, run: Run) -> None:
    gone = "anthropic.claude-3-sonnet-20240229-v1:0"
    lay(folder, {HERE: template(Role=role(gone), Chat=function(Code="src")), "src/app.py": python(gone)})
    assert [one for one in told(run) if "src/app.py:5" in one] == ["usage-model-end-of-life src/app.py:5:36"]
    code = python(gone).replace(
        "    return", "    # bedrock-policy-lint: ignore[usage-model-end-of-life] until May\n    return"
    )
    lay(folder, {"src/app.py": code})
    assert [one for one in told(run) if "src/app.py" in one.partition(" ← ")[0]] == []


# The Serverless Framework


def service(functions: str, more: str = "") -> str:
    return f"""\
service: chat
provider:
  name: aws
  runtime: python3.12
  region: us-east-1
  environment:
    MODEL: {CALLED}
  iam:
    role:
      statements:
        - {{Effect: Allow, Action: "bedrock:InvokeModel", Resource: "{arn()}"}}
{more}
functions:
{functions}
"""


def test_a_service_has_its_code_around_it(folder: Path, run: Run) -> None:
    files = {"services/chat/src/app.py": READS, "services/chat/other.py": python()}
    lay(folder, {"services/chat/serverless.yml": service("  chat: {handler: src/app.handler}"), **files})
    assert drift(told(run)) == ["services/chat/src/app.py:5:12"]


def test_a_function_of_a_service_may_have_a_runtime_of_its_own(folder: Path, run: Run) -> None:
    written = service("  chat:\n    handler: src/app.handler\n    runtime: nodejs22.x", "plugins: [serverless-esbuild]")
    lay(folder, {"serverless.yml": written, "src/app.ts": typescript(), "src/app.py": python(GRANTED)})
    assert drift(told(run)) == [CALL_TS]


def test_a_package_that_was_made_before_is_not_looked_for(folder: Path, run: Run) -> None:
    written = service("  chat:\n    handler: app.handler\n    package: {artifact: dist/chat.zip}")
    lay(folder, {"serverless.yml": written, "app.py": python("amazon.nova-micro-v1:0")})
    assert [one for one in told(run) if " ← app.py" in one] == []


def test_a_module_that_is_packaged_by_itself_is_where_the_handler_is(folder: Path, run: Run) -> None:
    written = service("  chat: {handler: app.handler, module: chat}", "package: {individually: true}")
    lay(folder, {"serverless.yml": written, "chat/app.py": READS, "app.py": python(GRANTED)})
    assert drift(told(run)) == ["chat/app.py:5:12"]


def test_a_service_builds_images_and_layers(folder: Path, run: Run) -> None:
    images = "  ecr:\n    images:\n      chat: {path: chat, file: prod.Dockerfile}"
    written = service("  chat: {image: {name: chat, command: [app.handler]}}", images)
    lay(folder, {"serverless.yml": written, "chat/prod.Dockerfile": LAMBDA + "COPY . .\n", "chat/app.py": python()})
    assert drift(told(run)) == ["chat/app.py:5:12"]
    layered = service(
        "  chat: {handler: app.handler, layers: [{Ref: CommonLambdaLayer}]}", "layers: {common: {path: common}}"
    )
    lay(folder, {"serverless.yml": layered, "app.py": "from llm import chat as handler\n"})
    lay(folder, {"common/python/llm.py": python(name="chat")})
    assert drift(told(run)) == ["common/python/llm.py:5:12"]


# Terraform

ROLE = f"""
resource "aws_iam_role" "chat" {{
  name               = "chat"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ Service = "lambda.amazonaws.com" }}, Action = "sts:AssumeRole" }}]
  }})
}}
resource "aws_iam_role_policy" "chat" {{
  role   = aws_iam_role.chat.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = "{arn()}" }}]
  }})
}}
"""


def lambda_function(*arguments: str, role_: str = "aws_iam_role.chat.arn", handler: str = "app.handler") -> str:
    lines = [f'function_name = "chat"\nrole = {role_}\nhandler = "{handler}"\nruntime = "python3.12"', *arguments]
    return 'resource "aws_lambda_function" "chat" {\n' + "\n".join(lines) + "\n}\n"


def archive(*arguments: str, kind: str = 'data "archive_file"') -> str:
    lines = ['type = "zip"', 'output_path = "${path.module}/build/chat.zip"', *arguments]
    return kind + ' "chat" {\n' + "\n".join(lines) + "\n}\n"


ZIP = "filename = data.archive_file.chat.output_path"


@pytest.mark.parametrize(
    "text",
    [
        archive('source_dir = "${path.module}/src"') + lambda_function(ZIP),
        archive('source_dir = "./src"') + lambda_function('filename = "build/chat.zip"'),
        archive('source_dir = "src"', kind='resource "archive_file"')
        + lambda_function("filename = archive_file.chat.output_path"),
        archive('source_file = "src/app.py"') + lambda_function(ZIP),
        archive('source_file = "src/app.py"') + lambda_function(ZIP, handler="other.handler"),
        archive('source {\ncontent = file("${path.module}/src/app.py")\nfilename = "index.py"\n}')
        + lambda_function(ZIP, handler="index.handler"),
        archive('source_dir = "src"')
        + 'resource "aws_s3_object" "chat" {\nbucket = "b"\nkey = "chat.zip"\n'
        + "source = data.archive_file.chat.output_path\n}\n"
        + lambda_function('s3_bucket = "b"', "s3_key = aws_s3_object.chat.key"),
    ],
    ids=["folder", "by path", "resource", "file", "renamed", "text of a file", "object in S3"],
)
def test_an_archive_says_what_it_is_made_of(folder: Path, run: Run, text: str) -> None:
    lay(folder, {"infra/main.tf": ROLE + text, "infra/src/app.py": python(), "infra/src/other.py": python(GRANTED)})
    assert drift(told(run)) == ["infra/src/app.py:5:12"]


def test_text_of_an_archive_stands_in_the_configuration(folder: Path, run: Run) -> None:
    block = f'source {{\nfilename = "app.py"\ncontent = <<-EOT\n{python()}EOT\n}}'
    lay(folder, {"main.tf": ROLE + archive(block) + lambda_function(ZIP)})
    line = 1 + next(at for at, text in enumerate((folder / "main.tf").read_text().split("\n")) if "converse" in text)
    assert drift(told(run)) == [f"main.tf:{line}:12"]


def test_a_module_has_its_code_beside_it_as_often_as_it_is_called(folder: Path, run: Run) -> None:
    call = 'module "{0}" {{\n  source = "./chat"\n  role = aws_iam_role.chat.arn\n  model = "{1}"\n}}\n'
    inner = 'variable "role" {}\nvariable "model" {}\n' + archive('source_dir = "${path.module}/src"')
    inner += lambda_function(ZIP, "environment {\nvariables = { MODEL = var.model }\n}", role_="var.role")
    files = {"chat/main.tf": inner, "chat/src/app.py": READS}
    lay(folder, {"main.tf": ROLE + call.format("good", GRANTED), **files})
    assert told(run) == []
    lay(folder, {"main.tf": ROLE + call.format("good", GRANTED) + call.format("bad", CALLED)})
    assert drift(told(run)) == ["chat/src/app.py:5:12"]


def test_a_variable_of_terraform_is_its_default_and_what_it_is_deployed_with(folder: Path, run: Run) -> None:
    variable = f'variable "model" {{\n  default = "{CALLED}"\n}}\n'
    text = archive('source_dir = "src"') + lambda_function(ZIP, "environment {\nvariables = { MODEL = var.model }\n}")
    lay(folder, {"main.tf": ROLE + variable + text, "src/app.py": READS})
    assert drift(told(run)) == [CALL_PY]
    assert told(run, ".", "--var", f"model={GRANTED}") == []


def test_layers_of_terraform_are_archives_as_well(folder: Path, run: Run) -> None:
    layer = archive('source_dir = "layer"').replace('"chat"', '"layer"').replace("chat.zip", "layer.zip")
    layer += 'resource "aws_lambda_layer_version" "common" {\nlayer_name = "common"\n'
    layer += "filename = data.archive_file.layer.output_path\n}\n"
    text = archive('source_dir = "src"') + lambda_function(ZIP, "layers = [aws_lambda_layer_version.common.arn]")
    code = {"src/app.py": "from llm import chat as handler\n", "layer/python/llm.py": python(name="chat")}
    lay(folder, {"main.tf": ROLE + layer + text, **code})
    assert drift(told(run)) == ["layer/python/llm.py:5:12"]


@pytest.mark.parametrize("path", ['"src"', '"src/app.py"', '[{ path = "src", pip_requirements = true }]'])
def test_the_module_of_the_registry_packages_code(folder: Path, run: Run, path: str) -> None:
    text = f"""
module "chat" {{
  source        = "terraform-aws-modules/lambda/aws"
  function_name = "chat"
  handler       = "app.handler"
  runtime       = "python3.12"
  create_role   = false
  lambda_role   = aws_iam_role.chat.arn
  source_path   = {path}
}}
"""
    lay(folder, {"main.tf": ROLE + text, "src/app.py": python()})
    assert drift(told(run)) == [CALL_PY]


def test_a_package_that_somebody_else_makes_is_a_question(folder: Path, run: Run) -> None:
    lay(folder, {"main.tf": ROLE + lambda_function('filename = "build/chat.zip"'), "src/app.py": "bedrock = 1\n"})
    assert told(run) == []
    assert [one.partition(" ")[2] for one in asked(run)] == [
        "what the code at `build/chat.zip` calls: there is no such file or folder"
    ]


def task(image: str) -> str:
    return f"""
resource "aws_ecs_task_definition" "chat" {{
  family                = "chat"
  task_role_arn         = aws_iam_role.chat.arn
  container_definitions = jsonencode([{{ name = "chat", image = {image}, command = ["python", "main.py"] }}])
}}
"""


IMAGE = """
resource "aws_ecr_repository" "chat" {
  name = "chat"
}
resource "docker_image" "chat" {
  name = "${aws_ecr_repository.chat.repository_url}:v1"
  build {
    context = "${path.module}/chat"
  }
}
"""


@pytest.mark.parametrize(
    "image",
    ["docker_image.chat.name", '"${aws_ecr_repository.chat.repository_url}:v1"', "docker_image.chat.repo_digest"],
)
def test_an_image_that_is_built_here_says_what_runs(folder: Path, run: Run, image: str) -> None:
    files = {
        "chat/Dockerfile": "FROM python:3.12\nWORKDIR /app\nCOPY . .\n",
        "chat/main.py": python() + "handler(1, 2)\n",
        "chat/other.py": python() + "handler(1, 2)\n",
    }
    lay(folder, {"main.tf": ROLE + IMAGE + task(image), **files})
    assert drift(told(run)) == ["chat/main.py:5:12"]


def test_an_image_from_elsewhere_says_nothing(folder: Path, run: Run) -> None:
    files = {"chat/Dockerfile": "FROM python:3.12\nCOPY . .\n", "chat/main.py": python() + "handler(1, 2)\n"}
    lay(folder, {"main.tf": ROLE + IMAGE + task('"chat:v1"'), **files})
    assert told(run) == []


# Code that a declaration names


def usage(code: str, model: str = GRANTED, more: str = "") -> dict[str, str]:
    written = f"region: us-east-1\nprincipals:\n  chat:\n    policies: policy.json\n    code: {code}\n{more}"
    return {"bedrock-usage.yaml": written, "policy.json": policy(model)}


def test_a_declaration_names_the_code_of_a_principal(folder: Path, run: Run) -> None:
    lay(folder, {**usage("services/chat/**"), "services/chat/app.py": python(), "services/other/app.py": python()})
    assert [one for one in told(run, region="") if not one.startswith("unused")] == [
        f"{DRIFT} policy.json:7:19 ← services/chat/app.py:5:12"
    ]


def test_calls_of_declared_code_may_be_granted(folder: Path, run: Run) -> None:
    lay(folder, {**usage("[services/chat/*.py, services/chat/llm]"), "services/chat/llm/call.py": python(GRANTED)})
    lay(folder, {"services/chat/app.py": "from llm.call import handler\n"})
    assert told(run, region="") == []


def test_declared_code_takes_its_modules_along(folder: Path, run: Run) -> None:
    lay(folder, {**usage("services/chat"), "services/chat/app.py": "from shared.llm import chat\nchat(1, 2)\n"})
    lay(folder, {"shared/llm.py": python(name="chat") + python(name="other"), "shared/__init__.py": ""})
    assert [one.partition(" ← ")[2] for one in told(run, region="") if one.startswith(DRIFT)] == ["shared/llm.py:5:12"]


def test_declared_code_runs_in_the_declared_regions_unless_it_says_so(folder: Path, run: Run) -> None:
    lay(folder, {**usage("app.py"), "app.py": placed(GRANTED).replace('us-east-1"', 'us-west-2"')})
    assert [one.partition(" ← ")[2] for one in told(run, region="") if " ← " in one] == ["app.py:5:12"]


def test_what_declared_code_leaves_open_is_a_question_and_nothing_is_too_much(folder: Path, run: Run) -> None:
    lay(folder, {**usage("app.py"), "app.py": READS})
    assert told(run, region="") == []
    assert asked(run, region="") == ["app.py:5 which model `client.converse` calls: the value of `$MODEL` is not known"]


def test_uses_and_code_go_together(folder: Path, run: Run) -> None:
    more = f"    uses: [converse {CALLED}]\n"
    lay(folder, {**usage("app.py", more=more), "app.py": python(GRANTED)})
    assert [one.partition(" ")[0] for one in told(run, region="")] == [DRIFT]


def test_code_that_a_declaration_names_must_be_there_and_in_the_repository(folder: Path, run: Run) -> None:
    for glob, why in (("nowhere/**", "no code lies at"), ("../**", "outside of the repository"), ("/etc", "outside")):
        lay(folder, {**usage(f'"{glob}"')})
        (found,) = [one for one in told(run, region="") if one.startswith("invalid-declaration")]
        assert found.startswith("invalid-declaration bedrock-usage.yaml:5:11")
        assert why in run(".", "--format", "json").out


def test_a_comment_in_declared_code_excuses_what_is_found_there(folder: Path, run: Run) -> None:
    gone = "anthropic.claude-3-sonnet-20240229-v1:0"
    lay(folder, {**usage("app.py", gone), "app.py": python(gone)})
    assert [one for one in told(run, region="") if one.startswith("usage-model-end-of-life")] == [
        "usage-model-end-of-life app.py:5:36"
    ]
    excuse = "    # bedrock-policy-lint: ignore[usage-model-end-of-life] until May\n    return"
    lay(folder, {"app.py": python(gone).replace("    return", excuse)})
    assert [one for one in told(run, region="") if one.startswith("usage-model-end-of-life")] == []


def test_a_principal_has_uses_or_code(folder: Path, run: Run) -> None:
    lay(folder, {"bedrock-usage.yaml": "region: us-east-1\npolicies: policy.json\n", "policy.json": policy()})
    assert "invalid-declaration bedrock-usage.yaml:1:1" in told(run, region="")


def test_a_configuration_declares_code(folder: Path, run: Run) -> None:
    table = '[usage]\nregion = "us-east-1"\npolicies = "policy.json"\ncode = ["src/**"]\n'
    lay(folder, {"bedrock-policy-lint.toml": table, "policy.json": policy(), "src/app.py": python()})
    assert [one.partition(" ← ")[2] for one in told(run, region="") if one.startswith(DRIFT)] == [CALL_PY]


# Code that nothing deploys, with policies beside it


def placed(model: str = CALLED) -> str:
    """Code that says its Region itself."""
    return python(model).replace('e")', 'e", region_name="us-east-1")')


def test_loose_code_is_held_against_the_policy_beside_it(folder: Path, run: Run) -> None:
    lay(folder, {"app.py": placed(), "policy.json": policy()})
    assert told(run, region="") == [f"{DRIFT} policy.json:7:19 ← app.py:5:12"]


def test_code_and_a_policy_that_are_named_belong_together(folder: Path, run: Run) -> None:
    lay(folder, {"src/app.py": placed(), "src/other.py": placed(), "iam/policy.json": policy()})
    ran = run("src/app.py", "iam/policy.json", "--format", "json")
    (found,) = [one for one in json.loads(ran.out)["findings"] if one["rule"] == DRIFT]
    assert [found["path"], *(near["path"] for near in found["related"])] == ["iam/policy.json", "src/app.py"]


def test_loose_code_that_is_granted_is_silent(folder: Path, run: Run) -> None:
    lay(folder, {"app.py": placed(GRANTED), "policy.json": policy()})
    assert told(run, region="") == []


def test_loose_code_is_not_held_against_what_a_template_grants(folder: Path, run: Run) -> None:
    lay(folder, {"app.py": placed(), "policy.json": policy(), HERE: template()})
    assert told(run, region="") == []


def test_loose_code_is_not_held_against_a_declaration(folder: Path, run: Run) -> None:
    declared = f"region: us-east-1\npolicies: policy.json\nuses: [converse {GRANTED}]\n"
    lay(folder, {"app.py": placed(), "policy.json": policy(), "bedrock-usage.yaml": declared})
    assert told(run, region="") == []


def test_code_that_tests_is_left_out(folder: Path, run: Run) -> None:
    lay(folder, {"tests/test_app.py": python(), "src/app_test.py": python(), "policy.json": policy()})
    assert told(run, region="") == []


def test_each_project_of_a_repository_has_its_own_policies(folder: Path, run: Run) -> None:
    for name, model in (("one", CALLED), ("two", GRANTED)):
        lay(folder, {f"{name}/pyproject.toml": "", f"{name}/app.py": placed(model), f"{name}/policy.json": policy()})
    assert told(run, region="") == [f"{DRIFT} one/policy.json:7:19 ← one/app.py:5:12"]


def test_names_of_files_are_relative_wherever_a_run_begins(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(folder, {"infra/template.json": template(Chat=function(Code="../src")), "src/app.py": python()})
    assert drift(told(run)) == [CALL_PY]
    monkeypatch.chdir(folder.parent)
    assert drift(told(run, "repository")) == [f"repository/{CALL_PY}"]


def test_what_is_wrong_with_a_call_whoever_makes_it_is_told_once(folder: Path, run: Run) -> None:
    gone = "anthropic.claude-3-sonnet-20240229-v1:0"
    twice = template(Role=role(gone), Chat=function(Code="src"), Other=function(Code="src"))
    lay(folder, {"one.json": twice, "two.json": twice, "src/app.py": python(gone)})
    assert [one for one in told(run) if "src/app.py" in one.partition(" ← ")[0]] == [
        "usage-model-end-of-life src/app.py:5:36"
    ]


def test_a_world_says_what_a_variable_is_there(folder: Path, run: Run) -> None:
    models = {"us-east-1": {"Model": CALLED}, "us-west-2": {"Model": GRANTED}}
    made = given({"Fn::FindInMap": ["Models", {"Ref": "AWS::Region"}, "Model"]})
    made["Mappings"] = {"Models": models}
    lay(folder, {HERE: made, "src/app.py": READS})
    assert drift(told(run, region="us-east-1")) == [CALL_PY]
    assert DRIFT not in str(told(run, region="us-west-2"))


def test_a_large_folder_is_looked_at_no_further_than_anybody_would(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bedrock_policy_lint.code.entries._MOST_STARTS", 3)
    code = python() + "handler(1, 2)\n"
    lay(folder, {HERE: sam(None, Chat=image_function()), "chat/Dockerfile": "FROM python:3.12\nCMD ./start.sh\n"})
    lay(folder, {f"chat/{at}.py": code for at in range(9)})
    found = str(told(run))
    assert "chat/2.py:5:12" in found
    assert "chat/3.py" not in found


@pytest.mark.parametrize(
    "dockerfile",
    [
        "",
        "\0",
        "FROM",
        "FROM a\nCMD [" + "[" * 50_000,
        "FROM a AS b\nCOPY --from=b . .\nCMD python app.py\n",
        "FROM a AS b\nCOPY --from=0 / /\nCOPY --from=b /x /\nFROM b\nCOPY --from=0 / /\nCMD [1, 2]",
        "FROM a\nENV A=$A$B\nWORKDIR $A\nCOPY $C /\nCMD 'a",
        "FROM a\nCMD python" + " " * 100_000 + "x\n",
        "FROM a\n" + "RUN x \\\n" * 20_000,
        "FROM a\nCMD sh -c 'sh -c sh'\nENTRYPOINT exec exec exec python -m\n",
        "FROM a\nCMD python ../../../../etc/passwd\nCOPY ../.. /\n",
    ],
)
def test_no_dockerfile_breaks_anything(folder: Path, run: Run, dockerfile: str) -> None:
    lay(folder, {HERE: sam(None, Chat=image_function()), "chat/Dockerfile": dockerfile, "chat/app.py": python()})
    assert [one for one in told(run) if "internal" in one] == []


NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.mark.parametrize(
    "files",
    [
        {"src/app.py": "from shared.llm import ask as handler\n", "src/shared/llm.py": python(name="ask")},
        {"src/app.py": "from shared import (\n  ask as handler,\n)\n", "src/shared/__init__.py": python(name="ask")},
        {"src/app.ts": 'export { ask as handler } from "./lib";\n', "src/lib/index.ts": typescript(name="ask")},
        {
            "package.json": '{"workspaces": ["packages/*"]}',
            "packages/x/package.json": '{"name": "@acme/llm", "main": "src/main.ts"}',
            "packages/x/src/main.ts": typescript(name="ask"),
            "src/app.ts": 'import { ask } from "@acme/llm";\nexport const handler = async () => ask();\n',
        },
    ],
    ids=["module", "package", "folder", "workspace"],
)
def test_a_call_is_found_where_nothing_of_bedrock_is_granted(folder: Path, run: Run, files: dict[str, str]) -> None:
    runtime = "nodejs22.x" if any(path.endswith(".ts") for path in files) else "python3.12"
    made = serverless_function(CodeUri="src", Handler="app.handler", Runtime=runtime, Policies=[NOTHING])
    lay(folder, {HERE: sam(None, Chat=made), **files})
    assert [one.partition(" ")[0] for one in told(run)] == ["invoke-not-allowed"]


def test_what_leads_to_no_call_is_not_parsed(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = serverless_function(CodeUri="src", Handler="app.handler", Runtime="python3.12", Policies=[NOTHING])
    lay(folder, {HERE: sam(None, Chat=made), "src/app.py": "import json\ndef handler(e, c): ...\n"})
    lay(folder, {"other/app.py": python()})
    read: list[str] = []
    reader = "bedrock_policy_lint.code.project.reader_of"
    monkeypatch.setattr(reader, lambda language: lambda source, files: read.append(source.path))
    run("template.json")
    assert read == []
