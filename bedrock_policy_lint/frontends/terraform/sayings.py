"""Sentences about policies in the words of Terraform: places, and the names that elements have in its blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PSEUDO = "${AWS::"
_ELEMENTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
    "Principal": "principals",
    "NotPrincipal": "not_principals",
    "Condition": "condition",
    "Effect": "effect",
    "Sid": "sid",
    "Statement": "statement",
    "Version": "version",
}
"""Of a policy, and what `aws_iam_policy_document` calls them."""
_element = re.compile(r"(?<=`)(" + "|".join(_ELEMENTS) + r")(?=`| =)").sub
_member = re.compile(r"(?<=`)\"(\w+)\": (?=\"[^\"`]*\"`)").sub
_object = re.compile(r"`\{\"(\w+)\": ([^{}`]*)\}`").sub
_list = re.compile(r"(?<=`)(resources|actions) = (\"[^\"`]*\")(?=`)").sub


def said(text: str, places: Mapping[str, str], *, is_code: bool, is_block: bool) -> str:
    """A sentence about a place; `is_code` if Terraform's language stands there and no JSON, `is_block` if that are the
    blocks of `aws_iam_policy_document`."""
    if _PSEUDO in text:
        for name, expression in places.items():
            text = text.replace(f"${{{name}}}", f"${{{expression}}}")
    if is_code and '": ' in text:
        text = _object(r"`{ \1 = \2 }`", _member(r"\1 = ", text))
    return _list(r"\1 = [\2]", _element(lambda found: _ELEMENTS[found[1]], text)) if is_block else text
