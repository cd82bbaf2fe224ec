"""Questions that the variables of a root module leave open, with the answers that make a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.world import OTHER, Choice
from bedrock_policy_lint.frontends.terraform.types import ANY, BOOL, STRING
from bedrock_policy_lint.frontends.terraform.validations import bare
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.wording import all_of

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.world import World
    from bedrock_policy_lint.frontends.terraform.literals import Literals
    from bedrock_policy_lint.frontends.terraform.module import Module, Variable

NULL = "\0null"
"""The answer that a variable is null."""
_VARIABLE = "var."
YES, NO = "true", "false"


class Given(NamedTuple):
    """Where the value of a variable comes from in a world."""

    kind: str
    """`supplied`, `answer`, `default` or `open`."""
    text: str = ""
    """What is supplied, or the answer."""
    has_default: bool = False
    """Whether the value is the default."""


class Questions:
    """What is asked of one configuration in one world."""

    def __init__(self, module: Module, literals: Literals, world: World, region_variable: str) -> None:
        self._variables = module.variables
        self._literals = literals
        self._world = world
        self._region = region_variable if world.region else ""
        self._chosen = {choice.key: choice.answer for choice in world.choices}
        self._given: dict[str, Given] = {}

    def given(self, variable: Variable) -> Given:
        """Where the value of a variable of the root module comes from."""
        found = self._given.get(variable.name)
        if found is None:
            found = self._given[variable.name] = self._find(variable)
        return found

    def state(self, name: str) -> object:
        """What a computation rests on, by the name under which it was noted."""
        if name.startswith("?"):
            return self.answer(name[1:])
        if name.startswith(_VARIABLE):
            return self.given(self._variables[name.removeprefix(_VARIABLE)])
        places = {"region": self._world.region, "workspace": self._world.workspace}
        return places.get(name, self._world.account)

    def answer(self, condition: str) -> str:
        """Whether a condition holds that nobody can settle."""
        return self._chosen.get(condition, YES)

    def _find(self, variable: Variable) -> Given:
        name, world = variable.name, self._world
        if name == self._region:
            return Given("supplied", world.region)
        if name in world.parameters:
            return Given("supplied", world.parameters[name])
        default = None if name in world.unknown else variable.default
        answers = self.answers(variable)
        if answers:
            chosen = self._chosen.get(_VARIABLE + name)
            plain = OTHER if default is None else _literal(default)
            base = _base(plain, default, answers)
            answer = chosen if chosen is not None else base
            is_default = default is not None and chosen is None and (world.takes_defaults or answer != OTHER)
            return Given("answer", answer, is_default)
        if default is not None and world.takes_defaults:
            return Given("default", "", has_default=True)
        return Given("open")

    def is_unlikely(self, consulted: set[str], defaults: set[str]) -> bool:
        """Whether hardly anybody deploys it so: with a variable null that nobody was asked for, with none of the
        values that it is compared to, or with one of these and the defaults of others."""
        if any(self._is_null(key) for key in defaults):
            return True
        guessed = consulted - defaults
        return bool(guessed and defaults) or any(self._is_other(key) for key in guessed)

    def _is_null(self, key: str) -> bool:
        variable = self._variable(key)
        return variable is not None and variable.default is not None and _literal(variable.default) == NULL

    def _is_other(self, key: str) -> bool:
        variable = self._variable(key)
        return variable is not None and self.given(variable).text == OTHER

    def answers(self, variable: Variable) -> tuple[str, ...]:
        """The values that make a difference to what a variable is compared to; none where it is nowhere compared."""
        if is_flag(variable):
            return YES, NO
        compared = self._literals.get(variable.name, ())
        allowed = variable.checks.allowed
        takes_texts = variable.shape.type in (STRING, ANY)
        found = [
            NULL if text is None else text
            for text in compared
            if text is None or (takes_texts and (not allowed or text in allowed))
        ]
        return tuple(found)

    def rest(self, variable: Variable) -> tuple[str, ...]:
        """The values of a closed set that it is compared to by none."""
        answers = self.answers(variable)
        return tuple(one for one in variable.checks.allowed if one not in answers)

    # Words

    def current(self, key: str) -> Choice:
        """A question with the answer that it has in this world."""
        variable = self._variable(key)
        answer = self.answer(key) if variable is None else self.given(variable).text
        return Choice(key, answer, self._words(key, variable, answer))

    def others(self, key: str) -> list[Choice]:
        """A question with each answer that it does not have in this world."""
        now = self.current(key).answer
        variable = self._variable(key)
        answers: tuple[str, ...] = (YES, NO)
        if variable is not None:
            answers = self.answers(variable)
            if not is_flag(variable) and (not variable.checks.allowed or self.rest(variable)):
                answers = (*answers, OTHER)
        return [Choice(key, one, self._words(key, variable, one)) for one in answers if one != now]

    def _variable(self, key: str) -> Variable | None:
        return self._variables.get(key.removeprefix(_VARIABLE)) if key.startswith(_VARIABLE) else None

    def _words(self, key: str, variable: Variable | None, answer: str) -> str:
        if variable is None:
            return f"`{key}` {'holds' if answer == YES else 'does not hold'}"
        if answer == NULL:
            return f"`{key}` is null"
        if answer != OTHER:
            return f"`{key}` is `{answer}`" if answer else f"`{key}` is empty"
        named = ["null" if one == NULL else one or '""' for one in self.answers(variable)]
        return f"`{key}` is not `{named[0]}`" if len(named) == 1 else f"`{key}` is none of {all_of(named)}"


def is_flag(variable: Variable) -> bool:
    """Whether a variable is true or false."""
    type_ = variable.shape.type
    if type_ == BOOL:
        return True
    default = bare(variable.default) if variable.default is not None else None
    return type_ == ANY and type(default) is tree.Literal and isinstance(default.value, bool)


def _literal(expression: tree.Expression) -> str:
    """A default as an answer; `OTHER` for one that is none."""
    value = bare(expression)
    text = tree.plain_text(value)
    if text is not None:
        return text
    if type(value) is tree.Literal and value.value is None:
        return NULL
    if type(value) is tree.Literal and isinstance(value.value, bool):
        return YES if value.value else NO
    return OTHER


def _base(plain: str, default: tree.Expression | None, answers: tuple[str, ...]) -> str:
    if default is None:
        return answers[0] if answers == (YES, NO) else OTHER
    return plain if plain in answers or (plain == NULL and answers == (YES, NO)) else OTHER
