"""Declared usage from a stranger: whatever it is, each verb ends with a clear word and a code of its own."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran, Run

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.diagnosis.verdict import assess
from bedrock_policy_lint.engine import Settings, lint_declaration
from bedrock_policy_lint.frontends import declaration
from bedrock_policy_lint.report import FORMATS
from bedrock_policy_lint.rule import Severity
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source

INCIDENTS = Path(__file__).parent.parent / "fixtures" / "incidents"
MODEL = "amazon.nova-lite-v1:0"
STREAMS = f"converse-stream {MODEL}"
HEAD = {"account": "111122223333", "region": "us-east-1"}
NEVER_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")
"""What a terminal obeys instead of showing it."""


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


CANNOT_STREAM = policy(
    {
        "Sid": "Chat",
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModel"],
        "Resource": f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}",
    }
)


@pytest.fixture
def place(folder: Path) -> Path:
    (folder / "p.json").write_text(json.dumps(CANNOT_STREAM, indent=2))
    return folder


def declare(place: Path, **keys: Any) -> None:
    (place / "bedrock-usage.json").write_text(json.dumps({**HEAD, "policies": "p.json", "uses": [STREAMS], **keys}))


def assert_calm(ran: Ran, *codes: int) -> None:
    told = ran.out + ran.err
    assert ran.code in codes, told
    assert "Traceback" not in told
    assert "internal-error" not in told
    assert "a fault of bedrock-policy-lint" not in told


def assert_fault(ran: Ran, words: str) -> None:
    assert_calm(ran, 1)
    assert f"error[invalid-declaration] {words}" in ran.out, ran.out


# Policies that a declaration names


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("none.json", "`none.json` cannot be read: no such file or directory"),
        ("", "`policies`: expected a path or a policy"),
        (".", "`.` cannot be read: it is a folder"),
        ("/etc/passwd", "`/etc/passwd` cannot be read: it lies outside of the repository"),
        ("../p.json", "`../p.json` cannot be read: it lies outside of the repository"),
        ("a\0b.json", "`a\\x00b.json` cannot be read: no file can have such a name"),
        ("\ud800.json", "`\\ud800.json` cannot be read: no file can have such a name"),
        ("\x1b[31m\u202e.json", "`\\x1b[31m\\u202e.json` cannot be read: no such file"),
        (f"{'a' * 100_000}.json", "`aaaa"),
        ("bedrock-usage.json", "`bedrock-usage.json` holds no policy"),
        ("empty.json", "`empty.json` cannot be read: line 1"),
        ("binary.json", "`binary.json` cannot be read: "),
        ("loop.json", "`loop.json` cannot be read: "),
        ("out.json", "`out.json` cannot be read: it lies outside of the repository"),
    ],
)
def test_a_policy_that_cannot_be_had_is_told_and_nothing_is_decided(
    run: Run, place: Path, path: str, words: str
) -> None:
    (place / "empty.json").write_bytes(b"")
    (place / "binary.json").write_bytes(bytes(range(256)))
    (place / "loop.json").symlink_to("loop.json")
    (place.parent / "outside.json").write_text("{}")
    (place / "out.json").symlink_to(place.parent / "outside.json")
    declare(place, policies=path)

    ran = run("bedrock-usage.json", "--format", "concise")

    assert_fault(ran, words)
    assert not NEVER_RAW.search(ran.out)
    assert "not-allowed" not in ran.out
    assert_calm(run("can", "--usage", "bedrock-usage.json"), 2)


def test_folders_of_another_system_get_a_hint(run: Run, place: Path) -> None:
    declare(place, policies="policies\\chat.json")

    assert "folders are parted by `/`" in run(".").out


def test_one_file_may_be_attached_as_everything_and_is_mended_once(run: Run, place: Path) -> None:
    declare(place, boundary="p.json", session="p.json", scps=["p.json", "p.json"])

    assert_calm(run(".", "--fix=all"), 0)
    assert (place / "p.json").read_text().count("WithResponseStream") == 1


# What the declaration says


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(9 * ['*' + before])}]\n" for before, name in pairwise("abcdefg")
)
"""A few lines that stand for millions."""


@pytest.mark.parametrize(
    "text",
    [
        '{"region": "us-east-1", "policies": "p.json", "uses": ["list"], "uses": ["converse x"]}',
        "region: us-east-1\nuses: [list]\npolicies: p.json\nuses: [list]\n",
        "principals:\n  uses: {region: us-east-1, uses: [list]}\n  uses: {region: us-east-1, uses: [list]}\n",
        "context: {uses: a, uses: b}\nregion: us-east-1\nuses: [list]\n",
    ],
)
def test_a_name_that_stands_twice_is_told_as_one_of_its_values_is_lost(run: Run, place: Path, text: str) -> None:
    name = "bedrock-usage.json" if text.startswith("{") else "bedrock-usage.yaml"
    (place / name).write_text(text)

    assert_fault(run(name, "--format", "concise"), "`uses` stands twice here")


def test_a_name_may_override_what_is_merged(run: Run, place: Path) -> None:
    (place / "bedrock-usage.yaml").write_text(
        "principals:\n"
        "  a: &a {region: us-west-2, policies: p.json, uses: [list]}\n"
        f"  b: {{<<: *a, region: us-east-1, uses: [converse {MODEL}]}}\n"
    )

    assert "stands twice" not in run(".").out


@pytest.mark.parametrize("api", ["list", "list-models", "ListFoundationModels"])
def test_an_api_that_names_nothing_takes_nothing(run: Run, place: Path, api: str) -> None:
    declare(place, uses=[f"{api} something"])

    assert_fault(run("bedrock-usage.json", "--format", "concise"), "`something` does not go with the API `list")


@pytest.mark.parametrize(
    "text",
    [
        "uses: &a [*a]",
        LAUGHS,
        "uses: " + "[" * 5000,
        "uses: !!python/object:os.system x",
        "uses: [list]\n---\nuses: [list]",
        "# nothing",
        "",
        "\x00",
    ],
)  # fmt: skip
def test_what_is_no_declaration_is_refused(run: Run, place: Path, text: str) -> None:
    (place / "bedrock-usage.yaml").write_text(text)

    ran = run("bedrock-usage.yaml", "--format", "concise")

    assert_calm(ran, 1)
    assert ran.out.startswith("bedrock-usage.yaml:")
    assert_calm(run("can", "--usage", "bedrock-usage.yaml"), 2)
    assert_calm(run("generate", "--usage", "bedrock-usage.yaml"), 2)


@pytest.mark.parametrize("form", FORMATS)
def test_names_cannot_speak_to_a_terminal_or_a_server(run: Run, place: Path, form: str) -> None:
    evil = "\x1b[31m\u202e`|<b>\r\n\n::error::x"
    use = {"api": "converse-stream", "model": MODEL, "part": evil}
    declare(place, principals={evil: {"uses": [use], "policies": "p.json"}, "b": {"uses": [use], "policies": []}})

    ran = run("bedrock-usage.json", "--format", form)

    assert_calm(ran, 1)
    assert not NEVER_RAW.search(ran.out + ran.err)
    assert "\n::error::x" not in ran.out
    told = run("can", "--usage", "bedrock-usage.json").out
    assert not NEVER_RAW.search(told)


def test_marks_and_line_ends_of_other_systems_change_nothing(run: Run, place: Path) -> None:
    text = f'account: "111122223333"\nregion: us-east-1\npolicies: p.json\nuses:\n  - {STREAMS}\n'
    (place / "bedrock-usage.yaml").write_text(text)
    plain = run(".", "--format", "concise").out

    (place / "bedrock-usage.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert run(".", "--format", "concise").out == plain


# The command line


CALL = ("--api", "converse", "--model", MODEL, "--region", "us-east-1")


@pytest.mark.parametrize("name", ["--api", "--model", "--region", "--preset", "--account", "--guardrail"])
def test_an_option_with_nothing_in_it_ends_the_run(run: Run, place: Path, name: str) -> None:
    words = dict(zip(CALL[::2], CALL[1::2], strict=True)) | {name: ""}
    flags = [word for pair in words.items() for word in pair]

    for ran in (run("p.json", name, ""), run("p.json", *flags), run("can", *flags), run("generate", *flags)):
        assert_calm(ran, 2)
        assert f"`{name}`: expected a text, found an empty text" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--policy", ""), "a policy is named by an empty text"),
        (("--policy", "-", "--scp", "-"), "only one policy can be standard input"),
        (("--resource-policy", "arn:x=p.json"), "expected ARN=FILE with the ARN of one resource"),
        (("--resource-policy", "arn:aws:bedrock:us-east-1:111122223333:guardrail/*=p.json"), "expected ARN=FILE"),
        (("--context", "=x"), "is no condition key"),
        (("--preset", "claude-code"), "--preset says which APIs are called"),
        (("--region", "mars-east-1"), "no AWS Region is called `mars-east-1`"),
    ],
)
def test_options_that_cannot_be_meant(run: Run, place: Path, words: tuple[str, ...], message: str) -> None:
    ran = run("can", *CALL, *words, stdin=json.dumps(CANNOT_STREAM))

    assert_calm(ran, 2)
    assert message in ran.err


def test_a_long_id_is_cut_in_messages(run: Run, place: Path) -> None:
    arn = f"arn:aws:bedrock:us-east-1::foundation-model/{'a' * 100_000}"

    ran = run("can", "converse", arn, "--region", "us-east-1")

    assert_calm(ran, 2)
    assert len(ran.err) < 1000


# Excuses


def test_what_another_declaration_explains_is_not_gone_when_that_one_is_left_out(run: Run, place: Path) -> None:
    (place / "service").mkdir()
    (place / "policies").mkdir()
    (place / "p.json").rename(place / "policies" / "p.json")
    declare(place / "service", policies="../policies/p.json")
    ignore = '[[ignore]]\nrule = "api-action-missing"\npath = "policies/p.json"\nreason = "known"\n'
    baseline = ("--baseline", "known.txt")

    assert run(".", *baseline, "--write-baseline").code == 0
    known = (place / "known.txt").read_text()
    assert "is gone" not in run("policies", *baseline).out
    run("policies/p.json", *baseline, "--write-baseline")
    assert (place / "known.txt").read_text() == known

    (place / "bedrock-policy-lint.toml").write_text(ignore)
    (place / "policies" / "other.json").write_text(json.dumps(CANNOT_STREAM))
    declare(place, policies="policies/other.json")
    assert "matches no finding" not in run("policies").out

    (place / "service" / "bedrock-usage.json").unlink()
    assert "matches no finding" in run(".").out


def test_what_flags_explain_is_not_gone_in_a_run_without_them(run: Run, place: Path) -> None:
    flags = (*CALL, "--guardrail", "abc123")
    baseline = ("--baseline", "known.txt")

    run("p.json", *flags, *baseline, "--write-baseline")
    assert "<command line>" in (place / "known.txt").read_text()
    run("p.json", *baseline, "--write-baseline")

    assert run("p.json", *flags, *baseline).code == 0


def test_levels_of_a_path_hold_for_what_usage_finds_there(run: Run, place: Path) -> None:
    declare(place)
    for level, code, word in (("off", 0, ""), ("info", 0, "info["), ("error", 1, "error[")):
        (place / "bedrock-policy-lint.toml").write_text(
            f'[[per-path]]\npaths = ["p.json"]\nlevels = {{api-action-missing = "{level}"}}\n'
        )

        ran = run(".", "--format", "concise")

        assert (ran.code, f"{word}api-action-missing]" in ran.out) == (code, bool(word))


def test_no_declaration_calls_needless_what_another_needs(run: Run, place: Path) -> None:
    for name, api in (("one", "converse"), ("two", "converse-stream")):
        (place / name).mkdir()
        declare(place / name, policies="../p.json", uses=[f"{api} {MODEL}"])
    both = CANNOT_STREAM["Statement"][0] | {"Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]}
    (place / "p.json").write_text(json.dumps(policy(both)))

    assert run(".", "--format", "concise").out == ""
    (place / "two" / "bedrock-usage.json").rename(place / "two.json")
    flags = ("--api", "converse-stream", *CALL[2:])
    assert run("one", "p.json", *flags, "--format", "concise").out == ""
    (place / "two.json").rename(place / "two" / "bedrock-usage.json")
    run(".", "--fix=all")
    assert json.loads((place / "p.json").read_text()) == policy(both)

    (place / "two" / "bedrock-usage.json").write_text((place / "one" / "bedrock-usage.json").read_text())
    told = run(".", "--format", "concise").out
    assert told.count("unused-action") == told.count("\n") == 1


def test_flags_take_a_policy_as_what_it_is_declared_to_be(run: Run, place: Path) -> None:
    (place / "everything.json").write_text(json.dumps(policy({"Effect": "Allow", "Action": "*", "Resource": "*"})))
    declare(place, boundary="everything.json", uses=[f"converse {MODEL}"])

    told = run("p.json", "everything.json", "--api", "converse-stream", *CALL[2:], "--format", "json").out

    (denial,) = [found for found in json.loads(told)["findings"] if found["rule"] == "api-action-missing"]
    assert [near["path"] for near in denial["related"]] == ["<command line>"]
    (place / "bedrock-usage.json").unlink()
    assert "api-action-missing" not in run("p.json", "everything.json", "--api", "converse-stream", *CALL[2:]).out


def test_a_call_of_flags_lies_in_no_file_of_the_repository(run: Run, place: Path) -> None:
    ran = run("p.json", *CALL, "--guardrail", "abc123", "--format", "sarif")

    (told,) = json.loads(ran.out)["runs"][0]["results"]
    assert told["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "%3Ccommand%20line%3E"}


# Much of everything


def test_many_policies_are_mended_side_by_side(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bedrock_policy_lint import runner

    judged = 0

    def judge(*given: Any, **more: Any) -> Any:
        nonlocal judged
        judged += 1
        return lint_declaration(*given, **more)

    monkeypatch.setattr(runner, "lint_declaration", judge)
    for number in range(12):
        (place / f"p{number}.json").write_text(json.dumps(CANNOT_STREAM))
    uses = {
        f"p{number}": {"policies": f"p{number}.json", "uses": [f"converse {MODEL}", STREAMS]} for number in range(12)
    }
    declare(place, principals=uses)
    text = (place / "bedrock-usage.json").read_text()
    (place / "bedrock-usage.json").write_text(
        json.dumps({key: value for key, value in json.loads(text).items() if key not in ("policies", "uses")})
    )

    assert_calm(run(".", "--fix=all"), 0)
    assert judged < 6
    assert all("WithResponseStream" in (place / f"p{number}.json").read_text() for number in range(12))


# Damage


def seeds() -> Iterator[tuple[str, dict[str, str]]]:
    for folder in sorted(INCIDENTS.iterdir()):
        files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.*") if path.is_file()}
        yield from ((name, files) for name in files if name.startswith("bedrock-usage"))


WORDS = (
    *("", "~", "[]", "{}", "*", "us-east-1", "global", "eu", "converse", "list x", "retrieve", "mantle", "claude-code"),
    *("us.anthropic.claude-sonnet-4-6", "arn:aws:bedrock:*::foundation-model/*", "arn::::::", "A/B", "KBID123456"),
    *("111122223333", "1e999", "sigv4", "long-term-key", "vpce-1", "日本", "\u202e", "\x1b", "&a", "*a", "<<: *a"),
    "..\\x",
    *("uses:", "principals:", "policies: {}", "scps: []", "endpoint:", "resource-policies:", "context:", "preset:"),
)  # fmt: skip


def damaged(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        values = list(re.finditer(r"(?<=: )[^\n,}\]]+|(?<=- )[^\n]+", text))
        kind = chance.randrange(4)
        if kind == 0:
            del lines[at]
            text = "\n".join(lines)
        elif kind == 1:
            lines.insert(chance.randrange(len(lines)), lines[at])
            text = "\n".join(lines)
        elif kind == 2 and values:
            value = chance.choice(values)
            text = text[: value.start()] + chance.choice(WORDS) + text[value.end() :]
        else:
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(WORDS) + text[place:]
    return text


@pytest.mark.parametrize("shard", range(4))
def test_no_damage_breaks_the_authoriser_or_hides_a_denial(shard: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda *_: "2026-11-20")
    chance = random.Random(shard)  # noqa: S311 - for tests
    known = list(seeds())
    for _ in range(500):
        name, files = chance.choice(known)
        whole = {**files, name: damaged(files[name], chance)}

        def load(path: str, files: dict[str, str] = whole) -> Source | Refusal:
            path = path.removeprefix("./")
            return Source(path, files[path]) if path in files else Refusal(Source(path, ""), "no such file", "")

        source = Source(name, whole[name])
        result = lint_declaration(source, load, Settings())

        assert "internal-error" not in {finding.rule for finding in result.findings}, whole[name]
        told = any(finding.severity >= Severity.WARNING for finding in result.findings)
        callers = declaration.read(source, load, default()).callers
        outcomes = {verdict.outcome for caller in callers for verdict in assess(caller, default()).verdicts}
        excused = "lint: ignore" in "".join(whole.values())
        assert told or excused or not outcomes & {"denied", "partly denied"}, whole[name]
