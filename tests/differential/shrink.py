"""Smaller cases that still show the same thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generate import SET_BY_CALLER, Case, Json, has_allow


def smallest(case: Case, shows: Callable[[Case], bool]) -> Case:
    """What is left when nothing more can be taken away without losing what the case shows."""
    while True:
        smaller = next((each for each in _smaller(case) if _is_sound(each) and shows(each)), None)
        if smaller is None:
            return case
        case = smaller


def _is_sound(case: Case) -> bool:
    """Whether every level of SCPs still allows something: of others the evaluators take different views."""
    return all(any(has_allow(document) for document in level) for level in case.scps)


def _smaller(case: Case) -> Iterator[Case]:
    for name in ("rcps", "scps", "endpoint", "session", "boundary", "identity"):
        value: Json = getattr(case, name)
        nothing: Json = []
        if value:
            yield case._replace(**{name: nothing})
        for less in _less(value):
            yield case._replace(**{name: less})
    if case.resource_policy is not None:
        yield case._replace(resource_policy=None)
        for less in _less(case.resource_policy):
            yield case._replace(resource_policy=less)
    for key in case.context.keys() - SET_BY_CALLER.keys():
        yield case._replace(context={name: value for name, value in case.context.items() if name != key})


def _less(value: Json) -> Iterator[Json]:
    """The value with one part taken away: an element of a list, a condition, an operator of one, or less of a part."""
    if isinstance(value, list):
        for at, each in enumerate(value):
            if len(value) > 1:
                yield value[:at] + value[at + 1 :]
            for less in _less(each):
                yield [*value[:at], less, *value[at + 1 :]]
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == "Condition" or (len(value) > 1 and not set(value) & {"Statement", "Effect"}):
                yield {name: kept for name, kept in value.items() if name != key}
            for less in _less(each):
                yield {**value, key: less}
