"""What the model of a call may be, wherever the code takes it from."""

from __future__ import annotations

import pytest
from python_code import file, models, sites

HEAD = "import boto3, os\nclient = boto3.client('bedrock-runtime')\n"


def call(before: str, model: str = "M") -> str:
    return f"{HEAD}{before}\nclient.converse(modelId={model})\n"


@pytest.mark.parametrize(
    ("before", "model", "expected"),
    [
        ("M = 'a'", "M", ["a"]),
        ("from typing import Final\nM: Final = 'a'", "M", ["a"]),
        ("P = 'us'", "f'{P}.a'", ["us.a"]),
        ("", "'us.' + 'a' + '-v1'", ["us.a-v1"]),
        ("", "'us.' 'a'", ["us.a"]),
        ("P = 'us'", "'%s.a' % P", ["us.a"]),
        ("P = 'us'", "'{}.{name}'.format(P, name='a')", ["us.a"]),
        ("", "'.'.join(['us', 'a'])", ["us.a"]),
        ("", "' a '.strip()", ["a"]),
        ("A, B = 'a', 'b'", "B", ["b"]),
        ("NAMES = {'fast': 'a', 'slow': 'b'}", "NAMES['slow']", ["b"]),
        ("NAMES = {'fast': 'a', 'slow': 'b'}", "NAMES[input()]", ["a~", "b~"]),
        ("NAMES = {'fast': 'a'}", "NAMES.get(input(), 'b')", ["a~", "b~"]),
        ("NAMES = ['a', 'b']", "NAMES[1]", ["b"]),
        ("NAMES = dict(fast='a')\nNAMES['slow'] = 'b'", "NAMES['slow']", ["b"]),
        ("def name():\n    return 'a'", "name()", ["a"]),
        ("def name(size):\n    if size:\n        return 'a'\n    return 'b'", "name(1)", ["a~", "b~"]),
        ("class Names:\n    FAST = 'a'", "Names.FAST", ["a"]),
        ("from enum import Enum\nclass Names(Enum):\n    FAST = 'a'", "Names.FAST.value", ["a"]),
        ("from enum import Enum\nclass Names(str, Enum):\n    FAST = 'a'", "Names.FAST", ["a"]),
        ("from enum import Enum\nclass Names(Enum):\n    FAST = 'a'", "Names.FAST", ["Names.FAST"]),
        ("", "'a' if input() else 'b'", ["a~", "b~"]),
        ("M = None", "M or 'a'", ["a"]),
        ("M = ''", "M or 'a'", ["a"]),
        ("name = lambda: 'a'", "name()", ["a"]),
        ("import json\nM = json.load(open('x'))['model']", "M", ["json.load(open('x'))['model']"]),
        ("", "input()", ["input()"]),
        ("from types import SimpleNamespace\nc = SimpleNamespace(model='a')", "c.model", ["a"]),
        ("from missing import M", "M", ["M"]),
    ],
)
def test_constants_are_followed(before: str, model: str, expected: list[str]) -> None:
    assert models(call(before, model)) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("os.environ['M']", ["$M"]),
        ("os.getenv('M')", ["$M"]),
        ("os.getenv('M', 'a')", ["$M", "a?M"]),
        ("os.environ.get('M', 'a')", ["$M", "a?M"]),
        ("os.environ.get('M') or 'a'", ["$M", "a?M"]),
        ("os.environ['M'] if 'M' in os.environ else 'a'", ["$M~", "a~"]),
        ("f\"us.{os.environ['M']}\"", ["us.$M"]),
        ("f\"{os.getenv('P', 'us')}.a\"", ["$P.a", "us.a?P"]),
        ("os.getenv('M', os.getenv('N', 'a'))", ["$M", "$N?M", "a?M~"]),
        ("os.environ[NAME]", ["$MODEL_ID"]),
    ],
)
def test_a_read_of_the_environment_is_a_hole_with_its_name(model: str, expected: list[str]) -> None:
    assert models(call("NAME = 'MODEL_ID'", model)) == expected


def test_the_variables_that_a_file_reads_are_listed() -> None:
    code = """
    from os import environ, getenv
    from pydantic_settings import BaseSettings
    A = environ["A"]
    B = getenv("B", "x")
    environ["C"] = "written"
    class Settings(BaseSettings):
        model_id: str
    """
    found = file(code).environment
    assert [(name, node.value) for name, node in found.items()] == [
        ("B", 'getenv("B", "x")'),
        ("A", 'environ["A"]'),
        ("MODEL_ID", "model_id"),
    ]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("M = 'a'\nM = 'b'", ["b"]),
        ("if input():\n    M = 'a'\nelse:\n    M = 'b'", ["a~", "b~"]),
        ("M = 'a'\nif input():\n    M = 'b'", ["b~", "a~"]),
        ("M = None\nif M is None:\n    M = 'b'", ["b"]),
        ("try:\n    M = os.environ['M']\nexcept KeyError:\n    M = 'a'", ["$M~", "a~"]),
        ("if input():\n    M = 'a'\nelif input():\n    M = 'b'\nelse:\n    raise SystemExit", ["a~", "b~"]),
        ("M = 'a'\nwhile input():\n    M = 'b'", ["b~", "a~"]),
        ("M = 'us'\nM += '.a'", ["us.a"]),
        ("M = 'us'\nfor c in 'ab':\n    M += c", ["M~", "us~"]),
        ("for M in ('a', 'b'):\n    pass", ["a~", "b~"]),
        ("def later():\n    global M\n    M = 'b'\nM = 'a'", ["a~", "b~"]),
        ("if (M := 'a'):\n    pass", ["a"]),
    ],
)
def test_the_last_assignment_on_every_path_counts(before: str, expected: list[str]) -> None:
    assert models(call(before)) == expected


def test_what_is_assigned_behind_the_call_does_not_reach_it() -> None:
    assert models(f"{HEAD}M = 'a'\nclient.converse(modelId=M)\nM = 'b'\n") == ["a"]


def test_in_a_loop_what_is_assigned_behind_the_call_reaches_the_next_one() -> None:
    code = f"{HEAD}M = 'a'\nfor _ in range(2):\n    client.converse(modelId=M)\n    M = 'b'\n"
    assert models(code) == ["b~", "a~"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("p = {'modelId': 'a'}", ["a"]),
        ("p = {}\np['modelId'] = 'a'", ["a"]),
        ("p = {'modelId': 'a'}\np.update(modelId='b')", ["b"]),
        ("p = {'modelId': 'a'}\np.update({'modelId': 'b'})", ["b"]),
        ("p = {'modelId': 'a'}\nif input():\n    p['modelId'] = 'b'", ["b~", "a~"]),
        ("q = {'modelId': 'a'}\np = {**q, 'messages': []}", ["a"]),
        ("p = {'modelId': 'a'} | {'messages': []}", ["a"]),
        ("p = dict(modelId='a')", ["a"]),
        ("p = {'modelId': 'a'}\np['modelId'] = 'b'\np['modelId'] = 'c'", ["c"]),
        ("def make():\n    p = {}\n    p['modelId'] = 'a'\n    return p\np = make()", ["a"]),
        ("p = input()", ["p"]),
        ("p = {'modelId': 'a', **input()}", ["a~", "input()~"]),
    ],
)
def test_arguments_are_read_out_of_a_mapping(before: str, expected: list[str]) -> None:
    code = f"{HEAD}{before}\nclient.converse(**p)\n"
    found = models(code)
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ("ask('a')", ["a"]),
        ("ask('a')\nask('b')", ["a~", "b~"]),
        ("ask(model='a')", ["a"]),
        ("ask()", ["d"]),
        ("ask('a')\nask()", ["a~", "d~"]),
        ("", ["d~", "model~"]),
        ("ask(*['a'])", ["a"]),
        ("ask(**{'model': 'a'})", ["a"]),
        ("run(ask)\nask('a')", ["a~", "model~"]),
    ],
)
def test_a_parameter_is_what_its_callers_give(calls: str, expected: list[str]) -> None:
    assert models(f"{HEAD}def ask(model='d'):\n    client.converse(modelId=model)\n{calls}\n") == expected


def test_a_parameter_that_nobody_gives_is_a_hole() -> None:
    assert models(f"{HEAD}def ask(model):\n    client.converse(modelId=model)\n") == ["model"]
    assert models(f"{HEAD}def ask(model=None):\n    client.converse(modelId=model)\n") == ["model~"]


def test_a_function_that_a_framework_calls_may_be_given_anything() -> None:
    code = f"{HEAD}import app\n@app.post('/')\ndef ask(model='d'):\n    client.converse(modelId=model)\nask('a')\n"
    assert models(code) == ["a~", "model~"]


def test_a_recursive_function_is_given_what_others_give_it() -> None:
    code = f"{HEAD}def ask(model):\n    client.converse(modelId=model)\n    ask(model)\nask('a')\n"
    assert models(code) == ["a"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "class Chat:\n    def __init__(self, model='d'):\n        self.model = model\n"
            "    def ask(self):\n        client.converse(modelId=self.model)\nChat('a').ask()\n",
            ["a"],
        ),
        (
            "class Chat:\n    MODEL = 'a'\n    def ask(self):\n        client.converse(modelId=self.MODEL)\n",
            ["a"],
        ),
        (
            "class Chat:\n    MODEL = 'a'\n    def ask(self):\n        client.converse(modelId=self.MODEL)\n"
            "class Other(Chat):\n    MODEL = 'b'\n",
            ["a~", "b~"],
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    model: str = 'a'\n"
            "    size: str = field(default='b')\n"
            "client.converse(modelId=C().model)\nclient.converse(modelId=C().size)\n",
            ["a", "b"],
        ),
        (
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    model: str = 'a'\n"
            "client.converse(modelId=C(model='b').model)\nclient.converse(modelId=C('c').model)\n",
            ["b", "c"],
        ),
        (
            "class C:\n    model = 'a'\nc = C()\nc.model = 'b'\nclient.converse(modelId=c.model)\n",
            ["a~", "c.model~"],
        ),
        (
            "class C:\n    model = 'a'\nC.model = 'b'\nclient.converse(modelId=C.model)\n",
            ["a~", "C.model~"],
        ),
        (
            "def make(m):\n    return {'modelId': m}\nclient.converse(**make('a'))\nclient.converse(**make('b'))\n",
            ["a", "b"],
        ),
        (
            "class C:\n    model = 'a'\n    @classmethod\n    def use(cls):\n        cls.model = 'b'\n"
            "client.converse(modelId=C.model)\n",
            ["b~", "a~"],
        ),
        (
            "try:\n    from shop import M\nexcept ImportError:\n    M = 'a'\nclient.converse(modelId=M)\n",
            ["M~", "a~"],
        ),
        (
            "def ask(m='a'):\n    m = m.strip()\n    client.converse(modelId=m)\nask()\n",
            ["a"],
        ),
        (
            "from typing import NamedTuple\nclass C(NamedTuple):\n    model: str = 'a'\n"
            "def ask(c: C):\n    client.converse(modelId=c.model)\nask(C(model='b'))\n",
            ["b"],
        ),
    ],
)
def test_attributes_of_objects_are_followed(code: str, expected: list[str]) -> None:
    assert models(HEAD + code) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("model: str = 'a'", ["$MODEL", "a?MODEL"]),
        ("model: str", ["$MODEL"]),
        ("model: str = Field('a', alias='BEDROCK_MODEL')", ["$BEDROCK_MODEL", "a?BEDROCK_MODEL"]),
        ("model: str = Field(default='a', validation_alias='bedrock_model')", ["$BEDROCK_MODEL", "a?BEDROCK_MODEL"]),
        ("model_config = SettingsConfigDict(env_prefix='APP_')\n    model: str = 'a'", ["$APP_MODEL", "a?APP_MODEL"]),
        ("class Config:\n        env_prefix = 'app_'\n    model: str", ["$APP_MODEL"]),
        ("model: str = os.getenv('X', 'a')", ["$MODEL", "$X?MODEL", "a?MODEL~"]),
    ],
)
def test_settings_of_pydantic_are_read_from_the_environment(fields: str, expected: list[str]) -> None:
    code = (
        "from pydantic import Field\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n"
        f"class Settings(BaseSettings):\n    {fields}\nsettings = Settings()\nclient.converse(modelId=settings.model)\n"
    )
    found = models(HEAD + code)
    assert found[:1] == expected[:1]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--model-id', default='a')\n"
            "args = parser.parse_args()\nclient.converse(modelId=args.model_id)\n",
            ["a~", "args.model_id~"],
        ),
        (
            "import click\n@click.command()\n@click.option('--model', default='a', envvar='MODEL')\n"
            "def main(model):\n    client.converse(modelId=model)\n",
            ["$MODEL~", "a?MODEL~", "model~"],
        ),
        (
            "import typer\ndef main(model: str = typer.Option('a', envvar='MODEL')):\n"
            "    client.converse(modelId=model)\ntyper.run(main)\n",
            ["$MODEL~", "a?MODEL~", "model~"],
        ),
    ],
)
def test_an_option_of_a_command_line_is_its_default_or_anything(code: str, expected: list[str]) -> None:
    assert models(HEAD + code) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"config.py": "M = 'a'", "app.py": "from config import M as N\nMODEL = N"}, ["a"]),
        ({"config.py": "M = 'a'", "app.py": "import config\nMODEL = config.M"}, ["a"]),
        ({"src/shop/config.py": "M = 'a'", "app.py": "from shop.config import M\nMODEL = M"}, ["a"]),
        ({"core/config.py": "M = 'a'", "app.py": "import core.config\nMODEL = core.config.M"}, ["a"]),
        ({"core/config.py": "M = 'a'", "app.py": "from core import config\nMODEL = config.M"}, ["a"]),
        (
            {
                "core/__init__.py": "from .config import *",
                "core/config.py": "M='a'",
                "app.py": "from core import M\nMODEL=M",
            },
            ["a"],
        ),
        ({"config.py": "from app import MODEL as M", "app.py": "from config import M\nMODEL = M"}, ["MODEL"]),
        ({"config.py": "def", "app.py": "from config import M\nMODEL = M"}, ["M"]),
    ],
)
def test_constants_are_followed_into_other_files(files: dict[str, str], expected: list[str]) -> None:
    code = f"{files['app.py']}\n{HEAD}client.converse(modelId=MODEL)\n"
    assert models({**files, "app.py": code}) == expected


def test_callers_in_other_files_count_and_tests_do_not() -> None:
    llm = f"{HEAD}def ask(model):\n    client.converse(modelId=model)\n"
    project = {
        "shop/llm.py": llm,
        "shop/main.py": "from .llm import ask\nask('a')\n",
        "tests/test_llm.py": "from shop.llm import ask\nask('fake')\n",
    }
    assert models(project, "shop/llm.py") == ["a"]


def test_a_client_and_its_settings_come_from_other_files() -> None:
    project = {
        "core/clients.py": "import boto3\nfrom core.settings import REGION\n"
        "def runtime(region=REGION):\n    return boto3.client('bedrock-runtime', region_name=region)\n",
        "core/settings.py": "REGION = 'eu-west-1'\n",
        "app.py": "from core.clients import runtime\nruntime().converse(modelId='a')\n",
    }
    assert sites(project) == ["Converse runtime().converse model=a region=eu-west-1"]


def test_a_value_tells_the_names_that_lead_to_it() -> None:
    code = f"{HEAD}NAME = 'a'\ndef ask(model=NAME):\n    client.converse(modelId=model)\nask()\n"
    (value,) = file(code).sites[0].given["model"]
    assert [node.value for node in value.named] == ["model", "NAME"]
