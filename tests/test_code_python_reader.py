"""What else is said of a file of Python: its blocks, imports and comments, and what could not be read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_code import Project, file, line, models, sites

from bedrock_policy_lint.code.python.reader import read

HEAD = "import boto3\nclient = boto3.client('bedrock-runtime')\n"


def test_functions_are_blocks_of_their_own() -> None:
    code = """
    import boto3
    from functools import lru_cache
    __all__ = ["exported"]
    class Chat(Framework):
        def reply(self):
            return [name.attribute for name in others]
    class Plain:
        def method(self): ...
        def __call__(self): ...
    @app.route("/")
    def decorated(): ...
    @lru_cache
    def cached():
        def inner(): return deep
        return lambda: shallow
    def exported(): ...
    last()
    """
    blocks = file(code).blocks
    assert [(block.name, block.is_called_from_outside) for block in blocks] == [
        ("", False),
        ("Chat.reply", True),
        ("Plain.method", False),
        ("Plain.__call__", True),
        ("decorated", True),
        ("cached", False),
        ("cached.inner", False),
        ("exported", True),
    ]
    uses = {block.name: block.uses for block in blocks}
    assert "last" in uses[""]
    assert {"name", "attribute", "others"} <= uses["Chat.reply"]
    assert "shallow" in uses["cached"]
    assert "deep" not in uses["cached"]
    assert uses["cached.inner"] == {"deep"}


def test_imports_are_told_apart_from_foreign_packages() -> None:
    project = {
        "app/main.py": "import os, boto3\nimport yaml.loader\nfrom . import llm\nfrom app.core import config, Missing\n"
        "import app.core.deep\n",
        "app/__init__.py": "",
        "app/llm.py": "",
        "app/core/__init__.py": "",
        "app/core/config.py": "",
        "app/core/deep.py": "",
    }
    found = file(project, "app/main.py")
    assert sorted(found.imports) == [
        "app/__init__.py",
        "app/core/__init__.py",
        "app/core/config.py",
        "app/core/deep.py",
        "app/llm.py",
    ]
    assert found.foreign == ("boto3", "yaml")


def test_a_folder_does_not_hide_a_library_of_its_name() -> None:
    project = {
        "examples/litellm/chat.py": "import litellm\nlitellm.completion(model='bedrock/a')\n",
        "examples/litellm/other.py": "",
    }
    assert sites(project, "examples/litellm/chat.py") == ["Converse litellm.completion model=a"]


@pytest.mark.parametrize("first", ["llm.py", "chat.py"])
def test_what_a_function_is_given_does_not_hang_on_which_file_is_read_first(first: str) -> None:
    texts = {
        "llm.py": 'import boto3\ndef ask(model):\n    boto3.client("bedrock-runtime").converse(modelId=model)\n',
        "chat.py": 'from llm import ask\nask("amazon.x")\n',
    }
    project = Project(texts)
    read(project.sources[first], project)
    (site,) = read(project.sources["llm.py"], project).sites
    assert [value.node.value for value in site.given["model"]] == ["amazon.x"]


def test_comments_are_told_from_strings() -> None:
    code = "a = '# no'  # one\nb = '''\n# no\n'''\n# two"
    found = file(code)
    assert [code[start:end] for _, start, end in found.comments] == ["# one", "# two"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print 'x'", "it is not Python"),
        ("def f(:\n", "it is not Python"),
        ("x = 1\0", "it is not Python"),
        ("'\ud800'", "it is not Python"),
        ("(" * 5000 + ")" * 5000, "it"),
        ("x" + " + x" * 100_000, "it nests too deep"),
        ("x = '" + "a" * 2_000_001 + "'", "it has more than 2,000,000 characters"),
    ],
)
def test_what_cannot_be_read_is_said(code: str, reason: str) -> None:
    found = file(code)
    assert found.sites == ()
    assert [unread.reason.startswith(reason) for unread in found.unread] == [True]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "\n\r\r\n",
        f"{HEAD}x = x\nclient.converse(modelId=x)",
        f"{HEAD}x = y\ny = x\nclient.converse(modelId=x)",
        f"{HEAD}def f(a):\n    return f(a)\nclient.converse(modelId=f(f(f(1))))",
        f"{HEAD}class A(A): pass\nclient.converse(modelId=A().x)",
        f"{HEAD}class A(B): pass\nclass B(A): pass\nclient.converse(modelId=A().x)",
        f"{HEAD}p = {{}}\np['modelId'] = p\nclient.converse(**p)",
        f"{HEAD}p = {{**p}}\nclient.converse(**p)",
        f"{HEAD}from app import x\nclient.converse(modelId=x)",
        f"{HEAD}client.converse(*a, **b)(c)[d](modelId=lambda: 0)",
        f"{HEAD}x = f'{{x!r:>{{x}}}}'\nclient.converse(modelId=x)",
        f"{HEAD}x = '%(a' % 1 + '{{'.format(1)\nclient.converse(modelId=x)",
        f"{HEAD}class S:\n    @property\n    def x(self): return self.x\nclient.converse(modelId=S().x)",
    ],
)
def test_code_that_leads_back_to_itself_is_borne(code: str) -> None:
    assert len(file(code).sites) == code.count("client.converse(")


def test_work_is_bounded() -> None:
    doubled = "\n".join(f"def f{n}(x):\n    return f{n + 1}(x) or f{n + 1}(x + 'a')" for n in range(30))
    code = f"{HEAD}{doubled}\ndef f30(x):\n    return x\nclient.converse(modelId=f0('a'))\n"
    assert len(file(code).sites) == 1
    chain = "if a:\n    m = 'a'\n" + "elif b:\n    m = 'b'\n" * 150
    assert len(file(f"{HEAD}{chain}client.converse(modelId=m)\n").sites) == 1


WORDS = st.sampled_from(
    [
        "client",
        "x",
        "=",
        "(",
        ")",
        "'a'",
        "f'{x}'",
        ".converse",
        "modelId=",
        "\n",
        " ",
        "    ",
        "def f(x):",
        "return ",
        "**p",
        ",",
        "{",
        "}",
        "[",
        "]",
        "class A:",
        "self",
        ".x",
        "if x:",
        "for x in x:",
        "lambda: x",
        "or",
        "import boto3",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=25).map("".join))
def test_any_text_is_borne(code: str) -> None:
    file(HEAD + code)


def notebook(*cells: str | list[str], **metadata: object) -> str:
    found = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# x"}, *found], "metadata": metadata}, indent=1)


def test_the_cells_of_a_notebook_share_their_names() -> None:
    text = notebook(
        ["!pip install boto3\n", "%matplotlib inline\n", "import boto3\n"],
        "%%bash\naws bedrock-runtime converse\n",
        "client = boto3.client(\n  'bedrock-runtime')\nM = \"é\\n\"",
        "def broken(:",
        "await client.converse(modelId=M)",
    )
    found = file({"a.ipynb": text}, "a.ipynb")
    assert [line(site) for site in found.sites] == ["Converse client.converse model=é\n"]
    assert [unread.reason[:16] for unread in found.unread] == ["it is not Python"]
    node = found.sites[0].node
    _, start, end = node.source.in_file(node.start, node.end)
    assert text[start:end] == "client.converse"
    (value,) = found.sites[0].given["model"]
    _, start, end = value.node.source.in_file(value.node.start, value.node.end)
    assert text[start:end] == r"\"\u00e9\\n\""
    assert found.source.text == text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 1}', '{"cells": [1, {"cell_type": "code"}]}', '"x"'])
def test_what_is_no_notebook_is_borne(text: str) -> None:
    assert file({"a.ipynb": text}, "a.ipynb").sites == ()


def test_a_notebook_of_another_language_is_left_alone() -> None:
    text = notebook(f"{HEAD}client.converse(modelId='a')", kernelspec={"language": "R"})
    assert file({"a.ipynb": text}, "a.ipynb").sites == ()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "from langchain_aws import ChatBedrockConverse\nllm = ChatBedrockConverse(model='a', region_name='r')\n"
            "llm.invoke('hi')",
            ["Converse llm.invoke model=a region=r"],
        ),
        (
            "from langchain_aws import ChatBedrockConverse\nllm = ChatBedrockConverse(model='a')\nrun(llm)",
            ["Converse/ConverseStream ChatBedrockConverse model=a"],
        ),
        (
            "from langchain_aws import ChatBedrockConverse\nllm = ChatBedrockConverse(model='a')\n"
            "chain = prompt | llm.bind_tools([]) | parser\nchain.stream('x')",
            ["ConverseStream chain.stream model=a"],
        ),
        (
            "import boto3\nfrom langchain_aws import ChatBedrockConverse\n"
            "c = boto3.client('bedrock-runtime', region_name='r')\n"
            "ChatBedrockConverse(client=c, model='a').invoke('x')",
            ["Converse ChatBedrockConverse(client=c, model='a').invoke model=a region=r"],
        ),
        ("import litellm\nlitellm.completion(model='bedrock/a')", ["Converse litellm.completion model=a"]),
        (
            "from litellm import completion\ncompletion('bedrock/converse/a', stream=True)",
            ["ConverseStream completion model=a"],
        ),
        (
            "import litellm\nlitellm.completion(model='bedrock/a', stream=flag)",
            ["Converse/ConverseStream litellm.completion model=a"],
        ),
        ("import litellm\nlitellm.completion(model='gpt-4o')\nlitellm.completion(model=m)", []),
        (
            "import litellm\nlitellm.completion(model='bedrock/a' if x else 'gpt-4o')",
            ["Converse litellm.completion model=a~"],
        ),
        (
            "import os, litellm\nlitellm.completion(model=os.getenv('M', 'bedrock/a'))",
            ["Converse litellm.completion model=$M | a?M"],
        ),
        (
            "import anthropic\nc = anthropic.AnthropicBedrock(aws_region='r')\n"
            "c.messages.create(model='a')\nc.messages.create(model='b', stream=True)",
            [
                "InvokeModel c.messages.create model=a region=r",
                "InvokeModelWithResponseStream c.messages.create model=b region=r",
            ],
        ),
        (
            "from strands import Agent\nfrom strands.models import BedrockModel\n"
            "agent = Agent(model=BedrockModel(model_id='a', streaming=False))\nagent('hi')",
            ["Converse agent model=a"],
        ),
        (
            "from strands import Agent\nagent = Agent(model='a')\nagent('hi')",
            ["ConverseStream agent model=a"],
        ),
        (
            "from strands import Agent\nAgent()",
            ["ConverseStream Agent model=<model of strands-agents>"],
        ),
        ("from strands import Agent\nfrom strands.models import OpenAIModel\nAgent(model=OpenAIModel())('hi')", []),
        (
            "from strands.models import BedrockModel\nrun(BedrockModel(model_id='a'))",
            ["ConverseStream BedrockModel model=a"],
        ),
        (
            "from langchain_aws import ChatBedrockConverse\nclass Mine(ChatBedrockConverse):\n    pass\n"
            "Mine(model='a').invoke('x')",
            ["Converse Mine(model='a').invoke model=a"],
        ),
    ],
)
def test_libraries_are_read_by_their_table(code: str, expected: list[str]) -> None:
    assert sites(code) == expected


def test_a_prefix_that_is_taken_away_moves_the_places() -> None:
    code = "import litellm\nlitellm.completion(model='bedrock/ab')"
    (value,) = file(code).sites[0].given["model"]
    assert code[value.node.offsets()[0] : value.node.offsets()[-1]] == "ab"
    assert models(code) == ["ab"]
