"""Damaged policies: whatever happens to a text, the engine answers, its places are true, and its fixes do no harm."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_policy_lint import catalog
from bedrock_policy_lint.engine import Result, Settings, lint
from bedrock_policy_lint.finding import Finding, Region
from bedrock_policy_lint.fix.apply import fix_text
from bedrock_policy_lint.frontends.policy_document import POLICY_ELEMENTS, PRINCIPAL_TYPES, STATEMENT_ELEMENTS
from bedrock_policy_lint.model.policy import KINDS, OPERATORS
from bedrock_policy_lint.report import FORMATS, Report, Style, render
from bedrock_policy_lint.sources.files import decode
from bedrock_policy_lint.sources.source import Source

SEEDS = sorted((Path(__file__).parent / "data" / "seeds").glob("*.json"))

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
"""Set it to some ten thousand for a long night."""

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@cache
def seed_bytes() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in SEEDS)


@cache
def seed_values() -> tuple[Any, ...]:
    """The seeds that strict JSON can read, as plain data."""
    values = []
    for data in seed_bytes():
        try:
            values.append(json.loads(data))
        except ValueError:
            continue
    return tuple(values)


# Ways to damage a text

TOKENS = [
    *(
        token.encode()
        for token in ("{", "}", "[", "]", ",", ":", '"', '\\"', "\\", "\\u12", "\\ud83d", "//", "/*", "*/")
    ),
    *(
        b"null",
        b"true",
        b"NaN",
        b"1e999",
        b"-",
        b"0123",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\r",
        b"\r\n",
        b"\xe2\x80\xa8",
    ),
    *(b"${", b"}", b"<", b">", b"{{", b"}}", b"*", b"?", b"%7B", b"%", "\u202e".encode(), "\U0001f600".encode()),
    *(b"// bedrock-policy-lint: ignore[json-comment] x\n", b"bedrock:Converse", b'"Statement":', b'"Effect":"Allow",'),
]


@st.composite
def damaged_texts(draw: st.DrawFn) -> bytes:
    """A seed with bytes cut out, doubled, put in or changed."""
    data = draw(st.sampled_from(seed_bytes()))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        old = data[start:end]
        piece = draw(st.one_of(st.sampled_from([b"", old * 2, old.swapcase()]), st.sampled_from(TOKENS)))
        piece = draw(st.binary(max_size=4)) if draw(st.integers(0, 9)) == 9 else piece
        data = data[:start] + piece + data[end:]
    return data


# Ways to damage what a text says

TEXTS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                " ",
                "*",
                "?",
                "**",
                ":",
                "::",
                "a:b",
                "Allow",
                "deny",
                "2012-10-17",
                "2008-10-17",
                "true",
                "${",
                "${}",
            ),
            *(
                "${aws:username}",
                "${region}",
                "{{ x }}",
                "<X>",
                "${*}",
                "${?}",
                "${$}",
                "${a,'b'}",
                "\ud800",
                "\u202e",
                "\0",
            ),
            *(
                "bedrock:*",
                "bedrock:Converse",
                "bedrock:",
                "bedrock-runtime:InvokeModel",
                "BEDROCK:invokemodel",
                "s3:*",
            ),
            *("arn:aws:bedrock:*::foundation-model/*", "arn:aws:bedrock", "arn:::::", "arn:aws:bedrock:us-east-1:1:x"),
            *(
                "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0",
                "arn:*",
                "arn:*:*:*:*:*",
            ),
            *(
                "arn:aws:bedrock:${r}:${a}:${t}/${i}",
                "arn:aws:bedrock:??-east-?::foundation-model/?*?",
                "é\U0001f600",
                "x" * 5000,
            ),
        ]
    ),
    st.text(alphabet=st.sampled_from("abz09*?:/${}<>%\\\"' \t\n-_.é\U0001f600"), max_size=12),
)
NAMES = st.one_of(
    st.sampled_from([*POLICY_ELEMENTS, *STATEMENT_ELEMENTS, *PRINCIPAL_TYPES, *OPERATORS]),
    st.sampled_from(
        ["effect", "Actions", "PolicyDocument", "Policy", "Content", "ForAllValues:StringLike", "AWS:SourceIp"]
    ),
    TEXTS,
)
PLAIN: st.SearchStrategy[Any] = st.one_of(
    TEXTS, st.sampled_from([None, True, False, 0, -1, 1.5, 1e300, 10**30, [], {}, [[]], [{}], {"": ""}])
)


CATALOG = catalog.default()
KINDS_OF_RESOURCE = [
    "foundation-model",
    "inference-profile",
    "application-inference-profile",
    "agent",
    "guardrail",
    "*",
]
IDS = [
    *(
        "*",
        "?",
        "",
        "us.*",
        "*.*",
        "anthropic.*",
        "${m}",
        "us.${m}",
        "${g}.amazon.nova-lite-v1:0",
        "x/y/z",
        "Builtin.*",
    ),
    *[model.id for model in CATALOG.models()][::5],
    *[model.id for model in CATALOG.other_models()][::5],
    *[profile.id for profile in CATALOG.profiles()][::5],
]
ARNS = st.builds(
    "{}:{}:{}:{}:{}:{}{}{}".format,
    st.sampled_from(["arn"] * 9 + ["", "*"]),
    st.sampled_from(["aws"] * 9 + ["aws-us-gov", "aws-cn", "*", "", "${p}", "AWS"]),
    st.sampled_from(["bedrock"] * 9 + ["bedrock-agentcore", "bedrock-mantle", "s3", "iam", "*", "bed*", "${s}"]),
    st.sampled_from(["us-east-1"] * 5 + ["", "*", "us-*", "eu-west-9", "mars-north-1", "us-gov-west-1", "{{ r }}"]),
    st.sampled_from(["111122223333"] * 5 + ["", "*", "1111", "<ACCOUNT_ID>", "aws", "${aws:PrincipalAccount}"]),
    st.sampled_from(KINDS_OF_RESOURCE * 2 + ["agent-alias", "knowledge-base", "gateway", "evaluator", "model", ""]),
    st.sampled_from(["/"] * 9 + ["", ":", "//"]),
    st.sampled_from(IDS),
)
ACTIONS = st.one_of(
    st.sampled_from([f"bedrock:{name}" for name in CATALOG.action_names("bedrock")]),
    st.sampled_from([f"bedrock-agentcore:{name}" for name in CATALOG.action_names("bedrock-agentcore")]),
    st.sampled_from([action.name for action in CATALOG.never_actions()]),
    st.sampled_from(
        ["bedrock:Invoke*", "bedrock:*", "*", "bedrock:List?", "iam:PassRole", "sts:AssumeRole", "s3:Get*"]
    ),
    st.sampled_from(
        ["aws-marketplace:Subscribe", "bedrock-runtime:Converse", "bedrock-mantle:*", "${x}:*", "bedrock:${x}"]
    ),
)
KEYS = [
    *[
        key.name
        for name in ("bedrock", "sts")
        if (known := CATALOG.service(name))
        for key in known.condition_keys.values()
    ],
    *("aws:SourceArn", "aws:SourceAccount", "aws:RequestedRegion", "aws:PrincipalOrgID", "aws:ResourceTag/team"),
    *("bedrock:ModelId", "aws:Nothing", "", "${k}", "aws:CalledViaLast", "aws:SecureTransport"),
]
TESTS = st.dictionaries(
    st.builds(
        "{}{}{}".format,
        st.sampled_from([""] * 5 + ["ForAllValues:", "ForAnyValue:", "foranyvalue:", "ForSome:"]),
        st.sampled_from([*OPERATORS, "StringIs", "stringlike"]),
        st.sampled_from([""] * 5 + ["IfExists", "ifexists"]),
    ),
    st.dictionaries(
        st.sampled_from(KEYS), st.one_of(PLAIN, ARNS, st.lists(st.one_of(TEXTS, ARNS), max_size=3)), max_size=2
    ),
    max_size=2,
)


def likely(old: Any) -> st.SearchStrategy[Any]:
    """What could stand there instead and still be understood, judged by what does stand there."""
    if isinstance(old, dict):
        return st.one_of(TESTS, st.builds(lambda test: old | {"Condition": test}, TESTS))
    if not isinstance(old, str):
        return PLAIN
    if old in ("Allow", "Deny"):
        return st.sampled_from(["Allow", "Deny"])
    return ARNS if old.startswith("arn:") else ACTIONS if ":" in old else st.one_of(ARNS, ACTIONS, TEXTS)


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every (container, key or index) of a value."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found.append((value, key))
        places(value[key], found)
    return found


def damage(draw: st.DrawFn, container: Any, key: Any) -> None:
    old = container[key]
    ways = ["replace", "splice", "delete", "wrap", "unwrap", "double", "rename", "mangle", "quote"]
    way = draw(st.sampled_from(["likely"] * 12 + ways))
    if way == "likely":
        container[key] = draw(likely(old))
    elif way == "replace":
        container[key] = draw(PLAIN)
    elif way == "splice":
        other, where = draw(st.sampled_from(places(draw(st.sampled_from(seed_values())), [])))
        container[key] = other[where]
    elif way == "delete":
        del container[key]
    elif way == "wrap":
        container[key] = draw(st.sampled_from([[old], {"Statement": old}, {"Policy": old}, [old, old]]))
    elif way == "unwrap" and isinstance(old, list | dict) and old:
        container[key] = old[0] if isinstance(old, list) else next(iter(old.values()))
    elif way == "double" and isinstance(container, list):
        container.insert(key, old)
    elif way == "rename" and isinstance(container, dict):
        container[draw(NAMES)] = container.pop(key)
    elif way == "mangle" and isinstance(old, str):
        at = draw(st.integers(0, len(old)))
        container[key] = old[:at] + draw(TEXTS) + old[at + draw(st.integers(0, 3)) :]
    elif way == "quote":
        text = json.dumps(old)
        container[key] = quote(text) if draw(st.booleans()) else text


WHOLE = st.sampled_from([True, False, False, False])
"""Whether any member or entry may be damaged, not only a text; those break less and say more."""


@st.composite
def damaged_policies(draw: st.DrawFn) -> bytes:
    """A seed with members and values taken out, put in, moved, mangled and wrapped; still JSON."""
    whole = {"": json.loads(json.dumps(draw(st.sampled_from(seed_values()))))}
    for _ in range(draw(st.integers(1, 8))):
        found = places(whole, [])
        leaves = [place for place in found if isinstance(place[0][place[1]], str)]
        if found:
            container, key = draw(st.sampled_from(leaves if leaves and not draw(WHOLE) else found))
            damage(draw, container, key)
        whole = json.loads(json.dumps(whole))  # what was spliced in twice is not to be damaged twice
    value = whole.get("", whole)
    text = json.dumps(value, indent=draw(st.sampled_from([None, 2, "\t"])), ensure_ascii=draw(st.booleans()))
    return text.encode("utf-8", "replace")


def settings_of(kind: str, environment: str) -> Settings:
    return Settings(kind=kind, environment=environment, pedantic=True, today="2026-11-20")


ANY_SETTINGS = st.builds(settings_of, st.sampled_from(["", *KINDS]), st.sampled_from(["", "production"]))


# What must hold for all of them


def assert_sound(data: bytes, chosen: Settings) -> Result:
    source = decode("policy.json", data)
    result = lint(source, chosen)

    text = source if isinstance(source, Source) else source.source
    broken = [finding.message for finding in result.findings if finding.rule == "internal-error"]
    assert not broken, result.undecided
    for finding in result.findings:
        assert_true_places(finding, text)
    for unknown in result.undecided:
        assert_true_region(unknown.region, text)
    if isinstance(source, Source):
        assert_fixes_do_no_harm(source, chosen, result)
    return result


def assert_true_places(finding: Finding, source: Source) -> None:
    assert_true_region(finding.region, source)
    for related in finding.related:
        assert_true_region(related.region, source)
    lines = source.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in finding.lines:
        assert lines[line.number - 1][line.first_column - 1 :].startswith(line.text)
    for edit in finding.fix.edits if finding.fix else ():
        assert 0 <= edit.start <= edit.end <= len(source.text)


def assert_true_region(region: Region, source: Source) -> None:
    assert 0 <= region.start <= region.end <= len(source.text)
    assert source.point(region.start) == (region.line, region.column)
    assert source.point(region.end) == (region.end_line, region.end_column)
    before = source.text[: region.start].replace("\r\n", "\n").replace("\r", "\n")
    if source.text[region.start - 1 : region.start + 1] != "\r\n":
        assert region.line == before.count("\n") + 1


def assert_fixes_do_no_harm(source: Source, chosen: Settings, result: Result) -> None:
    for everything in (False, True):
        fixed = fix_text(source, lambda text: lint(text, chosen).findings, everything=everything)
        after = {finding.rule for finding in lint(Source(source.path, fixed.text, bom=source.bom), chosen).findings}
        assert "internal-error" not in after
        assert "invalid-json" not in after - {finding.rule for finding in result.findings}


def report_of(result: Result) -> Report:
    return Report(result.findings, result.undecided, files=1, policies=result.policies)


@fuzzed
@given(damaged_texts(), ANY_SETTINGS)
def test_damaged_text_is_answered(data: bytes, chosen: Settings) -> None:
    assert_sound(data, chosen)


@fuzzed
@given(damaged_policies(), ANY_SETTINGS)
def test_damaged_policies_are_answered(data: bytes, chosen: Settings) -> None:
    assert_sound(data, chosen)


@settings(fuzzed, max_examples=EXAMPLES // 5)
@given(st.one_of(damaged_texts(), damaged_policies()))
def test_every_format_can_show_what_is_found(data: bytes) -> None:
    report = report_of(lint(decode("policy.json", data), settings_of("", "")))

    for form in FORMATS:
        for style in (Style(), Style(colour=True, width=40, verbose=True)):
            text = render(form, report, style)
            assert form != "junit" or ElementTree.fromstring(text) is not None  # noqa: S314 - our own output
            assert form not in ("json", "sarif", "gitlab") or json.loads(text) is not None


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_seed_is_sound_before_it_is_damaged(path: Path) -> None:
    result = assert_sound(path.read_bytes(), settings_of("", ""))

    assert result.policies
    assert not {"invalid-json", "unreadable-file"} & {finding.rule for finding in result.findings}
