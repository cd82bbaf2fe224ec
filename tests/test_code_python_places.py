"""Where in the text the parts of a call site stand."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_code import file

from bedrock_policy_lint.code.python.literals import StringNode
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

HEAD = "import boto3\nclient = boto3.client('bedrock-runtime')\n"


def marked(node: Node) -> str:
    """The line of a node, with the node between angle quotes."""
    source = node.source
    start, end = source.line_bounds(source.point(node.start).line)
    text = source.text
    return f"{text[start : node.start]}«{text[node.start : node.end]}»{text[node.end : end]}"


@pytest.mark.parametrize(
    "expected",
    [
        "«client.converse»(modelId='a')",
        "x = [«client.converse»(modelId=m) for m in 'a']",
        "é = '€𝄞'; «client.converse»(modelId='a')",
        "print(f'é{«client.converse»(modelId=1)}')",
        "«(client).converse»(modelId='a')",
    ],
)
def test_a_site_stands_at_what_is_called(expected: str) -> None:
    code = expected.replace("«", "").replace("»", "")
    (site,) = file(f"{HEAD}{code}\n").sites
    assert marked(site.node) == expected


@pytest.mark.parametrize(
    "expected",
    [
        "client.converse(modelId=«'a'»)",
        "é = '€𝄞'; client.converse(modelId=«'us.é'»)",
        "M = «'a'»; client.converse(modelId=M)",
        "P = 'us'; client.converse(modelId=«f'{P}.a'»)",
        "P = 'us'; client.converse(modelId=«P + '.a'»)",
        "client.converse(**{'modelId': «'a'»})",
        "client.converse(modelId=«ask()»)",
        "import os; client.converse(modelId=«os.environ['M']»)",
    ],
)
def test_a_value_stands_where_it_is_written(expected: str) -> None:
    code = expected.replace("«", "").replace("»", "")
    (site,) = file(f"{HEAD}{code}\n").sites
    assert marked(site.given["model"][0].node) == expected


def spelled(literal: str) -> list[str]:
    """For each character that a literal says, how it is spelled there."""
    code = f"{HEAD}P, Q = 'us', '1'\nclient.converse(modelId={literal})\n"
    node = file(code).sites[0].given["model"][0].node
    places = node.offsets()
    assert len(places) == len(str(node.value)) + 1
    text = node.source.text
    return [text[places[at] : places[at + 1]] for at in range(len(places) - 1)]


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("'ab'", ["a", "b"]),
        (r"'a\x62\n'", ["a", r"\x62", r"\n"]),
        (r"r'\n'", ["\\", "n"]),
        (r"'\N{BULLET}\u0062'", [r"\N{BULLET}", r"\u0062"]),
        ('("a" "b")', ['a" "', "b"]),
        ("'''a\nb'''", ["a", "\n", "b"]),
        ("f'a{{b'", ["a", "{{", "b"]),
    ],
)
def test_each_character_of_a_literal_has_its_place(literal: str, expected: list[str]) -> None:
    assert spelled(literal) == expected


def test_what_an_f_string_takes_over_stands_at_its_field() -> None:
    code = f"{HEAD}P = 'us'\nclient.converse(modelId=f'{{P}}.a')\n"
    node = file(code).sites[0].given["model"][0].node
    start = code.index("{P}")
    assert list(node.offsets()) == [start, start, start + 3, start + 4, start + 5]


@given(st.text(max_size=20), st.booleans())
def test_a_literal_of_python_is_spelled_out_in_full(text: str, plain: bool) -> None:
    literal = repr(text) if plain else ascii(text)
    node = StringNode(text, 0, len(literal), Source("", literal))
    places = node.offsets()
    assert len(places) == len(text) + 1
    assert (places[0], places[-1]) == (1, len(literal) - 1)
    for at, char in enumerate(text):
        assert ast.literal_eval(f"{literal[0]}{literal[places[at] : places[at + 1]]}{literal[0]}") == char
