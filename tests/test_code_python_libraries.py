"""Which calls of Bedrock are found where Python goes through a library: a small program for each way to write it."""

from __future__ import annotations

import pytest
from python_code import file, line

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.code.python.frameworks import LIBRARIES

MOST_SHOWN = 6
"""Arguments of more letters are left out of names."""

LANGCHAIN = """
from langchain_aws import ChatBedrockConverse
llm = ChatBedrockConverse(model="anthropic.a", region_name="eu-west-1", base_url="https://e")
llm.invoke("hi")
#: Converse llm.invoke endpoint=https://e model=anthropic.a region=eu-west-1
llm.bind_tools([]).with_retry().stream("hi")
#: ConverseStream llm.bind_tools([]).with_retry().stream endpoint=https://e model=anthropic.a region=eu-west-1
---
from langchain_aws import ChatBedrockConverse
llm = ChatBedrockConverse(model="a", streaming=True)
llm.invoke("hi")
#: ConverseStream llm.invoke model=a
---
from langchain_aws import ChatBedrockConverse
guard = {"guardrailIdentifier": "g", "guardrailVersion": "1"}
llm = ChatBedrockConverse(model="a", guardrail_config=guard, credentials_profile_name="p")
llm.with_structured_output(Answer).invoke("hi")
#: Converse llm.with_structured_output(Answer).invoke guardrail=g guardrail-version=1 model=a profile=p
---
from langchain_aws import ChatBedrock
chat = ChatBedrock(model_id="us.anthropic.a", model_kwargs={"temperature": 0})
chain = prompt | chat | parser
chain.ainvoke({})
#: InvokeModel chain.ainvoke model=us.anthropic.a
---
from langchain_aws.chat_models import ChatBedrock
ChatBedrock(model="us.amazon.nova-lite-v1:0").stream("hi")
#: ConverseStream ChatBedrock(…).stream model=us.amazon.nova-lite-v1:0
---
from langchain_aws import ChatBedrock
ChatBedrock(model="anthropic.a", beta_use_converse_api=True).invoke("hi")
#: Converse ChatBedrock(…).invoke model=anthropic.a
ChatBedrock(model="amazon.nova-a", beta_use_converse_api=False).invoke("hi")
#: InvokeModel ChatBedrock(…).invoke model=amazon.nova-a
ChatBedrock(model="anthropic.a", beta_use_converse_api=flag).invoke("hi")
#: Converse/InvokeModel ChatBedrock(…).invoke model=anthropic.a
---
import os
from langchain_aws import ChatBedrock
arn = "arn:aws:bedrock:r:1:application-inference-profile/x"
ChatBedrock(model=os.environ["MODEL"]).invoke("hi")
#: Converse/InvokeModel ChatBedrock(…).invoke model=$MODEL
ChatBedrock(model=arn, provider="anthropic").invoke("hi")
#: Converse/InvokeModel ChatBedrock(…).invoke model=arn:aws:bedrock:r:1:application-inference-profile/x
---
from langchain_aws import BedrockEmbeddings
FAISS.from_documents(docs, BedrockEmbeddings())
#: InvokeModel BedrockEmbeddings model=amazon.titan-embed-text-v1
---
from langchain_aws.embeddings import BedrockEmbeddings
BedrockEmbeddings(model_id="amazon.e", region_name="r").embed_query("x")
#: InvokeModel BedrockEmbeddings(…).embed_query model=amazon.e region=r
---
from langchain_aws.retrievers import AmazonKnowledgeBasesRetriever
kb = AmazonKnowledgeBasesRetriever(knowledge_base_id="KB12345678", guardrail_config={"guardrailId": "g"})
kb.invoke("q")
#: Retrieve kb.invoke guardrail=g knowledge-base=KB12345678
---
from langchain_aws import ChatAnthropicBedrock
ChatAnthropicBedrock(model="a", region_name="r").invoke("x")
#: InvokeModel ChatAnthropicBedrock(…).invoke model=a region=r
---
from langchain_community.llms import Bedrock
Bedrock(model_id="a", client=client, credentials_profile_name="dev").invoke("x")
#: InvokeModel Bedrock(…).invoke model=a profile=dev region=client
---
from langchain.chat_models import BedrockChat
BedrockChat(model_id="a", streaming=True).invoke("x")
#: InvokeModelWithResponseStream BedrockChat(…).invoke model=a
---
from langchain.chat_models import init_chat_model
llm = init_chat_model("bedrock_converse:us.anthropic.a", region_name="r")
llm.invoke("x")
#: Converse llm.invoke model=us.anthropic.a region=r
---
from langchain.chat_models import init_chat_model
init_chat_model("a", model_provider="bedrock_converse").stream("x")
#: ConverseStream init_chat_model(…).stream model=a
init_chat_model("a", model_provider="bedrock").invoke("x")
#: Converse/InvokeModel init_chat_model(…).invoke model=a
init_chat_model("openai:gpt-4o").invoke("x")
init_chat_model("gpt-4o", model_provider="openai").invoke("x")
init_chat_model(model).invoke("x")
---
from langgraph.prebuilt import create_react_agent
agent = create_react_agent("bedrock_converse:us.anthropic.a", tools=[])
agent.invoke({"messages": []})
#: Converse agent.invoke model=us.anthropic.a
---
from langchain_aws import ChatBedrockConverse
from langgraph.prebuilt import create_react_agent
graph = create_react_agent(ChatBedrockConverse(model="a", region_name="r"), [])
graph.stream({}, stream_mode="values")
#: Converse/ConverseStream graph.stream model=a region=r
---
from langchain.agents import create_agent
from langchain_aws import ChatBedrockConverse
agent = create_agent(model=ChatBedrockConverse(model="a"), tools=[])
#: Converse/ConverseStream create_agent model=a
other = create_agent("openai:gpt-5", tools=[])
other.invoke({})
---
from langchain_aws import ChatBedrockConverse
class Mine(ChatBedrockConverse):
    def invoke(self, question):
        return cleaned(super().invoke(question))
Mine(model="a", region_name="r").invoke("x")
#: Converse/ConverseStream Mine model=a region=r
---
from langchain_aws import ChatBedrockConverse
from langchain_core.runnables import RunnablePassthrough
chain = {"context": retriever, "question": RunnablePassthrough()} | prompt | ChatBedrockConverse(model="a") | parser
chain.stream("q")
#: ConverseStream chain.stream model=a
"""

LLAMAINDEX = """
from llama_index.llms.bedrock_converse import BedrockConverse
llm = BedrockConverse(model="a", region_name="r", profile_name="p", guardrail_identifier="g", guardrail_version="1")
llm.complete("x")
#: Converse llm.complete guardrail=g guardrail-version=1 model=a profile=p region=r
llm.stream_chat([])
#: ConverseStream llm.stream_chat guardrail=g guardrail-version=1 model=a profile=p region=r
---
from llama_index.core import Settings
from llama_index.llms.bedrock_converse import BedrockConverse
Settings.llm = BedrockConverse(model="a")
#: Converse/ConverseStream BedrockConverse model=a
---
from llama_index.llms.bedrock import Bedrock
Bedrock("amazon.a", context_size=1).complete("x")
#: InvokeModel Bedrock(…).complete model=amazon.a
---
from llama_index.embeddings.bedrock import BedrockEmbedding
arn = "arn:aws:bedrock:r:1:application-inference-profile/x"
embed = BedrockEmbedding(model_name="cohere.e", application_inference_profile_arn=arn)
embed.get_text_embedding("x")
#: InvokeModel embed.get_text_embedding model=arn:aws:bedrock:r:1:application-inference-profile/x
BedrockEmbedding().get_text_embedding("x")
#: InvokeModel BedrockEmbedding().get_text_embedding model=amazon.titan-embed-text-v1
---
from llama_index.postprocessor.bedrock_rerank import BedrockRerank
run(BedrockRerank(top_n=3, region_name="r"))
#: Rerank BedrockRerank model=cohere.rerank-v3-5:0 region=r
---
from llama_index.retrievers.bedrock import AmazonKnowledgeBasesRetriever
AmazonKnowledgeBasesRetriever("KB12345678").retrieve("q")
#: Retrieve AmazonKnowledgeBasesRetriever(…).retrieve knowledge-base=KB12345678
"""

LITELLM = """
import litellm
litellm.completion(model="bedrock/us.anthropic.claude-a", messages=[], aws_region_name="r")
#: Converse litellm.completion model=us.anthropic.claude-a region=r
litellm.completion("bedrock/converse/cohere.a", messages=[], stream=True)
#: ConverseStream litellm.completion model=cohere.a
litellm.completion("bedrock/invoke/anthropic.claude-a", messages=[], stream=flag)
#: InvokeModel/InvokeModelWithResponseStream litellm.completion model=anthropic.claude-a
litellm.completion("bedrock/amazon.titan-text-lite-v1", messages=[])
#: Converse/InvokeModel litellm.completion model=amazon.titan-text-lite-v1
litellm.completion("bedrock/us-east-1/anthropic.claude-v2", messages=[])
#: Converse litellm.completion model=anthropic.claude-v2 region=us-east-1
litellm.completion(f"bedrock/{model}", messages=[])
#: Converse/InvokeModel litellm.completion model=model
litellm.completion("bedrock/anthropic.claude-a", model_id="arn:x")
#: Converse litellm.completion model=arn:x
litellm.completion("bedrock/nova/arn:y", messages=[])
#: Converse litellm.completion model=arn:y
litellm.completion("bedrock/agent/AGENT12345/ALIAS12345", messages=[])
litellm.completion("gpt-4o", messages=[])
litellm.embedding(model="bedrock/amazon.e", input=["x"])
#: InvokeModel litellm.embedding model=amazon.e
litellm.rerank(model="bedrock/arn:r", query="x")
#: Rerank litellm.rerank model=arn:r
---
from litellm import acompletion
async def ask():
    return await acompletion(model="bedrock/a" if x else "gpt-4o")
#: Converse acompletion model=a~
---
import dspy
dspy.configure(lm=dspy.LM("bedrock/us.anthropic.claude-a", aws_region_name="r"))
#: Converse dspy.LM model=us.anthropic.claude-a region=r
---
from google.adk.agents import LlmAgent
from google.adk.models.lite_llm import LiteLlm
agent = LlmAgent(model=LiteLlm(model="bedrock/converse/a"))
#: Converse/ConverseStream LiteLlm model=a
---
from agents import Agent
from agents.extensions.models.litellm_model import LitellmModel
agent = Agent(name="x", model=LitellmModel(model="bedrock/invoke/a"))
#: InvokeModel/InvokeModelWithResponseStream LitellmModel model=a
---
from smolagents import CodeAgent, LiteLLMModel
CodeAgent(tools=[], model=LiteLLMModel(model_id="bedrock/converse/a", aws_region_name="r")).run("x")
#: Converse CodeAgent(…).run model=a region=r
---
from strands import Agent
from strands.models.litellm import LiteLLMModel
Agent(model=LiteLLMModel(model_id="bedrock/converse/a", client_args={"aws_region_name": "r"}))("hi")
#: Converse/ConverseStream Agent(…) model=a region=r
"""

AGENTS = """
import boto3
from strands import Agent
from strands.models import BedrockModel
session = boto3.Session(region_name="eu-central-1", profile_name="p")
model = BedrockModel(model_id="a", boto_session=session, guardrail_id="g", guardrail_version="1")
agent = Agent(model=model, tools=[])
agent("hi")
#: ConverseStream agent guardrail=g guardrail-version=1 model=a profile=p region=eu-central-1
---
from strands import Agent
from strands.models.bedrock import BedrockModel
Agent(BedrockModel(model_id="a", streaming=False)).structured_output(Answer, "hi")
#: Converse Agent(…).structured_output model=a
Agent("b")("hi")
#: ConverseStream Agent("b") model=b
---
from strands import Agent
agent = Agent(system_prompt="x")
async def go():
    async for event in agent.stream_async("hi"):
#: ConverseStream agent.stream_async model=<model of strands-agents>
        pass
---
from strands import Agent
from strands.models.openai import OpenAIModel
Agent(model=OpenAIModel())("hi")
Agent(model=given)("hi")
---
from bedrock_agentcore import BedrockAgentCoreApp
from strands import Agent
app = BedrockAgentCoreApp()
agent = Agent(model="a")
@app.entrypoint
def invoke(payload):
    return agent(payload["prompt"])
#: ConverseStream agent model=a
---
from pydantic_ai import Agent
agent = Agent("bedrock:anthropic.a")
agent.run_sync("hi")
#: Converse agent.run_sync model=anthropic.a
agent.run_sync("hi", model="bedrock:b")
#: Converse agent.run_sync model=b
agent.run_sync("hi", model="openai:gpt-5")
Agent("openai:gpt-5").run_sync("x")
---
from pydantic_ai import Agent
from pydantic_ai.models.bedrock import BedrockConverseModel
from pydantic_ai.providers.bedrock import BedrockProvider
agent = Agent(BedrockConverseModel("a", provider=BedrockProvider(region_name="us-east-1")))
agent.run_stream("hi")
#: ConverseStream agent.run_stream model=a region=us-east-1
agent.iter("hi")
#: Converse/ConverseStream agent.iter model=a region=us-east-1
---
from pydantic_ai import Agent
from pydantic_ai.models.bedrock import BedrockConverseModel, BedrockModelSettings
guard = {"guardrailIdentifier": "g", "guardrailVersion": "1"}
settings = BedrockModelSettings(bedrock_inference_profile="arn:x", bedrock_guardrail_config=guard)
Agent(BedrockConverseModel("a", settings=settings)).run_sync("x")
#: Converse Agent(…).run_sync guardrail=g guardrail-version=1 model=arn:x
---
from crewai import LLM, Agent
llm = LLM(model="bedrock/us.anthropic.a", region_name="r")
one = Agent(role="x", llm=llm)
#: Converse Agent model=us.anthropic.a region=r
two = Agent(role="x", llm="bedrock/b")
#: Converse Agent model=b
three = Agent(role="x", llm="gpt-4o")
---
from smolagents import AmazonBedrockModel, CodeAgent
agent = CodeAgent(tools=[], model=AmazonBedrockModel(model_id="a", client_kwargs={"region_name": "r"}))
agent.run("x")
#: Converse agent.run model=a region=r
---
from agno.agent import Agent
from agno.models.aws import AwsBedrock, Claude
Agent(model=AwsBedrock(id="a", aws_region="r")).print_response("x", stream=True)
#: Converse/ConverseStream Agent(…).print_response model=a region=r
Agent(model=Claude(id="b")).run("x")
#: InvokeModel/InvokeModelWithResponseStream Agent(…).run model=b
"""

VENDORS = """
from anthropic import AnthropicBedrock
client = AnthropicBedrock(aws_region="r", aws_access_key="k")
with client.messages.stream(model="a", max_tokens=1, messages=[]) as s:
#: InvokeModelWithResponseStream client.messages.stream credentials=k model=a region=r
    pass
client.beta.messages.create(model="b")
#: InvokeModel client.beta.messages.create credentials=k model=b region=r
client.with_options(timeout=1).messages.create(model="c", stream=True)
#: InvokeModelWithResponseStream client.with_options(…).messages.create credentials=k model=c region=r
---
from anthropic import AnthropicBedrockMantle
AnthropicBedrockMantle(aws_region="r").messages.create(model="a")
#: Messages AnthropicBedrockMantle(…).messages.create model=a region=r
---
from openai import OpenAI
url = "https://bedrock-runtime.us-east-1.amazonaws.com"
client = OpenAI(base_url=url)
client.responses.create(model="a", input="x")
#: Responses client.responses.create endpoint=https://bedrock-runtime.us-east-1.amazonaws.com model=a region=us-east-1
---
from openai import AsyncOpenAI
ai = AsyncOpenAI(base_url=f"https://bedrock-mantle.{region}.api.aws/v1")
ai.chat.completions.create(model="a", messages=[])
#: ChatCompletions ai.chat.completions.create endpoint=https://bedrock-mantle.region.api.aws/v1 model=a region=region
---
from openai import OpenAI
OpenAI().chat.completions.create(model="gpt-4o")
OpenAI(base_url="https://api.example.com").chat.completions.create(model="gpt-4o")
OpenAI(base_url=url).chat.completions.create(model="gpt-4o")
---
from openai import BedrockOpenAI, OpenAI
from openai.providers import bedrock
BedrockOpenAI(aws_region="r").responses.create(model="a")
#: Responses BedrockOpenAI(…).responses.create model=a region=r
OpenAI(provider=bedrock(region="r")).responses.create(model="a")
#: Responses OpenAI(…).responses.create model=a region=r
---
import boto3, instructor
client = instructor.from_bedrock(boto3.client("bedrock-runtime", region_name="r"))
client.create(modelId="a", messages=[])
#: Converse client.create model=a region=r
client.chat.completions.create(modelId="b", messages=[])
#: Converse client.chat.completions.create model=b region=r
---
import instructor
instructor.from_provider("bedrock/anthropic.a").create(messages=[])
#: Converse instructor.from_provider(…).create model=anthropic.a
instructor.from_provider("openai/gpt-5").create(messages=[])
---
import instructor
from anthropic import AnthropicBedrock
from openai import OpenAI
client = instructor.from_anthropic(AnthropicBedrock(aws_region="r"))
client.messages.create(model="a")
#: InvokeModel client.messages.create model=a region=r
client.chat.completions.create_partial(model="b")
#: InvokeModelWithResponseStream client.chat.completions.create_partial model=b region=r
def client_of(wrapped):
    made = AnthropicBedrock(aws_region="s")
    if wrapped:
        made = instructor.from_anthropic(made)
    return made
client_of(True).messages.create(model="c")
#: InvokeModel client_of(True).messages.create model=c region=s
instructor.from_openai(OpenAI(), model="gpt-4o").chat.completions.create(model="gpt-4o")
"""

PIPELINES = """
from haystack_integrations.components.generators.amazon_bedrock import AmazonBedrockChatGenerator
pipe.add_component("llm", AmazonBedrockChatGenerator(model="a", aws_region_name="r"))
#: Converse AmazonBedrockChatGenerator model=a region=r
---
from haystack_integrations.components.embedders.amazon_bedrock import AmazonBedrockTextEmbedder
AmazonBedrockTextEmbedder(model="a").run("x")
#: InvokeModel AmazonBedrockTextEmbedder(…).run model=a
---
from semantic_kernel.connectors.ai.bedrock import BedrockChatCompletion
kernel.add_service(BedrockChatCompletion(model_id="a"))
#: Converse/ConverseStream BedrockChatCompletion model=a
"""


def _cases(text: str) -> list[tuple[str, list[str]]]:
    """Programs, and the sites that their comments tell, the arguments of calls in their names left out."""
    cases = []
    for program in text.strip().split("\n---\n"):
        lines = program.splitlines()
        code = "\n".join(line for line in lines if not line.startswith("#: "))
        cases.append((f"{code}\n", [line.removeprefix("#: ") for line in lines if line.startswith("#: ")]))
    return cases


def _shortened(name: str) -> str:
    """A name without the longer arguments of the calls in it."""
    short, depth, start = "", 0, 0
    for at, letter in enumerate(name):
        depth -= letter == ")"
        if letter == ")" and not depth:
            short += "…" if at - start > MOST_SHOWN else name[start:at]
        short += "" if depth else letter
        start = at + 1 if letter == "(" and not depth else start
        depth += letter == "("
    return short


def _lines(code: str) -> list[str]:
    found = []
    for site in file(code).sites:
        name = str(site.node.value)
        found.append(line(site).replace(" ".join(name.split()), _shortened(name)))
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [case for text in (LANGCHAIN, LLAMAINDEX, LITELLM, AGENTS, VENDORS, PIPELINES) for case in _cases(text)],
)
def test_calls_through_a_library_are_found(code: str, expected: list[str]) -> None:
    assert _lines(code) == expected


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("import litellm\nlitellm.completion('bedrock/«anthropic.a»')", "model"),
        ("import litellm\nlitellm.completion('bedrock/us-east-1/«anthropic.claude-v2»')", "model"),
        ("import litellm\nlitellm.completion('bedrock/«us-east-1»/anthropic.claude-v2')", "region"),
        ("from langchain.chat_models import init_chat_model\nm = 'bedrock:«a»'\ninit_chat_model(m).invoke(1)", "model"),
        ("from openai import OpenAI\nOpenAI(base_url='https://bedrock-mantle.«eu-west-1».api.aws/v1')", "region"),
        ("from strands import Agent\nAgent('«us.amazon.nova»')('hi')", "model"),
        ("from strands import Agent\n«Agent»()", "model"),
    ],
)
def test_values_stand_where_they_are_written(code: str, role: str) -> None:
    start, end = code.index("«"), code.index("»") - 1
    site = file(code.replace("«", "").replace("»", "")).sites[0]
    node = site.given[role][0].node
    assert (node.start, node.end) == (start, end) or (node.offsets()[0], node.offsets()[-1]) == (start, end)


def test_what_rows_call_is_in_the_catalogue() -> None:
    catalog = default()
    for name, ways in LIBRARIES.items():
        for made in ways:
            words = [
                *made.unknown,
                *made.calls,
                *made.streams,
                *(one for several in made.methods.values() for one in several),
            ]
            for operation in {one for word in words for one in word.split("|") if one[:1].isupper()}:
                assert catalog.operation(operation, made.client), (name, operation)


def test_methods_of_inner_things_are_in_the_rows_of_some_thing() -> None:
    known = {method for ways in LIBRARIES.values() for made in ways for method in made.methods}
    for ways in LIBRARIES.values():
        for made in ways:
            words = {one for several in made.methods.values() for word in several for one in word.split("|")}
            assert {word for word in words if not word[:1].isupper()} <= known
