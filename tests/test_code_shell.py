"""Which commands of a shell script call Bedrock, and with what."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given as supplied
from hypothesis import strategies as st
from shell_code import file, given, sites, stretch

from bedrock_policy_lint.code.shell.commands import parse
from bedrock_policy_lint.code.shell.words import TooDeepError, whole
from bedrock_policy_lint.sources.source import Source

CONVERSE = "aws bedrock-runtime converse"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"{CONVERSE} --model-id a.b --region us-east-1", f"Converse {CONVERSE} model=a.b region=us-east-1"),
        (f"{CONVERSE} --model-id=a.b --region=us-east-1", f"Converse {CONVERSE} model=a.b region=us-east-1"),
        (
            "aws --region eu-west-1 --no-cli-pager --profile dev bedrock-runtime invoke-model --model-id a.b out.json",
            "InvokeModel aws bedrock-runtime invoke-model model=a.b profile=dev region=eu-west-1",
        ),
        (
            f"{CONVERSE} --model-id a.b --guardrail-config guardrailIdentifier=g1,guardrailVersion=2,trace=enabled",
            f"Converse {CONVERSE} guardrail=g1 guardrail-version=2 model=a.b",
        ),
        (
            f"""{CONVERSE} --guardrail-config '{{"guardrailIdentifier": "g1", "guardrailVersion": "2"}}'""",
            f"Converse {CONVERSE} guardrail=g1 guardrail-version=2",
        ),
        (
            f"""{CONVERSE} --cli-input-json '{{"modelId": "a.b", "serviceTier": {{"type": "flex"}}}}' --model-id c.d""",
            f"Converse {CONVERSE} model=c.d tier=flex",
        ),
        (
            "aws bedrock-agent-runtime retrieve-and-generate --retrieve-and-generate-configuration "
            '\'{"knowledgeBaseConfiguration": {"knowledgeBaseId": "\'"$KB"\'", "modelArn": "m"}}\'',
            "RetrieveAndGenerate aws bedrock-agent-runtime retrieve-and-generate knowledge-base=$KB model=m",
        ),
        (
            "aws bedrock-runtime apply-guardrail --guardrail-identifier g --guardrail-version DRAFT --source INPUT",
            "ApplyGuardrail aws bedrock-runtime apply-guardrail guardrail=g guardrail-version=DRAFT",
        ),
        ("aws bedrock list-foundation-models", "ListFoundationModels aws bedrock list-foundation-models"),
        (f"{CONVERSE} --model-id a --endpoint-url https://x", f"Converse {CONVERSE} endpoint=https://x model=a"),
    ],
)
def test_a_command_line_is_taken_apart(script: str, expected: str) -> None:
    assert sites(script) == [expected]


@pytest.mark.parametrize(
    "script",
    [
        f"echo {CONVERSE} --model-id a",
        f"# {CONVERSE} --model-id a",
        f"cat <<EOF\n{CONVERSE} --model-id a\nEOF",
        f"cat <<-'E'\n\t{CONVERSE} --model-id a\n\tE\n",
        f"X='{CONVERSE} --model-id a'",
        f"{CONVERSE} help",
        f"{CONVERSE} --model-id a --generate-cli-skeleton",
        "aws bedrock-runtime converse-stream --model-id a",
        "aws bedrock-agent-runtime invoke-agent --agent-id a",
        "aws s3 ls s3://bedrock-runtime",
        "awslocal bedrock-runtime converse --model-id a",
        "command -v aws && which aws",
        "aws bedrock-runtime",
        "aws",
    ],
)
def test_what_calls_nothing_is_no_site(script: str) -> None:
    assert sites(script) == []


@pytest.mark.parametrize(
    "script",
    [
        f"OUT=$({CONVERSE} --model-id a | jq .)",
        f"OUT=`{CONVERSE} --model-id a`",
        f'echo "got $({CONVERSE} --model-id a)"',
        f"if ! {CONVERSE} --model-id a; then exit 1; fi",
        f"while true; do\n  {CONVERSE} --model-id a > /dev/null 2>&1\ndone",
        f"case $1 in\n  a) {CONVERSE} --model-id a ;;\n  *) echo ;;\nesac",
        f"(cd x && {CONVERSE} --model-id a) &",
        f"diff <({CONVERSE} --model-id a) x",
        f"sudo -u bob {CONVERSE} --model-id a",
        f"timeout 30 {CONVERSE} --model-id a",
        f"env X=1 {CONVERSE} --model-id a",
        f'bash -c "{CONVERSE} --model-id a"',
        f"eval '{CONVERSE} --model-id a'",
        f"function ask {{ {CONVERSE} --model-id a; }}",
        f"ask() {{\n  {CONVERSE} \\\n    --model-id a\n}}",
        f"true && [[ -n $X ]] || {CONVERSE} --model-id a",
        "AWS='aws --no-cli-pager'\n$AWS bedrock-runtime converse --model-id a",
        f'run() {{ echo "+ $*"; "$@"; }}\nrun {CONVERSE} --model-id a',
        f'ARGS=(--model-id a)\n{CONVERSE} "${{ARGS[@]}}"',
        f'ARGS=(--no-paginate)\nARGS+=(--model-id a)\n{CONVERSE} "${{ARGS[@]}}"',
        f"cat <<EOF | {CONVERSE} --model-id a\n$(date)\nEOF\n",
        f"{CONVERSE} --messages '[{{\"content\": \"it''s\"}}]' --model-id a # done",
        f"{CONVERSE} \\\r\n  --model-id a\r\n",
    ],
)
def test_a_call_is_found_wherever_it_runs(script: str) -> None:
    assert given(script) == ["a"]


@pytest.mark.parametrize(
    ("before", "word", "expected"),
    [
        ("M=a", "$M", "a"),
        ("M=a", '"$M"', "a"),
        ("M=a", "'$M'", "$M"),
        ("M=a", '"us.${M}-v1"', "us.a-v1"),
        ("readonly M='a'", "$M", "a"),
        ("A=a; M=$A", "$M", "a"),
        ("M=a; M+=b", "$M", "ab"),
        ("", "$M", "$M"),
        ("", "${M:-a}", "$M | a?M"),
        ("M=${M:-a}", "$M", "$M | a?M"),
        (': "${M:=a}"', "$M", "$M | a?M"),
        ('[ -z "$M" ] && M=a', "$M", "$M | a?M"),
        ('if [ -z "${M:-}" ]; then M=a; fi', "$M", "$M | a?M"),
        ("", "us.${M:-a}", "us.$M | us.a?M"),
        ("M=b", "${M:-a}", "b"),
        ("M=", "${M:-a}", "a"),
        ("", "${M:?must be set}", "$M"),
        ("", "$1", "$1"),
        ("", "${1:-a}", "$1~ | a~"),
        ("M=a/b", "${M#*/}", "${M#*/}"),
        ("M=$(cat model)", "$M", "$(cat model)"),
        ("M=$(echo a)", "$M", "a"),
        ("read -r M", "$M", "$M"),
        ("if x; then M=a; else M=b; fi", "$M", "b~ | a~"),
        ("M=a; if x; then M=b; fi", "$M", "a~ | b~"),
        ("M=a; case $1 in x) M=b;; y) M=c;; esac", "$M", "a~ | b~ | c~"),
        ("M=a; while read -r l; do M=b; done", "$M", "b~ | a~"),
        ("M=a; (M=b)", "$M", "a"),
        ("M=a; echo x | M=b", "$M", "a"),
        ("f() { local M=b; }; M=a; f", "$M", "a"),
        ("f() { M=b; }; M=a; f", "$M", "b"),
        ("cd x && M=a && true", "$M", "a"),
        ("M=a; source unknown.sh", "$M", "a~ | $M~"),
        ("M=a; source venv/bin/activate", "$M", "a"),
        ("ITEMS=(a b)", "${ITEMS[1]}", "b"),
        ("declare -A M", "${M[x]:-a}", "${M[x]:-a}~ | a~"),
        ("M=a; unset M", "x$M", "x"),
    ],
)
def test_variables_lead_to_what_they_hold(before: str, word: str, expected: str) -> None:
    assert given(f"{before}\n{CONVERSE} --model-id {word}") == [expected]


def test_arguments_of_functions_are_those_of_their_calls() -> None:
    script = f"""
    ask() {{ local model="${{1:-a}}"; shift; {CONVERSE} --model-id "$model" --region "$1"; }}
    ask b us-east-1
    ask c eu-west-1
    """
    assert given(script) == ["b~ | c~"]
    assert given(script, "region") == ["us-east-1~ | eu-west-1~"]


def test_arguments_of_a_function_that_nothing_calls_are_unknown() -> None:
    assert given(f"ask() {{ {CONVERSE} --model-id $1; }}") == ["$1"]


def test_each_turn_of_a_loop_is_a_call() -> None:
    assert given(f"for m in a 'b c' $X; do {CONVERSE} --model-id \"$m\"; done") == ["a~ | b c~ | $X~"]
    assert given(f'M=(a b); for m in "${{M[@]}}"; do {CONVERSE} --model-id $m; done') == ["a~ | b~"]


def test_options_that_a_loop_reads_are_one_of_several() -> None:
    script = f"""
    MODEL=a
    while [[ $# -gt 0 ]]; do
      case "$1" in
        --model) MODEL="$2"; shift 2 ;;
        *) shift ;;
      esac
    done
    {CONVERSE} --model-id "$MODEL"
    """
    assert given(script) == ["a~ | $2~"]


def test_what_xargs_fills_in_is_unknown() -> None:
    assert given(f"xargs -I{{}} {CONVERSE} --model-id {{}}") == ["{}"]
    assert not isinstance(file(f"xargs -I{{}} {CONVERSE} --model-id {{}}").sites[0].given["model"][0].node.value, str)


@pytest.mark.parametrize(
    ("before", "command", "expected"),
    [
        ("export AWS_REGION=us-east-1", CONVERSE, "us-east-1"),
        ("AWS_REGION=us-east-1; export AWS_REGION", CONVERSE, "us-east-1"),
        ("set -a; AWS_REGION=us-east-1", CONVERSE, "us-east-1"),
        ("", f"AWS_REGION=us-east-1 {CONVERSE}", "us-east-1"),
        ("export AWS_REGION=us-east-1", f"AWS_REGION=eu-west-1 {CONVERSE}", "eu-west-1"),
        ("export AWS_REGION=us-east-1", f"{CONVERSE} --region eu-west-1", "eu-west-1"),
        ("", f"env AWS_REGION=us-east-1 {CONVERSE}", "us-east-1"),
        ("export AWS_DEFAULT_REGION=us-east-1", CONVERSE, "$AWS_REGION | us-east-1?AWS_REGION"),
        ('export AWS_REGION="${AWS_REGION:-us-east-1}"', CONVERSE, "$AWS_REGION | us-east-1?AWS_REGION"),
        ("AWS_REGION=us-east-1", CONVERSE, "$AWS_REGION"),
        ("", CONVERSE, ""),
        ("", f"{CONVERSE} $OPTIONS", "$OPTIONS"),
    ],
)
def test_the_region_comes_from_options_then_variables(before: str, command: str, expected: str) -> None:
    assert given(f"{before}\n{command}", "region") == [expected]


@pytest.mark.parametrize(
    ("script", "what", "expected"),
    [
        (f"export AWS_PROFILE=dev\n{CONVERSE}", "profile", "dev"),
        (f"export AWS_PROFILE\n{CONVERSE}", "profile", ""),
        (f"export AWS_ACCESS_KEY_ID=$(get key)\n{CONVERSE}", "credentials", "$(get key)"),
        (f"aws-vault exec dev -- {CONVERSE}", "profile", "dev"),
        (f"AWS_BEARER_TOKEN_BEDROCK=k {CONVERSE}", "credentials", "k"),
    ],
)
def test_other_credentials_are_told(script: str, what: str, expected: str) -> None:
    assert given(script, what) == [expected]


def test_json_in_a_here_document_or_a_file_is_read() -> None:
    inline = f"""{CONVERSE} --cli-input-json "$(cat <<EOF
{{"modelId": "us.$M", "inferenceConfig": {{"maxTokens": $N}}}}
EOF
)"
"""
    assert given(inline) == ["us.$M"]
    beside = {"bin/ask.sh": f"{CONVERSE} --cli-input-json file://input.json", "bin/input.json": '{"modelId": "a"}'}
    assert given(beside, path="bin/ask.sh") == ["a"]
    assert given(f"{CONVERSE} --cli-input-json file://made.json") == ["file://made.json"]


def test_scripts_that_are_loaded_set_variables() -> None:
    texts = {
        "bin/ask.sh": f'. "$(dirname "$0")/config.sh"\nask\n{CONVERSE} --model-id $M',
        "bin/config.sh": f"M=a\nask() {{ {CONVERSE} --model-id other; }}",
    }
    found = file(texts, "bin/ask.sh")
    assert given(texts, path="bin/ask.sh") == ["a"]
    assert found.imports == ("bin/config.sh",)
    assert found.sites[0].given["model"][0].node.source.path == "bin/config.sh"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            "curl https://bedrock-runtime.us-east-1.amazonaws.com/model/us.a.b-v1%3A0/converse-stream",
            "ConverseStream curl model=us.a.b-v1:0 region=us-east-1",
        ),
        (
            'U=https://bedrock-runtime.$R.amazonaws.com\ncurl -H "Authorization: Bearer $K" "$U/model/$M/invoke"',
            "InvokeModel curl credentials=Bearer $K model=$M region=$R",
        ),
        (
            "curl -H 'X-Amzn-Bedrock-GuardrailIdentifier: g' "
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn:aws:bedrock:x/y/converse",
            "Converse curl guardrail=g model=arn:aws:bedrock:x/y region=eu-west-1",
        ),
        (
            "curl https://bedrock-agent-runtime.us-east-1.amazonaws.com/agents/A/agentAliases/B/sessions/S/text",
            "InvokeAgent curl agent=A alias=B region=us-east-1",
        ),
    ],
)
def test_urls_of_the_api_are_calls(command: str, expected: str) -> None:
    assert sites(command) == [expected]


@pytest.mark.parametrize(
    "url", ["http://localhost:4000/bedrock/model/x/converse", "https://bedrock.us-east-1.amazonaws.com/x", "https://x"]
)
def test_other_urls_are_none(url: str) -> None:
    assert sites(f"curl {url}") == []


def test_values_stand_where_they_are_written() -> None:
    script = (
        f"MODEL='é.a'\n{CONVERSE} --guardrail-config guardrailIdentifier=\"$G\",guardrailVersion=1 --model-id $MODEL"
    )
    (site,) = file(script).sites
    model = site.given["model"][0]
    assert stretch(site.node) == CONVERSE
    assert stretch(model.node) == "é.a"
    assert [stretch(name) for name in model.named] == ["$MODEL"]
    assert stretch(site.given["guardrail"][0].node) == "$G"
    assert stretch(site.given["guardrail-version"][0].node) == "1"
    assert [model.node.source.text[at] for at in model.node.offsets()] == ["é", ".", "a", "'"]


def test_a_command_that_cannot_be_told_is_said() -> None:
    (unread,) = file('aws bedrock-runtime "$COMMAND" --model-id a').unread
    assert unread.reason == "which command of `aws bedrock-runtime` is run"


def test_claude_code_is_a_client_where_the_script_switches_bedrock_on() -> None:
    script = "export CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=us-east-1\nclaude --model us.a -p hi"
    assert sites(script) == ["InvokeModelWithResponseStream/InvokeModel claude model=us.a region=us-east-1"]
    assert sites("claude -p hi --model us.a") == []
    exported = "export CLAUDE_CODE_USE_BEDROCK=1\nexport ANTHROPIC_MODEL='us.a[1m]'\n"
    (site,) = file(exported).sites
    assert (site.preset, site.part, stretch(site.node)) == ("claude-code", "", "CLAUDE_CODE_USE_BEDROCK")
    assert given(exported) == ["us.a"]


@pytest.mark.parametrize(
    "script",
    [
        *("$(" * 5000, "if a; then " * 5000, "${a:-" * 5000, '"' * 9, "`" * 9, "f() { f; f; }\nf"),
        *("A=x\n" + "A=$A$A\n" * 99, "for ((;;", "case x in a) case", "<<", "\0\\", "${", "$((", "a=(", "[[ x"),
        *("} fi )", "é\u2028x"),
    ],
)
def test_no_script_is_too_strange(script: str) -> None:
    found = file(f"{CONVERSE} --model-id a\n{script}")
    assert [str(site.given["model"][0].node.value) for site in found.sites] == ["a"] or found.unread


@supplied(st.text(alphabet="a $(){}[]|&;<>'\"`\\\n#=!-:xyz*@1", max_size=60))
def test_whatever_stands_in_a_script_is_read(script: str) -> None:
    assert isinstance(file(script).sites, tuple)


@supplied(st.text(st.characters(codec="utf-8", exclude_characters="'\0\r"), min_size=1, max_size=20))
def test_quoted_texts_are_what_they_are(text: str) -> None:
    (site,) = file(f"{CONVERSE} --model-id '{text}'").sites if not text.startswith(("--", "file")) else (None,)
    if site is not None:
        node = site.given["model"][0].node
        assert node.value == text
        assert stretch(node) == text


@supplied(
    st.lists(st.sampled_from(["if a; then", "fi", "do", "done", "{", "}", "(", ")", "case x in", "esac", ";;", "b"]))
)
def test_reading_commands_ends(words: list[str]) -> None:
    with suppress(TooDeepError):
        parse(whole(Source("x.sh", "\n".join(words))))
