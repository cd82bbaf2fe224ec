"""Which calls of boto3 and its kin are found, and what their clients are set up with."""

from __future__ import annotations

import pytest
from python_code import file, sites

HEAD = "import boto3\nclient = boto3.client('bedrock-runtime', region_name='us-east-1')\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            """
            import boto3
            client = boto3.client("bedrock-runtime", region_name="eu-west-1")
            client.converse(modelId="anthropic.x", messages=[])
            """,
            "Converse client.converse model=anthropic.x region=eu-west-1",
        ),
        (
            """
            import boto3 as aws
            runtime = aws.client(service_name="bedrock-runtime")
            runtime.invoke_model_with_response_stream(modelId="anthropic.x", body="{}")
            """,
            "InvokeModelWithResponseStream runtime.invoke_model_with_response_stream model=anthropic.x",
        ),
        (
            """
            from boto3 import client
            client("bedrock-runtime", "us-west-2").invoke_model(modelId="anthropic.x")
            """,
            'InvokeModel client("bedrock-runtime", "us-west-2").invoke_model model=anthropic.x region=us-west-2',
        ),
        (
            """
            import boto3
            session = boto3.Session(profile_name="dev", region_name="us-west-2")
            session.client("bedrock-runtime").converse(modelId="anthropic.x")
            """,
            'Converse session.client("bedrock-runtime").converse model=anthropic.x profile=dev region=us-west-2',
        ),
        (
            """
            from boto3.session import Session
            from botocore.config import Config
            c = Session(region_name="us-west-2").client("bedrock-runtime", config=Config(region_name="eu-west-3"))
            c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse model=anthropic.x region=eu-west-3",
        ),
        (
            """
            import botocore.session
            c = botocore.session.get_session().create_client("bedrock-runtime", region_name="us-west-2")
            c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse model=anthropic.x region=us-west-2",
        ),
        (
            """
            import aioboto3
            async def main():
                session = aioboto3.Session()
                async with session.client("bedrock-runtime", region_name="us-west-2") as c:
                    await c.converse_stream(modelId="anthropic.x")
            """,
            "ConverseStream c.converse_stream model=anthropic.x region=us-west-2",
        ),
        (
            """
            from aiobotocore.session import get_session
            async def main():
                async with get_session().create_client("bedrock-runtime") as c:
                    await c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse model=anthropic.x",
        ),
        (
            """
            import boto3
            suffix = "runtime"
            c = boto3.client(f"bedrock-agent-{suffix}")
            c.retrieve(knowledgeBaseId="KB12345678")
            """,
            "Retrieve c.retrieve knowledge-base=KB12345678",
        ),
        (
            """
            import boto3
            c = boto3.client("bedrock")
            for page in c.get_paginator("list_inference_profiles").paginate():
                pass
            """,
            'ListInferenceProfiles c.get_paginator("list_inference_profiles").paginate',
        ),
        (
            """
            import boto3
            c = boto3.client("bedrock-runtime", endpoint_url="https://vpce.example", aws_access_key_id="AKIA")
            c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse credentials=AKIA endpoint=https://vpce.example model=anthropic.x",
        ),
        (
            """
            import boto3
            keys = boto3.client("sts").assume_role(RoleArn="r", RoleSessionName="s")["Credentials"]
            c = boto3.Session(aws_access_key_id=keys["AccessKeyId"]).client("bedrock-runtime")
            c.converse(modelId="anthropic.x")
            """,
            'Converse c.converse credentials=keys["AccessKeyId"] model=anthropic.x',
        ),
        (
            """
            import boto3
            boto3.setup_default_session(region_name="ap-south-1")
            boto3.client("bedrock-runtime").converse(modelId="anthropic.x")
            """,
            'Converse boto3.client("bedrock-runtime").converse model=anthropic.x region=ap-south-1',
        ),
        (
            """
            from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
            def ask(c: BedrockRuntimeClient):
                return c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse model=anthropic.x region=c",
        ),
        (
            """
            import boto3
            s = boto3.Session(region_name="us-west-2")
            c = s.client("bedrock-runtime", region_name=s.region_name)
            c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse model=anthropic.x region=us-west-2",
        ),
        (
            """
            import boto3
            s = boto3.Session(region_name="us-west-2")
            c = s.client("bedrock-runtime", region_name=s.client("s3", "eu-west-1").meta.region_name)
            c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse model=anthropic.x region=eu-west-1",
        ),
        (
            """
            import boto3
            s = boto3.Session(region_name="us-west-2")
            c = s.client("bedrock-runtime", region_name=boto3.Session().region_name)
            c.converse(modelId="anthropic.x")
            """,
            "Converse c.converse model=anthropic.x region=$AWS_DEFAULT_REGION",
        ),
        (
            """
            import boto3
            s = boto3.Session(region_name="us-west-2")
            c = s.client("bedrock-runtime", region_name=boto3.Session(profile_name="x").region_name)
            c.converse(modelId="anthropic.x")
            """,
            'Converse c.converse model=anthropic.x region=boto3.Session(profile_name="x").region_name',
        ),
    ],
)
def test_a_client_is_traced_to_the_sdk(code: str, expected: str) -> None:
    assert sites(code) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        "client.converse(modelId='anthropic.x')",
        "import boto3\ns3 = boto3.client('s3')\ns3.converse(modelId='anthropic.x')",
        "import boto3\nboto3.client('bedrock').invoke_model(modelId='anthropic.x')",
        "import boto3\nclass Bot:\n    def converse(self, modelId): ...\nBot().converse(modelId='anthropic.x')",
        "import boto3\nfrom unittest.mock import MagicMock\nc = MagicMock()\nc.converse(modelId='anthropic.x')",
        "import boto3\ndef f(bot):\n    return bot.converse('hello')",
        "import boto3\ndef f(agents):\n    return agents.retrieve('hello')",
        f"{HEAD}client = object()\nclient.converse(modelId='anthropic.x')",
    ],
)
def test_what_is_no_client_of_bedrock_is_no_site(code: str) -> None:
    assert sites(code) == []


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("c.converse_stream(modelId='a')", "ConverseStream c.converse_stream model=a region=c"),
        ("c.converse(modelId='a')", "Converse c.converse model=a region=c"),
        ("c.invoke_agent(agentId='A')", "InvokeAgent c.invoke_agent agent=A region=c"),
    ],
)
def test_a_call_that_means_one_thing_alone_counts_on_an_unknown_object(call: str, expected: str) -> None:
    assert sites(f"import boto3\ndef f(c):\n    return {call}\n") == [expected]
    assert sites(f"def f(c):\n    return {call}\n") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "def get():\n    return boto3.client('bedrock-runtime', region_name='us-west-1')\n"
            "get().converse(modelId='a')",
            "Converse get().converse model=a region=us-west-1",
        ),
        (
            "def get(region):\n    return boto3.client('bedrock-runtime', region_name=region)\n"
            "one = get('us-west-1')\ntwo = get('us-west-2')\none.converse(modelId='a')",
            "Converse one.converse model=a region=us-west-1",
        ),
        (
            "from functools import lru_cache\n@lru_cache\ndef get():\n    return boto3.client('bedrock-runtime')\n"
            "def ask():\n    get().converse(modelId='a')",
            "Converse get().converse model=a",
        ),
        (
            "_c = None\ndef get():\n    global _c\n    if _c is None:\n        _c = boto3.client('bedrock-runtime')\n"
            "    return _c\nget().converse(modelId='a')",
            "Converse get().converse model=a",
        ),
        (
            "class Chat:\n    def __init__(self, client=None):\n"
            "        self.client = client or boto3.client('bedrock-runtime')\n"
            "    def ask(self):\n        self.client.converse(modelId='a')\nChat().ask()",
            "Converse self.client.converse model=a",
        ),
        (
            "class Chat:\n    @property\n    def client(self):\n        return boto3.client('bedrock-runtime')\n"
            "    def ask(self):\n        self.client.converse(modelId='a')",
            "Converse self.client.converse model=a",
        ),
        (
            "class Base:\n    def __init__(self, region):\n        self.c = boto3.client('bedrock-runtime', region)\n"
            "class Chat(Base):\n    def __init__(self):\n        super().__init__('us-west-1')\n"
            "    def ask(self):\n        self.c.converse(modelId='a')\nChat().ask()",
            "Converse self.c.converse model=a region=us-west-1",
        ),
        (
            "def ask(c):\n    c.converse(modelId='a')\nask(boto3.client('bedrock-runtime', region_name='us-west-1'))",
            "Converse c.converse model=a region=us-west-1",
        ),
        (
            "from contextlib import contextmanager\n@contextmanager\ndef open_client():\n"
            "    yield boto3.client('bedrock-runtime')\nwith open_client() as c:\n    c.converse(modelId='a')",
            "Converse c.converse model=a",
        ),
        (
            "if True:\n    c = boto3.client('bedrock-runtime', region_name='us-west-1')\n"
            "else:\n    c = boto3.client('bedrock-runtime')\nc.converse(modelId='a')",
            "Converse c.converse model=a region=us-west-1~",
        ),
        (
            "clients = {'a': boto3.client('bedrock-runtime'), 'b': boto3.client('s3')}\n"
            "clients['a'].converse(modelId='a')",
            "Converse clients['a'].converse model=a",
        ),
        (
            "for region in ['us-west-1', 'us-west-2']:\n    c = boto3.client('bedrock-runtime', region_name=region)\n"
            "    c.converse(modelId='a')",
            "Converse c.converse model=a region=us-west-1~ | us-west-2~",
        ),
        (
            "c = boto3.client('bedrock-runtime')\ngetattr(c, 'converse')(modelId='a')",
            "Converse getattr(c, 'converse') model=a",
        ),
    ],
)
def test_a_client_is_traced_through_the_code(code: str, expected: str) -> None:
    assert sites(f"import boto3\n{code}\n") == [expected]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("asyncio.to_thread(client.converse, modelId='a')", "Converse client.converse model=a region=us-east-1"),
        ("pool.submit(client.converse, **{'modelId': 'a'})", "Converse client.converse model=a region=us-east-1"),
        ("ask = functools.partial(client.converse, modelId='a')", "Converse client.converse model=a region=us-east-1"),
        (
            "ask = functools.partial(client.converse, modelId='a')\nask(messages=[])",
            "Converse ask model=a region=us-east-1",
        ),
        ("retry(client.converse)", "Converse client.converse model=client.converse region=us-east-1"),
    ],
)
def test_a_method_that_is_handed_on_is_a_site(code: str, expected: str) -> None:
    assert sites(f"import asyncio, functools\n{HEAD}{code}\n") == [expected]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("modelId='a', guardrailConfig={'guardrailIdentifier': 'g', 'guardrailVersion': '1'}", "guardrail=g "),
        ("**{'modelId': 'a', 'guardrailConfig': {'guardrailIdentifier': 'g'}}", "guardrail=g "),
        ("modelId='a', guardrailConfig=config", "guardrail=config "),
    ],
)
def test_a_guardrail_is_read_out_of_its_mapping(arguments: str, expected: str) -> None:
    assert expected in sites(f"{HEAD}client.converse({arguments})")[0]


def test_the_configuration_of_a_knowledge_base_is_read() -> None:
    code = """
    import boto3
    agents = boto3.client("bedrock-agent-runtime")
    agents.retrieve_and_generate(
        input={"text": "hi"},
        retrieveAndGenerateConfiguration={
            "type": "KNOWLEDGE_BASE",
            "knowledgeBaseConfiguration": {"knowledgeBaseId": "KB", "modelArn": "arn:x"},
        },
    )
    """
    assert sites(code) == ["RetrieveAndGenerate agents.retrieve_and_generate knowledge-base=KB model=arn:x"]


def test_a_site_knows_its_client_and_its_block() -> None:
    code = """
    import boto3
    class Chat:
        def ask(self):
            boto3.client("bedrock-agent-runtime").invoke_agent(agentId="A", agentAliasId="B")
    """
    found = file(code)
    assert [(site.client, found.blocks[site.block].name) for site in found.sites] == [
        ("bedrock-agent-runtime", "Chat.ask")
    ]
