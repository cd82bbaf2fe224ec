"""Fixes: what they leave as it is, what they promise about access, and how they are applied."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from functools import cache
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint import catalog as catalogs
from bedrock_policy_lint.authorize.compare import compare
from bedrock_policy_lint.authorize.decision import LESS, MORE, SAME
from bedrock_policy_lint.engine import Settings, lint
from bedrock_policy_lint.finding import Finding, FindingFix, Region, TextEdit
from bedrock_policy_lint.fix.apply import choose, fix_text
from bedrock_policy_lint.fix.edits import rewrites
from bedrock_policy_lint.fix.label import apply_to, label
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.policy import Place, Statement
from bedrock_policy_lint.model.policy import Test as ConditionTest
from bedrock_policy_lint.page import Example, parse
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Add, AddMember, Cut, Edit, Remove, Replace, Severity
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source, Span

RULE = "action-not-in-reference"
ONLY = ("--select", RULE)
BAD = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Chat",
      "Effect": "Allow",
      "Action": [
        "bedrock:InvokeModel",
        "bedrock:Converse"
      ],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
"""
GOOD = BAD.replace(',\n        "bedrock:Converse"', "")
WIDENING = BAD.replace('"bedrock:InvokeModel",\n        "bedrock:Converse"', '"bedrock:Converse"')


def document_of(text: str) -> Document:
    return policy_json.read(Source("p.json", text), None, claimed=True)


# What stays as it is


LAYOUTS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "carriage returns": lambda text: text.replace("\n", "\r\n").encode(),
    "tabs": lambda text: text.replace("  ", "\t").encode(),
    "byte-order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "no line end": lambda text: text.rstrip("\n").encode(),
    "one line": lambda text: json.dumps(json.loads(text)).encode(),
    "tight": lambda text: json.dumps(json.loads(text), separators=(",", ":")).encode(),
    "blank lines": lambda text: ("\n\n" + text.replace("{\n", "{ \n\n") + " \n").encode(),
    "comments": lambda text: (
        text.replace('"Effect"', '// who?\n      "Effect"').replace("]\n}", "] /* end */\n}").encode()
    ),
    "other letters": lambda text: text.replace("Chat", "Gespräch 😀 \\u00e4\\/").encode(),
    "a separator of lines": lambda text: text.replace("Chat", "a\u2028b\x85c").encode(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_only_the_span_changes(run: Run, folder: Path, layout: str) -> None:
    path = folder / "policy.json"
    path.write_bytes(LAYOUTS[layout](BAD))

    first = run(*ONLY, "--fix", "policy.json")

    assert path.read_bytes() == LAYOUTS[layout](GOOD)
    assert (first.code, first.out) == (0, "")
    assert first.err.startswith("1 fix applied.\n")
    assert run(*ONLY, "--fix", "policy.json").err.startswith("0 fixes applied.\n")
    assert path.read_bytes() == LAYOUTS[layout](GOOD)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_standard_input_comes_out_fixed_byte_by_byte(program: Run, layout: str) -> None:
    ran = program(*ONLY, "--fix", "-", stdin=LAYOUTS[layout](BAD), PYTHONIOENCODING="latin-1")

    assert ran.code == 0
    assert ran.out.encode() == LAYOUTS[layout](GOOD)


@pytest.mark.parametrize("data", [GOOD.encode(), b"no policy\r\n", b"", b"\xff\xfebroken", BAD.encode() + b"{"])
def test_standard_input_that_has_nothing_to_fix_comes_out_as_it_was(
    folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    import sys

    command = [sys.executable, "-m", "bedrock_policy_lint", *ONLY, "--fix", "-"]
    done = subprocess.run(command, input=data, capture_output=True, check=False, cwd=folder)

    assert done.stdout == data
    assert done.returncode == (0 if data == GOOD.encode() else 1)


def test_what_fixing_standard_input_leaves_counts(run: Run) -> None:
    ran = run(*ONLY, "--fix", "-", stdin=WIDENING)

    assert ran.out == WIDENING
    assert ran.code == 1


@pytest.mark.parametrize("words", [("-", "policy.json"), ("policy.json", "-")])
def test_fixed_standard_input_does_not_mix_with_findings_of_files(
    run: Run, folder: Path, words: tuple[str, str]
) -> None:
    (folder / "policy.json").write_text(BAD)

    ran = run(*ONLY, "--fix", *words, stdin=BAD)

    assert (ran.code, ran.out) == (2, "")
    assert (folder / "policy.json").read_text() == BAD


def test_mode_and_link_stay(run: Run, folder: Path) -> None:
    path = folder / "policy.json"
    path.write_text(BAD)
    path.chmod(0o640)
    (folder / "link.json").symlink_to("policy.json")

    run(*ONLY, "--fix", "link.json")

    assert (folder / "link.json").is_symlink()
    assert path.read_text() == GOOD
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_cannot_be_written_stops_the_run(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bedrock_policy_lint.commands import fixing

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (folder / "policy.json").write_text(BAD)
    monkeypatch.setattr(fixing, "write", refuse)

    ran = run(*ONLY, "--fix", "policy.json")

    assert ran == (2, "", "error: policy.json: cannot be written: permission denied\n")


# Which fixes


def test_access_is_widened_only_when_asked_and_then_shown(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(WIDENING)

    careful = run(*ONLY, "--fix", "policy.json")
    assert (folder / "policy.json").read_text() == WIDENING
    assert "[grants more: --fix=all]" in careful.out
    assert careful.code == 1

    bold = run(*ONLY, "--fix=all", "policy.json")
    assert (folder / "policy.json").read_text() == GOOD
    assert '-        "bedrock:Converse"\n+        "bedrock:InvokeModel"\n' in bold.err
    assert bold.code == 0


def test_what_is_not_reported_is_not_fixed(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(BAD)
    (folder / "excluded.json").write_text(BAD)
    (folder / "bedrock-policy-lint.toml").write_text(
        f'exclude = ["excluded.json"]\n[[ignore]]\nrule = "{RULE}"\nreason = "known"'
    )

    run(*ONLY, "--fix", ".")

    assert (folder / "policy.json").read_text() == (folder / "excluded.json").read_text() == BAD


def test_a_comment_that_excuses_keeps_its_line(run: Run, folder: Path) -> None:
    text = BAD.replace('"bedrock:Converse"', f'"bedrock:Converse" // bedrock-policy-lint: ignore[{RULE}] known')
    (folder / "policy.json").write_text(text)

    run(*ONLY, "--fix", ".")

    assert (folder / "policy.json").read_text() == text


def test_a_difference_is_shown_and_nothing_written(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(BAD)
    (folder / "broken.json").write_text("{")

    ran = run(*ONLY, "--diff", "policy.json", "broken.json")

    assert (folder / "policy.json").read_text() == BAD
    assert ran.out.startswith("--- a/policy.json\n+++ b/policy.json\n@@ -")
    assert '-        "bedrock:Converse"\n' in ran.out
    assert "error[" not in ran.out
    assert ran.err.startswith("1 fix would be applied.\n2 errors in 2 of 2 files.")
    assert ran.code == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_difference_is_a_patch(run: Run, folder: Path, layout: str) -> None:
    path = folder / "policy.json"
    path.write_bytes(LAYOUTS[layout](BAD))
    patch = run(*ONLY, "--diff", "policy.json").out
    (folder / ".git").rmdir()
    # git, too, counts the mark among the bytes of the first line.
    patch = patch.replace("\n {", "\n \ufeff{", 1) if layout == "byte-order mark" else patch

    subprocess.run(["git", "apply", "-"], input=patch.encode(), check=True, cwd=folder)

    assert path.read_bytes() == LAYOUTS[layout](GOOD)


def test_a_difference_on_a_terminal_cannot_take_it_over(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from bedrock_policy_lint.commands.fixing import _diff

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    source = Source("p.json", "a\x1b[2J\nb\n")

    assert "\x1b" not in _diff(source, "a\x1b[2J\nc\n", Terminal())
    assert "\x1b" in _diff(source, "a\x1b[2J\nc\n", io.StringIO())


# Policies inside strings


def test_a_policy_in_a_string_is_fixed_in_the_strings_own_spelling(run: Run, folder: Path) -> None:
    inner = BAD.replace("Chat", r"Ge\"spräch\\")
    text = json.dumps({"PolicyName": "p", "PolicyDocument": inner}, indent=2).replace("/", "\\/")
    (folder / "policy.json").write_text(text)

    run(*ONLY, "--fix", "policy.json")

    fixed = (folder / "policy.json").read_text()
    assert json.loads(fixed)["PolicyDocument"] == inner.replace(',\n        "bedrock:Converse"', "")
    assert fixed == text.replace(r",\n        \"bedrock:Converse\"", "")


def test_a_percent_encoded_policy_is_fixed_in_that_spelling(run: Run, folder: Path) -> None:
    text = json.dumps({"RoleName": "r", "PolicyDocument": quote(BAD)})
    (folder / "policy.json").write_text(text)

    run(*ONLY, "--fix", "policy.json")

    fixed = json.loads((folder / "policy.json").read_text())["PolicyDocument"]
    assert unquote(fixed) == GOOD
    assert "{" not in fixed


@pytest.mark.parametrize("wrap", [str, json.dumps, lambda text: json.dumps(json.dumps({"Policy": text}))])
def test_what_is_written_into_a_string_is_escaped_for_every_layer(wrap: Callable[[str], str]) -> None:
    text = wrap(BAD) if wrap is str else f'{{"Policy": {wrap(BAD)}}}'
    document = document_of(text)
    (policy,) = document.policies[:1] or [None]
    if policy is None:
        pytest.skip("a string in a string in a string is not read")
    edit = Replace(policy.statements[0].actions[0].node, 'a"\\\nä')

    after = document_of(edited(document, edit))

    assert after.policies[0].statements[0].actions[0].text == 'a"\\\nä'


# Edits


def edited(document: Document, *edits: Edit) -> str:
    """The file's text after the edits."""
    text = document.source.text
    places = []
    for change in rewrites(document, edits):
        span = change.source.in_file(change.start, change.end)
        places.append((span.start, span.end, change.source.escape(change.text)))
    for start, end, new in sorted(places, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def statement_of(document: Document) -> Statement:
    return document.policies[0].statements[0]


def with_actions(written: str) -> str:
    return f'{{"Statement": [{{"Effect": "Allow", "Action": {written}, "Resource": "*"}}]}}'


@pytest.mark.parametrize(
    ("written", "at", "expected"),
    [
        ('["a", "b", "c"]', 0, '["b", "c"]'),
        ('["a", "b", "c"]', 1, '["a", "c"]'),
        ('["a", "b", "c"]', 2, '["a", "b"]'),
        ('["a","b"]', 1, '["a"]'),
        ('[\n  "a",\n  "b"\n]', 0, '[\n  "b"\n]'),
        ('[\n  "a",\n  "b"\n]', 1, '[\n  "a"\n]'),
        ('[\r\n\t"a",\r\n\t"b"\r\n]', 1, '[\r\n\t"a"\r\n]'),
        ('["a", "b",]', 1, '["a",]'),
        ('["a", // one\n "b" // two\n]', 1, '["a" // two\n]'),
    ],
)
def test_removing_an_entry_takes_one_comma(written: str, at: int, expected: str) -> None:
    document = document_of(with_actions(written))

    assert edited(document, Remove(statement_of(document).action_nodes[at])) == with_actions(expected)


@pytest.mark.parametrize("name", ["Effect", "Action", "Resource"])
def test_removing_a_key_removes_its_member(name: str) -> None:
    document = document_of(with_actions('"a"'))
    member = statement_of(document).node.value.member(name)
    assert member is not None

    after = json.loads(edited(document, Remove(member[0])))

    assert set(after["Statement"][0]) == {"Effect", "Action", "Resource"} - {name}


@pytest.mark.parametrize(
    ("written", "at", "expected"),
    [
        ('"a"', 0, '["a", "new"]'),
        ('["a"]', 0, '["a", "new"]'),
        ('["a","b"]', 0, '["a", "new","b"]'),
        ('[\n  "a",\n  "b"\n]', 1, '[\n  "a",\n  "b",\n  "new"\n]'),
        ('[\r\n\t"a"\r\n]', 0, '[\r\n\t"a",\r\n\t"new"\r\n]'),
    ],
)
def test_an_entry_is_added_in_the_layout_of_its_neighbour(written: str, at: int, expected: str) -> None:
    document = document_of(with_actions(written))

    assert edited(document, Add(statement_of(document).action_nodes[at], "new")) == with_actions(expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"E": 1}', '{"E": 1, "k": {"a": ["b"]}}'),
        ("{}", '{"k": {"a": ["b"]}}'),
        (
            '{\n  "E": 1\n}',
            '{\n  "E": 1,\n  "k": {\n    "a": [\n      "b"\n    ]\n  }\n}',
        ),
        (
            '{\n    "E": 1\n}',
            '{\n    "E": 1,\n    "k": {\n        "a": [\n            "b"\n        ]\n    }\n}',
        ),
        (
            '{\r\n\t"E": 1\r\n}',
            '{\r\n\t"E": 1,\r\n\t"k": {\r\n\t\t"a": [\r\n\t\t\t"b"\r\n\t\t]\r\n\t}\r\n}',
        ),
        (
            '{\n\n  "E": 1\n\n}',
            '{\n\n  "E": 1,\n\n  "k": {\n    "a": [\n      "b"\n    ]\n  }\n\n}',
        ),
    ],
)
def test_a_member_is_added_in_the_layout_of_its_neighbours(written: str, expected: str) -> None:
    document = document_of(f'[{written}, {{"Effect": "Allow", "Action": "a"}}]')
    (node, _) = document.path_to(document.source, 0, len(document.source.text))[0].value

    assert edited(document, AddMember(node, "k", {"a": ["b"]})) == document.source.text.replace(written, expected)


def test_a_part_of_a_text_is_replaced_behind_escapes() -> None:
    document = document_of(with_actions('"\\u00e4\\ud83d\\ude00\\n:Name"'))
    action = statement_of(document).actions[0]

    assert edited(document, Replace(Place(action.node, 4, 8), 'x"')) == with_actions('"\\u00e4\\ud83d\\ude00\\n:x\\""')


# Labels


def label_of(text: str, make: Callable[[Statement], Edit]) -> str | None:
    document = document_of(text)
    return label(document, rewrites(document, (make(statement_of(document)),)), catalogs.default())


@pytest.mark.parametrize(
    ("effect", "actions", "make", "expected"),
    [
        ("Allow", '["bedrock:InvokeModel", "bedrock:Converse"]', lambda s: Remove(s.action_nodes[1]), SAME),
        ("Deny", '["bedrock:InvokeModel", "bedrock:Converse"]', lambda s: Remove(s.action_nodes[1]), SAME),
        ("Allow", '["bedrock:InvokeModel", "bedrock:InvokeModel"]', lambda s: Remove(s.action_nodes[1]), SAME),
        ("Allow", '["bedrock:invokemodel"]', lambda s: Replace(s.action_nodes[0], "bedrock:InvokeModel"), SAME),
        ("Allow", '["bedrock:InvokeModel", "bedrock:GetAgent"]', lambda s: Remove(s.action_nodes[1]), LESS),
        ("Deny", '["bedrock:InvokeModel", "bedrock:GetAgent"]', lambda s: Remove(s.action_nodes[1]), MORE),
        ("Allow", '"bedrock:InvokeModel"', lambda s: Add(s.action_nodes[0], "bedrock:GetAgent"), MORE),
        ("Deny", '"bedrock:InvokeModel"', lambda s: Add(s.action_nodes[0], "bedrock:GetAgent"), LESS),
        ("Allow", '"bedrock:Converse"', lambda s: Replace(s.action_nodes[0], "bedrock:InvokeModel"), MORE),
        ("Deny", '"bedrock:Converse"', lambda s: Replace(s.action_nodes[0], "bedrock:InvokeModel"), LESS),
        ("Allow", '"bedrock:GetAgent"', lambda s: Replace(s.action_nodes[0], "bedrock:InvokeModel"), MORE),
        # A Deny of one thing that becomes a Deny of another gives the first one free.
        ("Deny", '"bedrock:GetAgent"', lambda s: Replace(s.action_nodes[0], "bedrock:InvokeModel"), MORE),
        ("Deny", '"bedrock:GetAgent"', lambda s: Replace(s.resource_nodes[0], "arn:aws:s3:::a"), MORE),
        ("Allow", '"bedrock:GetAgent"', lambda s: Replace(s.effect_node, "Deny"), LESS),
        ("Deny", '"bedrock:GetAgent"', lambda s: Replace(s.effect_node, "Allow"), MORE),
        ("Allow", '"bedrock:GetAgent"', lambda s: AddMember(s.node, "Sid", "Name"), SAME),
        ("Allow", '"a:B"', lambda s: AddMember(s.node, "Condition", {"Bool": {"aws:k": "true"}}), LESS),
        ("Deny", '"a:B"', lambda s: AddMember(s.node, "Condition", {"Bool": {"aws:k": "true"}}), MORE),
        # What would break the policy is no edit at all.
        ("Allow", '["bedrock:InvokeModel"]', lambda s: Remove(s.action_nodes[0]), None),
        ("Allow", '"bedrock:InvokeModel"', lambda s: Remove(s.effect_node), None),
        ("Allow", '"bedrock:InvokeModel"', lambda s: Cut(Span(s.node.source, s.node.start, s.node.start + 1)), None),
    ],
)
def test_a_label_says_what_becomes_of_access(
    effect: str, actions: str, make: Callable[[Statement], Edit], expected: str | None
) -> None:
    assert label_of(with_actions(actions).replace('"Allow"', f'"{effect}"'), make) == expected


def test_giving_a_meaning_to_variables_is_never_called_the_same() -> None:
    text = '{"Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "${aws:username}"}]}'

    assert label_of(text, lambda s: AddMember(s.policy.node, "Version", "2012-10-17")) == MORE
    assert (
        label_of(text.replace("${aws:username}", "*"), lambda s: AddMember(s.policy.node, "Version", "2012-10-17"))
        == SAME
    )


# Comparing statements: the labels against a calculation by hand, request by request

ACTIONS = ("s:a", "s:b", "s:ab")
RESOURCES = ("r:a", "r:b")
TESTS = ("k1", "k2")
REQUESTS = [
    (action, resource, frozenset(true))
    for action in ACTIONS
    for resource in RESOURCES
    for true in chain.from_iterable(combinations(TESTS, size) for size in range(3))
]
SHAPE = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Actions": st.sets(
            st.sampled_from(["s:a", "S:A", "s:b", "s:ab", "s:*", "s:a*", "s:dead"]), min_size=1, max_size=3
        ),
        "Resources": st.sets(st.sampled_from(["r:a", "r:b", "*", "r:*"]), min_size=1, max_size=2),
        "Tests": st.sets(st.sampled_from(TESTS), max_size=2),
        "Not": st.sampled_from(["", "", "", "Action", "Resource"]),
    }
)


def expand(pattern: str) -> frozenset[str]:
    return frozenset(action for action in ACTIONS if glob(pattern.lower(), action))


def statements_of(shapes: list[dict[str, Any]]) -> list[Statement]:
    written = []
    for shape in shapes:
        statement: dict[str, Any] = {"Effect": shape["Effect"]}
        statement["NotAction" if shape["Not"] == "Action" else "Action"] = sorted(shape["Actions"])
        statement["NotResource" if shape["Not"] == "Resource" else "Resource"] = sorted(shape["Resources"])
        if shape["Tests"]:
            statement["Condition"] = {"Bool": dict.fromkeys(sorted(shape["Tests"]), "true")}
        written.append(statement)
    return document_of(json.dumps({"Version": "2012-10-17", "Statement": written})).policies[0].statements


def holds(shape: dict[str, Any], action: str, resource: str, true: frozenset[str]) -> bool:
    in_actions = any(glob(pattern.lower(), action) for pattern in shape["Actions"])
    in_resources = any(glob(pattern, resource) for pattern in shape["Resources"])
    return (
        in_actions != (shape["Not"] == "Action")
        and in_resources != (shape["Not"] == "Resource")
        and shape["Tests"] <= true
    )


def allowed(shapes: list[dict[str, Any]]) -> set[int]:
    """Which requests the policy allows by itself."""
    effects = [{shape["Effect"] for shape in shapes if holds(shape, *request)} for request in REQUESTS]
    return {number for number, found in enumerate(effects) if found == {"Allow"}}


def denied(shapes: list[dict[str, Any]]) -> set[int]:
    """Which requests it denies whatever other policies allow."""
    return {
        n for n, request in enumerate(REQUESTS) if any(s["Effect"] == "Deny" and holds(s, *request) for s in shapes)
    }


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A policy, and one that came of it by a few small changes."""
    before = draw(st.lists(SHAPE, min_size=1, max_size=3))
    after = [{**shape} for shape in before]
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(["drop", "add", "more", "less", "tests", "effect", "not"]))
        at = draw(st.integers(0, max(len(after) - 1, 0)))
        other = draw(SHAPE)
        if kind == "add":
            after.append(other)
        elif not after:
            continue
        elif kind == "drop":
            del after[at]
        elif kind in ("more", "less"):
            field = draw(st.sampled_from(["Actions", "Resources"]))
            old = after[at][field]
            after[at][field] = old | other[field] if kind == "more" else (old - other[field] or old)
        else:
            field = {"tests": "Tests", "effect": "Effect", "not": "Not"}[kind]
            after[at][field] = other[field]
    return before, after


@settings(max_examples=600, deadline=None)
@given(changes())
def test_the_label_is_true_of_every_request(change: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    before, after = change

    answer = compare(statements_of(before), statements_of(after), expand)

    if answer == SAME:
        assert (allowed(before), denied(before)) == (allowed(after), denied(after))
    elif answer == LESS:
        assert allowed(after) <= allowed(before)
        assert denied(after) >= denied(before)
    else:
        assert answer == MORE


@given(st.lists(SHAPE, max_size=3), st.randoms())
def test_order_and_repetition_change_nothing(shapes: list[dict[str, Any]], random: Any) -> None:
    other = shapes + shapes
    random.shuffle(other)

    assert compare(statements_of(shapes), statements_of(other), expand) == SAME


# Several fixes at once


def finding(start: int, *edits: TextEdit, access: str = SAME) -> Finding:
    region = Region(start, start, 1, start + 1, 1, start + 1)
    fix = FindingFix("delete it", access, edits, ())
    return Finding("p.json", region, RULE, Severity.ERROR, "certain", "m", "w", "", (), (), fix, ())


def test_fixes_that_touch_each_other_wait_for_their_turn() -> None:
    one, two, three = (finding(at, TextEdit(at, at + 3, "")) for at in (0, 2, 3))
    insertion = finding(5, TextEdit(6, 6, "x"))

    assert choose([one, two, three, insertion], everything=False) == [(TextEdit(0, 3, ""),), (TextEdit(3, 6, ""),)]
    assert choose([one, one], everything=False) == [(TextEdit(0, 3, ""),)]


def test_fixes_that_change_access_are_chosen_only_on_request() -> None:
    wider = finding(0, TextEdit(0, 1, ""), access=MORE)

    assert choose([wider], everything=False) == []
    assert choose([wider], everything=True) == [(TextEdit(0, 1, ""),)]


def test_two_fixes_that_are_harmless_alone_are_not_applied_together() -> None:
    """Of an action that stands twice either may go, but not both."""
    text = with_actions('["bedrock:InvokeModel", "bedrock:GetAgent", "bedrock:InvokeModel"]')

    def twice(source: Source) -> list[Finding]:
        nodes = statement_of(document_of(source.text)).action_nodes
        equal = [node for node in nodes if sum(node.value == other.value for other in nodes) > 1]
        return [finding(node.start, cut(source, node)) for node in equal]

    def cut(source: Source, node: Node) -> TextEdit:
        document = document_of(source.text)
        same = next(other for other in statement_of(document).action_nodes if other.start == node.start)
        (change,) = rewrites(document, (Remove(same),))
        return TextEdit(change.start, change.end, change.text)

    fixed = fix_text(Source("p.json", text), twice, everything=False)

    assert fixed.text == with_actions('["bedrock:GetAgent", "bedrock:InvokeModel"]')
    assert fixed.applied == 1


def test_a_fix_that_never_ends_is_ended() -> None:
    fixed = fix_text(Source("p.json", "{}"), lambda source: [finding(0, TextEdit(0, 0, " "))], everything=False)

    assert fixed.text.strip() == "{}"


# The law: any policy, all rules

POOL = (
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "bedrock:invokemodel",
    "bedrock:Converse",
    "bedrock:ConverseStream",
    "bedrock-runtime:InvokeModel",
    "bedrock:InvokeModle",
    "bedrock:Get*",
    "bedrock:*",
    "bedrock:StartAsyncInvoke",
    "s3:GetObject",
    "*",
)
ARNS = (
    "*",
    "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "arn:aws:bedrock:us-east-1:111122223333:foundation-model/amazon.nova-lite-v1:0",
    "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6",
    "arn:aws:bedrock:*::foundation-model/${model}",
    "arn:aws:s3:::bucket/*",
)


@st.composite
def policies(draw: st.DrawFn) -> str:
    """The text of a policy as people write them, slips included."""
    statements = []
    for number in range(draw(st.integers(1, 3))):
        actions = draw(st.lists(st.sampled_from(POOL), min_size=1, max_size=4))
        resources = draw(st.lists(st.sampled_from(ARNS), min_size=1, max_size=2))
        statement: dict[str, Any] = {"Sid": f"S{number}", "Effect": draw(st.sampled_from(["Allow", "Deny"]))}
        statement[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = (
            actions[0] if len(actions) == 1 else actions
        )
        statement["Resource"] = resources[0] if len(resources) == 1 else resources
        if draw(st.booleans()):
            statement["Condition"] = draw(
                st.sampled_from(
                    [
                        {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}},
                        {"Bool": {"aws:SecureTransport": False}},
                        {"StringLike": {"aws:PrincipalTag/team": "${aws:username}"}},
                    ]
                )
            )
        statements.append(statement)
    document: dict[str, Any] = {"Version": draw(st.sampled_from(["2012-10-17", "2008-10-17"])), "Statement": statements}
    if draw(st.booleans()):
        del document["Version"]
    text = json.dumps(document, indent=draw(st.sampled_from([None, 2, 4, "\t"])))
    if draw(st.booleans()):
        text = text.replace("]", ",]", 1)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if draw(st.booleans()):
        text = json.dumps({"PolicyName": "p", "PolicyDocument": quote(text) if draw(st.booleans()) else text})
    return text


def assert_fixing_keeps_access(source: Source, chosen: Settings) -> None:
    """What fixing leaves reads, means the same as before, and has nothing left that could be fixed like this."""
    fixed = fix_text(source, lambda now: lint(now, chosen).findings, everything=False)

    left = lint(Source(source.path, fixed.text, bom=source.bom), chosen).findings
    assert not [found for found in left if found.fix and found.fix.edits and found.fix.access == SAME]
    before, after = document_of(source.text), document_of(fixed.text)
    assert not after.failures or before.failures
    assert len(before.policies) == len(after.policies)
    first, then = meanings(before, after)
    assert first == then


@settings(max_examples=150, deadline=None)
@given(policies())
def test_fixing_keeps_access_and_leaves_nothing_to_fix(text: str) -> None:
    assert_fixing_keeps_access(Source("p.json", text), Settings(today="2026-11-20"))


SEEDS = sorted((Path(__file__).parent / "data" / "seeds").glob("*.json"))
NAMED_ACTION = re.compile(r'"[a-z0-9-]+:[A-Za-z*]+"')


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 40), st.lists(st.sampled_from(POOL), min_size=1, max_size=3))),
)
def test_fixing_keeps_access_in_policies_as_people_keep_them(seed: Path, swaps: list[tuple[int, list[str]]]) -> None:
    text = seed.read_text("utf-8")
    for number, actions in swaps:
        places = list(NAMED_ACTION.finditer(text))
        if places:
            place = places[number % len(places)]
            text = text[: place.start()] + ", ".join(map(json.dumps, actions)) + text[place.end() :]

    assert_fixing_keeps_access(Source(seed.name, text), Settings(today="2026-11-20"))


EXAMPLES = [
    pytest.param(example, id=f"{name}-{number}")
    for name, rule in rules().items()
    for number, example in enumerate(parse(rule.page).examples)
    if example.kind == "bad"
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_fixing_the_examples_of_the_rules_keeps_their_access(example: Example) -> None:
    chosen = Settings(kind=example.options.get("kind", ""), today="2026-11-20", pedantic=True)

    assert_fixing_keeps_access(Source(example.options.get("path", "policy.json"), example.text), chosen)


def meanings(*documents: Document) -> list[list[tuple[bool, bool]]]:
    """What each document decides, by a calculation by hand: allowed and denied, for requests that tell all apart."""
    policies = [policy for document in documents for policy in document.policies]
    statements = [statement for policy in policies for statement in policy.statements]
    patterns = {str(action.text) for statement in statements for action in statement.actions}
    names = {"other:Thing"} | {name for pattern in patterns - {"*"} for name in real_actions(pattern)}
    # Of the actions that every pattern takes alike, one will do.
    told = {tuple(name in real_actions(pattern) for pattern in sorted(patterns)): name for name in sorted(names)}
    written = {str(resource.text) for statement in statements for resource in statement.resources}
    resources = {"other", *(resource.replace("*", piece) for resource in written for piece in ("", "x"))}
    tests = frozenset(said(test) for statement in statements for test in statement.tests)
    truths = {tests, frozenset(), *(tests - {test} for test in tests), *(frozenset({test}) for test in tests)}
    requests = list(product(told.values(), resources, truths))
    return [
        [
            (any(effect == "Allow" for effect in effects) and "Deny" not in effects, "Deny" in effects)
            for policy in document.policies
            for request in requests
            if (effects := {each.effect for each in policy.statements if takes(each, *request)}) is not None
        ]
        for document in documents
    ]


def said(test: ConditionTest) -> tuple[object, ...]:
    return (test.operator, test.key, frozenset(map(str, test.texts())))


def takes(statement: Statement, name: str, resource: str, true: frozenset[tuple[object, ...]]) -> bool:
    patterns = [str(action.text) for action in statement.actions]
    in_actions = any(pattern == "*" or name in real_actions(pattern) for pattern in patterns)
    in_resources = any(glob(str(wide.text), resource) for wide in statement.resources)
    return (
        in_actions != bool(statement.not_action_nodes)
        and in_resources != bool(statement.not_resource_nodes)
        and all(said(test) in true for test in statement.tests)
    )


@cache
def real_actions(pattern: str) -> set[str]:
    catalog = catalogs.default()
    prefix, colon, _ = pattern.partition(":")
    if not colon:
        return {pattern}
    found = set(catalog.expand(pattern)) if catalog.knows_prefix(prefix) else set()
    is_dead = catalog.never_action(pattern) or catalog.right_prefix(prefix)
    return found or (set() if is_dead else {pattern.lower()})


def test_applying_rewrites_to_a_part_counts_from_its_beginning() -> None:
    document = document_of(BAD)
    node = statement_of(document).node
    (change,) = rewrites(document, (Remove(statement_of(document).action_nodes[1]),))

    part = apply_to(BAD[node.start : node.end], node.start, [change])

    assert json.loads(part)["Action"] == ["bedrock:InvokeModel"]


def test_a_file_that_is_too_much_to_mend_is_said_to_be_left(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bedrock_policy_lint.fix.apply._MOST_ROUNDS", 1)
    (folder / "policy.json").write_text(BAD)

    ran = run("--fix", "policy.json", "--select", "action-not-in-reference", "-q")

    assert "policy.json: too much to mend in one run; the rest was left as it is" in ran.err
    assert json.loads((folder / "policy.json").read_text())["Statement"][0]["Action"] == ["bedrock:InvokeModel"]
