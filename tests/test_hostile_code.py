"""Code of strangers: whatever it holds, the program says what it could not read and goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.code.project import Project

CALL = 'boto3.client("bedrock-runtime", region_name="us-east-1").converse(modelId="amazon.nova-lite-v1:0")\n'
PYTHON = f"import boto3\n{CALL}"
SEND = 'new BedrockRuntimeClient({region:"us-east-1"}).send(new ConverseCommand({modelId:"amazon.nova-lite-v1:0"}));'
SCRIPT = f'import{{BedrockRuntimeClient,ConverseCommand}}from"@aws-sdk/client-bedrock-runtime";{SEND}'
SHELL = "aws bedrock-runtime converse --model-id amazon.nova-lite-v1:0 --region us-east-1\n"


def scan(run: Run, folder: Path, name: str, data: bytes) -> tuple[str, str]:
    """What is printed of a file with these bytes, and what is said of what was not read."""
    (folder / name).write_bytes(data)
    ran = run("usage", "scan", name)
    assert ran.code == 0
    assert "Traceback" not in ran.out + ran.err
    return ran.out, ran.err


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("old.py", f'{PYTHON}print "bedrock"\n', "old.py:3:1: not read: it is not Python"),
        ("cut.py", f"{PYTHON}def f(:\n", "cut.py:3:7: not read: it is not Python"),
        ("deep.py", f"{PYTHON}x = {'(' * 5000}1{')' * 5000}\n", "deep.py:"),
        ("deep.ts", f"{SCRIPT}x = {'[' * 20000}{']' * 20000};", "deep.ts:"),
        ("cut.ipynb", '{"cells": [{"source": "bedrock', "cut.ipynb:1:"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(run: Run, folder: Path, name: str, text: str, reason: str) -> None:
    _, said = scan(run, folder, name, text.encode())
    assert said.startswith(reason)


@pytest.mark.parametrize(
    "data", [b"\xff\xfeb\0e\0d\0", b"bedrock \xc3\x28", b"\0\1\2bedrock\xff" * 1000], ids=["UTF-16", "Latin", "binary"]
)
@pytest.mark.parametrize("name", ["a.py", "a.ts", "a.sh"])
def test_bytes_that_are_no_text_are_not_read(run: Run, folder: Path, name: str, data: bytes) -> None:
    out, said = scan(run, folder, name, data)
    assert out == "No calls of Bedrock were found.\n"
    assert said.startswith(f"{name}:1:")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", PYTHON.replace("\n", "\r\n")),
        ("a.py", f"\ufeff{PYTHON}"),
        ("a.js", SCRIPT),
        ("a.tsx", f"{SCRIPT}\nexport const A = () => <p className='x'>{{1 < 2 ? <b/> : null}}</p>;"),
        ("a.sh", SHELL.replace(" --", " \\\n  --")),
    ],
)
def test_odd_ways_to_write_it_are_read(run: Run, folder: Path, name: str, text: str) -> None:
    out, said = scan(run, folder, name, text.encode())
    assert "amazon.nova-lite-v1:0" in out
    assert not said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "a = b\nb = a\nimport boto3\nboto3.client('bedrock-runtime').converse(modelId=a)\n"),
        (
            "a.py",
            "import boto3\na = 'x'\n" + "a = f'{a}{a}'\n" * 60 + "boto3.client('bedrock-runtime').converse(modelId=a)",
        ),
        ("a.py", "from a import *\nimport a\nimport boto3\nboto3.client('bedrock-runtime').converse(modelId=a.b)\n"),
        ("a.py", "import boto3\ndef f(): return g()\ndef g(): return f()\nf().converse_stream(modelId=g())\n"),
        (
            "a.ts",
            "import * as a from './a';\nexport * from './a';\n" + SCRIPT.replace('"amazon.nova-lite-v1:0"', "a.b"),
        ),
        ("a.ts", "let a='x';" + "a=`${a}${a}`;" * 60 + SCRIPT.replace('"amazon.nova-lite-v1:0"', "a")),
        ("a.sh", "a=$a$a\n" * 60 + SHELL.replace("amazon.nova-lite-v1:0", "$a")),
        ("a.sh", "f() { f; }\nf\n" + SHELL),
    ],
)
def test_circles_and_doublings_end(run: Run, folder: Path, name: str, text: str) -> None:
    out, _ = scan(run, folder, name, text.encode())
    assert len(out) < 20_000


def test_what_is_no_file_and_what_others_wrote_is_passed_over(run: Run, folder: Path) -> None:
    for place in ("node_modules/x", ".venv/lib", "vendor", "site-packages"):
        (folder / place).mkdir(parents=True)
        (folder / place / "a.py").write_text(PYTHON)
    os.symlink("/", folder / "root")
    os.symlink(folder, folder / "again")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.py")
    (folder / "own.py").write_text(PYTHON)

    ran = run("usage", "scan", ".")

    assert [line.split()[0] for line in ran.out.splitlines()[1:-2]] == ["own.py:2:1"]
    assert not ran.err


def test_a_bundle_of_one_line_is_said_to_be_generated(run: Run, folder: Path) -> None:
    piece = "function a(b,c){return b.map(d=>({e:d,f:`${c}`,g:/[a-z]+/.test(d)}))}"
    out, said = scan(run, folder, "bundle.js", (SCRIPT + piece * 80_000).encode())
    assert out == "No calls of Bedrock were found.\n"
    assert said.startswith("bundle.js:1:1: not read: ")


PIECES = st.sampled_from(
    [*"(){}[]\"'`$\\\n:;,.=#/*<>", "${", "=>", "async ", "await ", "class A", "def f", "lambda ", "f'", "import ", "x"]
)


@pytest.mark.parametrize(
    ("name", "text"), [("a.py", PYTHON), ("a.ts", SCRIPT), ("a.sh", SHELL), ("Makefile", f"a:\n\t{SHELL}")]
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_of_a_text_makes_a_reader_fail(folder: Path, name: str, text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(PIECES) + text[at + data.draw(st.integers(0, 12)) :]
    (folder / name).write_text(text, encoding="utf-8")

    found = Project(str(folder)).read(str(folder / name))

    for site in found.sites:
        span = site.node.source.in_file(site.node.start, site.node.end)
        assert 0 <= span.start < span.end <= len(text)
