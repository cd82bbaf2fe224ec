"""A generated policy as text to paste: a JSON document, Terraform, or CloudFormation in YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.text import Hole

if TYPE_CHECKING:
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.usage.generate import Clause

VERSION = "2012-10-17"
JSON, TERRAFORM, CLOUDFORMATION = "json", "terraform", "cloudformation"

_Spell = Callable[["Text"], Any]
"""How a dialect writes one text of a policy."""

_PARTITION = re.compile(r"arn:[a-z-]+:")
_is_partition = re.compile(r"[a-z-]+").fullmatch


class Home(NamedTuple):
    """Where the policy is deployed: what a template need not write out."""

    account: str = ""
    region: str = ""
    """Empty when calls are made from several."""


def write(
    clauses: Iterable[Clause], form: str, *, comment: str = "", is_scp: bool = False, home: Home | None = None
) -> str:
    """The policy in one of the three forms; JSON has no room for the comment."""
    if form == JSON:
        return json.dumps(_document(clauses, _plain), indent=2, ensure_ascii=False) + "\n"
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return head + (_terraform(clauses) if form == TERRAFORM else _cloudformation(clauses, is_scp, home or Home()))


def _document(clauses: Iterable[Clause], spell: _Spell) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": [_statement(clause, spell) for clause in clauses]}


def _statement(clause: Clause, spell: _Spell) -> dict[str, Any]:
    written: dict[str, Any] = {
        "Sid": clause.sid,
        "Effect": clause.effect,
        "Action": _one_or_many(clause.actions, spell),
        "NotResource" if clause.is_exempting else "Resource": _one_or_many(clause.resources, spell),
    }
    condition: dict[str, Any] = {}
    for operator, key, values in clause.conditions:
        condition.setdefault(operator, {})[key] = _one_or_many(values, spell)
    return written | ({"Condition": condition} if condition else {})


def _one_or_many(texts: tuple[Text, ...], spell: _Spell) -> Any:
    spelled = [spell(text) for text in texts]
    return spelled[0] if len(spelled) == 1 else spelled


def _pieces(text: Text) -> Iterator[str | Hole]:
    """The parts of a text in IAM's own writing: what only looks like a policy variable is made plain.

    Left as holes are those that the dialect has to fill in.
    """
    for part in (text,) if isinstance(text, str) else text.parts:
        if isinstance(part, str):
            yield part.replace("${", "${$}{")
        else:
            yield part.written if part.at_request or part.values else part


def _plain(text: Text) -> str:
    return "".join(piece if isinstance(piece, str) else piece.written for piece in _pieces(text))


def _interpolated(text: Text, escape: Callable[[str], str], account: str, partition: str) -> str:
    """A text in a dialect that can fill in the account, and with it the partition."""
    pieces = list(_pieces(text))
    written = "".join(escape(piece) if isinstance(piece, str) else account for piece in pieces)
    return _PARTITION.sub(lambda _: f"arn:{partition}:", written, count=1)


def _is_open(clauses: Iterable[Clause]) -> bool:
    """Whether somebody has to fill in the account: then the policy is to serve in more than one."""
    texts = (
        text
        for clause in clauses
        for text in (*clause.resources, *(value for condition in clause.conditions for value in condition.values))
    )
    return any(isinstance(piece, Hole) for text in texts for piece in _pieces(text))


# Terraform

_TF_ACCOUNT = "${data.aws_caller_identity.current.account_id}"
_TF_PARTITION = "${data.aws_partition.current.partition}"


def _terraform(clauses: Iterable[Clause]) -> str:
    """Data sources that `terraform fmt` leaves as they are."""
    clauses = tuple(clauses)
    is_open = _is_open(clauses)
    blocks = ['data "aws_caller_identity" "current" {}\n', 'data "aws_partition" "current" {}\n'] if is_open else []

    def spell(text: Text) -> str:
        if is_open and str(text).startswith("arn:"):
            return '"' + _interpolated(text, _hcl_escape, _TF_ACCOUNT, _TF_PARTITION) + '"'
        return f'"{_hcl_escape(_plain(text))}"'

    statements = "\n".join(_terraform_statement(clause, spell) for clause in clauses)
    blocks.append(f'data "aws_iam_policy_document" "bedrock" {{\n{statements}}}\n')
    return "\n".join(blocks)


def _hcl_escape(text: str) -> str:
    """The inside of a quoted string; a policy variable is written `&{…}`, which the data source turns back."""
    text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text.replace("${", "&{").replace("%{", "%%{")


def _terraform_statement(clause: Clause, spell: _Spell) -> str:
    parts = [
        _aligned([("sid", f'"{clause.sid}"'), ("effect", f'"{clause.effect}"')], "    "),
        _assigned("actions", [spell(action) for action in clause.actions], "    "),
        _assigned(
            "not_resources" if clause.is_exempting else "resources", [spell(text) for text in clause.resources], "    "
        ),
    ]
    for operator, key, values in clause.conditions:
        head = [("test", f'"{operator}"'), ("variable", f'"{key}"')]
        spelled = [spell(value) for value in values]
        if len(spelled) == 1:
            body = _aligned([*head, ("values", f"[{spelled[0]}]")], "      ")
        else:
            body = _aligned(head, "      ") + "\n" + _assigned("values", spelled, "      ")
        parts.append(f"    condition {{\n{body}    }}\n")
    return "  statement {\n" + "\n".join(parts) + "  }\n"


def _aligned(pairs: list[tuple[str, str]], indent: str) -> str:
    """Attributes on neighbouring lines, their equals signs one below the other."""
    width = max(len(name) for name, _ in pairs)
    return "".join(f"{indent}{name:<{width}} = {value}\n" for name, value in pairs)


def _assigned(name: str, values: list[str], indent: str) -> str:
    if len(values) == 1:
        return f"{indent}{name} = [{values[0]}]\n"
    return f"{indent}{name} = [\n" + "".join(f"{indent}  {value},\n" for value in values) + f"{indent}]\n"


# CloudFormation

_CFN_ACCOUNT = "${AWS::AccountId}"
_CFN_PARTITION = "${AWS::Partition}"
_CFN_REGION = "AWS::Region"
_unquoted = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./-]|:(?!$))*").fullmatch
_WORDS_OF_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


class _Tagged(str):
    """A text that a function of CloudFormation completes."""

    __slots__ = ("tag",)
    tag: str

    @classmethod
    def of(cls, tag: str, text: str) -> _Tagged:
        """The argument of the function with that short form."""
        made = cls(text)
        made.tag = tag
        return made


def _cloudformation(clauses: Iterable[Clause], is_scp: bool, home: Home) -> str:
    """A template with the policy as its one resource, to be deployed or pasted into another."""
    clauses = tuple(clauses)
    if is_scp:
        # It is deployed in the account that manages the organisation, and holds in others.
        content = {"Name": "bedrock-regions", "Type": "SERVICE_CONTROL_POLICY", "Content": _document(clauses, _plain)}
        return _resource("BedrockRegions", "AWS::Organizations::Policy", content)
    spelled = _Spelled(clauses, home)
    document = {"PolicyDocument": _document(clauses, spelled.spell)}
    text = _resource("BedrockPolicy", "AWS::IAM::ManagedPolicy", document)
    where = f"# Deploy it to {home.region}: `AWS::Region` is where the calls come from.\n" if spelled.moves else ""
    return where + text


def _resource(name: str, kind: str, properties: dict[str, Any]) -> str:
    return "".join(_yaml({"Resources": {name: {"Type": kind, "Properties": properties}}}, ""))


class _Spelled:
    """Texts in the idiom of templates: what is where the template is deployed is not written out."""

    def __init__(self, clauses: tuple[Clause, ...], home: Home) -> None:
        self.home = home
        self.moves = False
        """Whether the Region is left to the deployment somewhere."""
        self._regions: dict[Arn, set[Text]] = {}
        """In which Regions each resource is named."""
        values = (value for clause in clauses for condition in clause.conditions for value in condition.values)
        for text in (*(text for clause in clauses for text in clause.resources), *values):
            if (arn := arns.parse(text)) is not None and arn.region:
                self._regions.setdefault(arn._replace(region=""), set()).add(arn.region)

    def spell(self, text: Text) -> str:
        """One text of the policy."""
        arn = arns.parse(text)
        if arn is None:
            is_region = bool(self.home.region) and text == self.home.region
            self.moves |= is_region
            return _Tagged.of("!Ref", _CFN_REGION) if is_region else _plain(text)
        fields = [_interpolated(field, _sub_escape, _CFN_ACCOUNT, "") for field in arn.fields]
        if _is_partition(str(arn.partition)):
            fields[arns.FIELDS.index("partition")] = _CFN_PARTITION
        if arn.account and arn.account == self.home.account:
            fields[arns.FIELDS.index("account")] = _CFN_ACCOUNT
        # What is named in several Regions means them.
        if arn.region and self._regions[arn._replace(region="")] == {self.home.region}:
            fields[arns.FIELDS.index("region")] = f"${{{_CFN_REGION}}}"
            self.moves = True
        return _Tagged.of("!Sub", ":".join(fields))


def _sub_escape(text: str) -> str:
    return text.replace("${", "${!")


def _yaml(mapping: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        if isinstance(value, dict):
            yield f"{indent}{_scalar(key)}:\n"
            yield from _yaml(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{_scalar(key)}:\n"
            yield from _items(value, indent + "  ")
        else:
            yield f"{indent}{_scalar(key)}: {_scalar(value)}\n"


def _items(values: list[Any], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            lines = "".join(_yaml(value, indent + "  "))
            yield f"{indent}- {lines.removeprefix(indent + '  ')}"
        else:
            yield f"{indent}- {_scalar(value)}\n"


def _scalar(text: str) -> str:
    tag = f"{text.tag} " if isinstance(text, _Tagged) else ""
    is_plain = _unquoted(text) is not None and text.lower() not in _WORDS_OF_YAML
    return tag + (str(text) if is_plain else json.dumps(text, ensure_ascii=False))
