"""Which calls of AWS's SDKs for JavaScript are found, and what their clients are set up with."""

from __future__ import annotations

import pytest
from javascript_code import SDK, sites

CONVERSE = f'import {{ BedrockRuntimeClient, ConverseCommand }} from "{SDK}";\n'


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            """
            const client = new BedrockRuntimeClient({ region: "eu-west-1" });
            await client.send(new ConverseCommand({ modelId: "anthropic.x", messages: [] }));
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1",
        ),
        (
            """
            const client = new BedrockRuntimeClient();
            const command = new ConverseCommand({ modelId: "anthropic.x" });
            const answer = await client.send(command);
            """,
            "Converse ConverseCommand model=anthropic.x",
        ),
        (
            """
            const settings = { region: "eu-west-1", maxAttempts: 3 };
            const guardrailConfig = { guardrailIdentifier: "g1", guardrailVersion: "2" };
            const input = { modelId: "anthropic.x", guardrailConfig };
            new BedrockRuntimeClient({ ...settings }).send(new ConverseCommand(input));
            """,
            "Converse ConverseCommand guardrail=g1 guardrail-version=2 model=anthropic.x region=eu-west-1",
        ),
        (
            """
            class Chat {
              private readonly client: BedrockRuntimeClient;
              constructor(region: string = "eu-west-1") { this.client = new BedrockRuntimeClient({ region }); }
              async reply() { return this.client.send(new ConverseCommand({ modelId: "anthropic.x" })); }
            }
            new Chat();
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1",
        ),
        (
            """
            export class Chat {
              #client = new BedrockRuntimeClient({ region: "eu-west-1" });
              reply = async () => this.#client.send(new ConverseCommand({ modelId: "anthropic.x" }));
            }
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1",
        ),
        (
            """
            let cached: BedrockRuntimeClient | undefined;
            function client() {
              if (!cached) { cached = new BedrockRuntimeClient({ region: "eu-west-1" }); }
              return cached;
            }
            await client().send(new ConverseCommand({ modelId: "anthropic.x" }));
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1",
        ),
        (
            """
            let cached = null;
            const client = () => (cached ??= new BedrockRuntimeClient({ region: "eu-west-1" }));
            await client().send(new ConverseCommand({ modelId: "anthropic.x" }));
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1",
        ),
        (
            """
            import { captureAWSv3Client } from "aws-xray-sdk-core";
            const client = captureAWSv3Client(new BedrockRuntimeClient({ region: "eu-west-1" }));
            await client.send(new ConverseCommand({ modelId: "anthropic.x" }));
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1",
        ),
        (
            """
            const client = new BedrockRuntimeClient({ region: "eu-west-1" });
            async function run(command) { return client.send(command); }
            await run(new ConverseCommand({ modelId: "anthropic.x" }));
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1",
        ),
        (
            """
            async function ask(client: BedrockRuntimeClient) {
              await client.send(new ConverseCommand({ modelId: "anthropic.x" }));
            }
            """,
            "Converse ConverseCommand model=anthropic.x region=${client}",
        ),
        (
            'export const command = new ConverseCommand({ modelId: "anthropic.x" });',
            "Converse ConverseCommand model=anthropic.x region=${ConverseCommand}",
        ),
        (
            """
            const near = new BedrockRuntimeClient({ region: "eu-west-1" });
            const far = new BedrockRuntimeClient({ region: "us-east-1" });
            await (isNear ? near : far).send(new ConverseCommand({ modelId: "anthropic.x" }));
            """,
            "Converse ConverseCommand model=anthropic.x region=eu-west-1~ | us-east-1~",
        ),
        (
            """
            const endpoint = "https://vpce-1.example";
            const client = new BedrockRuntimeClient({ region: async () => "eu-west-1", endpoint });
            await client.send(new ConverseCommand({ modelId: "anthropic.x" }));
            """,
            "Converse ConverseCommand endpoint=https://vpce-1.example model=anthropic.x region=eu-west-1",
        ),
    ],
)
def test_commands_are_found_with_the_client_that_sends_them(code: str, expected: str) -> None:
    assert sites(CONVERSE + code.replace("            ", "")) == [expected]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f'import * as sdk from "{SDK}";', "sdk."),
        (f'const sdk = require("{SDK}");', "sdk."),
        (f'import sdk = require("{SDK}");', "sdk."),
        (f'const {{ ConverseCommand, BedrockRuntimeClient }} = require("{SDK}");', ""),
        (f'const {{ ConverseCommand, BedrockRuntimeClient }} = await import("{SDK}");', ""),
        (f'import {{ ConverseCommand as Ask, BedrockRuntimeClient }} from "{SDK}";\nconst ConverseCommand = Ask;', ""),
    ],
)
def test_every_way_to_load_the_sdk(code: str, expected: str) -> None:
    call = f'new {expected}BedrockRuntimeClient({{}}).send(new {expected}ConverseCommand({{ modelId: "x" }}));'
    assert sites(f"{code}\n{call}") == [f"Converse {expected}ConverseCommand model=x"]


@pytest.mark.parametrize(
    ("package", "command", "given", "expected"),
    [
        ("bedrock-runtime", "InvokeModel", 'modelId: "m", guardrailIdentifier: "g"', "guardrail=g model=m"),
        ("bedrock-runtime", "InvokeModelWithResponseStream", 'modelId: "m"', "model=m"),
        ("bedrock-runtime", "ConverseStream", 'modelId: "m", serviceTier: { type: "flex" }', "model=m tier=flex"),
        ("bedrock-runtime", "ApplyGuardrail", 'guardrailIdentifier: "g"', "guardrail=g"),
        ("bedrock-agent-runtime", "InvokeAgent", 'agentId: "a", agentAliasId: "b"', "agent=a alias=b"),
        ("bedrock-agent-runtime", "Retrieve", 'knowledgeBaseId: "k"', "knowledge-base=k"),
        (
            "bedrock-agent-runtime",
            "RetrieveAndGenerate",
            'retrieveAndGenerateConfiguration: { type: "KNOWLEDGE_BASE",'
            ' knowledgeBaseConfiguration: { knowledgeBaseId: "k", modelArn: "m" } }',
            "knowledge-base=k model=m",
        ),
        ("bedrock", "ListFoundationModels", "", ""),
        (
            "bedrock-data-automation-runtime",
            "InvokeDataAutomationAsync",
            'dataAutomationConfiguration: { dataAutomationProjectArn: "p" }',
            "project=p",
        ),
    ],
)
def test_commands_of_every_client(package: str, command: str, given: str, expected: str) -> None:
    name = "".join(word.capitalize() for word in package.split("-"))
    code = f"""
    import {{ {name}Client, {command}Command }} from "@aws-sdk/client-{package}";
    new {name}Client({{}}).send(new {command}Command({{ {given} }}));
    """
    assert sites(code) == [f"{command} {command}Command {expected}".strip()]


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ("credentials: fromNodeProviderChain()", ""),
        ("credentials: defaultProvider()", ""),
        ('credentials: fromIni({ profile: "dev" })', " profile=dev"),
        ('profile: "dev"', " profile=dev"),
        ("credentials: fromTemporaryCredentials({ params })", " credentials=${fromTemporaryCredentials(( params ))}"),
        ("credentials: { accessKeyId: key, secretAccessKey: secret }", " credentials="),
        (
            "credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID!,"
            " secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY! }",
            "",
        ),
        ('token: { token: "abc" }', " credentials="),
    ],
)
def test_credentials_count_where_they_are_not_those_of_the_role(credentials: str, expected: str) -> None:
    code = f"""
    import {{ fromNodeProviderChain, fromIni, fromTemporaryCredentials }} from "@aws-sdk/credential-providers";
    import {{ defaultProvider }} from "@aws-sdk/credential-provider-node";
    const client = new BedrockRuntimeClient({{ {credentials} }});
    await client.send(new ConverseCommand({{ guardrailConfig: undefined }}));
    """
    (found,) = sites(CONVERSE + code)
    assert found.startswith(f"Converse ConverseCommand{expected}")
    assert expected or found == "Converse ConverseCommand"


def test_methods_of_the_client_that_has_all_operations() -> None:
    code = f"""
    import {{ BedrockRuntime }} from "{SDK}";
    const bedrock = new BedrockRuntime({{ region: "eu-west-1" }});
    await bedrock.converse({{ modelId: "m" }});
    await bedrock.somethingElse({{ modelId: "m" }});
    """
    assert sites(code) == ["Converse bedrock.converse model=m region=eu-west-1"]


def test_paginators() -> None:
    code = """
    import { BedrockClient, paginateListInferenceProfiles } from "@aws-sdk/client-bedrock";
    const client = new BedrockClient({ region: "eu-west-1" });
    for await (const page of paginateListInferenceProfiles({ client }, {})) console.log(page);
    """
    assert sites(code) == ["ListInferenceProfiles paginateListInferenceProfiles region=eu-west-1"]


@pytest.mark.parametrize(
    ("load", "made"),
    [
        ('const AWS = require("aws-sdk");', 'new AWS.BedrockRuntime({ region: "r" })'),
        ('import AWS from "aws-sdk";', 'new AWS.BedrockRuntime({ region: "r" })'),
        ('import { BedrockRuntime } from "aws-sdk";', 'new BedrockRuntime({ region: "r" })'),
        ('const BedrockRuntime = require("aws-sdk/clients/bedrockruntime");', 'new BedrockRuntime({ region: "r" })'),
        ('const AWS = require("aws-sdk"); AWS.config.update({ region: "r" });', "new AWS.BedrockRuntime()"),
    ],
)
def test_version_2(load: str, made: str) -> None:
    code = f'{load}\nconst bedrock = {made};\nbedrock.invokeModel({{ modelId: "m" }}).promise();'
    assert sites(code, "app.js") == ["InvokeModel bedrock.invokeModel model=m region=r"]


def test_a_method_that_nothing_else_has_counts_where_the_sdk_is_loaded() -> None:
    code = """
    export async function ask(client, other) {
      await client.converseStream({ modelId: "m" });
      await other.converse({ modelId: "m" });
    }
    """
    assert sites(code) == []
    assert sites(f'import {{ BedrockRuntime }} from "{SDK}";\n{code}') == [
        "ConverseStream client.converseStream model=m region=${client}"
    ]


@pytest.mark.parametrize(
    "code",
    [
        'class ConverseCommand {}\nnew ConverseCommand({ modelId: "m" });',
        'import { ConverseCommand } from "./own";\nnew ConverseCommand({ modelId: "m" });',
        'import { ConverseCommand } from "@aws-sdk/client-lex-runtime";\nnew ConverseCommand({ modelId: "m" });',
        'import type { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";\nlet x: ConverseCommand;',
        f'import {{ ConverseCommand }} from "{SDK}";\n// new ConverseCommand({{ modelId: "m" }})',
        f'import {{ ConverseCommand }} from "{SDK}";\nfunction f(ConverseCommand) {{ new ConverseCommand({{}}); }}',
        f'import {{ GetAsyncInvokeCommand }} from "{SDK}";\nnew GetAsyncInvokeCommand({{ invocationArn: "a" }});',
        'client.converse({ modelId: "m" });',
    ],
)
def test_names_alone_make_no_call(code: str) -> None:
    assert sites(code) == []


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ('command.input.modelId = "anthropic.y"', "model=anthropic.x~ | anthropic.y~"),
        ("command.input.modelId = pick()", "model=anthropic.x~ | ${pick()}~"),
        ("command.input[key] = value", "model=anthropic.x~ | ${value}~"),
        ('command.input = { modelId: "anthropic.y" }', "model=anthropic.x~ | anthropic.y~"),
        ('command.input.guardrailConfig = { guardrailIdentifier: "g1" }', "guardrail=g1~ model=anthropic.x"),
        ("command.input.messages = []", "model=anthropic.x"),
    ],
)
def test_what_a_command_is_given_later_may_hold_too(change: str, given: str) -> None:
    made = 'const command = new ConverseCommand({ modelId: "anthropic.x" });\n'
    found = sites(f"{CONVERSE}{made}{change};\nnew BedrockRuntimeClient().send(command);")
    assert found == [f"Converse ConverseCommand {given}"]
