"""Findings that may stay: comments, ignores of the configuration, the baseline, and what became of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from bedrock_policy_lint.config import Ignore
from bedrock_policy_lint.finding import Finding, Region
from bedrock_policy_lint.rule import Severity
from bedrock_policy_lint.suppress import Baseline, apply_config

RULE = "action-not-in-reference"
ONLY = ("--select", f"{RULE},unused-ignore", "--format", "concise")
BASELINE = ".bedrock-policy-lint-baseline.json"


def policy(*actions: str, before: str = "", behind: str = "") -> str:
    """A policy with each action on a line of its own, the last between two comments."""
    *first, last = (f'"{action}"' for action in actions)
    entries = "".join(f"        {action},\n" for action in first)
    return f"""{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "Chat",
      "Effect": "Allow",
      "Action": [
{entries}{f"        {before}" if before else ""}
        {last}{f" {behind}" if behind else ""}
      ],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }}
  ]
}}
"""


BAD = policy("bedrock:InvokeModel", "bedrock:Converse")
GOOD = policy("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")


def lines(text: str) -> list[str]:
    """Place, level and rule of every line in the concise format."""
    return [line.partition("]")[0] + "]" for line in text.splitlines()]


# Comments


@pytest.mark.parametrize(
    "comments",
    [
        {"behind": f"// bedrock-policy-lint: ignore[{RULE}] known"},
        {"behind": f"// why not: bedrock-policy-lint: ignore[{RULE}] known"},
        {"behind": f"/* bedrock-policy-lint: ignore[{RULE}] known */"},
        {"before": f"// bedrock-policy-lint: ignore[{RULE}] known"},
        {"before": f"// bedrock-policy-lint: ignore[model-legacy, {RULE}] known"},
        {"before": f"// bedrock-policy-lint: ignore[{RULE}] known\n\n        // and so on\n"},
        {"before": f"/* a longer story:\n  bedrock-policy-lint: ignore[{RULE}] known\n */"},
    ],
)
def test_a_comment_with_a_reason_excuses_what_is_on_its_line_or_the_next(run: Run, comments: dict[str, str]) -> None:
    ran = run(*ONLY, "-", stdin=policy("bedrock:InvokeModel", "bedrock:Converse", **comments))

    assert lines(ran.out) == []
    assert ran.err.endswith(" 1 ignored.\n")
    assert ran.code == 0


def test_comments_stack_above_a_line(run: Run) -> None:
    comments = (
        f"// bedrock-policy-lint: ignore[{RULE}] known\n        // bedrock-policy-lint: ignore[json-comment] they stay"
    )
    text = policy("bedrock:InvokeModel", "bedrock:Converse", before=comments)

    assert RULE not in run("--select", RULE, "--format", "concise", "-", stdin=text).out


@pytest.mark.parametrize(
    "comments",
    [
        {"before": "// bedrock-policy-lint: ignore[model-legacy] known"},
        {"before": f"// bedrock-policy-lint: ignore {RULE} known"},
        {"before": f'// bedrock-policy-lint: ignore[{RULE}] known\n        "bedrock:InvokeModel",'},
    ],
)
def test_a_comment_excuses_nothing_else(run: Run, comments: dict[str, str]) -> None:
    ran = run(
        "--select",
        RULE,
        "--format",
        "concise",
        "-",
        stdin=policy("bedrock:InvokeModel", "bedrock:Converse", **comments),
    )

    assert ran.code == 1


def test_a_comment_in_a_string_is_none(run: Run) -> None:
    text = BAD.replace('"Chat"', f'"// bedrock-policy-lint: ignore[{RULE}] known"').replace(
        '"bedrock:InvokeModel",\n', '"bedrock:InvokeModel",'
    )

    assert run(*ONLY, "-", stdin=text).code == 1


def test_a_comment_without_a_reason_excuses_nothing_and_is_told(run: Run) -> None:
    text = policy("bedrock:InvokeModel", "bedrock:Converse", behind=f"// bedrock-policy-lint: ignore[{RULE}]")

    ran = run(*ONLY, "-", stdin=text)

    assert lines(ran.out) == [f"<stdin>:10:9: error[{RULE}]", "<stdin>:10:31: warning[unused-ignore]"]


def test_a_comment_that_excuses_nothing_is_told_with_its_place(run: Run) -> None:
    comment = f"/* bedrock-policy-lint: ignore[{RULE}] known */"

    ran = run(*ONLY[:2], "-", stdin=policy("bedrock:InvokeModel", "bedrock:GetFoundationModel", before=comment))

    assert "--> <stdin>:9:12\n" in ran.out
    assert f"^{'^' * len(f'edrock-policy-lint: ignore[{RULE}] known')}\n" in ran.out


def test_of_several_names_only_the_idle_ones_are_told(run: Run) -> None:
    comment = f"// bedrock-policy-lint: ignore[{RULE}, no-such-rule, model-legacy] known"

    ran = run(*ONLY, "-", stdin=policy("bedrock:InvokeModel", "bedrock:Converse", behind=comment))

    # model-legacy did not run, so nobody knows; a name that no rule bears never excuses anything.
    assert [line.partition("] ")[2] for line in ran.out.splitlines()] == [
        "this ignore of `no-such-rule` matches no finding"
    ]


def test_a_comment_in_an_embedded_policy_excuses_too(run: Run) -> None:
    inner = policy("bedrock:InvokeModel", "bedrock:Converse", behind=f"// bedrock-policy-lint: ignore[{RULE}] known")

    ran = run("--select", RULE, "-", stdin=json.dumps({"PolicyDocument": inner}))

    assert ran.err.endswith(" 1 ignored.\n")


# Configuration


def ignores(*entries: str) -> str:
    return "\n".join(f"[[ignore]]\n{entry}\nreason = 'known'\n" for entry in entries)


@pytest.mark.parametrize(
    "entry",
    [
        f"rule = '{RULE}'",
        f"rule = '{RULE}'\npath = 'policy.json'",
        f"rule = '{RULE}'\npath = '*.json'",
        f"rule = '{RULE}'\naddress = 'Statement \"Chat\" > Action > bedrock:Converse'",
        f"rule = '{RULE}'\naddress = '*bedrock:Converse'",
        f"rule = '{RULE}'\naddress = 'Statement \"Chat\" > *'",
    ],
)
def test_an_ignore_names_a_rule_and_perhaps_a_path_and_an_address(run: Run, folder: Path, entry: str) -> None:
    (folder / "policy.json").write_text(BAD)
    (folder / "bedrock-policy-lint.toml").write_text(ignores(entry))

    ran = run(*ONLY, ".")

    assert lines(ran.out) == []
    assert ran.err.endswith(" 1 ignored.\n")


@pytest.mark.parametrize(
    "entry",
    [
        "rule = 'model-legacy'",
        f"rule = '{RULE}'\npath = 'other.json'",
        f"rule = '{RULE}'\npath = 'sub/policy.json'",
        f"rule = '{RULE}'\naddress = 'Statement'",
        f"rule = '{RULE}'\naddress = 'statement \"chat\" > *'",
    ],
)
def test_an_ignore_excuses_nothing_else(run: Run, folder: Path, entry: str) -> None:
    (folder / "policy.json").write_text(BAD)
    (folder / "bedrock-policy-lint.toml").write_text(ignores(entry))

    assert f"policy.json:10:9: error[{RULE}]" in lines(run(*ONLY, "policy.json").out)


def test_brackets_and_quotes_of_an_address_stand_for_themselves(run: Run, folder: Path) -> None:
    nameless = BAD.replace('      "Sid": "Chat",\n', "")
    (folder / "policy.json").write_text(nameless)
    (folder / "bedrock-policy-lint.toml").write_text(
        ignores(f"rule = '{RULE}'\naddress = 'Statement[0] > Action > bedrock:Converse'")
    )
    assert lines(run(*ONLY, ".").out) == []

    (folder / "policy.json").write_text(nameless.replace("[\n    {", "[\n    {}, {"))
    assert f"policy.json:9:9: error[{RULE}]" in lines(run(*ONLY, "policy.json").out)


ADDRESS = st.text(alphabet='aB[]"!-> *?\\^\n', max_size=12)


@given(ADDRESS)
def test_every_address_matches_itself(address: str) -> None:
    region = Region(0, 1, 1, 1, 1, 2)
    finding = Finding("p", region, RULE, Severity.ERROR, "certain", "m", "w", "", (address,), (), None, ())

    kept, used = apply_config([finding], (Ignore(RULE, "**", address, "known", "c.toml", 3),), str)

    assert (kept, used) == ([], {("c.toml", 3)})


FORMS = {
    "bedrock-policy-lint.toml": (ignores(f"path = 'policy.json'\nrule = '{RULE}'"), "3:1"),
    "bedrock-policy-lint.yaml": (f"ignore:\n  - reason: known\n    rule: {RULE}\n    path: policy.json\n", "3:5"),
    "pyproject.toml": (
        f"[project]\nname = 'x'\n[tool.bedrock-policy-lint]\nignore = [\n  {{ rule = '{RULE}', reason = 'known' }}\n]",
        "5:3",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_an_idle_ignore_is_told_where_it_stands(run: Run, folder: Path, name: str) -> None:
    text, place = FORMS[name]
    (folder / "policy.json").write_text(GOOD)
    (folder / name).write_text(text)

    ran = run(*ONLY, ".")

    assert lines(ran.out) == [f"{name}:{place}: warning[unused-ignore]"]
    assert ran.code == 0


@pytest.mark.parametrize(
    ("pattern", "words", "told"),
    [
        ("**", (".",), True),
        ("**", ("a",), False),
        ("**", ("a/policy.json",), False),
        ("a/policy.json", ("a/policy.json",), True),
        ("a/policy.json", ("a",), True),
        ("a/policy.json", ("b",), False),
        ("a/deleted.json", ("a",), True),
        ("a/deleted.json", ("a/policy.json",), False),
        ("a/*.json", ("a",), True),
        ("a/*.json", ("a/policy.json",), False),
        ("a", (".",), True),
        ("policy.json", ("a/policy.json",), False),  # it means b/policy.json, too
        ("./a/policy.json", ("a",), True),
        ("a\\policy.json", ("a",), True),
    ],
)
def test_an_idle_ignore_is_told_only_when_all_that_it_may_mean_was_checked(
    run: Run, folder: Path, pattern: str, words: tuple[str, ...], told: bool
) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "policy.json").write_text(GOOD)
    (folder / "bedrock-policy-lint.toml").write_text(ignores(f"rule = '{RULE}'\npath = '{pattern}'"))

    assert ("unused-ignore" in run(*ONLY, *words).out) is told


def test_an_idle_ignore_is_not_told_when_its_rule_did_not_run(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(GOOD)
    (folder / "bedrock-policy-lint.toml").write_text(ignores("rule = 'model-legacy'"))

    assert run(*ONLY, ".").out == ""
    assert "unused-ignore" in run("--select", "model-legacy,unused-ignore", ".").out


POSSIBLE = "notaction-allow"
"""A rule whose findings are mostly only possible, and so not shown by default."""
MAYBE = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "NotAction": "bedrock:InvokeModel",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
  }
}
"""


def test_what_excuses_a_possible_fault_is_not_idle_when_such_are_not_shown(run: Run, folder: Path) -> None:
    words = ("--select", f"{POSSIBLE},unused-ignore", "--format", "concise", ".")
    (folder / "policy.json").write_text(MAYBE)
    assert POSSIBLE in run("--pedantic", *words).out
    assert run(*words).out == ""

    (folder / "bedrock-policy-lint.toml").write_text(ignores(f"rule = '{POSSIBLE}'"))
    assert run("--pedantic", *words).out == run(*words).out == ""

    (folder / "bedrock-policy-lint.toml").unlink()
    run("--pedantic", "--write-baseline", *words)
    assert run("--baseline", BASELINE, *words).out == ""
    run("--write-baseline", *words)
    assert len(known(folder)) == 1

    line = MAYBE.replace('Model",', f'Model", // bedrock-policy-lint: ignore[{POSSIBLE}] known')
    (folder / "policy.json").write_text(line)
    assert run("--pedantic", *words).out == run(*words).out == ""


def test_a_used_ignore_is_not_idle_because_another_file_lacks_the_fault(run: Run, folder: Path) -> None:
    (folder / "a.json").write_text(BAD)
    (folder / "b.json").write_text(GOOD)
    (folder / "bedrock-policy-lint.toml").write_text(ignores(f"rule = '{RULE}'"))

    assert run(*ONLY, "--jobs", "2", ".").out == ""


# Baseline


def known(folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((folder / BASELINE).read_text())["findings"]
    return found


def test_a_baseline_hides_what_was_there_and_shows_what_came(run: Run, folder: Path) -> None:
    (folder / "old.json").write_text(BAD)

    first = run(*ONLY, "--write-baseline", ".")
    (folder / "new.json").write_text(BAD)
    second = run(*ONLY, "--baseline", BASELINE, ".")

    assert first == (0, "", f"{BASELINE}: 1 known finding\nNo findings in 1 policy of 1 file. 1 in the baseline.\n")
    assert lines(second.out) == [f"new.json:10:9: error[{RULE}]"]
    assert (second.code, " 1 in the baseline.\n" in second.err) == (1, True)


def test_a_baseline_is_sorted_with_one_entry_on_a_line(run: Run, folder: Path) -> None:
    for name in ("c", "a", "b"):
        (folder / f"{name}.json").write_text(BAD)

    run(*ONLY, "--write-baseline", "c.json", "a.json", "b.json")

    text = (folder / BASELINE).read_text()
    assert [json.loads(line.rstrip(","))["path"] for line in text.splitlines()[1:-1]] == ["a.json", "b.json", "c.json"]


def test_known_findings_may_move_within_their_file(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(BAD)
    run(*ONLY, "--write-baseline", ".")

    (folder / "policy.json").write_text("\n\n\n" + BAD.replace('"Effect"', '\n"Effect"'))

    assert run(*ONLY, "--baseline", BASELINE, ".").out == ""


def test_equal_findings_are_counted(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(policy("bedrock:Converse", "bedrock:Converse"))
    run(*ONLY, "--write-baseline", ".")
    assert [entry["count"] for entry in known(folder)] == [2]

    (folder / "policy.json").write_text(policy("bedrock:Converse", "bedrock:Converse", "bedrock:Converse"))
    assert len(lines(run(*ONLY, "-v", "--baseline", BASELINE, ".").out)) == 1

    (folder / "policy.json").write_text(policy("bedrock:InvokeModel", "bedrock:Converse"))
    assert lines(run(*ONLY, "--baseline", BASELINE, ".").out) == [f"{BASELINE}:2:1: warning[unused-ignore]"]


def test_writing_again_only_shrinks(run: Run, folder: Path) -> None:
    (folder / "a.json").write_text(BAD)
    (folder / "b.json").write_text(BAD)
    run(*ONLY, "--write-baseline", ".")
    before = (folder / BASELINE).read_text()
    assert run(*ONLY, "--write-baseline", ".").code == 0
    assert (folder / BASELINE).read_text() == before

    (folder / "b.json").write_text(GOOD)
    (folder / "c.json").write_text(BAD)
    again = run(*ONLY, "--write-baseline", ".")

    assert [entry["path"] for entry in known(folder)] == ["a.json"]
    assert lines(again.out) == [f"c.json:10:9: error[{RULE}]"]
    assert again.code == 1


def test_a_run_over_a_part_keeps_what_it_did_not_look_at(run: Run, folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.json").write_text(BAD)
    run(*ONLY, "--write-baseline", ".")

    run(*ONLY, "--write-baseline", "a.json")
    run("--select", "model-legacy", "--write-baseline", ".")

    assert [entry["path"] for entry in known(folder)] == ["a.json", "b.json"]


def test_dead_entries_are_told_where_they_stand(run: Run, folder: Path) -> None:
    for name in ("a", "b", "c"):
        (folder / f"{name}.json").write_text(BAD)
    run(*ONLY, "--write-baseline", ".")
    (folder / "b.json").write_text(GOOD)
    (folder / "c.json").unlink()

    ran = run(*ONLY, "--baseline", BASELINE, ".")

    assert lines(ran.out) == [f"{BASELINE}:{line}:1: warning[unused-ignore]" for line in (3, 4)]
    assert " 1 in the baseline.\n" in ran.err


@pytest.mark.parametrize("words", [("b.json",), ("--select", "model-legacy,unused-ignore", ".")])
def test_entries_that_the_run_cannot_judge_are_not_called_dead(run: Run, folder: Path, words: tuple[str, ...]) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.json").write_text(BAD)
    run(*ONLY, "--write-baseline", "a.json")
    (folder / "a.json").write_text(GOOD)

    assert "unused-ignore" not in run("--format", "concise", "--baseline", BASELINE, *words).out


def test_a_baseline_is_the_same_from_every_folder(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "policy.json").write_text(BAD)
    run(*ONLY, "--write-baseline", ".")

    monkeypatch.chdir(folder / "a")

    assert [entry["path"] for entry in known(folder)] == ["a/policy.json"]
    assert run(*ONLY, "--baseline", f"../{BASELINE}", "policy.json").code == 0


def test_what_this_program_failed_to_check_never_counts_as_known(folder: Path) -> None:
    region = Region(0, 1, 1, 1, 1, 2)
    crash = Finding("p", region, "internal-error", Severity.ERROR, "certain", "m", "w", "", ("a",), (), None, ())
    Baseline(BASELINE).write([crash], lambda path, rule: True)

    assert Baseline(BASELINE).fresh([crash]) == [crash]


def test_a_baseline_that_is_not_there_stops_the_run(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(GOOD)

    ran = run("--baseline", "known.json", "policy.json")

    assert ran == (2, "", "error: known.json: no such baseline; --write-baseline makes one\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"findings": 3}',
        '{"findings": [3]}',
        '{"findings": [{"path": "a", "rule": "b", "address": "c"}]}',
        '{"findings": [{"path": "a", "rule": "b", "address": "c", "count": 0}]}',
        '{"findings": [{"path": "a", "rule": "b", "address": "c", "count": 1e999}]}',
        '{"findings": [{"path": 1, "rule": "b", "address": "c", "count": 1}]}',
        "[" * 100_000,
    ],
)
def test_a_baseline_that_is_none_stops_the_run(run: Run, folder: Path, text: str) -> None:
    (folder / "policy.json").write_text(GOOD)
    (folder / "known.json").write_text(text)

    ran = run("--baseline", "known.json", "policy.json")

    assert ran == (2, "", "error: known.json: not a baseline of this program\n")


def test_what_is_known_by_the_baseline_of_the_configuration_is_not_fixed(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(BAD)
    (folder / "bedrock-policy-lint.toml").write_text(f'baseline = "{BASELINE}"')
    run(*ONLY, "--write-baseline", ".")

    ran = run(*ONLY, "--fix", ".")

    assert (folder / "policy.json").read_text() == BAD
    assert ran.err.startswith("0 fixes applied.\n")


PATH = st.sampled_from(["a.json", "b/ä.json", "c d.json"])
KEY = st.tuples(PATH, st.sampled_from([RULE, "model-legacy"]), st.text(max_size=3))


def made(key: tuple[str, str, str]) -> Finding:
    region = Region(0, 1, 1, 1, 1, 2)
    return Finding(key[0], region, key[1], Severity.ERROR, "certain", "m", "w", "", (key[2],), (), None, ())


@given(old=st.lists(KEY, max_size=8), new=st.lists(KEY, max_size=8), data=st.data())
def test_a_baseline_never_hides_more_than_it_knew_and_never_grows(
    old: list[tuple[str, str, str]],
    new: list[tuple[str, str, str]],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = str(tmp_path_factory.mktemp("baseline") / "known.json")
    before, after = [made(key) for key in old], [made(key) for key in new]
    Baseline(path).write(before, lambda path, rule: True)
    first = Baseline(path)
    assert first.known.total() == len(before)
    assert first.fresh(before) == []

    judged = data.draw(st.booleans())
    first.write(after, lambda path, rule: judged)

    second = Baseline(path)
    assert second.known <= first.known
    assert len(after) - len(second.fresh(after)) <= second.known.total()
    assert second.gone(after, lambda path, rule: judged) == []
    assert judged or second.known == first.known
