"""Which calls of libraries are found, which operations they call, and what they are given."""

from __future__ import annotations

import pytest
from javascript_code import file, sites

AI = """
import { bedrock, createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { generateText, generateObject, streamText, streamObject, embed, embedMany, generateImage, rerank } from "ai";
import { ToolLoopAgent, wrapLanguageModel } from "ai";
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('await generateText({ model: bedrock("m"), prompt });', ["Converse bedrock model=m"]),
        ('await generateObject({ model: bedrock("m"), schema });', ["Converse bedrock model=m"]),
        ('streamText({ model: bedrock.languageModel("m") });', ["ConverseStream bedrock.languageModel model=m"]),
        ('streamObject({ model: bedrock("m") });', ["ConverseStream bedrock model=m"]),
        ('await embed({ model: bedrock.embedding("m"), value });', ["InvokeModel bedrock.embedding model=m"]),
        (
            'await embedMany({ model: bedrock.textEmbeddingModel("m") });',
            ["InvokeModel bedrock.textEmbeddingModel model=m"],
        ),
        ('await generateImage({ model: bedrock.image("m") });', ["InvokeModel bedrock.image model=m"]),
        ('await rerank({ model: bedrock.reranking("m") });', ["Rerank bedrock.reranking model=m"]),
        ('const model = bedrock("m"); streamText({ model });', ["ConverseStream streamText model=m"]),
        (
            'const model = bedrock("m"); streamText({ model }); await generateText({ model });',
            ["ConverseStream streamText model=m", "Converse generateText model=m"],
        ),
        ('export const model = bedrock("m");', ["Converse/ConverseStream bedrock model=m"]),
        (
            'const own = createAmazonBedrock({ region: "eu-west-1" }); streamText({ model: own("m") });',
            ["ConverseStream own model=m region=eu-west-1"],
        ),
        (
            "const own = createAmazonBedrock({ apiKey: process.env.KEY }); streamText({ model: own('m') });",
            ["ConverseStream own credentials=$KEY model=m"],
        ),
        (
            "const own = createAmazonBedrock({ apiKey: process.env.AWS_BEARER_TOKEN_BEDROCK });"
            " streamText({ model: own('m') });",
            ["ConverseStream own model=m"],
        ),
        (
            'const model = wrapLanguageModel({ model: bedrock("m"), middleware }); streamText({ model });',
            ["ConverseStream streamText model=m"],
        ),
        (
            'const agent = new ToolLoopAgent({ model: bedrock("m") }); await agent.generate({ prompt });',
            ["Converse agent.generate model=m"],
        ),
        (
            'streamText({ model: big ? bedrock("a") : bedrock("b") });',
            ["ConverseStream bedrock model=a~", "ConverseStream bedrock model=b~"],
        ),
        ('streamText({ model: openai("gpt") });', []),
        ("streamText({ model: bedrock(id) });", ["ConverseStream bedrock model=${id}"]),
    ],
)
def test_the_ai_sdk(code: str, expected: list[str]) -> None:
    assert sites(AI + code) == expected


def test_the_ai_sdk_through_anthropics_api_and_mantle() -> None:
    code = """
    import { bedrockAnthropic } from "@ai-sdk/amazon-bedrock/anthropic";
    import { bedrockMantle } from "@ai-sdk/amazon-bedrock/mantle";
    import { streamText } from "ai";
    streamText({ model: bedrockAnthropic("a") });
    streamText({ model: bedrockMantle("b") });
    streamText({ model: bedrockMantle.responses("c") });
    """
    assert [(site.operation, site.client) for site in file(code).sites] == [
        ("InvokeModelWithResponseStream", "bedrock-runtime"),
        ("ChatCompletions", "bedrock-mantle"),
        ("Responses", "bedrock-mantle"),
    ]


LANGCHAIN = """
import { ChatBedrockConverse, BedrockEmbeddings, AmazonKnowledgeBaseRetriever } from "@langchain/aws";
import { BedrockChat } from "@langchain/community/chat_models/bedrock";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            'const llm = new ChatBedrockConverse({ model: "m", region: "eu-west-1" }); await llm.invoke("hi");',
            ["Converse llm.invoke model=m region=eu-west-1"],
        ),
        (
            'await new ChatBedrockConverse("m").stream("hi");',
            ['ConverseStream newChatBedrockConverse("m").stream model=m'],
        ),
        (
            'const llm = new ChatBedrockConverse({ model: "m" }); await llm.bindTools(tools).invoke("", { model: 1 });',
            ["Converse llm.bindTools(tools).invoke model=m"],
        ),
        (
            'const llm = new ChatBedrockConverse({ model: "m", streaming: true }); await llm.invoke("hi");',
            ["ConverseStream llm.invoke model=m"],
        ),
        (
            'const llm = new ChatBedrockConverse({ model: "m", streaming: settings.s }); await llm.invoke("hi");',
            ["Converse/ConverseStream llm.invoke model=m"],
        ),
        (
            'const chain = prompt.pipe(new ChatBedrockConverse({ model: "m" }));',
            ["Converse/ConverseStream ChatBedrockConverse model=m"],
        ),
        (
            'new ChatBedrockConverse({ model: "m", applicationInferenceProfile: "arn" }).invoke("hi");',
            ['Converse newChatBedrockConverse({model:"m",applicationInferenceProfile:"arn"}).invoke model=arn'],
        ),
        (
            'const config = { guardrailIdentifier: "g", guardrailVersion: "1" };'
            " const llm = new ChatBedrockConverse({ guardrailConfig: config });"
            ' await llm.invoke("hi");',
            ["Converse llm.invoke guardrail=g guardrail-version=1 model=${ChatBedrockConverse}"],
        ),
        (
            'const client = new BedrockRuntimeClient({ region: "eu-west-1" });'
            ' const llm = new ChatBedrockConverse({ model: "m", client }); await llm.invoke("hi");',
            ["Converse llm.invoke model=m region=eu-west-1"],
        ),
        ("new BedrockEmbeddings();", ["InvokeModel BedrockEmbeddings model=amazon.titan-embed-text-v1"]),
        (
            'const kb = new AmazonKnowledgeBaseRetriever({ knowledgeBaseId: "k", region: "r" }); await kb.invoke("q");',
            ["Retrieve kb.invoke knowledge-base=k region=r"],
        ),
        (
            'await new BedrockChat({ model: "m" }).invoke("hi");',
            ['InvokeModel newBedrockChat({model:"m"}).invoke model=m'],
        ),
    ],
)
def test_langchain(code: str, expected: list[str]) -> None:
    assert sites(LANGCHAIN + code) == expected


@pytest.mark.parametrize(
    "loaded",
    [
        "{ BedrockChat as Chat } from 'langchain/chat_models/bedrock'",
        "{ ChatBedrock as Chat } from 'langchain/chat_models/bedrock/web'",
        "{ ChatBedrock as Chat } from '@langchain/community/chat_models/bedrock'",
        "{ Bedrock as Chat } from 'langchain/llms/bedrock'",
    ],
)
def test_langchain_of_old(loaded: str) -> None:
    code = f"import {loaded};\nconst llm = new Chat({{ model: 'm' }}); await llm.invoke('hi');"
    assert sites(code) == ["InvokeModel llm.invoke model=m"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('await client.messages.create({ model: "m" });', ["InvokeModel client.messages.create model=m region=r"]),
        (
            'await client.messages.create({ model: "m", stream: true });',
            ["InvokeModelWithResponseStream client.messages.create model=m region=r"],
        ),
        (
            'await client.messages.create({ model: "m", stream });',
            ["InvokeModel/InvokeModelWithResponseStream client.messages.create model=m region=r"],
        ),
        (
            'client.messages.stream({ model: "m" });',
            ["InvokeModelWithResponseStream client.messages.stream model=m region=r"],
        ),
        ("client.models.list();", []),
    ],
)
@pytest.mark.parametrize("load", ["import AnthropicBedrock from", "import { AnthropicBedrock } from"])
def test_anthropics_sdk(load: str, code: str, expected: list[str]) -> None:
    head = f'{load} "@anthropic-ai/bedrock-sdk";\nconst client = new AnthropicBedrock({{ awsRegion: "r" }});\n'
    assert sites(head + code) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            'new OpenAI({ baseURL: "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1", apiKey })',
            ["bedrock-runtime us-west-2"],
        ),
        (
            "new OpenAI({ baseURL: `https://bedrock-runtime.${process.env.AWS_REGION}.amazonaws.com/openai/v1` })",
            ["bedrock-runtime $AWS_REGION"],
        ),
        ('new OpenAI({ baseURL: "https://bedrock-mantle.us-west-2.api.aws/v1" })', ["bedrock-mantle us-west-2"]),
        ('new BedrockOpenAI({ awsRegion: "us-west-2" })', ["bedrock-mantle us-west-2"]),
        ('new OpenAI({ provider: bedrock({ region: "us-west-2" }) })', ["bedrock-mantle us-west-2"]),
        ("new OpenAI({ apiKey })", []),
        ("new OpenAI({ baseURL: url })", []),
        ('new OpenAI({ baseURL: "https://api.example.com/bedrock/v1" })', []),
    ],
)
def test_openais_sdk_pointed_at_bedrock(made: str, expected: list[str]) -> None:
    code = f"""
    import OpenAI, {{ BedrockOpenAI }} from "openai";
    import {{ bedrock }} from "openai/providers/bedrock";
    const client = {made};
    await client.chat.completions.create({{ model: "m", messages: [] }});
    """
    found = file(code).sites
    assert [f"{site.client} {site.given['region'][0].node.value}" for site in found] == expected
    assert all(site.operation == "ChatCompletions" for site in found)
    assert all("endpoint" not in site.given for site in found)


def test_the_region_in_an_endpoint_stands_where_it_is_written() -> None:
    code = 'import OpenAI from "openai";\nconst url = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1";\n'
    (site,) = file(code + 'new OpenAI({ baseURL: url }).responses.create({ model: "m" });').sites
    (value,) = site.given["region"]
    assert (value.node.start, value.node.end) == (code.index("us-west-2"), code.index("us-west-2") + 9)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('new BedrockModel({ modelId: "m", region: "r" });', ["ConverseStream BedrockModel model=m region=r"]),
        ('new BedrockModel({ modelId: "m", stream: false });', ["Converse BedrockModel model=m"]),
        ("new Agent();", ["ConverseStream Agent model=${Agent}"]),
        ('new Agent({ model: "m" });', ["ConverseStream Agent model=m"]),
        ('new Agent({ model: new BedrockModel({ modelId: "m" }) });', ["ConverseStream BedrockModel model=m"]),
        ("new Agent({ model: other });", []),
    ],
)
def test_strands(code: str, expected: list[str]) -> None:
    assert sites(f'import {{ Agent, BedrockModel }} from "@strands-agents/sdk";\n{code}') == expected


def test_llamaindex() -> None:
    code = """
    import { Bedrock } from "@llamaindex/aws";
    const llm = new Bedrock({ model: "m", region: "r" });
    await llm.chat({ messages: [] });
    await llm.chat({ messages: [], stream: true });
    """
    assert sites(code) == [
        "InvokeModel llm.chat model=m region=r",
        "InvokeModelWithResponseStream llm.chat model=m region=r",
    ]
