"""Conditions: every comparison is decided in a world; those that nobody can settle are questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.deployment.world import OTHER, Choice
from bedrock_policy_lint.frontends.template.computed import hole, text_of
from bedrock_policy_lint.frontends.template.evaluate import CIRCULAR
from bedrock_policy_lint.frontends.template.loops import spell
from bedrock_policy_lint.frontends.template.outline import REGION, direct
from bedrock_policy_lint.model.bounds import widest
from bedrock_policy_lint.model.pattern import choices, meets
from bedrock_policy_lint.model.text import Hole, Template, Text, fill, only_hole
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.template.evaluate import Evaluator
    from bedrock_policy_lint.frontends.template.loops import Scope

_NO_WILDCARDS = {ord("*"): "\3", ord("?"): "\4"}


def holds(evaluator: Evaluator, name: str, home: Node) -> bool:
    """Whether a named condition holds; `home` is where it is named."""
    entries, is_open = evaluator.condition_entries()
    entry = entries.get(name)
    if entry is None:
        if is_open or evaluator.outline.is_open:
            return _asked(evaluator, f"Condition {name}")
        evaluator.fault(home, f"the template has no condition `{name}`", evaluator.nearest(name, entries))
        return False
    found = evaluator.once(("condition", name), lambda: decide(evaluator, entry.node, entry.scope))
    if found is CIRCULAR:
        evaluator.fault(home, f"the condition `{name}` depends on itself, directly or through others")
        return False
    return bool(found)


def decide(evaluator: Evaluator, node: Node, scope: Scope) -> bool:
    """Whether the expression of a condition holds."""
    from bedrock_policy_lint.frontends.template.evaluate import MAX_DEPTH

    value = node.value
    if not isinstance(value, Object) or len(value) != 2:
        evaluator.fault(node, "a condition is a mapping of one function, such as `Fn::Equals`, to its arguments")
        return False
    if evaluator.depth >= MAX_DEPTH:
        evaluator.fault(node, f"conditions refer to one another more than {MAX_DEPTH} deep")
        return False
    evaluator.depth += 2
    try:
        return _decide(evaluator, node, scope)
    finally:
        evaluator.depth -= 2


def _decide(evaluator: Evaluator, node: Node, scope: Scope) -> bool:
    key, argument = node.value
    name = key.value
    if name == "Condition":
        text = evaluator.name(argument, scope)
        if isinstance(text, str):
            return holds(evaluator, text, argument)
        evaluator.fault(argument, "`Condition` takes the name of a condition")
        return False
    if name == "Fn::Equals":
        return _equals(evaluator, node, argument, scope)
    if name in ("Fn::And", "Fn::Or", "Fn::Not"):
        return _joined(evaluator, name, argument, scope)
    if name == "Fn::Transform" or evaluator.outline.is_open:
        return _asked(evaluator, evaluator.spell(node, scope))
    known = ("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Condition")
    evaluator.fault(key, f"`{name}` is no function of conditions", evaluator.nearest(str(name), known))
    return False


def _joined(evaluator: Evaluator, name: str, argument: Node, scope: Scope) -> bool:
    parts = argument.value if type(argument.value) is list else []
    fits = len(parts) == 1 if name == "Fn::Not" else bool(parts)
    if not fits:
        takes = "a list of one condition" if name == "Fn::Not" else "a list of conditions"
        evaluator.fault(argument, f"`{name}` takes {takes}")
        return False
    if name == "Fn::Not":
        return not decide(evaluator, parts[0], scope)
    # What comes behind the part that decides is not asked for: no other answer to it makes a difference here.
    check = all if name == "Fn::And" else any
    return check(decide(evaluator, part, scope) for part in parts)


def _equals(evaluator: Evaluator, node: Node, argument: Node, scope: Scope) -> bool:
    sides = argument.value if type(argument.value) is list else []
    if len(sides) != 2:
        evaluator.fault(argument, "`Fn::Equals` takes a list of two values")
        return False
    is_question = [_is_question(evaluator, side, scope) for side in sides]
    texts = [None if asks else _operand(evaluator, side, scope) for asks, side in zip(is_question, sides, strict=True)]
    # Where one side is not known, no answer for the other settles anything.
    if any(is_question) and all(asks or isinstance(text, str) for asks, text in zip(is_question, texts, strict=True)):
        texts = [
            _answer(evaluator, direct(side)) if text is None else text for side, text in zip(sides, texts, strict=True)
        ]
    one, other = texts
    if one is not None and other is not None:
        answer = _same(evaluator, one, other)
        if answer is not None:
            return answer
    return _asked(evaluator, evaluator.spell(node, scope))


def _is_question(evaluator: Evaluator, node: Node, scope: Scope) -> bool:
    name = direct(node)
    return name in evaluator.outline.literals and not any(name == variable for variable, _ in scope)


def _answer(evaluator: Evaluator, name: str) -> Text:
    """The answer for a parameter, in a hole when it is none of those that are asked for."""
    answer = evaluator.ask(name)
    return Template((hole(name),)) if answer == OTHER else answer


def _operand(evaluator: Evaluator, node: Node, scope: Scope) -> Text | None:
    """What one side comes to; None for what is no text, or not known."""
    found = evaluator.compute(node, scope)
    if found is None:
        return ""
    if type(found.value) is list and not isinstance(found.value, Object):
        texts = [text_of(item) for item in found.value]
        return ",".join(text for text in texts if isinstance(text, str)) if _all_plain(texts) else None
    return text_of(found)


def _all_plain(texts: list[Text | None]) -> bool:
    return all(isinstance(text, str) for text in texts)


def _same(evaluator: Evaluator, one: Text, other: Text) -> bool | None:
    """Whether two texts are equal; None when that hangs on what is not known."""
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str):
        return False
    for side, against in ((one, other), (other, one)):
        whole = only_hole(side)
        if whole is not None and isinstance(against, str):
            asked = evaluator.outline.literals.get(whole.name, ())
            if against in asked and evaluator.answer(whole.name) == OTHER:
                return False
    answers = {_may_meet(fill(one, given), fill(other, given)) for given in choices(one, other)}
    return answers.pop() if len(answers) == 1 else None


def _may_meet(one: Text, other: Text) -> bool | None:
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str):
        return False
    return None if meets(widest(_tame(one)), widest(_tame(other))) else False


def _tame(text: Text) -> Text:
    """The text with its stars and question marks made ordinary characters."""
    if isinstance(text, str):
        return text.translate(_NO_WILDCARDS)
    return Template(tuple(part if isinstance(part, Hole) else part.translate(_NO_WILDCARDS) for part in text.parts))


def _asked(evaluator: Evaluator, key: str) -> bool:
    return evaluator.ask(key) == "true"


# Words


def current(evaluator: Evaluator, key: str) -> Choice:
    """A question with the answer that it has in this world."""
    return _choice(evaluator, key, evaluator.answer(key))


def others(evaluator: Evaluator, key: str) -> Iterator[Choice]:
    """A question with each answer that it does not have in this world."""
    now = evaluator.answer(key)
    if key == REGION or key in evaluator.outline.parameters:
        declared = evaluator.outline.parameters.get(key)
        answers = evaluator.outline.answers(key)
        is_closed = declared is not None and bool(declared.allowed)
        for answer in answers:
            if answer != now:
                yield _choice(evaluator, key, answer)
        if not is_closed and now in answers:
            yield _choice(evaluator, key, OTHER)
        return
    yield _choice(evaluator, key, "false" if now == "true" else "true")


def _choice(evaluator: Evaluator, key: str, answer: str) -> Choice:
    return Choice(key, answer, _words(evaluator, key, answer))


def _words(evaluator: Evaluator, key: str, answer: str) -> str:
    if key == REGION or key in evaluator.outline.parameters:
        if answer == OTHER:
            compared = evaluator.outline.answers(key)
            if not compared:
                return f"`{key}` is not known"
            if compared == ("",):
                return f"`{key}` is not empty"
            named = [value or "''" for value in compared]
            return f"`{key}` is not `{named[0]}`" if len(named) == 1 else f"`{key}` is none of {all_of(named)}"
        return f"`{key}` is `{answer}`" if answer else f"`{key}` is empty"
    name = key.removeprefix("Condition ") if key.startswith("Condition ") else _named_so(evaluator, key)
    verb = "holds" if answer == "true" else "does not hold"
    return f"the condition `{name}` {verb}" if name else f"`{key}` {verb}"


def _named_so(evaluator: Evaluator, key: str) -> str:
    """The condition that consists of just this comparison; empty when there is none."""
    entries, _ = evaluator.condition_entries()
    for name, entry in entries.items():
        value = entry.node.value
        is_comparison = isinstance(value, Object) and len(value) == 2 and value[0].value == "Fn::Equals"
        if is_comparison and key in (spell(entry.node, entry.scope), evaluator.spell(entry.node, entry.scope)):
            return name
    return ""
