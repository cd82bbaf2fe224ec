"""Compare the evaluator of Terraform's expressions with `terraform console`.

python tests/differential/terraform_console.py [--random 600] [--seed 1] [--show-unknown]

The expressions of `terraform_expressions.txt`, some of several lines that are below, and random ones are put into one
module as a list of locals; one process of `terraform console` is asked for all of them through its standard input. No
provider is needed, and nothing is fetched. An answer of the evaluator that is known must be Terraform's; what it does
not know is counted, and is a difference only for the expressions of the file that `LEFT_OPEN` does not name. Exits with
1 on any difference, and with 0 and a reason where no `terraform` is installed.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
from bedrock_policy_lint.frontends.terraform.files import Loaded
from bedrock_policy_lint.frontends.terraform.scope import Definitions, Module
from bedrock_policy_lint.frontends.terraform.values import plain
from bedrock_policy_lint.sources.hcl import read_expression
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source

REFUSED = "REFUSED"
UNKNOWN = "UNKNOWN"
FILES = {
    "x.txt": "hello\n",
    "t.tpl": "Hi ${name}%{ for x in list }\n- ${x}%{ endfor }\n",
    "only.tpl": "${l}",
}
SEVERAL_LINES = (
    "<<E\na\n  b ${1 + 1}\nE\n",
    '<<-E\n    a\n      b ${"x"}\n    c\n    E\n',
    "<<-E\n  %{ for x in [1, 2] ~}\n  - ${x}\n  %{ endfor ~}\n  E\n",
    '<<E\n$${a} %%{b} "q" \\n\nE\n',
    "[\n  1,\n  # a comment\n  2, // another\n]",
    "{\n  a = 1\n  b : 2\n  /* c */ c = 3\n}",
    "(\n  1\n  + 2\n)",
    '<<E\n${"only"}\nE\n',
    "<<-E\n\n    a\n\n  b\nE\n",
)
LEFT_OPEN = (
    # What combines into one character is told by tables that are not shipped.
    *("👩", "\\u0301"),
    # Floating-point results, dates, compression and others that no policy is made of.
    *(
        "pow(",
        "log(",
        "formatdate",
        "timeadd",
        "timecmp",
        "textencodebase64",
        "textdecodebase64",
        "uuidv5",
        "csvdecode",
    ),
    *("templatestring", "ephemeralasnull", "type(", "provider::", "rsadecrypt", "defaults(", "urldecode", "fileset"),
    *("list(", "map("),
    # Regular expressions that the two libraries may read differently.
    *("(?m)", "\\\\pL", "[[:^alpha:]]", "(?i)", "(?P<a>x)(?P<a>y)", "x{,2}", 'regex("a{"'),
    # YAML that its versions read differently, and blocks with odd white space.
    *("yamldecode", "yamlencode"),
    # A null without a type; infinity.
    *('format("%s", null)', 'format("%v", null)', "1/0"),
)


class Outcome(NamedTuple):
    """How one expression came out."""

    expression: str
    theirs: str
    ours: str


def theirs(expressions: list[str], folder: Path, terraform: str) -> list[str]:
    """Terraform's answers as JSON."""
    lines = [f'try(base64encode(jsonencode({one})), "{REFUSED}"),' for one in expressions]
    (folder / "main.tf").write_text("locals {\n  all = [\n" + "\n".join(lines) + "\n  ]\n}\n", encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [terraform, "console", "-no-color"],
        input="local.all\n",
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
    )
    answers = [line.strip().rstrip(",") for line in done.stdout.strip().splitlines()[1:-1]]
    if len(answers) != len(expressions):
        raise SystemExit(f"terraform answers {len(answers)} of {len(expressions)}:\n{done.stdout}{done.stderr}")
    return [_decoded(answer) for answer in answers]


def _decoded(answer: str) -> str:
    if not answer.startswith('"'):
        return UNKNOWN
    text: str = json.loads(answer)
    return text if text == REFUSED else base64.b64decode(text).decode("utf-8")


def _load(path: str) -> Loaded:
    name = path.removeprefix("./")
    if name not in FILES:
        return Loaded(None, f"there is no file `{path}`", is_missing=True)
    return Loaded(Source(path, FILES[name]))


def ours(expression: str) -> str:
    """The evaluator's answer as JSON."""
    source = Source("main.tf", f'try(jsonencode({expression}), "{REFUSED}")')
    tree, errors = read_expression(source)
    if errors:
        return f"SYNTAX {errors[0].message}"
    evaluator = Evaluator(_load)
    home = Node(None, 0, 0, source)
    given = {"path.module": ".", "path.root": ".", "terraform.workspace": "default"}
    nodes = {name: plain(value, home) for name, value in given.items()}
    found = evaluator.evaluate(tree, Module({}, Definitions("local", {}, evaluator), nodes))
    return found.value if isinstance(found.value, str) else UNKNOWN


# Random expressions

_TEXTS = ('"a"', '"b"', '""', '"a-b-a"', '"1"', '"arn:aws:s3:::x"', '"é"', '"<&>"', '"true"', '"X y"')
_NUMBERS = ("0", "1", "2", "-1", "3.5", "10", '"2"', "0.1")
_BOOLS = ("true", "false", '"true"')
_UNARY = (
    "upper",
    "lower",
    "title",
    "trimspace",
    "strrev",
    "jsonencode",
    "md5",
    "base64encode",
    "urlencode",
    "basename",
)
_TESTS = ("startswith", "endswith", "strcontains")
_OF_SETS = ("setunion", "setintersection", "setsubtract")
_OVER_LISTS = ("distinct", "reverse", "tolist", "toset", "flatten", "compact", "sort")


class Random:
    """Makes expressions of a wanted kind, now and then of another."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311

    def any(self, depth: int) -> str:
        kinds = (self.text, self.number, self.boolean, self.list, self.map)
        return self.random.choice(kinds)(depth)

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def odd(self, depth: int) -> str | None:
        """Something of the wrong kind."""
        return self.any(depth - 1) if depth > 0 and self.random.random() < 0.04 else None

    def text(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.2:
            return self.pick(*_TEXTS)
        items, object_ = self.list, self.map

        def text() -> str:
            return self.text(depth - 1)

        def number() -> str:
            return self.number(depth - 1)

        found = self.odd(depth)
        return (
            found
            or self.random.choice(
                (
                    lambda: f'"x${{{text()}}}-${{{number()}}}"',
                    lambda: f"{self.pick(*_UNARY)}({text()})",
                    lambda: f"join({text()}, {items(depth - 1)})",
                    lambda: f'format("%s=%v", {text()}, {self.any(depth - 1)})',
                    lambda: f"replace({text()}, {self.pick(*_TEXTS)}, {text()})",
                    lambda: f'replace({text()}, "/[a-z]+/", {text()})',
                    lambda: f"substr({text()}, {self.pick('0', '1', '-1')}, {self.pick('1', '2', '-1')})",
                    lambda: f"trimprefix({text()}, {text()})",
                    lambda: f"trimsuffix({text()}, {text()})",
                    lambda: f"trim({text()}, {text()})",
                    lambda: f"({self.boolean(depth - 1)} ? {text()} : {self.any(depth - 1)})",
                    lambda: f"lookup({object_(depth - 1)}, {text()}, {self.any(depth - 1)})",
                    lambda: f"element({items(depth - 1)}, {number()})",
                    lambda: f"coalesce({text()}, {self.any(depth - 1)})",
                    lambda: f"try({items(depth - 1)}[{number()}], {self.any(depth - 1)})",
                    lambda: f"jsonencode({self.any(depth - 1)})",
                    lambda: f"tostring({self.any(depth - 1)})",
                    lambda: f'"%{{ if {self.boolean(depth - 1)} }}{self.pick("p", "q")}%{{ else }}r%{{ endif }}"',
                    lambda: f'"%{{ for v in {items(depth - 1)} }}<${{v}}>%{{ endfor }}"',
                )
            )()
        )

    def number(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.3:
            return self.pick(*_NUMBERS)
        number = self.number
        found = self.odd(depth)
        return (
            found
            or self.random.choice(
                (
                    lambda: f"({number(depth - 1)} {self.pick('+', '-', '*', '/', '%')} {number(depth - 1)})",
                    lambda: f"length({self.any(depth - 1)})",
                    lambda: f"{self.pick('abs', 'ceil', 'floor', 'signum')}({number(depth - 1)})",
                    lambda: f"{self.pick('min', 'max')}({number(depth - 1)}, {number(depth - 1)})",
                    lambda: f"sum({self.list(depth - 1)})",
                    lambda: f"index({self.list(depth - 1)}, {self.any(depth - 1)})",
                    lambda: f"tonumber({self.text(depth - 1)})",
                )
            )()
        )

    def boolean(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.2:
            return self.pick(*_BOOLS)
        found = self.odd(depth)
        return (
            found
            or self.random.choice(
                (
                    lambda: f"({self.any(depth - 1)} {self.pick('==', '!=')} {self.any(depth - 1)})",
                    lambda: f"({self.number(depth - 1)} {self.pick('<', '>', '<=', '>=')} {self.number(depth - 1)})",
                    lambda: f"({self.boolean(depth - 1)} {self.pick('&&', '||')} {self.boolean(depth - 1)})",
                    lambda: f"!{self.boolean(depth - 1)}",
                    lambda: f"contains({self.list(depth - 1)}, {self.any(depth - 1)})",
                    lambda: f"can({self.any(depth - 1)})",
                    lambda: f"{self.pick(*_TESTS)}({self.text(depth - 1)}, {self.text(depth - 1)})",
                    lambda: (
                        f"{self.pick('alltrue', 'anytrue')}([{self.boolean(depth - 1)}, {self.boolean(depth - 1)}])"
                    ),
                )
            )()
        )

    def list(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("[]", '["a", "b"]', '["b", "a", "b", ""]', "[1, 2]", '[1, "a"]')
        found = self.odd(depth)
        items = self.list
        return (
            found
            or self.random.choice(
                (
                    lambda: f"[{', '.join(self.any(depth - 1) for _ in range(self.random.randrange(4)))}]",
                    lambda: f"[{', '.join(self.text(depth - 1) for _ in range(self.random.randrange(4)))}]",
                    lambda: f"concat({items(depth - 1)}, {items(depth - 1)})",
                    lambda: f"{self.pick(*_OVER_LISTS)}({items(depth - 1)})",
                    lambda: f"split({self.pick(*_TEXTS)}, {self.text(depth - 1)})",
                    lambda: f"{self.pick('keys', 'values')}({self.map(depth - 1)})",
                    lambda: f"[for v in {items(depth - 1)} : {self.pick('v', 'upper(v)', '[v, 1]', 'v == 1')}]",
                    lambda: f"[for k, v in {self.any(depth - 1)} : k if {self.pick('true', 'v != null', 'v == k')}]",
                    lambda: f"slice({items(depth - 1)}, 0, {self.pick('0', '1', '2')})",
                    lambda: f"({self.boolean(depth - 1)} ? {items(depth - 1)} : {items(depth - 1)})",
                    lambda: f'formatlist("%s/%s", {items(depth - 1)}, {self.text(depth - 1)})',
                    lambda: f"setproduct({items(depth - 1)}, {items(depth - 1)})",
                    lambda: f"{self.pick(*_OF_SETS)}({items(depth - 1)}, {items(depth - 1)})",
                    lambda: f"chunklist({items(depth - 1)}, {self.pick('1', '2')})",
                    lambda: f"range({self.number(depth - 1)})",
                    lambda: f'regexall("[a-z]", {self.text(depth - 1)})',
                    lambda: f"{items(depth - 1)}[*]",
                    lambda: f"coalescelist({items(depth - 1)}, {items(depth - 1)})",
                    lambda: f"matchkeys({items(depth - 1)}, {items(depth - 1)}, {items(depth - 1)})",
                    lambda: f"jsondecode(jsonencode({items(depth - 1)}))",
                    lambda: f"yamldecode(yamlencode({items(depth - 1)}))",
                )
            )()
        )

    def map(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("{}", '{ a = "x" }', "{ b = 1, a = 2 }", '{ a = 1, b = "x" }')
        found = self.odd(depth)
        return (
            found
            or self.random.choice(
                (
                    lambda: f"{{ a = {self.any(depth - 1)}, ({self.text(depth - 1)}) = {self.any(depth - 1)} }}",
                    lambda: f"merge({self.map(depth - 1)}, {self.map(depth - 1)})",
                    lambda: f"zipmap({self.list(depth - 1)}, {self.list(depth - 1)})",
                    lambda: f"{{ for v in {self.list(depth - 1)} : v => {self.pick('v', 'length(v)', '1')} }}",
                    lambda: (
                        f"{{ for k, v in {self.any(depth - 1)} : {self.pick('k', 'v')} => {self.pick('k', 'v')}... }}"
                    ),
                    lambda: f"tomap({self.map(depth - 1)})",
                    lambda: f"({self.boolean(depth - 1)} ? {self.map(depth - 1)} : {self.map(depth - 1)})",
                    lambda: f"transpose({{ a = {self.list(depth - 1)} }})",
                    lambda: f"jsondecode(jsonencode({self.map(depth - 1)}))",
                )
            )()
        )


def written() -> list[str]:
    """The expressions that somebody thought of."""
    text = (Path(__file__).parent / "terraform_expressions.txt").read_text(encoding="utf-8")
    return [*(line for line in text.splitlines() if line.strip()), *SEVERAL_LINES]


def made(count: int, seed: int) -> list[str]:
    """Random expressions."""
    source = Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[source.any(source.random.randrange(1, 4))] = None
    return list(found)


def compare(expressions: list[str], terraform: str) -> list[Outcome]:
    """How all these come out on both sides."""
    with tempfile.TemporaryDirectory() as folder:
        answers = theirs(expressions, Path(folder), terraform)
    return [Outcome(one, answer, ours(one)) for one, answer in zip(expressions, answers, strict=True)]


def main() -> int:
    """Compare, and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--random", type=int, default=600, help="how many random expressions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show-unknown", action="store_true")
    options = parser.parse_args()
    terraform = shutil.which("terraform")
    if terraform is None:
        print("skipped: no terraform is installed")
        return 0
    thought = written()
    outcomes = compare([*thought, *made(options.random, options.seed)], terraform)
    tally: Counter[str] = Counter()
    for at, outcome in enumerate(outcomes):
        kind = _kind(outcome, is_written=at < len(thought))
        tally[kind] += 1
        if kind == "differs" or (kind.startswith("not known") and options.show_unknown):
            print(f"{kind}: {outcome.expression}\n  terraform: {outcome.theirs}\n  we:        {outcome.ours}")
    print(", ".join(f"{count} {kind}" for kind, count in sorted(tally.items())), f"of {len(outcomes)}")
    return 1 if tally["differs"] else 0


def _kind(outcome: Outcome, is_written: bool) -> str:
    if outcome.ours == outcome.theirs:
        return "equal"
    if outcome.ours == UNKNOWN:
        is_expected = not is_written or any(part in outcome.expression for part in LEFT_OPEN)
        return "not known to us" if is_expected else "differs"
    return "not known to Terraform" if outcome.theirs == UNKNOWN else "differs"


if __name__ == "__main__":
    sys.exit(main())
