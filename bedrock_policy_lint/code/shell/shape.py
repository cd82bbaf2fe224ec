"""What the tree of a script says by its shape alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.commands import Assignment, Choice, Loop, Maybe, Pipeline, Sequence, Simple
from bedrock_policy_lint.code.shell.words import Literal, Variable, Word

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.commands import Command


def first_word(command: Command) -> str:
    """The name of a command that is written as it is; empty for any other."""
    if not isinstance(command, Simple) or not command.words or not isinstance(command.words[0], Word):
        return ""
    part = command.words[0].parts[0]
    return part.text if isinstance(part, Literal) and len(command.words[0].parts) == 1 else ""


def tested_empty(condition: tuple[Command, ...]) -> str:
    """The variable that a condition asks whether it is empty."""
    if len(condition) != 1 or first_word(condition[0]) not in ("[", "[[", "test"):
        return ""
    words = condition[0].words if isinstance(condition[0], Simple) else ()
    if len(words) < 3 or not isinstance(words[1], Word) or not isinstance(words[2], Word) or words[1].plain != "-z":
        return ""
    if len(words) > 3 and not (isinstance(words[3], Word) and words[3].plain == "]"):
        return ""
    part = words[2].parts[0]
    if len(words[2].parts) != 1 or not isinstance(part, Variable):
        return ""
    plain = not part.operator or (part.operator in (":-", "-") and part.word is not None and not _has_text(part.word))
    return part.name if plain else ""


def _has_text(word: Word) -> bool:
    return any(not isinstance(part, Literal) or part.text for part in word.parts)


def _inside(command: Command) -> tuple[Command, ...]:
    match command:
        case Pipeline() | Sequence():
            return command.commands
        case Choice():
            return (*command.condition, *(one for branch in command.branches for one in branch))
        case Maybe():
            return (command.first, *(one for _, one in command.rest))
        case Loop():
            return (*command.condition, *command.body)
    return ()


def assigned(commands: tuple[Command, ...]) -> set[str]:
    """The variables that commands set."""
    found: set[str] = set()
    waiting = list(commands)
    while waiting:
        command = waiting.pop()
        if isinstance(command, Simple):
            found.update(one.name for one in command.assignments if not command.words)
            found.update(one.name for one in command.words if isinstance(one, Assignment))
            if first_word(command) in ("read", "mapfile", "readarray", "getopts"):
                found.update(word.plain for word in command.words[1:] if isinstance(word, Word) and word.plain)
        else:
            if isinstance(command, Loop) and command.name:
                found.add(command.name)
            waiting.extend(_inside(command))
    return found


def shifts(commands: tuple[Command, ...]) -> bool:
    waiting = list(commands)
    while waiting:
        command = waiting.pop()
        if first_word(command) == "shift":
            return True
        waiting.extend(_inside(command))
    return False
