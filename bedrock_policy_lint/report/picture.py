"""The joined picture of what is called and what is granted, as text for people and as JSON for programs."""

from __future__ import annotations

import json
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED, UNKNOWN
from bedrock_policy_lint.diagnosis.verdict import PARTLY
from bedrock_policy_lint.picture import ANY_REGION, SETTING
from bedrock_policy_lint.report.screen import BOLD, DIM, GREEN, RED, SEVERITY_COLOURS, YELLOW, Paint, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.picture import Called, Granted, Open, Place, Principal, Told

_MARKS = {ALLOWED: ("✓", GREEN), DENIED: ("✗", RED), PARTLY: ("✗", RED), UNKNOWN: ("?", YELLOW)}
_INDENT = 2
_HEAD = 11
"""Columns before what is told: as many as the longest heading takes."""
_NARROWEST = 24
_MOST = 4
_NOTHING = "nothing that is known"


def as_text(principals: Iterable[Principal], *, width: int, colour: bool) -> str:
    """A block for each principal."""
    layout = _Layout(width, Paint(colour))
    return "\n".join("\n".join(layout.principal(each)) + "\n" for each in principals)


class _Layout:
    """Lines of a certain width."""

    def __init__(self, width: int, paint: Paint) -> None:
        self.width = width
        self.paint = paint

    def principal(self, told: Principal) -> Iterator[str]:
        where = f"  {told.place}" if told.place is not None else ""
        yield f"{self.paint(safe(told.name), BOLD)}  {told.kind}{self.paint(safe(where), DIM)}"
        if told.runs:
            yield from self._section("runs", [", ".join(told.runs)])
        yield from self._calls(told.calls)
        yield from self._section("may", list(map(_grant, told.may)) or [_NOTHING])
        yield from self._findings("missing", told.missing)
        yield from self._findings("wrong", told.wrong)
        yield from self._findings("too much", told.excess)
        yield from self._section("not known", list(map(_question, told.unknown)))

    def _calls(self, calls: tuple[Called, ...]) -> Iterator[str]:
        """The calls as a table, with the places behind where there is room for them."""
        if not calls:
            yield from self._section("calls", [_NOTHING])
            return
        rows = [_cells(call) for call in calls]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        for number, (call, row) in enumerate(zip(calls, rows, strict=True)):
            mark, code = _MARKS[call.outcome]
            cells = "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True) if size).rstrip()
            places = _places(call.places)
            head = self._head("calls" if not number else "")
            if _HEAD + _INDENT + 2 + len(cells) + 2 + len(places) <= self.width or not places:
                yield f"{head}{self.paint(mark, code)} {cells}  {self.paint(places, DIM)}".rstrip()
            else:
                lines = self._wrapped(cells)
                yield f"{head}{self.paint(mark, code)} {lines[0]}"
                blank = " " * (_INDENT + _HEAD + 2)
                yield from (f"{blank}{line}" for line in lines[1:])
                yield from (f"{blank}{self.paint(line, DIM)}" for line in self._wrapped(places))

    def _findings(self, head: str, found: tuple[Told, ...]) -> Iterator[str]:
        for number, told in enumerate(found):
            name, place = f"{told.severity.word}[{told.rule}]", safe(str(told.place))
            painted = self.paint(name, SEVERITY_COLOURS[told.severity], BOLD)
            is_room = _INDENT + _HEAD + len(name) + 1 + len(place) <= self.width
            start = f"{self._head('' if number else head)}{painted}"
            yield f"{start} {self.paint(place, DIM)}" if is_room else start
            texts = [*([] if is_room else [place]), told.message, *([f"fix: {told.fix}"] if told.fix else [])]
            for text in texts:
                yield from (f"{' ' * (_INDENT + _HEAD + 2)}{line}" for line in self._wrapped(safe(text)))

    def _section(self, head: str, texts: list[str]) -> Iterator[str]:
        for number, text in enumerate(texts):
            first, *others = self._wrapped(safe(text), hanging=2)
            yield f"{self._head('' if number else head)}{first}"
            yield from (f"{' ' * (_INDENT + _HEAD)}{line}" for line in others)

    def _head(self, text: str) -> str:
        return f"{' ' * _INDENT}{self.paint(text, DIM)}{' ' * (_HEAD - len(text))}"

    def _wrapped(self, text: str, hanging: int = 0) -> list[str]:
        room = max(_NARROWEST, self.width - _INDENT - _HEAD - 2)
        return wrap(text, room, subsequent_indent=" " * hanging, break_on_hyphens=False, break_long_words=False) or [""]


def _cells(call: Called) -> tuple[str, str, str]:
    named = f"{call.model} with the guardrail {call.guardrail}" if call.guardrail else call.model
    what = call.words or (f"{call.operation}, by a setting" if call.said_by == SETTING else call.operation)
    return safe(what), safe("" if call.words else named or "-"), safe(call.region or "where it runs")


def _grant(granted: Granted) -> str:
    """One statement in a line: "InvokeModel on amazon.nova-lite-v1:0 in us-east-1"."""
    actions = _some([_action(action) for action in granted.actions])
    where = "any Region" if granted.regions == (ANY_REGION,) else _some(list(granted.regions))
    resources = "everything" if granted.resources == ("*",) else _some(list(granted.resources))
    verb = "" if granted.effect == "Allow" else "never "
    on = f" on {resources}" if resources else ""
    within = f" in {where}" if where and resources != "everything" else ""
    under = ", under conditions" if granted.is_conditional else ""
    return f"{verb}{actions}{on}{within}{under}  {granted.place}"


def _action(action: str) -> str:
    """An action without the prefix that most have."""
    return action if action.endswith("*") and ":" in action[-2:] else action.removeprefix("bedrock:")


def _some(names: list[str]) -> str:
    shown = names if len(names) <= _MOST + 1 else [*names[:_MOST], f"{len(names) - _MOST} more"]
    return ", ".join(shown)


def _question(told: Open) -> str:
    return f"{told.question}  {told.place}" if told.place is not None else told.question


def _places(places: tuple[Place, ...]) -> str:
    return safe(_some(list(map(str, places))))


# JSON


def as_json(principals: Iterable[Principal]) -> str:
    """The same for programs."""
    return json.dumps({"principals": [_record(each) for each in principals]}, indent=2, ensure_ascii=False) + "\n"


def _record(value: Any) -> Any:
    """A named tuple as an object, whatever stands in it."""
    if hasattr(value, "_asdict"):
        return {name.rstrip("_"): _record(each) for name, each in value._asdict().items()}
    if hasattr(value, "word"):
        return value.word
    return [_record(each) for each in value] if isinstance(value, tuple) else value
