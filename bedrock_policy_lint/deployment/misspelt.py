"""Which managed policy of AWS is meant by a name that AWS does not have."""

from __future__ import annotations

import re
from functools import cache

from bedrock_policy_lint.deployment import managed

_words = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+").findall
_ENDINGS = ("Access", "Policy", "Role")
"""Words that are added, or left out, where others of the names have them, or have not."""


@cache
def meant_by(name: str) -> str:
    """The known policy whose name is nearly this; empty when there is none, or several.

    No two names of AWS are that near to each other, so that a name which is new is hardly taken for a slip.
    """
    found = [known for known in managed.known_names() if _near(name, known)]
    return found[0] if len(found) == 1 else ""


def _near(one: str, other: str) -> bool:
    """Whether two names differ by a slip in some words, by an ending, or by capitals and underscores."""
    if abs(len(one) - len(other)) > len(max(_ENDINGS, key=len)):
        return False
    if _plain(one) == _plain(other):
        return True
    first, second = sorted((_words(one), _words(other)), key=len)
    if len(first) == len(second):
        return all(map(_is_slip, first, second))
    return first == second[:-1] and second[-1] in _ENDINGS


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _is_slip(one: str, other: str) -> bool:
    """Whether two words are the same but for one letter, or two letters that changed places; acronyms never are."""
    if one == other:
        return True
    if one.isupper() or other.isupper() or not (one.isalpha() and other.isalpha()):
        return False
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < len(longer):
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    unlike = [at for at in range(len(one)) if one[at] != other[at]]
    return len(unlike) == 1 or (
        len(unlike) == 2 and one[unlike[0] : unlike[1] + 1] == other[unlike[0] : unlike[1] + 1][::-1]
    )
