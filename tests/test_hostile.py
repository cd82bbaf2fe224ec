"""Input from a stranger: whatever it is, the real program ends with a clear word, the right code and bounded memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from conftest import Ran, Run

from bedrock_policy_lint import engine
from bedrock_policy_lint import run as runs
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.report import FORMATS
from bedrock_policy_lint.rule import Context, Problem, Rule, Severity
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.source import Source, Span

MEGABYTE = 1_000_000
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs the files of a POSIX system")

STATEMENT = '{"Effect": "Allow", "Action": "bedrock:ListFoundationModels", "Resource": "*"}'
CLEAN = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}'
FAULTY = CLEAN.replace("ListFoundationModels", "Converse")

NEVER_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys instead of showing it."""


@pytest.fixture
def confined(folder: Path) -> Run:
    """Run a command line as a process of its own that may take so many megabytes of memory."""
    pytest.importorskip("resource")

    def confined(*words: str, megabytes: int) -> Ran:
        code = (
            f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({megabytes * MEGABYTE},) * 2); "
            "from bedrock_policy_lint.cli import main; main()"
        )
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(command, capture_output=True, check=False, timeout=300)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return confined


def assert_calm(ran: Ran) -> None:
    """No run may end in a traceback, and no rule may have broken down."""
    assert "Traceback" not in ran.out + ran.err
    assert "internal-error" not in ran.out + ran.err


def assert_one_error(ran: Ran, rule: str, path: str, *words: str) -> None:
    assert_calm(ran)
    assert ran.code == 1
    assert ran.out.startswith(f"error[{rule}]: ")
    assert f"--> {path}:" in ran.out
    assert ran.out.count(" = why:") == 1
    for word in words:
        assert word in ran.out


# Texts that cannot be read


@pytest.mark.parametrize(
    ("data", "rule", "words"),
    [
        pytest.param(b"", "invalid-json", ["the file is empty"], id="empty"),
        pytest.param(b'{"Version": "2012-10-17"', "invalid-json", ["the text ends"], id="cut-off"),
        pytest.param(b'{"Version": "2012-10-\xc3', "unreadable-file", ["0xc3", "UTF-8"], id="cut-off-in-a-character"),
        pytest.param(b'{"Sid": "\xff"}', "unreadable-file", ["0xff", "UTF-8"], id="latin-1"),
        pytest.param(CLEAN.encode("utf-16"), "unreadable-file", ["UTF-16", "UTF-8"], id="utf-16"),
        pytest.param(CLEAN.encode("utf-16-le"), "unreadable-file", ["NUL", "UTF-8"], id="utf-16-without-mark"),
        pytest.param(b'{"Sid": "a\0b"}', "unreadable-file", ["NUL"], id="nul"),
        pytest.param(b"[" * 100_000, "unreadable-file", ["brackets are open"], id="deep-arrays"),
        pytest.param(b'{"Statement":' * 100_000, "unreadable-file", ["brackets are open"], id="deep-objects"),
        pytest.param(b"[" + b"[]," * 2_000_000 + b"0]", "unreadable-file", ["commas and brackets"], id="many-values"),
        pytest.param(b"[" + b"9" * 5000 + b"]", "invalid-json", ["digits"], id="5000-digits"),
        pytest.param(b'{"' + b'\\"' * MEGABYTE + b"\n", "invalid-json", ["the line ends"], id="a-million-quotes"),
        pytest.param(b'{"a": ' + b"x" * MEGABYTE + b"}", "invalid-json", ["neither a string"], id="one-long-word"),
    ],
)
def test_a_text_that_cannot_be_read_is_one_error_with_its_place(
    folder: Path, program: Run, data: bytes, rule: str, words: list[str]
) -> None:
    (folder / "policy.json").write_bytes(data)

    assert_one_error(program("policy.json"), rule, "policy.json", *words)


def test_broken_text_on_standard_input_is_named_as_such(program: Run) -> None:
    assert_one_error(program("-", stdin=b"\xff\xfe{"), "unreadable-file", "<stdin>", "UTF-16")


# Files that are none


def test_a_huge_file_is_refused_unread(folder: Path, confined: Run) -> None:
    with (folder / "huge.json").open("wb") as file:
        file.truncate(1 << 30)

    assert_one_error(confined("huge.json", megabytes=500), "unreadable-file", "huge.json", "1024 MiB", "leave it out")


@POSIX
def test_a_pipe_and_a_device_are_refused_at_once(folder: Path, program: Run) -> None:
    os.mkfifo(folder / "pipe.json")

    assert_one_error(program("pipe.json"), "unreadable-file", "pipe.json", "a pipe", "give `-`")
    assert_one_error(program("/dev/zero"), "unreadable-file", "/dev/zero", "a device")


@POSIX
def test_links_that_lead_nowhere_or_in_circles_end(folder: Path, program: Run) -> None:
    (folder / "one.json").symlink_to("two.json")
    (folder / "two.json").symlink_to("one.json")
    (folder / "gone.json").symlink_to("nothing.json")
    (folder / "here").symlink_to(".")
    (folder / "policy.json").write_text(FAULTY)

    for name in ("one.json", "gone.json"):
        assert_one_error(program(name), "unreadable-file", name, "check the path")
    walked = program(".")
    assert_calm(walked)
    assert walked.out.count("-->") == 1


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_without_permission_are_errors(folder: Path, program: Run) -> None:
    (folder / "secret.json").write_text(CLEAN)
    (folder / "secret.json").chmod(0)
    (folder / "closed").mkdir(mode=0)

    assert_one_error(program("secret.json"), "unreadable-file", "secret.json", "permission denied")
    assert_one_error(program("."), "unreadable-file", "closed", "permission denied")


def test_a_folder_named_like_a_file_is_walked(folder: Path, program: Run) -> None:
    (folder / "policy.json").mkdir()
    (folder / "policy.json" / "inner.json").write_text(FAULTY)

    ran = program("policy.json")

    assert ran.code == 1
    assert f"--> policy.json{os.sep}inner.json:1:" in ran.out


def test_a_path_that_does_not_exist_cannot_be_checked(program: Run) -> None:
    ran = program("nothing.json")

    assert_calm(ran)
    assert ran.code == 2
    assert "nothing.json: no such file" in ran.err


def test_a_file_is_checked_once_however_often_it_is_named(folder: Path, program: Run) -> None:
    (folder / "policy.json").write_text(FAULTY)

    ran = program("policy.json", "./policy.json", ".", str(folder / "policy.json"), "--format", "concise")

    assert ran.out.count("action-not-in-reference") == 1


def test_a_path_outside_the_folder_is_checked_where_it_is(folder: Path, program: Run) -> None:
    (folder.parent / "policy.json").write_text(FAULTY)

    for path in (os.path.join("..", "policy.json"), str(folder.parent / "policy.json")):
        ran = program(path)
        assert_calm(ran)
        assert ran.code == 1
        assert f"--> {path}:1:" in ran.out


# Sizes


def lint_in(confined: Run, folder: Path, text: str, megabytes: int) -> Ran:
    (folder / "policy.json").write_text(text)
    ran = confined("policy.json", "--format", "concise", megabytes=megabytes)
    assert_calm(ran)
    assert ran.code in (0, 1)
    return ran


def policy_of(*statements: str) -> str:
    return f'{{"Version": "2012-10-17", "Statement": [{", ".join(statements)}]}}'


def test_ten_megabytes_on_one_line_are_read(folder: Path, confined: Run) -> None:
    arns = [f"arn:aws:bedrock:us-east-1:111122223333:prompt/P{number:09d}" for number in range(150_000)]

    ran = lint_in(confined, folder, CLEAN.replace('"*"', json.dumps(arns)), 500)

    assert "policy-too-large" in ran.out
    assert max(map(len, ran.out.splitlines())) < 1000


def test_ten_megabytes_of_line_ends_are_read(folder: Path, confined: Run) -> None:
    ran = lint_in(confined, folder, "\n" * (10 * MEGABYTE) + FAULTY, 300)

    assert f"policy.json:{10 * MEGABYTE + 1}:71: error[action-not-in-reference]" in ran.out


def test_many_members_and_long_names_are_counted_and_cut_short(folder: Path, confined: Run) -> None:
    members = ", ".join(f'"k{number}": 0' for number in range(100_000))
    long = ", ".join(f'"{"k" * MEGABYTE}{number}": 0' for number in range(3))

    ran = lint_in(confined, folder, policy_of(f"{{{members}}}", f"{{{long}}}"), 500)

    assert ran.out.count("unknown-element") == 1001
    assert max(map(len, ran.out.splitlines())) < 1500


def test_long_patterns_do_not_keep_the_machine_busy(folder: Path, confined: Run) -> None:
    stars, holes = "*a?" * (MEGABYTE // 3), "${a" * (MEGABYTE // 3)
    arn = "arn:aws:bedrock:us-east-1::foundation-model/"
    texts = [arn + stars, arn + "b" + stars, arn + holes, "*" * MEGABYTE, "{{" + " " * MEGABYTE, "<" * MEGABYTE]
    resources = json.dumps(texts)
    actions = json.dumps(["bedrock:" + stars, "bedrock:b" + stars, "bedrock:" + "?" * MEGABYTE, holes])
    one = f'{{"Effect": "Allow", "Action": {actions}, "Resource": {resources}}}'

    lint_in(confined, folder, policy_of(one, one.replace("Allow", "Deny")), 1000)


def test_numbers_beyond_every_range_are_values_like_others(folder: Path, confined: Run) -> None:
    numbers = '{"NumericLessThan": {"aws:MultiFactorAuthAge": [1e999999, -1e999999, 1e-999999, ' + "9" * 400 + "]}}"

    lint_in(confined, folder, policy_of(STATEMENT.replace("}", f', "Condition": {numbers}}}')), 300)


# Strings inside strings


def wrapped(text: str, depth: int, encode: Callable[[str], str]) -> str:
    for _ in range(depth):
        text = '{"Policy": ' + json.dumps(encode(text)) + "}"
    return text


def test_a_policy_in_a_string_in_a_string_is_found_where_it_stands(folder: Path, program: Run) -> None:
    text = wrapped(FAULTY, 3, str)
    (folder / "policy.json").write_text(text)

    ran = program("policy.json", "--format", "json")

    (finding,) = [one for one in json.loads(ran.out)["findings"] if one["rule"] == "action-not-in-reference"]
    assert text[finding["column"] - 1 : finding["end_column"] - 1].strip('\\"') == "bedrock:Converse"


def test_strings_inside_strings_have_an_end(folder: Path, program: Run) -> None:
    (folder / "policy.json").write_text(wrapped(FAULTY, 40, quote))

    assert_one_error(program("policy.json"), "unreadable-file", "policy.json", "strings inside strings")


# What a terminal, a browser or a build server would obey

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202egnp.exe\u2066 \u200f\x7f\u0085\n::error::owned %0A::error::owned"


def evil_policy() -> str:
    statement = {
        "Sid": f"Sid{EVIL}",
        "Effect": f"Allow{EVIL}",
        "Action": [f"bedrock:Converse{EVIL}", f"{EVIL}:x", "bedrock:\ud800Invoke"],
        "Resource": f"arn:aws:bedrock:{EVIL}::foundation-model/{EVIL}\udfff",
        "Condition": {f"StringLike{EVIL}": {f"bedrock:{EVIL}": EVIL}},
        EVIL: EVIL,
    }
    policy = {"Version": EVIL, "Id": EVIL, "Statement": [statement, statement], EVIL: 1}
    return json.dumps(policy, ensure_ascii=True)


def raw(text: str) -> str:
    """The same policy with every character as itself, as far as JSON and UTF-8 allow it."""
    data = json.loads(text)
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("written", [str, raw], ids=["escaped", "raw"])
def test_no_format_passes_control_characters_on(
    folder: Path, program: Run, form: str, written: Callable[[str], str]
) -> None:
    (folder / "policy.json").write_text(written(evil_policy()), encoding="utf-8")

    for more in ([], ["-v", "--pedantic", "--statistics"]):
        ran = program("policy.json", "--format", form, *more)

        assert_calm(ran)
        assert ran.code == 1
        assert not NEVER_RAW.search(ran.out + ran.err)
        if form in ("json", "sarif", "gitlab"):
            assert json.loads(ran.out)
        elif form == "junit":
            assert ElementTree.fromstring(ran.out) is not None  # noqa: S314 - our own output


@POSIX
@pytest.mark.parametrize("form", FORMATS)
def test_names_of_files_are_as_strange_as_what_is_in_them(folder: Path, program: Run, form: str) -> None:
    name = EVIL.replace("/", "") + ".json"
    (folder / name).write_text(FAULTY)

    for path in (name, "."):
        ran = program(path, "--format", form)

        assert_calm(ran)
        assert ran.code == 1
        assert not NEVER_RAW.search(ran.out + ran.err)
    assert not NEVER_RAW.search(program(name, "--diff").out)
    assert not NEVER_RAW.search(program(name + EVIL).err)


@POSIX
def test_a_name_that_is_not_unicode_can_be_checked(folder: Path, program: Run) -> None:
    path = os.fsencode(folder) + b"/\xff.json"
    try:
        with open(path, "w") as file:
            file.write(FAULTY)
    except OSError:
        pytest.skip("this file system takes only Unicode names")

    for form in FORMATS:
        ran = program(".", "--format", form)
        assert_calm(ran)
        assert ran.code == 1


def test_a_text_cannot_give_commands_to_github(folder: Path, program: Run) -> None:
    (folder / "policy.json").write_text(evil_policy())

    ran = program("policy.json", "--format", "github")

    lines = ran.out.splitlines()
    assert lines
    for line in lines:
        assert re.match(r"::(error|warning|notice) (file=policy\.json,line=\d+,|title=bedrock-policy-lint::)", line)
        assert not re.search(r"%(?!0A|0D|25|3A|2C)", line)


# Floods of findings


def test_a_flood_is_listed_in_part_and_the_rest_is_owned_up_to(folder: Path, program: Run) -> None:
    actions = ", ".join(f'"bedrock:Converse{number}"' for number in range(3000))
    (folder / "policy.json").write_text(CLEAN.replace('"bedrock:ListFoundationModels"', f"[{actions}]"))

    ran = program("policy.json", "--format", "concise", "--select", "action-not-in-reference")

    assert ran.code == 0
    assert len(ran.out.splitlines()) == runs._LISTED + 1
    assert "2,000 more findings of this rule in this file are not listed" in ran.out.splitlines()[-1]


def test_an_error_cannot_hide_behind_a_flood_of_warnings(folder: Path, program: Run) -> None:
    names = [f"bedrock:X{number}" for number in range(11_000)]
    (folder / "policy.json").write_text(
        CLEAN.replace('"bedrock:ListFoundationModels"', json.dumps([*names[:5000], "bedrock:Converse", *names[5000:]]))
    )

    ran = program("policy.json", "--format", "concise", "--select", "action-not-in-reference")

    assert ran.code == 1
    assert "error[action-not-in-reference] `bedrock:Converse` is not" in ran.out
    assert "error[action-not-in-reference] this rule stopped after 10,000 findings" in ran.out


def test_no_comment_excuses_what_is_not_listed(folder: Path, program: Run) -> None:
    actions = ", ".join(f'"bedrock:Converse{number}"' for number in range(1500))
    text = CLEAN.replace('"bedrock:ListFoundationModels"', f"[{actions}]")
    (folder / "policy.json").write_text(f"// bedrock-policy-lint: ignore[action-not-in-reference] known\n{text}")

    ran = program("policy.json", "--format", "concise", "--select", "action-not-in-reference")

    assert len(ran.out.splitlines()) == 1
    assert "500 more findings" in ran.out


def test_a_flood_of_fixes_is_judged_in_part() -> None:
    actions = json.dumps(["bedrock:InvokeModel", *["bedrock:Converse"] * 5000])
    text = CLEAN.replace('"bedrock:ListFoundationModels"', actions)

    result = engine.lint(Source("policy.json", text), Settings(select=frozenset({"action-not-in-reference"})))

    fixes = [finding.fix for finding in result.findings if finding.fix]
    assert {bool(fix.edits) for fix in fixes} == {True, False}
    assert all(fix.text for fix in fixes)


# Faults of this program

BREAK = """
from bedrock_policy_lint import run
from bedrock_policy_lint.registry import rules

def check(action, context):
    raise KeyError("cupboard\\x1b[2J")
    yield

known = dict(rules())
known["{rule}"] = known["{rule}"]._replace(checks=(("{level}", check),))
run.rules = lambda *_: known
from bedrock_policy_lint.cli import main
main()
"""


def broken(rule: str, level: str, *words: str) -> Ran:
    command = [sys.executable, "-c", BREAK.format(rule=rule, level=level), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("level", ["Document", "Policy", "Statement", "Action"])
def test_a_rule_that_breaks_down_is_an_error_and_the_others_go_on(folder: Path, level: str) -> None:
    (folder / "policy.json").write_text(FAULTY.replace("*", "arn:aws:bedrock:us-east-1::foundation-model/us.*"))

    ran = broken("action-not-in-reference", level, "policy.json")

    assert ran.code == 1
    assert "error[internal-error]: the rule `action-not-in-reference` broke down here: KeyError" in ran.out
    assert "profile-id-in-foundation-model-arn" in ran.out
    assert "Traceback" not in ran.out + ran.err
    assert not NEVER_RAW.search(ran.out + ran.err)


def test_verbose_shows_where_a_rule_broke_down(folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY)

    ran = broken("action-not-in-reference", "Action", "policy.json", "-v")

    assert "`action-not-in-reference` stopped with KeyError" in ran.out
    assert "<string>:6 check" in ran.out


def test_a_breakdown_shows_whatever_is_selected(folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY)

    ran = broken("duplicate-sid", "Policy", "policy.json", "--select", "duplicate-sid")

    assert ran.code == 1
    assert "internal-error" in ran.out


def test_a_breakdown_of_the_reader_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> Document:
        raise RecursionError("too deep")

    monkeypatch.setattr("bedrock_policy_lint.frontends.policy_json.read", break_down)

    result = engine.lint(Source("policy.json", CLEAN), Settings())

    (finding,) = result.findings
    assert (finding.rule, finding.severity) == ("internal-error", Severity.ERROR)
    assert "the reader broke down here: RecursionError: too deep" in finding.message


def test_a_rule_that_points_nowhere_breaks_down_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(document: Document, context: Context) -> object:
        yield Problem(Span(document.source, 10**9, 10**9 + 1), "nowhere", "no reason", fix=None)
        yield Problem(None, "no place at all", "no reason")  # type: ignore[arg-type]

    known = dict(rules())
    name = "byte-order-mark"
    rule: Rule = known[name]._replace(checks=(("Document", check),))  # type: ignore[arg-type]
    monkeypatch.setattr("bedrock_policy_lint.run.rules", lambda *_: known | {name: rule})

    result = engine.lint(Source("policy.json", CLEAN), Settings(today="1999-01-01"))

    assert "internal-error" in {finding.rule for finding in result.findings}


@pytest.mark.parametrize("rule", ["invalid-json", "unreadable-file"])
def test_what_cannot_be_read_shows_whatever_is_selected(folder: Path, program: Run, rule: str) -> None:
    (folder / "policy.json").write_bytes(b"{" if rule == "invalid-json" else b"\xff")

    ran = program("policy.json", "--select", "duplicate-sid")

    assert_one_error(ran, rule, "policy.json")
