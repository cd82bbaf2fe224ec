"""The words of a template for what only its deployment settles, in texts that are written into it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.fix.rewrite import UnfitError
from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.text import Hole, Template, Text, join, parts_of

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.document import Idiom

PARTITION, REGION, ACCOUNT = "AWS::Partition", "AWS::Region", "AWS::AccountId"
_PSEUDO = "AWS::"
_OF_IAM = ("${*}", "${?}", "${$}")
_begins_variable = re.compile(r"\$\{")
_variable = re.compile(r"\$\{([^!{}][^{}]*)\}")


def has_holes(text: Text) -> bool:
    """Whether a text has parts that a template must fill in; variables of IAM are text to it."""
    return isinstance(text, Template) and any(not _is_of_iam(hole) for hole in text.holes)


def substituted(text: Text, idiom: Idiom | None) -> str:
    """A text as it is written where a template fills in `${…}`."""
    if idiom is not None and idiom.spelled is not None:
        from bedrock_policy_lint.fix.hcl_texts import Slot

        return Slot(idiom).in_json(text)
    return "".join(_part(part, idiom) for part in parts_of(text))


def _part(part: str | Hole, idiom: Idiom | None) -> str:
    if isinstance(part, str):
        return _begins_variable.sub("${!", part)
    if _is_of_iam(part):
        return f"${{!{part.written[2:]}"
    return variable(part, idiom)


def plain(text: Text, idiom: Idiom | None) -> str:
    """A text as it is written where nothing, or everything, is filled in."""
    if isinstance(text, str):
        return text
    return "".join(
        part if isinstance(part, str) else part.written if _is_of_iam(part) else variable(part, idiom)
        for part in text.parts
    )


def variable(hole: Hole, idiom: Idiom | None) -> str:
    """A hole as a variable of the template; raises `UnfitError` where it has no name there."""
    written = f"${{{hole.name}}}"
    if idiom is None or not _is_known(hole.name, idiom) or hole.written != written:
        raise UnfitError(hole.name)
    return written


def opened(text: Text, idiom: Idiom) -> Text:
    """A text with holes where it spells out variables of the template, as texts do that are made of others there."""
    if isinstance(text, Template) or "${" not in text:
        return text
    if idiom.spelled is not None:
        from bedrock_policy_lint.fix import hcl_texts

        return hcl_texts.opened(text, idiom)
    parts: list[str | Hole] = []
    at = 0
    for match in _variable.finditer(text):
        if _is_known(match[1], idiom):
            parts += [text[at : match.start()], Hole(match[1], match[0])]
            at = match.end()
    return join([*parts, text[at:]])


def _is_known(name: str, idiom: Idiom) -> bool:
    return name.startswith(_PSEUDO) or name.partition(".")[0] in idiom.names


def rests_on_deployment_alone(written: str) -> bool:
    """Whether all that a template fills into this text are the parameters of AWS."""
    return all(name.strip().startswith(_PSEUDO) for name in _variable.findall(written))


def _is_of_iam(hole: Hole) -> bool:
    return hole.at_request or hole.written in _OF_IAM


def generalised(texts: Iterable[Text], idiom: Idiom, beside: Iterable[str] = ()) -> list[Text]:
    """ARNs that hold wherever the template is deployed.

    Of those that differ by their Regions alone each is for its own, wherever that is.
    """
    near = list(beside)
    found = [opened(text, idiom) for text in texts]
    alike = [_without_region(text) for text in found]
    bound = [here is not None and alike.count(here) > 1 for here in alike]
    return [
        generalise(text, idiom._replace(region="") if is_bound else idiom, near)
        for text, is_bound in zip(found, bound, strict=True)
    ]


def generalised_value(value: Any, idiom: Idiom) -> Any:
    """A value as JSON has it, with the texts in it generalised."""
    if isinstance(value, dict):
        return {key: generalised_value(each, idiom) for key, each in value.items()}
    if isinstance(value, list):
        return generalised(value, idiom) if all(isinstance(each, str | Template) for each in value) else value
    return generalised([value], idiom)[0] if isinstance(value, str | Template) else value


def _without_region(text: Text) -> arns.Arn | None:
    arn = arns.parse(text)
    return arn._replace(region="") if arn is not None else None


def generalise(text: Text, idiom: Idiom, beside: Iterable[str] = ()) -> Text:
    """An ARN that holds wherever the template is deployed, as far as those that stand beside it do."""
    arn = arns.parse(text)
    if arn is None:
        return text
    near = [written for written in beside if "arn:" in written]
    partition, region, account = arn.partition, arn.region, arn.account
    if partition == (idiom.partition or "aws") and not _is_literal(near, f"arn:{partition}:", PARTITION, idiom):
        partition = _left_open(PARTITION, partition, idiom, is_known=bool(idiom.partition))
    if (
        idiom.region
        and region == idiom.region
        and (idiom.is_region_open or not _is_literal(near, f":{region}:", REGION, idiom))
    ):
        region = _left_open(REGION, region, idiom, is_known=not idiom.is_region_open)
    if idiom.account and account == idiom.account and not _is_literal(near, f":{account}:", ACCOUNT, idiom):
        account = _left_open(ACCOUNT, account, idiom, is_known=True)
    fields = (arn.arn, partition, arn.service, region, account, arn.resource)
    parts: list[str | Hole] = []
    for field in fields:
        parts += [":", *parts_of(field)]
    return join(parts[1:])


def _is_literal(near: list[str], value: str, name: str, idiom: Idiom) -> bool:
    """Whether the neighbours write a value out, and none of them leaves it to AWS."""
    word = name if idiom.spelled is None else idiom.spelled.get(name, name)
    return any(value in written for written in near) and not any(word in written for written in near)


def _left_open(name: str, value: Text, idiom: Idiom, *, is_known: bool) -> Text:
    """What the deployment settles, by its name; written out where nothing here has a name for it and it is known."""
    if idiom.spelled is None or name in idiom.spelled:
        return Template((Hole(name, f"${{{name}}}"),))
    if not is_known:
        raise UnfitError(name)
    return value
