"""Commands in makefiles, images, pipelines of CI and other formats that are no scripts."""

from __future__ import annotations

import pytest
from shell_code import file, given, sites, stretch

from bedrock_policy_lint.code.shell.kinds import kind_of

CONVERSE = "aws bedrock-runtime converse"


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("ask.sh", "", "shell"),
        ("bin/ask", "#!/usr/bin/env bash\n", "shell"),
        ("bin/ask", "#!/usr/bin/env python\n", ""),
        ("Makefile", "", "shell"),
        ("build/rules.mk", "", "shell"),
        ("Dockerfile.dev", "", "shell"),
        (".github/workflows/ci.yml", "", "shell"),
        (".github/actions/ask/action.yml", "", "shell"),
        (".gitlab-ci.yml", "", "shell"),
        ("buildspec-test.yml", "", "shell"),
        ("package.json", "", "shell"),
        ("tsconfig.json", "", ""),
        ("litellm/config.yaml", "", "settings"),
        (".claude/settings.local.json", "", "settings"),
        (".env.production", "", "settings"),
        (".aws/config", "", "settings"),
        ("app/config", "", ""),
        ("main.py", "", ""),
    ],
)
def test_files_are_told_by_name(path: str, text: str, kind: str) -> None:
    assert kind_of(path, text) == kind


MAKEFILE = f"""
MODEL ?= a
REGION := us-east-1
FULL = us.$(MODEL)
AWS := aws --profile dev
ifdef X
G = g1
endif
export AWS_REGION := $(REGION)

ask: ## Ask.
\t@echo "asking $(MODEL)"
\t@$(AWS) bedrock-runtime converse \\
\t  --model-id $(FULL) --guardrail-config guardrailIdentifier=$(G)
\tM=$(UNSET); {CONVERSE} --model-id "$$M" --region $(shell cat region)
\tfor m in x y; do {CONVERSE} --model-id $$m; done
"""


def test_make_puts_its_variables_in() -> None:
    assert sites(MAKEFILE, "Makefile") == [
        "Converse bedrock-runtime converse guardrail=$(G)~ | g1~ model=us.$(MODEL) | us.a?MODEL profile=dev "
        "region=us-east-1",
        f"Converse {CONVERSE} model=$(UNSET) region=$(shell cat region)",
        f"Converse {CONVERSE} model=x~ | y~ region=us-east-1",
    ]


def test_makefiles_are_included() -> None:
    texts = {"Makefile": f"include vars.mk\nask:\n\t{CONVERSE} --model-id $(M)\n", "vars.mk": "M = a\n"}
    found = file(texts, "Makefile")
    assert given(texts, path="Makefile") == ["a"]
    assert found.imports == ("vars.mk",)
    assert stretch(found.sites[0].given["model"][0].node) == "a"


def test_recipes_run_in_shells_of_their_own() -> None:
    assert given(f"ask:\n\tM=a\n\t{CONVERSE} --model-id $$M\n", path="Makefile") == ["$M"]
    assert given(f".ONESHELL:\nask:\n\tM=a\n\t{CONVERSE} --model-id $$M\n", path="Makefile") == ["a"]


def test_images_run_commands_with_what_they_set() -> None:
    text = f"""\
    FROM amazon/aws-cli
    ARG MODEL=a
    ENV AWS_REGION=us-east-1 \\
        # what follows is the guardrail
        G="g 1"
    ENV OLD b c
    RUN --mount=type=cache,target=/x {CONVERSE} \\
        # a comment
        --model-id $MODEL --guardrail-config guardrailIdentifier=$G
    RUN <<EOF
    {CONVERSE} --model-id "$OLD"
    EOF
    CMD ["aws", "bedrock-runtime", "converse", "--model-id", "d"]
    FROM scratch
    ENTRYPOINT ["sh", "-c", "{CONVERSE} --model-id $E"]
    """
    assert sites(text, "Dockerfile") == [
        f"Converse {CONVERSE} guardrail=g 1 model=$MODEL | a?MODEL region=us-east-1",
        f"Converse {CONVERSE} model=b c region=us-east-1",
        f"Converse {CONVERSE} model=d region=us-east-1",
        f"Converse {CONVERSE} model=$E",
    ]


def test_workflows_set_variables_at_three_levels() -> None:
    text = f"""
    on:
      workflow_dispatch:
        inputs:
          model: {{default: "d.m"}}
    env: {{AWS_REGION: us-east-1, MODEL: w, OTHER: w}}
    jobs:
      ask:
        strategy: {{matrix: {{m: [x.1, x.2]}}}}
        env: {{MODEL: j, GUARD: "${{{{ vars.GUARD }}}}"}}
        steps:
          - run: {CONVERSE} --model-id "$MODEL" --guardrail-config guardrailIdentifier=$GUARD
          - run: |
              set -e
              {CONVERSE} --model-id "$MODEL.$OTHER"
            env: {{MODEL: s}}
          - run: {CONVERSE} --model-id ${{{{ matrix.m }}}} --region ${{{{ env.AWS_REGION }}}}
          - run: {CONVERSE} --model-id "${{{{ inputs.model }}}}"
          - run: print("{CONVERSE} --model-id no")
            shell: python
    """
    path = ".github/workflows/ask.yml"
    assert sites(text, path) == [
        f"Converse {CONVERSE} guardrail=${{{{ vars.GUARD }}}} model=j region=us-east-1",
        f"Converse {CONVERSE} model=s.w region=us-east-1",
        f"Converse {CONVERSE} model=x.1~ | x.2~ region=us-east-1",
        f"Converse {CONVERSE} model=${{{{ inputs.model }}}}~ | d.m~ region=us-east-1",
    ]
    assert stretch(file(text, path).sites[0].given["model"][0].node) == "j"


def test_a_step_that_assumes_a_role_says_region_and_credentials_of_the_next() -> None:
    text = f"""
    jobs:
      ask:
        steps:
          - run: {CONVERSE} --model-id a
          - uses: aws-actions/configure-aws-credentials@v4
            with: {{role-to-assume: "arn:aws:iam::123456789012:role/ci", aws-region: eu-west-1}}
          - run: {CONVERSE} --model-id b
    """
    assert sites(text, ".github/workflows/ask.yml") == [
        f"Converse {CONVERSE} model=a",
        f"Converse {CONVERSE} credentials=arn:aws:iam::123456789012:role/ci model=b region=eu-west-1",
    ]


def test_a_step_that_runs_claude_code_is_a_call() -> None:
    text = """
    env: {AWS_REGION: us-east-1, CLAUDE_CODE_USE_BEDROCK: "1"}
    jobs:
      review:
        steps:
          - run: npm ci
          - uses: anthropics/claude-code-action@v1
            with:
              use_bedrock: "true"
              claude_args: |
                --max-turns 5
                --model us.anthropic.x
          - uses: anthropics/claude-code-action@v1
            env: {CLAUDE_CODE_USE_BEDROCK: "0"}
            with: {anthropic_api_key: x}
    """
    assert sites(text, ".github/workflows/review.yml") == [
        "InvokeModelWithResponseStream/InvokeModel anthropics/claude-code-action@v1 model=us.anthropic.x "
        "region=us-east-1"
    ]


PIPELINES = {
    ".gitlab-ci.yml": f"""
    variables: {{M: {{value: a, description: the model}}}}
    before_script: ["export N=$M"]
    ask:
      script:
        - !reference [.setup, script]
        - {CONVERSE} --model-id "$N"
    """,
    "buildspec.yml": f"""
    version: 0.2
    env: {{variables: {{M: a}}}}
    phases:
      pre_build: {{commands: ["export N=$M"]}}
      build:
        commands:
          - {CONVERSE} --model-id $N
    """,
    ".circleci/config.yml": f"""
    jobs:
      ask:
        environment: {{M: a}}
        steps:
          - checkout
          - run: {{name: ask, command: "{CONVERSE} --model-id $M"}}
    """,
    "azure-pipelines.yml": f"""
    variables:
      - {{name: model, value: a}}
    stages:
      - jobs:
          - steps:
              - bash: {CONVERSE} --model-id $(model)
    """,
    "Taskfile.yml": f"""
    version: "3"
    vars: {{M: a}}
    tasks:
      ask:
        cmds:
          - {CONVERSE} --model-id {{{{.M}}}}
    """,
    "justfile": f"""
model := "a"
ask:
    @{CONVERSE} --model-id {{{{model}}}}
""",
    "package.json": f'{{"scripts": {{"ask": "M=a; {CONVERSE} --model-id \\"$M\\""}}}}',
    "ask.ps1": f"""
$model = "a"
{CONVERSE} `
  --model-id $model
""",
    "action.yml": f"""
    runs:
      using: composite
      steps:
        - {{run: "{CONVERSE} --model-id a", shell: bash}}
    """,
}


@pytest.mark.parametrize("path", list(PIPELINES))
def test_other_formats_hold_commands(path: str) -> None:
    assert given(PIPELINES[path], path=path) == ["a"]
    (site,) = file(PIPELINES[path], path).sites
    assert stretch(site.given["model"][0].node) == "a"
    assert stretch(site.node) == CONVERSE


def test_variables_of_powershell_that_are_computed_are_unknown() -> None:
    text = f"""
    $env:AWS_REGION = 'us-east-1'
    $m = "a"
    if ($x) {{
      $m = "b"
    }}
    $out = {CONVERSE} --model-id $m
    {CONVERSE} --model-id $env:MODEL --region "$r.x"
    """
    assert sites(text, "ask.ps1") == [
        f"Converse {CONVERSE} model=a~ | b~ region=us-east-1",
        f"Converse {CONVERSE} model=$env:MODEL region=$r.x",
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".github/workflows/x.yml", "jobs: ["),
        (".github/workflows/x.yml", "jobs: {a: {steps: [{run: 1}, {run: [a]}, 3]}, b: 3, c: {strategy: {matrix: 3}}}"),
        (".gitlab-ci.yml", "- a"),
        ("buildspec.yml", "phases: 3"),
        ("Taskfile.yml", "tasks: {a: [b], c: 3}"),
        (".circleci/config.yml", "jobs: {a: {steps: {run: {command: 3}}}}"),
        ("azure-pipelines.yml", "steps: [{bash: 3}, 4]"),
        ("package.json", "{"),
        ("package.json", '{"scripts": 3}'),
        ("Makefile", "A = $(A)\nx:\n\techo $(A) $("),
        ("Dockerfile", "RUN [\nENV\nENV A\nRUN <<EOF"),
        ("justfile", "a:\n  {{"),
        ("x.ps1", 'aws "`'),
    ],
)
def test_no_file_is_too_strange(path: str, text: str) -> None:
    assert sites(text, path) == []
