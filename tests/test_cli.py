"""The command line: what goes where, what every flag does, and three exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

from bedrock_policy_lint import __version__, cli
from bedrock_policy_lint.commands import check, progress
from bedrock_policy_lint.commands.config import schema_faults
from bedrock_policy_lint.config import load
from bedrock_policy_lint.page import parse
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.report import FORMATS

FAULTY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Chat",
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModel", "bedrock:Converse"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    }
  ]
}
"""
FIXED = FAULTY.replace(', "bedrock:Converse"', "")
UNFIXABLE = FAULTY.replace("bedrock:Converse", "bedrock:NoSuchThing")
RULE = "action-not-in-reference"
ONLY = ("--select", f"{RULE},unused-ignore")


@pytest.fixture
def faulty(folder: Path) -> Path:
    path = folder / "policy.json"
    path.write_text(FAULTY)
    return path


@pytest.fixture
def clean(folder: Path) -> Path:
    path = folder / "clean.json"
    path.write_text(FIXED)
    return path


# The screen


@pytest.mark.usefixtures("faulty")
def test_a_finding_says_fault_place_text_address_reason_cure_and_where_to_read_on(run: Run) -> None:
    ran = run(*ONLY, "policy.json")

    assert ran.out == (
        """\
error[action-not-in-reference]: `bedrock:Converse` is not an IAM action
 --> policy.json:7:41
  |
7 |       "Action": ["bedrock:InvokeModel", "bedrock:Converse"],
  |                                         ^^^^^^^^^^^^^^^^^^ grants nothing
  |
  = in:   Statement "Chat" > Action > bedrock:Converse
  = why:  the Converse API is authorised by bedrock:InvokeModel
  = fix:  delete it: `bedrock:InvokeModel` is in the list  [same access: --fix]
7 -       "Action": ["bedrock:InvokeModel", "bedrock:Converse"],
7 +       "Action": ["bedrock:InvokeModel"],
  = docs: bedrock-policy-lint explain action-not-in-reference
"""
    )
    assert ran.err == (
        "1 error in 1 of 1 file. 1 fix can be applied (--fix).\n"
        "Learn more: bedrock-policy-lint explain action-not-in-reference\n"
    )
    assert ran.code == 1


@pytest.mark.usefixtures("clean")
def test_a_clean_file_prints_nothing_but_the_summary(run: Run) -> None:
    assert run(*ONLY, "clean.json") == (0, "", "No findings in 1 policy of 1 file.\n")


@pytest.mark.usefixtures("faulty")
def test_equal_faults_in_one_file_fold_and_verbose_unfolds_them(run: Run, folder: Path) -> None:
    twice = FAULTY.replace('"bedrock:Converse"]', '"bedrock:Converse", "bedrock:Converse"]')
    (folder / "policy.json").write_text(twice)

    folded, unfolded = run(*ONLY, "policy.json"), run(*ONLY, "-v", "policy.json")

    assert "and 1 more like this in this file" in folded.out
    assert (folded.out.count("-->"), unfolded.out.count("-->")) == (1, 2)
    assert folded.err.startswith("2 errors")


def test_verbose_lists_what_is_undecided(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(FIXED.replace("us-east-1", "${region}"))

    assert run(*ONLY, "policy.json").err.endswith("1 undecided.\n")
    assert "${region}" in run(*ONLY, "--verbose", "policy.json").out


# Which verb


def test_without_a_word_it_says_how_to_use_it(run: Run) -> None:
    ran = run()

    assert ran.code == 2
    assert ran.out == ""
    assert "bedrock-policy-lint policy.json" in ran.err


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_told(run: Run, flag: str) -> None:
    assert run(flag) == (0, f"bedrock-policy-lint {__version__}\n", "")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_every_verb(run: Run, flag: str) -> None:
    ran = run(flag)

    assert ran.code == 0
    assert all(verb in ran.out for verb in cli.VERBS)


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_has_help(run: Run, verb: str) -> None:
    ran = run(verb, "--help")

    assert ran.code == 0
    assert ran.out.startswith(f"Usage: bedrock-policy-lint {verb}")


@pytest.mark.usefixtures("faulty")
def test_a_path_alone_means_check(run: Run) -> None:
    assert run(*ONLY, "policy.json") == run("check", *ONLY, "policy.json")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([], []),
        (["a.json"], ["check", "a.json"]),
        (["--fix", "a.json"], ["check", "--fix=same", "a.json"]),
        (["check", "--fix", "a.json"], ["check", "--fix=same", "a.json"]),
        (["--fix=all", "a.json"], ["check", "--fix=all", "a.json"]),
        (["--", "--fix"], ["check", "--", "--fix"]),
        (["--", "check"], ["check", "--", "check"]),
        (["--fix", "--", "rules"], ["check", "--fix=same", "--", "rules"]),
        (["--help"], ["--help"]),
        (["rules", "--format", "json"], ["rules", "--format", "json"]),
    ],
)
def test_the_verb_that_is_meant(given: list[str], meant: list[str]) -> None:
    assert cli.arguments(given) == meant


def test_behind_two_dashes_everything_is_a_path(run: Run, folder: Path) -> None:
    for name in ("--fix", "check", "-h"):
        (folder / name).write_text(FAULTY)

    assert run(*ONLY, "--format", "concise", "--", "--fix", "check", "-h").out.count("error[") == 3


# What is read


def test_standard_input_is_read_for_a_dash(run: Run) -> None:
    ran = run(*ONLY, "--format", "concise", "-", stdin=FAULTY)

    assert ran.code == 1
    assert ran.out.startswith("<stdin>:7:41: error[action-not-in-reference] ")


def test_standard_input_is_read_once_however_often_it_is_named(run: Run) -> None:
    assert run(*ONLY, "-", "-", stdin=FAULTY).err.startswith("1 error in 1 of 1 file")


@pytest.mark.usefixtures("clean")
def test_standard_input_reaches_the_worker_processes(program: Run) -> None:
    ran = program(*ONLY, "--jobs", "2", "-", "clean.json", stdin=FAULTY)

    assert ran.err.startswith("1 error in 1 of 2 files")


@pytest.mark.usefixtures("faulty")
def test_standard_input_is_left_alone_without_a_dash(run: Run) -> None:
    assert "<stdin>" not in run("policy.json", stdin=FAULTY).out


def test_empty_standard_input_is_an_error(run: Run) -> None:
    assert run("-").code == 1


@pytest.mark.usefixtures("faulty", "clean")
def test_a_folder_is_searched_and_a_path_named_twice_is_checked_once(run: Run) -> None:
    ran = run(*ONLY, ".", "policy.json", "./policy.json", os.path.abspath("policy.json"))

    assert ran.err.startswith("1 error in 1 of 2 files")


@pytest.mark.usefixtures("faulty")
def test_a_path_that_does_not_exist_stops_the_run(run: Run) -> None:
    assert run("policy.json", "missing.json") == (2, "", "error: missing.json: no such file or folder\n")


def test_a_file_that_holds_no_policy_is_skipped_in_silence(run: Run, folder: Path) -> None:
    (folder / "package.json").write_text('{"name": "x"}')
    (folder / "notes.txt").write_text("no policy {")

    assert run("package.json", "notes.txt") == (0, "", "No findings in 0 policies of 2 files.\n")


TEMPLATE = """Parameters:
  Model: {Type: String, Default: amazon.nova-light-v1:0}
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: bedrock:InvokeModel*
          Resource: !Sub arn:aws:bedrock:${AWS::Region}::foundation-model/${Model}
"""
TOP = """Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: parts/nested.yaml}
"""


def test_a_template_can_come_from_standard_input(run: Run) -> None:
    ran = run("-", "--format", "concise", stdin=TEMPLATE)

    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert ran.out.startswith("<stdin>:12:75: warning[unknown-model] with the default of `Model`: ")
    assert run("-", "--parameter", "Model=amazon.nova-lite-v1:0", stdin=TEMPLATE).out == ""


@pytest.fixture
def nested(folder: Path) -> str:
    (folder / "parts").mkdir()
    (folder / "parts" / "nested.yaml").write_text(TEMPLATE)
    (folder / "top.yaml").write_text(TOP)
    return "parts/nested.yaml"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_the_file_of_a_nested_stack(run: Run, nested: str, name: str) -> None:
    ran = run("top.yaml", "--format", name, "--statistics")

    place = {"markdown": "parts/nested\\.yaml\\:12\\:75"}.get(name, nested)
    assert place in ran.out
    assert "     1  warning  unknown-model\n" in ran.err


@pytest.mark.usefixtures("nested")
def test_a_nested_stack_that_is_walked_too_is_told_once(run: Run) -> None:
    assert run(".", "--format", "concise").out.count("unknown-model") == 1


@pytest.mark.parametrize("text", ["name: hello\nversion: 1\n", "- 1\n", "Resources:\n  A: {Typ: AWS::IAM::Role}\n"])
def test_named_yaml_that_is_nothing_of_ours_is_one_error(run: Run, folder: Path, text: str) -> None:
    (folder / "some.yaml").write_text(text)

    ran = run("some.yaml", "--format", "concise")

    assert (ran.code, ran.out.count("\n")) == (1, 1)
    assert "this is neither a declaration of usage nor a template" in ran.out
    assert run(".").out == ""


def test_a_broken_template_is_an_error_named_or_walked(run: Run, folder: Path) -> None:
    (folder / "chat.yaml").write_text('AWSTemplateFormatVersion: "2010-09-09"\nResources: [\n')

    for path in ("chat.yaml", "."):
        ran = run(path, "--format", "concise")
        assert ran.code == 1
        assert ran.out.startswith("chat.yaml:2:")


def test_a_named_template_is_fixed_as_a_walked_one_is(run: Run, folder: Path) -> None:
    faulty = TEMPLATE.replace("bedrock:InvokeModel*", '[bedrock:InvokeModel*, "bedrock:Converse"]')
    for path in ("chat.yaml", "."):
        (folder / "chat.yaml").write_text(faulty)

        ran = run("--fix", path, "--select", RULE)

        assert (ran.code, ran.out) == (0, "")
        assert "bedrock:Converse" not in (folder / "chat.yaml").read_text()


@pytest.mark.parametrize("text", ["name: hello\n", "a: 1\n---\nb: 2\n", "{{ if }}\n", ""])
def test_named_files_can_be_taken_as_a_walk_takes_them(run: Run, folder: Path, text: str) -> None:
    (folder / "some.yaml").write_text(text)
    (folder / "chat.yaml").write_text(TEMPLATE)
    (folder / "out.yaml").write_text(TEMPLATE)
    (folder / "bedrock-policy-lint.toml").write_text('exclude = ["out.yaml"]\n')

    ran = run("--as-walked", "some.yaml", "chat.yaml", "out.yaml", "--format", "concise")

    assert (ran.code, [line.partition(":")[0] for line in ran.out.splitlines()]) == (0, ["chat.yaml"])
    assert run("some.yaml").code == 1


def test_a_file_that_cannot_be_read_fails_the_run(run: Run, folder: Path) -> None:
    (folder / "broken.json").write_text('{"Statement": [')

    assert run(*ONLY, "broken.json").code == 1


# Streams, colours, formats


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("name", FORMATS)
def test_findings_go_to_standard_output_and_all_else_to_standard_error(run: Run, name: str) -> None:
    ran = run(*ONLY, "--format", name, "--statistics", "policy.json")

    assert RULE in ran.out
    assert "1 error in 1 of 1 file" in ran.err
    assert f"     1  error    {RULE}\n" in ran.err


@pytest.mark.usefixtures("faulty")
def test_quiet_leaves_the_summary_out(run: Run) -> None:
    assert run(*ONLY, "--quiet", "policy.json").err == ""


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize(
    ("words", "variables", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "0"}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--colour", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--colour", "auto"), {"FORCE_COLOR": "1"}, True),
    ],
)
def test_colours_follow_the_flag_then_the_customary_variables(
    run: Run, words: tuple[str, ...], variables: dict[str, str], coloured: bool
) -> None:
    ran = run(*ONLY, *words, "policy.json", **variables)

    assert ("\x1b[" in ran.out, "\x1b[" in ran.err) == (coloured, coloured)


@pytest.mark.usefixtures("faulty")
def test_colour_says_nothing_that_the_words_do_not(run: Run) -> None:
    coloured = run(*ONLY, "--colour", "always", "policy.json").out
    plain = run(*ONLY, "policy.json").out

    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@pytest.mark.usefixtures("faulty")
def test_reports_are_written_beside_what_is_printed(run: Run, folder: Path) -> None:
    ran = run(*ONLY, "--report", "sarif=out.sarif", "--report", "json=out.json", "policy.json")

    assert ran.out.startswith("error[")
    assert json.loads((folder / "out.sarif").read_text())["version"] == "2.1.0"
    assert RULE in (folder / "out.json").read_text()


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("target", ["sarif", "sarif=", "=out", "word=out"])
def test_a_report_names_a_format_and_a_file(run: Run, target: str) -> None:
    ran = run("--report", target, "policy.json")

    assert ran.code == 2
    assert "FORMAT=FILE" in ran.err


@pytest.mark.usefixtures("faulty")
def test_a_report_that_cannot_be_written_stops_the_run(run: Run) -> None:
    ran = run("--report", "json=no/such/folder/out.json", "policy.json")

    assert ran.code == 2
    assert "no/such/folder/out.json: cannot be written: no such file or directory" in ran.err


@pytest.mark.usefixtures("faulty")
@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="needs /dev/stdout")
def test_a_report_can_go_to_a_stream(program: Run) -> None:
    ran = program(*ONLY, "--quiet", "--format", "concise", "--report", "concise=/dev/stderr", "policy.json")

    assert ran.err == ran.out != ""


def test_control_characters_of_a_stranger_do_not_reach_the_terminal(run: Run, folder: Path) -> None:
    (folder / "p\x1b[2J.json").write_text(FAULTY.replace("Converse", "Con\x9bverse"))
    (folder / "bedrock-policy-lint.toml").write_text('format = "\\u001b]0;title"')

    assert "\x1b" not in "".join(run(*ONLY, "--config", os.devnull, ".")[1:])
    assert "\x1b" not in run(".").err


# Which findings count


@pytest.mark.usefixtures("faulty")
def test_select_and_ignore_choose_rules(run: Run) -> None:
    assert RULE in run("--select", RULE, "policy.json").out
    assert RULE not in run("--ignore", f"{RULE}, model-legacy", "policy.json").out
    assert RULE not in run("--select", RULE, "--ignore", RULE, "policy.json").out


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("flag", ["--select", "--ignore"])
def test_a_rule_that_does_not_exist_stops_the_run_and_the_nearest_is_named(run: Run, flag: str) -> None:
    ran = run(flag, "action-not-in-refrence", "policy.json")

    assert ran.code == 2
    assert "no rule `action-not-in-refrence`; did you mean `action-not-in-reference`" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("--fail-on", "error"), 0),
        (("--fail-on", "warning"), 1),
        (("--fail-on", "info"), 1),
        (("--fail-on", "info", "--exit-zero"), 0),
    ],
)
def test_the_exit_code_follows_the_gravest_finding(run: Run, folder: Path, words: tuple[str, ...], code: int) -> None:
    (folder / "policy.json").write_text(UNFIXABLE)

    ran = run("--select", RULE, *words, "policy.json")

    assert "warning[" in ran.out
    assert ran.code == code


@pytest.mark.usefixtures("faulty")
def test_exit_zero_hides_no_fault_of_the_run_itself(run: Run) -> None:
    assert run("--exit-zero", *ONLY, "policy.json").code == 0
    assert run("--exit-zero", "missing.json").code == 2


def test_the_kind_and_the_environment_reach_the_rules(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY)

    assert run(*ONLY, "--kind", "scp", "--env", "production", "--pedantic", "policy.json").code == 1
    assert run("--kind", "nonsense", "policy.json").code == 2


# Many files


def test_several_processes_print_what_one_prints(program: Run, folder: Path) -> None:
    for number in range(12):
        text = FAULTY if number % 3 else UNFIXABLE.replace("us-east-1", "${region}")
        (folder / f"{number}.json").write_text(text)
    (folder / "11.json").write_bytes(b"\xff\xfe")

    one, two = program("--jobs", "1", "--verbose", "."), program("--jobs", "2", "--verbose", ".")

    assert one == two
    assert one.code == 1


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_far_a_long_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setenv("TERM", "xterm")
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    told = progress.Progress(1200, silent=False)
    told.tick(1100)
    told.clear()

    assert terminal.getvalue() == "\rchecked 1,100 of 1,200 files\r\x1b[K"


@pytest.mark.parametrize(
    ("stream", "term", "silent"),
    [(io.StringIO(), "xterm", False), (_Terminal(), "dumb", False), (_Terminal(), "xterm", True)],
)
def test_nobody_else_hears_of_progress(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, term: str, silent: bool
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys, "stderr", stream)

    told = progress.Progress(5, silent=silent)
    told.tick(5)
    told.clear()

    assert stream.getvalue() == ""


# The process


@pytest.mark.usefixtures("faulty", "clean")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("clean.json",), 0),
        ((*ONLY, "policy.json"), 1),
        (("--no-such-flag", "policy.json"), 2),
        (("--format", "tekst", "policy.json"), 2),
        (("--jobs", "-1", "policy.json"), 2),
        (("--config", "missing.toml", "policy.json"), 2),
        (("check",), 2),
        (("explain", "no-such-rule"), 2),
    ],
)
def test_a_process_leaves_with_nothing_but_three_codes(program: Run, words: tuple[str, ...], code: int) -> None:
    ran = program(*words)

    assert ran.code == code
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("faulty")
def test_a_fault_of_the_program_does_not_look_like_findings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(check, "find", break_down)

    ran = run("policy.json")

    assert ran.code == 2
    assert "RuntimeError" in ran.err


def test_a_reader_that_goes_away_is_no_finding_and_no_traceback(folder: Path) -> None:
    for number in range(150):
        (folder / f"{number}.json").write_text(FAULTY)
    command = [sys.executable, "-m", "bedrock_policy_lint", *ONLY, "."]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=variables) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        complaint = process.stderr.read()

    assert complaint == b""
    assert process.returncode == 2


@pytest.mark.usefixtures("faulty")
def test_output_survives_an_encoding_that_lacks_its_characters(program: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY.replace("Chat", "Gespräch"), encoding="utf-8")

    ran = program(*ONLY, "policy.json", PYTHONIOENCODING="ascii")

    assert ran.code == 1
    assert r"Gespr\xe4ch" in ran.out


# The other verbs


@pytest.mark.parametrize("name", rules())
def test_explain_prints_every_page_and_the_finding_of_its_example(run: Run, name: str) -> None:
    ran = run("explain", name)

    assert ran.code == 0
    assert ran.out.startswith(f"{name} (")
    assert "«" not in ran.out
    reported = ran.out.partition("## The first example, as it is reported")[2]
    assert f"[{name}]" in reported or not parse(rules()[name].page).examples


def test_explain_takes_the_name_of_the_file_too(run: Run) -> None:
    assert run("explain", "Action_Not_In_Reference") == run("explain", RULE)


def test_explain_keeps_the_colours_that_are_asked_for(run: Run) -> None:
    assert "\x1b[" in run("explain", RULE, FORCE_COLOR="1").out
    assert "\x1b[" not in run("explain", RULE).out


def test_explain_names_the_nearest_rule(run: Run) -> None:
    ran = run("explain", "action-not-in-refrence")

    assert (ran.code, ran.out) == (2, "")
    assert "did you mean `action-not-in-reference`" in ran.err


def test_explain_speaks_json(run: Run) -> None:
    page = json.loads(run("explain", RULE, "--json").out)

    assert page["name"] == RULE
    assert page["examples"][0]["kind"] == "bad"


def test_rules_are_listed_as_text_and_json(run: Run) -> None:
    lines = run("rules").out.splitlines()
    records = json.loads(run("rules", "--format", "json").out)

    assert [line.split()[0] for line in lines[: len(rules())]] == list(rules())
    assert [record["name"] for record in records] == list(rules())
    assert all(record["summary"] and record["references"] for record in records)


def test_rules_become_a_table_and_a_page_each_in_markdown(run: Run) -> None:
    text = run("rules", "--format", "markdown").out

    table = text.partition("\n\n")[0].splitlines()
    assert len(table) == len(rules()) + 2
    assert {line.replace("\\|", "").count("|") for line in table} == {6}
    assert "«" not in text
    for name in rules():
        assert f"\n# {name}\n" in text


def test_init_writes_a_configuration_that_is_accepted(run: Run, folder: Path) -> None:
    ran = run("init")

    assert ran == (0, "bedrock-policy-lint.toml: written\n", "")
    assert run("config", "check").code == 0
    assert load("bedrock-policy-lint.toml").fail_on == "error"


def test_what_init_comments_out_would_be_accepted_too(run: Run, folder: Path) -> None:
    import tomllib

    run("init")
    lines = (folder / "bedrock-policy-lint.toml").read_text().splitlines()
    # Prose begins with a capital or ends with a colon or full stop; what remains is configuration.
    shown = [line.removeprefix("# ") for line in lines if line.removeprefix("# ")[:1] in ("[", '"') or " = " in line]

    data = tomllib.loads("\n".join(shown))

    assert len(data) == 9
    assert not list(schema_faults(data))
    named = [*data["levels"], *(entry["rule"] for entry in data["ignore"])]
    assert [name for name in named if name not in rules()] == []


def test_init_leaves_alone_what_is_there(run: Run, folder: Path) -> None:
    (folder / "bedrock-policy-lint.toml").write_text("# mine\n")

    ran = run("init", "--pre-commit", "--github", "--gitlab")

    assert ran.code == 2
    assert "bedrock-policy-lint.toml: already there, left as it is" in ran.err
    assert (folder / "bedrock-policy-lint.toml").read_text() == "# mine\n"
    assert (folder / ".pre-commit-config.yaml").exists()
    assert (folder / ".github" / "workflows" / "bedrock-policy-lint.yml").exists()
    assert (folder / "bedrock-policy-lint.gitlab-ci.yml").exists()


def test_init_does_not_write_through_a_link(run: Run, folder: Path) -> None:
    (folder / "bedrock-policy-lint.toml").symlink_to(folder.parent / "elsewhere")

    assert run("init").code == 2
    assert not (folder.parent / "elsewhere").exists()


def test_config_schema_prints_json(run: Run) -> None:
    assert json.loads(run("config", "schema").out)["title"].startswith("Configuration")


def test_a_walk_passes_over_files_without_a_suffix_that_are_no_json(run: Run, folder: Path) -> None:
    (folder / "LICENSE").write_text("The Statement and its Effect are the author's.\n")
    (folder / "program").write_bytes(b"\x7fELF\xff\xfe Statement Effect")
    (folder / "policy").write_text(FAULTY)
    (folder / "cut").write_bytes(b'{"Statement": "\xff')

    ran = run(".", "--format", "concise", "--select", "action-not-in-reference")

    assert ran.code == 1
    assert [line.split(":")[0] for line in ran.out.splitlines()] == ["cut", "policy"]


def test_one_fault_on_one_value_is_told_once(run: Run, folder: Path) -> None:
    statement = json.loads(FAULTY)["Statement"][0]
    again = {
        **statement,
        "Sid": "Again",
        "Action": ["bedrock:InvokeModel", "bedrock:Converse", "bedrock:ConverseStream"],
    }
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Action": ["bedrock:Converse", "s3:Get"]}, again]}
    (folder / "policy.json").write_text(json.dumps(policy))

    ran = run("policy.json", "--select", "action-not-in-reference")

    assert ran.out.count("`bedrock:Converse` is not an IAM action") == 1
    assert ran.out.count("and 1 more like this in this file") == 1
    assert "`bedrock:ConverseStream` is not an IAM action" in ran.out


def test_the_summary_counts_fixes_in_good_grammar(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY.replace("bedrock:InvokeModel", "s3:GetObject"))

    ran = run("policy.json", "--select", "action-not-in-reference")

    assert "1 fix changes access and needs review (--fix=all)." in ran.err


def test_the_same_words_about_two_values_are_both_told(run: Run, folder: Path) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "chat-*", "aws:RequestedRegion": "us-east-*"}}
    statement = {**json.loads(FAULTY)["Statement"][0], "Condition": condition}
    (folder / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))

    ran = run("policy.json", "--select", "condition-never-holds")

    assert ran.out.count("`*` is no wildcard under `StringEquals`") == 2
    assert "more like this" not in ran.out


def test_a_misspelt_value_of_a_closed_set_is_answered_with_the_nearest(run: Run, folder: Path) -> None:
    condition = {"StringEquals": {"bedrock:ServiceTier": "prioritie"}}
    statement = {**json.loads(FAULTY)["Statement"][0], "Action": "bedrock:InvokeModel", "Condition": condition}
    (folder / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))

    ran = run("policy.json", "--select", "condition-never-holds")

    assert "did you mean `priority`?" in ran.out
