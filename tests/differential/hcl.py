"""Put texts to our reader of Terraform's language and to `terraform fmt`, and show which only one of them accepts.

python tests/differential/hcl.py --cases 4000 --seed 1 [FOLDER…]

The texts are the `.tf` files of the folders, texts made by chance, and both with something deleted, doubled or put in.
Then templates made by chance, in quotes, in heredocs and in JSON, are read and put to `terraform console`: what
escapes, indentation, directives and stripped white space come to must be the same.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from bedrock_policy_lint.sources import hcl_json  # noqa: E402 - found only once the checkout is on the path
from bedrock_policy_lint.sources.hcl import read  # noqa: E402
from bedrock_policy_lint.sources.hcl_tree import (  # noqa: E402
    Body,
    Expression,
    ForPart,
    HclError,
    IfPart,
    Interpolation,
    Literal,
    Part,
    TemplateText,
    TextPart,
    Tuple,
)
from bedrock_policy_lint.sources.source import Source  # noqa: E402

_BATCH = 500
_SHOWN = 12
_place = re.compile(r" on (?:.*/)?(\d+)\.tf line (\d+)")
_WORDS = [
    *("a", "b_1", "c-d", "é", "for", "in", "if", "null", "true", "0", "1.5", "1e3", '"x"', '"a\\tb"', '"$${q}"', '"é"'),
    *(
        '"${a}"',
        '"${ a ~}  x"',
        '"%{ if a }b%{ else }c%{ endif }"',
        '"%{ for k, v in a }${v}%{ endfor }"',
        "x.y",
        "x[0]",
    ),
    *("x[*].y", "x.*.y.0", "f(a, b...)", "a::b()", "<<E\nt ${a}\nE\n", "<<-E\n  t\n    u\n  E\n", "-1", "!a", "(a)"),
]
_DAMAGE = [
    *"[](){}=,.\"\n:?#$%~@<>-*|&\\\r'!/ ",
    "${",
    "%{",
    "<<E\n",
    "...",
    "=>",
    "/*",
    "*/",
    "~}",
    "\r\n",
    "\ufeff",
    "\u00a0",
]
_BITS = [
    *("a", " ", "  ", "\t", "$", "%", "$$", "%%", "$${", "%%{", "{", "}", "é", "\u00a0", "\u2003", "\\n"),
    *('${"x"}', '${~ "x"}', '${"x" ~}', "${1}", "%{if true}", "%{~if false~}", "%{else}", "%{endif}", "%{ endif ~}"),
    *("%{for i in [1,2]}", "%{endfor~}"),
]
_PER_QUESTION = 400


class Texts:
    """Texts made by chance, of which most are right."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - nothing here is secret

    def text(self) -> str:
        """A whole file."""
        made = self._body(0)
        return made.replace("\n", "\r\n") if self._chance.random() < 0.05 else made

    def damaged(self, text: str) -> str:
        """The text with something deleted, doubled or put in."""
        chance = self._chance
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(text) + 1)
            kind = chance.randrange(3)
            if kind == 0:
                text = text[:at] + text[at + chance.randint(1, 3) :]
            elif kind == 1:
                text = text[:at] + text[at : at + 2] * 2 + text[at + 2 :]
            else:
                text = text[:at] + chance.choice(_DAMAGE) + text[at:]
        return text

    def template(self) -> str:
        """A quoted text or a heredoc, in which everything is known."""
        chance = self._chance
        if chance.random() < 0.4:
            inside = self.template_body(r"\t", r"\\", r"\u00e9", r"\U0001F600")
            return f'"{inside}"'
        line_end = chance.choice(["\n", "\n", "\r\n"])
        lines = (chance.choice(["", "  ", "    ", "\t"]) + self.template_body('"') for _ in range(chance.randint(0, 5)))
        head = chance.choice(["<<E", "<<-E", "<<-E"])
        return line_end.join([head, *lines, chance.choice(["", "  "]) + "E"])

    def template_body(self, *more: str) -> str:
        """What stands in a template."""
        return "".join(self._chance.choice([*_BITS, *more]) for _ in range(self._chance.randint(0, 8)))

    def _body(self, depth: int) -> str:
        names = [f"n{number}" for number in range(6)]
        self._chance.shuffle(names)
        return "".join(self._item(name, depth) for name in names[: self._chance.randint(0, 4)])

    def _item(self, name: str, depth: int) -> str:
        pick = self._chance.random()
        if pick < 0.1:
            return self._chance.choice(["# c\n", "// c\n", "/* c\n */\n", "\n", "/* c */ "])
        if pick < 0.25 and depth < 3:
            labels = self._chance.choice(["", ' "l"', " l", ' "l" m', ' "a\\"b"'])
            if self._chance.random() < 0.3:
                return f"{name}{labels} {{ k = {self._value(2)} }}\n"
            return f"{name}{labels} {{\n{self._body(depth + 1)}}}\n"
        value = self._value(0)
        return f"{name} = {value}" + (
            "" if value.endswith("E\n") else self._chance.choice(["\n", " # c\n", "  // c\n"])
        )

    def _value(self, depth: int) -> str:
        chance = self._chance
        pick = chance.random()
        if depth > 2 or pick < 0.35:
            return chance.choice(_WORDS)
        inner = [self._value(depth + 1) for _ in range(3)]
        gap = chance.choice([" ", "\n", "", " /* c */ ", " # c\n"])
        return chance.choice(
            [
                f"[{gap}{inner[0]},{gap}{inner[1]}{gap}]",
                f"[{inner[0]}, {inner[1]},]",
                f"{{{gap}a = {inner[0]}{chance.choice([',', chr(10)])} b : {inner[1]}{gap}}}",
                f'{{ ({inner[0]}) = {inner[1]}, "q" = {inner[2]}, }}',
                f"({gap}{inner[0]}{gap})",
                f"f({gap}{inner[0]},{gap}{inner[1]}{gap})",
                f"[for{gap} k, v in {inner[0]} :{gap}{inner[1]} if {inner[2]}]",
                f"{{for v in {inner[0]} : {inner[1]} => {inner[2]}{chance.choice(['', '...'])}{gap}}}",
                f"{inner[0]} {chance.choice(['+', '-', '*', '/', '%', '&&', '||', '==', '!=', '<', '>='])} {inner[1]}",
                f"{inner[0]} ? {inner[1]} : {inner[2]}",
                f"{inner[0]}[{gap}{inner[1]}{gap}]",
                f'"p ${{{chance.choice(["", "~"])} {inner[0]} {chance.choice(["", "~"])}}} s"',
                f"<<-E\n    l ${{{inner[0]}}}\n  m\nE\n",
            ]
        )


def terraform_refuses(texts: Sequence[str]) -> dict[int, int]:
    """Which of the texts `terraform fmt` refuses, with the line of its first complaint."""
    with tempfile.TemporaryDirectory() as folder:
        for at, text in enumerate(texts):
            Path(folder, f"{at}.tf").write_bytes(text.encode())
        done = subprocess.run(
            ["terraform", "fmt", "-no-color", "-list=false", "-write=false", folder],
            capture_output=True,
            text=True,
            check=False,
        )
    refused: dict[int, int] = {}
    for match in _place.finditer(done.stdout + done.stderr):
        refused.setdefault(int(match[1]), int(match[2]))
    return refused


def disagreements(texts: Sequence[str], refused: dict[int, int]) -> Iterator[tuple[str, str]]:
    """Each text that one accepts and the other does not, with what is said about it."""
    for at, text in enumerate(texts):
        source = Source(f"{at}.tf", text)
        _, errors = read(source)
        if errors and at not in refused:
            yield text, f"only we refuse it: line {source.point(errors[0].start).line}: {errors[0].message}"
        elif not errors and at in refused:
            yield text, f"only terraform refuses it: line {refused[at]}"


def other_values(made: Texts, count: int) -> Iterator[tuple[str, str]]:
    """The templates of which we and terraform think differently, with both values."""
    native = _read_well(count, made.template, lambda text: read(Source("a.tf", f"a = {text}\n")))
    spelled = "".join(f"a{at} = {text}\n" for at, (text, _) in enumerate(native))
    yield from _differing(native, "main.tf", f"locals {{\n{spelled}}}\n")
    body = lambda: made.template_body("\n", "\r\n", '"', "\\", "  \n  ")  # noqa: E731 - it is one of two
    in_json = _read_well(count, body, lambda text: hcl_json.read(Source("a.tf.json", json.dumps({"a": text}))))
    members = {f"a{at}": text for at, (text, _) in enumerate(in_json)}
    yield from _differing(in_json, "main.tf.json", json.dumps({"locals": members}))


def _read_well(
    count: int, make: Callable[[], str], reader: Callable[[str], tuple[Body, list[HclError]]]
) -> list[tuple[str, str]]:
    """Templates without errors, and what they come to."""
    found: list[tuple[str, str]] = []
    while len(found) < count:
        text = make()
        body, errors = reader(text)
        attribute = body.attribute("a")
        if attribute is not None and not errors:
            found.append((text, _value(attribute.value)))
    return found


def _value(expression: Expression) -> str:
    if isinstance(expression, TemplateText):
        return _joined(expression.parts)
    assert isinstance(expression, Literal)
    return expression.value if isinstance(expression.value, str) else json.dumps(expression.value)


def _joined(parts: Sequence[Part]) -> str:
    return "".join(map(_part, parts))


def _part(part: Part) -> str:
    if isinstance(part, TextPart):
        return part.text
    if isinstance(part, Interpolation):
        return _value(part.value)
    if isinstance(part, IfPart):
        return _joined(part.parts if _value(part.condition) == "true" else part.otherwise)
    assert isinstance(part, ForPart)
    assert isinstance(part.collection, Tuple)
    return _joined(part.parts) * len(part.collection.items)


def _differing(ours: Sequence[tuple[str, str]], name: str, text: str) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_bytes(text.encode())
        asked = ",".join(f"local.a{at}" for at in range(len(ours)))
        done = subprocess.run(
            ["terraform", "console"],
            cwd=folder,
            input=f"jsonencode([{asked}])\n",
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        yield text, done.stderr
        return
    for (written, value), theirs in zip(ours, json.loads(json.loads(done.stdout)), strict=True):
        told = theirs if isinstance(theirs, str) else json.dumps(theirs)
        if value != told:
            yield written, f"we read {value!r}, terraform {told!r}"


def texts_of(folders: Sequence[str], cases: int, made: Texts) -> list[str]:
    """What is to be compared."""
    files = [file for folder in folders for file in sorted(Path(folder).rglob("*.tf")) if file.is_file()]
    found = [file.read_bytes().decode(errors="replace") for file in files]
    texts = [*found, *(made.text() for _ in range(cases))]
    return texts + [made.damaged(text) for text in texts for _ in range(20 if text in found else 1)]


def main() -> int:
    """Compare, and show some of what differs; 1 if anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if not shutil.which("terraform"):
        print("terraform is not installed")
        return 2
    made = Texts(given.seed)
    texts = texts_of(given.folders, given.cases, made)
    different: list[tuple[str, str]] = []
    refused = 0
    for first in range(0, len(texts), _BATCH):
        batch = texts[first : first + _BATCH]
        answer = terraform_refuses(batch)
        refused += len(answer)
        different += disagreements(batch, answer)
    templates = 0
    while templates < given.cases // 4:
        different += other_values(made, _PER_QUESTION)
        templates += 2 * _PER_QUESTION
    for text, said in sorted(different, key=lambda one: len(one[0]))[:_SHOWN]:
        print(f"--- {said}\n{text!r}")
    print(
        f"{len(texts)} texts, of which terraform refuses {refused}; {templates} templates; {len(different)} differences"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
