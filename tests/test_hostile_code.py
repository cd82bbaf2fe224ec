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


def test_a_bundle_with_its_packages_in_it_is_said_where_it_names_the_service(run: Run, folder: Path) -> None:
    piece = "function a(b,c){return b.map(d=>({e:d,f:`${c}`,g:/[a-z]+/.test(d)}))}" * 400
    _, said = scan(run, folder, "own.js", f'const s="bedrock-runtime";{piece}'.encode())
    assert said.startswith("own.js:1:1: not read: it is a bundle")

    out, said = scan(run, folder, "other.js", f'const s="Anthropic or Bedrock";{piece}'.encode())
    assert (out, said) == ("No calls of Bedrock were found.\n", "")


CELL = '{"cell_type": "code", "source": %s}'


@pytest.mark.parametrize(
    "cells",
    [
        "null",
        "7",
        "{}",
        '[null, 3, "bedrock", {}]',
        f"[{CELL % 'null'}, {CELL % '7'}, {CELL % '{}'}]",
        f'[{CELL % "[[]]"}, {{"cell_type": []}}]',
    ],
)
def test_a_notebook_without_cells_has_no_calls(run: Run, folder: Path, cells: str) -> None:
    out, said = scan(run, folder, "a.ipynb", f'{{"cells": {cells}, "bedrock": 1}}'.encode())
    assert (out, said) == ("No calls of Bedrock were found.\n", "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs the files of a POSIX system")
def test_what_is_no_file_is_not_waited_for(run: Run, folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    os.symlink("/dev/zero", folder / "zero.ts")

    ran = run("usage", "scan", "pipe.py", "zero.ts")

    assert ran.code == 0
    assert "pipe.py:1:1: not read: it is a pipe, not a file\n" in ran.err
    assert "zero.ts:1:1: not read: it lies outside of the repository\n" in ran.err


def test_a_file_that_is_no_code_is_said_to_be_none(run: Run, folder: Path) -> None:
    out, said = scan(run, folder, "README", b"bedrock")
    assert out == "No calls of Bedrock were found.\n"
    assert said == "README:1:1: not read: it is no code in a language that is read\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs files that cannot be read")
def test_what_may_not_be_read_is_said(run: Run, folder: Path) -> None:
    (folder / "closed.py").write_text(PYTHON)
    (folder / "closed.py").chmod(0)
    (folder / "closed").mkdir(mode=0)

    ran = run("usage", "scan", ".")

    assert ran.code == 0
    assert "closed.py:1:1: not read: permission denied\n" in ran.err


def test_a_file_that_goes_away_is_said(folder: Path) -> None:
    (folder / "a.py").write_text(PYTHON)
    project = Project(str(folder))
    paths = list(project.callers(str(folder)))
    (folder / "a.py").unlink()

    assert [one.reason for path in paths for one in project.read(path).unread] == ["no such file or directory"]


MADE = ["dist/a.js", "build/lib/a.py", "out/a.js", ".next/server/a.js", "vendor/a.py", "a.d.ts", "a.min.js"]


def test_what_programs_made_of_a_package_is_passed_over(run: Run, folder: Path) -> None:
    for place in MADE:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(PYTHON if place.endswith(".py") else SCRIPT)
    (folder / "package.json").write_text("{}")

    assert run("usage", "scan", ".").out == "No calls of Bedrock were found.\n"
    assert "dist/a.js:1" in run("usage", "scan", "dist").out

    (folder / "package.json").unlink()
    listed = run("usage", "scan", ".").out
    assert [place for place in MADE if place in listed] == ["dist/a.js", "build/lib/a.py", "out/a.js"]


ASKS = SCRIPT.replace('"amazon.nova-lite-v1:0"', "model")


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": f"from b import *\n{PYTHON}", "b.py": "from a import *\n"},
        {"a.py": f"from b import K\nclass J(K): pass\n{PYTHON}", "b.py": "from a import J\nclass K(J): pass\n"},
        {"a/__init__.py": f"from . import b\n{PYTHON}", "a/b/__init__.py": "from .. import b\nfrom a.b import b\n"},
        {"a.py": f"import a.b.c\nfrom . import a\nfrom ..... import x\n{PYTHON}", "a/b/c.py": ""},
        {"a.ts": f'import {{ model }} from "./b"; export * from "./b";{ASKS}', "b.ts": 'export * from "./a";'},
        {"a.ts": f'import {{ model }} from "@/b";{ASKS}', "tsconfig.json": '{"extends": "./tsconfig.json"}'},
        {"a.ts": f'import {{ model }} from "x/b";{ASKS}', "package.json": '{"workspaces": ["..", "/*", "*", 3, null]}'},
        {"a.ts": f'import {{ model }} from "b";{ASKS}', "tsconfig.json": '{"compilerOptions": {"paths": {"*": 3}}}'},
        {"a.ts": f'import {{ model }} from "./b.json";{ASKS}', "b.json": '{"model": {"model": []}'},
        {"a.sh": f". ./b.sh\n{SHELL}", "b.sh": ". ./a.sh\n. /dev/stdin\n"},
        {"Makefile": f"include Makefile b.mk\na:\n\t{SHELL}", "b.mk": "include Makefile\n"},
    ],
)
def test_files_that_load_each_other_are_read_once(run: Run, folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    ran = run("usage", "scan", ".")

    assert ran.code == 0
    assert "1 place that calls Bedrock." in ran.out
    assert not ran.err


def lines(text: str, count: int) -> str:
    """A text so many times, with 0, 1, 2 … in place of `@` and the next number in place of `%`."""
    return "".join(text.replace("@", str(number)).replace("%", str(number + 1)) for number in range(count))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", f"d = {{{lines('@: @, ', 20_000)}}}\n{PYTHON.replace('modelId=', 'modelId=d[7] or ')}"),
        ("a.py", f"{lines('def f@(m): return f%(m)' + chr(10), 1000)}f1(2)\n{PYTHON}"),
        ("a.py", f"import boto3\nx = 'a'\n{lines('x += ' + repr('a') + chr(10), 2000)}{CALL}x.converse(modelId=x)\n"),
        ("a.py", f"class K0: pass\n{lines('class K%(K@): pass' + chr(10), 500)}K500().m()\n{PYTHON}"),
        ("a.ts", f"const d = {{{lines('k@: @, ', 10_000)}}};{SCRIPT}"),
        ("a.ts", f"{lines('function f@(m) { return f%(m); }', 1000)} f1(2);{SCRIPT}"),
        ("a.ts", f"{lines('class K% extends K@ { constructor(a) { super(a); } }', 200)} {SCRIPT}"),
        ("a.sh", f"{lines('f@() { f%; f%; }' + chr(10), 200)}f0\n{SHELL}"),
    ],
)
def test_much_of_a_kind_hides_no_call(run: Run, folder: Path, name: str, text: str) -> None:
    out, _ = scan(run, folder, name, text.encode())
    assert "amazon.nova-lite-v1:0" in out


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
