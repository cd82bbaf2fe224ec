"""Which resources the entries of `Resource` or `NotResource` stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.texts import heeds_colons, hides_type, lacking_of_arn, like_arn, literal
from bedrock_policy_lint.authorize.variables import settled
from bedrock_policy_lint.model.bounds import head, widest
from bedrock_policy_lint.model.pattern import glob, is_wild, meets
from bedrock_policy_lint.model.text import Template, Text, split

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.pattern import Tri


class Entries:
    """A list of ARN patterns, sorted so that the common ones are told at once."""

    __slots__ = ("exact", "fielded", "open", "prefixes", "star", "wild")

    def __init__(self, texts: Iterable[Text]) -> None:
        self.star = False
        exact: set[str] = set()
        prefixes: list[str] = []
        self.wild: list[str] = []
        """Patterns whose wildcards may match any character."""
        self.fielded: list[str] = []
        """Patterns with a wildcard that must not match a colon, or that hides the type of the resource."""
        self.open: list[Template] = []
        for text in texts:
            if not isinstance(text, str):
                self.open.append(text)
            elif text == "*":
                self.star = True
            elif not is_wild(text):
                exact.add(text)
            elif text.endswith("*") and not is_wild(text[:-1]):
                prefixes.append(text[:-1])
            else:
                (self.fielded if heeds_colons(text) or hides_type(text) else self.wild).append(text)
        self.exact = frozenset(exact)
        self.prefixes = tuple(prefixes)
        """What stands before the star of patterns that have but one, at their end."""

    def hold(self, request: Request, why: list[str]) -> Tri:
        """Whether one of them stands for the resource of the request; when nobody knows, `why` says what it takes."""
        resource = request.resource
        if self.star:
            return True
        if not isinstance(resource, str):
            return self._against_open(resource, request, why)
        if resource in self.exact or resource.startswith(self.prefixes):
            return True
        for pattern in self.wild:
            if glob(pattern, resource):
                return True
        careful: tuple[Text, ...] = (*self.fielded, *self.open)
        return _any(careful, request, why) if careful else False

    def _against_open(self, resource: Template, request: Request, why: list[str]) -> Tri:
        """The same for a resource that is not wholly known."""
        begins, wide = head(resource), widest(resource)
        near = [text for text in self.exact if text.startswith(begins) and glob(wide, text)]
        begun = [f"{prefix}*" for prefix in self.prefixes]
        return _any((*self.open, *near, *begun, *self.wild, *self.fielded), request, why)


def _any(entries: Iterable[Text], request: Request, why: list[str]) -> Tri:
    """Whether one of the entries stands for the resource; `why` grows only when nobody knows."""
    answer: Tri = False
    mark = len(why)
    for text in entries:
        this = _entry(text, request, why)
        if this:
            del why[mark:]
            return True
        answer = answer if this is False else None
    return answer


def _entry(text: Text, request: Request, why: list[str]) -> Tri:
    """Whether one entry stands for the resource."""
    if isinstance(text, str):
        answer = like_arn(text, request.resource)
        if answer is None:
            why.extend(lacking_of_arn(text, request.resource))
        return answer
    fields = split(text, ":", 5)
    early = [hole for field in fields[:5] if isinstance(field, Template) for hole in field.holes if hole.at_request]
    if early:
        # AWS does not say what such an entry means; at most it is what some value of the variable makes of it.
        if not meets(widest(text), widest(request.resource)):
            return False
        why.extend(f"{hole.written} stands before the fifth colon of an ARN" for hole in early)
        return None
    lacks: list[str] = []
    pattern = settled(text, request, lacks)
    if pattern is None:
        return False
    answer = like_arn(pattern, literal(request.resource))
    if answer is None:
        why.extend(lacks)
        why.extend(lacking_of_arn(pattern, request.resource))
    return answer
