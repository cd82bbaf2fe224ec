"""What a script comes to if nothing is run: which commands with which arguments, as far as its text tells."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bedrock_policy_lint.code.shell.assign import Assigning
from bedrock_policy_lint.code.shell.commands import (
    DECLARING,
    Choice,
    Function,
    Loop,
    Maybe,
    Pipeline,
    Sequence,
    Simple,
    parse,
)
from bedrock_policy_lint.code.shell.own_commands import OWN
from bedrock_policy_lint.code.shell.scope import Argument, Binding, Scope
from bedrock_policy_lint.code.shell.shape import assigned, first_word, shifts, tested_empty
from bedrock_policy_lint.code.shell.spelling import alternatives
from bedrock_policy_lint.code.shell.words import Script, TooDeepError, Word, whole
from bedrock_policy_lint.code.site import Unread
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.code.shell.commands import Command
    from bedrock_policy_lint.code.shell.spelling import Marks, Spelled

_MOST_DEPTH = 64
"""So deep may commands stand in commands, functions and substitutions."""
_MOST_STEPS = 60_000
"""So much is followed of one script: commands, and variables where ways part."""
_MOST_CALLS = 12
"""So deep may functions call each other."""
_MOST_ITEMS = 500
_WRAPPERS = frozenset(
    {
        *("sudo", "doas", "env", "exec", "command", "builtin", "time", "timeout", "nice", "nohup", "xargs", "stdbuf"),
        *("setsid", "ionice", "chronic", "unbuffer", "parallel", "aws-vault", "doppler", "op", "dotenv", "watch"),
    }
)
"""Commands that run the command that they are given."""
_FILLING = frozenset({"xargs", "parallel"})
"""Those that put what they read into it."""
_OTHERS_CREDENTIALS = frozenset({"aws-vault"})
"""Those that run it with credentials of their own."""
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_TESTS = frozenset({"[", "[[", "test", "grep", "command", "which", "type", "false", "hash", "diff", "cmp"})
"""Commands whose failure is an answer, so that what stands behind `&&` may not run."""
_HARMLESS_SOURCES = frozenset({"activate", "nvm.sh", ".bashrc", ".bash_profile", ".profile", ".zshrc", "os-release"})
"""Files from outside of a project that set nothing that a project's scripts set."""


class Observer(Protocol):
    """Who wants to know of the commands that are run."""

    def __call__(self, arguments: tuple[Argument, ...], run: Run, own: Mapping[str, Binding]) -> None:
        """A command with its arguments is run; `own` are the variables set for it alone."""


class _Defined(NamedTuple):
    body: tuple[Command, ...]
    script: Script


class _EnoughError(Exception):
    """More was followed than is allowed."""


class Run(Assigning):
    """Follows one script, and those that it loads."""

    def __init__(self, files: Files, marks: Marks, observe: Observer, variables: dict[str, Binding]) -> None:
        super().__init__(marks, Scope(variables))
        self.files = files
        self.loaded: list[str] = []
        self.unread: list[Unread] = []
        self._observe = observe
        self._functions: dict[str, _Defined] = {}
        self._called: set[str] = set()
        self._running: set[str] = set()
        """The functions that run: one that calls itself does nothing new."""
        self._steps = 0
        self._depth = 0

    def follow(self, script: Script) -> None:
        """Follow a script from beginning to end, then the functions that nothing in it calls."""
        self._script = script
        try:
            self._all(parse(script))
            self._uncalled()
        except TooDeepError as error:
            self._cannot(error.at, "commands nest deeper here than is followed")
        except _EnoughError:
            self._cannot(script.offsets[0] if script.text else 0, "it does more than is followed")

    def follow_command(self, arguments: tuple[Argument, ...], script: Script) -> None:
        """Follow one command of a script that no shell takes apart."""
        self._script = script
        try:
            self.command(arguments, {})
        except (TooDeepError, _EnoughError):
            self._cannot(script.offsets[0], "it does more than is followed")

    def _cannot(self, at: int, reason: str) -> None:
        self.unread.append(Unread(Span(self._script.source, at, at), reason))

    def _uncalled(self) -> None:
        for name, defined in list(self._functions.items()):
            if name not in self._called:
                kept, self.scope = self.scope, self.scope.copy()
                self._enter(name, defined, None)
                self.scope = kept

    # Commands

    def _all(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self._one(command)

    def _step(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > _MOST_STEPS:
            raise _EnoughError

    def _one(self, command: Command) -> None:
        self._step()
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise _EnoughError
        self._of_kind(command)
        self._depth -= 1

    def _of_kind(self, command: Command) -> None:
        match command:
            case Simple():
                self._simple(command)
            case Pipeline():
                for one in command.commands:
                    self._apart((one,))
            case Sequence():
                self._all(command.commands)
            case Choice():
                self._choice(command)
            case Maybe():
                self._maybe(command)
            case Loop():
                self._loop(command)
            case Function():
                self._functions[command.name] = _Defined(command.body, self._script)

    def _branch(self) -> Scope:
        self._step(len(self.scope.variables) // 200)
        return self.scope.copy()

    def _apart(self, commands: tuple[Command, ...]) -> None:
        """Run commands in a subshell, which changes nothing."""
        kept, self.scope = self.scope, self._branch()
        self._all(commands)
        self.scope = kept

    def _choice(self, choice: Choice) -> None:
        self._all(choice.condition)
        before = self.scope
        ways: list[Scope] = []
        for branch in choice.branches:
            self.scope = self._branch()
            self._all(branch)
            ways.append(self.scope)
            self.scope = before
        if choice.is_whole and ways:
            before.become(ways.pop())
        tested = tested_empty(choice.condition)
        if tested and len(ways) == 1:
            self._note_default(tested, before, ways[0])
        before.meet(ways, self._unset)

    def _maybe(self, chain: Maybe) -> None:
        self._one(chain.first)
        before = chain.first
        for operator, command in chain.rest:
            if operator == "&&" and first_word(before) not in _TESTS:
                self._one(command)
            else:
                kept, self.scope = self.scope, self._branch()
                self._one(command)
                way, self.scope = self.scope, kept
                tested = tested_empty((before,)) if operator == "&&" else ""
                if tested:
                    self._note_default(tested, kept, way)
                kept.meet([way], self._unset)
            before = command

    def _note_default(self, name: str, before: Scope, way: Scope) -> None:
        """Behind `[ -z "$NAME" ]`, what a variable is set to is its default."""
        binding = way.variables.get(name)
        if before.variables.get(name) is None and binding is not None:
            values = tuple(value._replace(default_of=value.default_of or name) for value in binding.values)
            way.variables[name] = binding._replace(values=values)

    def _loop(self, loop: Loop) -> None:
        arguments = None if loop.words is None else self._arguments(loop.words)
        before = self._branch()
        earlier = {name: self._of_earlier_turns(name, loop) for name in assigned((*loop.condition, *loop.body))}
        if self.scope.positional is not None and shifts(loop.body):
            self.scope.positional = None
        if loop.name:
            self.scope.set(loop.name, Binding(self._taken(loop, arguments)))
        self._all(loop.condition)
        self._all(loop.body)
        taken = self.scope.variables.get(loop.name)
        for name, mark in earlier.items():
            binding = self.scope.variables.get(name)
            # What it held in an earlier turn is what it holds at the end of one, or before the first.
            if binding is not None and (values := tuple(value for value in binding.values if value.text != mark)):
                self.scope.variables[name] = binding._replace(values=values)
        self.scope.meet([before], self._unset)
        if taken is not None:
            self.scope.variables[loop.name] = taken

    def _of_earlier_turns(self, name: str, loop: Loop) -> str:
        """Let a variable that a loop sets hold something unknown; the mark of that."""
        binding = self.scope.variables.get(name)
        unknown = self._hole(f"${name} of an earlier turn", f"${name}", *self._span_of(loop))
        known = self._unset(name) if binding is None else binding.values
        self.scope.variables[name] = Binding(alternatives(known, (unknown,)), bool(binding and binding.is_exported))
        return unknown.text

    def _taken(self, loop: Loop, arguments: tuple[Argument, ...] | None) -> tuple[Spelled, ...]:
        """What the variable of a `for` takes."""
        if arguments is None:
            arguments = self.scope.positional
        if not arguments or len(arguments) > _MOST_ITEMS:
            return (self._hole(f"${loop.name}", f"${loop.name}", *self._span_of(loop)),)
        return alternatives(*(argument.values for argument in arguments))

    def _span_of(self, loop: Loop) -> tuple[int, int]:
        if loop.words:
            return loop.words[0].start, loop.words[0].end
        at = self._script.offsets[0]
        return at, at

    def _simple(self, command: Simple) -> None:
        own = [(one, self._assigned_value(one)) for one in command.assignments]
        if not command.words:
            for assignment, binding in own:
                self.scope.set(assignment.name, binding)
            return
        first = command.words[0]
        if isinstance(first, Word) and first.plain in DECLARING:
            self._declare(first.plain or "", command.words[1:])
            return
        arguments = self._arguments(word for word in command.words if isinstance(word, Word))
        for text in command.heard:
            self._parts(text)
        if arguments:
            self.command(arguments, {one.name: binding for one, binding in own})

    def command(self, arguments: tuple[Argument, ...], own: dict[str, Binding]) -> None:
        """Run a command with its arguments."""
        self._step()
        name = self.plain(arguments[0])
        if name is None:
            self._observe(arguments, self, own)
            return
        base = name.rsplit("/", 1)[-1]
        builtin = OWN.get(name)
        if builtin is not None:
            builtin(self, arguments)
        elif name in self._functions:
            self._call(name, arguments[1:], own)
        elif base in _WRAPPERS:
            self._wrapped(base, arguments[1:], own)
        elif base in _SHELLS:
            self._shell(arguments[1:], own)
        else:
            self._observe(arguments, self, own)

    # Functions, other scripts

    def _call(self, name: str, arguments: tuple[Argument, ...], own: dict[str, Binding]) -> None:
        self._called.add(name)
        for variable, binding in own.items():
            self.scope.set(variable, binding._replace(is_exported=True))
        self._enter(name, self._functions[name], arguments)

    def _enter(self, name: str, defined: _Defined, arguments: tuple[Argument, ...] | None) -> None:
        if len(self._frames) >= _MOST_CALLS or name in self._running:
            return
        self._running.add(name)
        kept, script = self.scope.positional, self._script
        self.scope.positional, self._script = arguments, defined.script
        self._frames.append({})
        self._all(defined.body)
        for variable, binding in self._frames.pop().items():
            if binding is None:
                self.scope.variables.pop(variable, None)
            else:
                self.scope.variables[variable] = binding
        self.scope.positional, self._script = kept, script
        self._running.discard(name)

    def _wrapped(self, wrapper: str, arguments: tuple[Argument, ...], own: dict[str, Binding]) -> None:
        """Something runs the command that it is given, behind options and variables."""
        for at, argument in enumerate(arguments):
            text = self.plain(argument)
            name, is_set, _ = argument.values[0].text.partition("=")
            if wrapper == "env" and is_set and name.isidentifier():
                value = tuple(one.part(len(name) + 1) for one in argument.values)
                own[name] = Binding(value, is_exported=True)
            elif text is not None and (text.rsplit("/", 1)[-1] in self.known or text in self._functions):
                if wrapper in _OTHERS_CREDENTIALS:
                    own["AWS_PROFILE"] = Binding(arguments[max(at - 2, 0)].values, is_exported=True)
                whole = arguments[at:]
                self.command(self._with_input(whole, arguments[:at]) if wrapper in _FILLING else whole, own)
                return

    def _with_input(self, command: tuple[Argument, ...], options: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """A command whose arguments are read from elsewhere: in the place of a word, or behind the others."""
        texts = [self.plain(option) or "" for option in options]
        place = next((text[2:] or following for text, following in pairwise([*texts, ""]) if text[:2] == "-I"), "{}")
        found: list[Argument] = []
        for argument in command:
            text = self.plain(argument) or ""
            is_filled = bool(place) and place in text
            first = argument.values[0]
            found.append(Argument((self._hole(text, text, first.start, first.end),)) if is_filled else argument)
        last = command[-1].values[0]
        if found == list(command):
            found.append(Argument((self._hole("xargs", "xargs", last.start, last.end),)))
        return tuple(found)

    known = frozenset({"aws", "aws.exe", "curl", "awscurl", "bash", "sh", "claude"})
    """The commands that are looked for behind those that run others."""

    def _shell(self, arguments: tuple[Argument, ...], own: dict[str, Binding]) -> None:
        """`bash -c 'commands'`."""
        for option, argument in pairwise(arguments):
            text = self.plain(option) or ""
            if text.startswith("-") and text.endswith("c"):
                for value in argument.values:
                    kept, self.scope = self.scope, self._branch()
                    self.scope.variables.update(own)
                    self.follow_text(value)
                    self.scope = kept
                return

    def follow_text(self, spelled: Spelled) -> None:
        """Follow commands that stand in a text."""
        if not spelled.text or len(self._frames) >= _MOST_CALLS:
            return
        fills = {char: (spelled.part(at, at + 1),) for at, char in enumerate(spelled.text) if self.marks.hole(char)}
        script = Script(spelled.source, spelled.text, [*spelled.starts, spelled.end], fills)
        kept, self._script = self._script, script
        self._frames.append({})
        try:
            self._all(parse(script))
        finally:
            self._frames.pop()
            self._script = kept

    def load(self, arguments: tuple[Argument, ...]) -> None:
        """`source FILE`."""
        if len(arguments) < 2:
            return
        path = self.find(arguments[1])
        source = self.files.source(path) if path else None
        if path is None or source is None:
            text = self.marks.written(arguments[1].values[0].text)
            if os.path.basename(text) not in _HARMLESS_SOURCES:
                self.doubt()
            return
        if path in self.loaded or len(self.loaded) > _MOST_CALLS:
            return
        self.loaded.append(path)
        kept, self._script = self._script, whole(source)
        try:
            self._all(parse(self._script))
        finally:
            self._script = kept

    def find(self, argument: Argument) -> str | None:
        """The file of the project that a path means: told by what follows its last unknown part, from the folder of
        the script or one above it on."""
        if len(argument.values) != 1:
            return None
        text = argument.values[0].text
        for at in range(len(text) - 1, -1, -1):
            if self.marks.hole(text[at]):
                text = text[at + 1 :]
                break
        tail = text.lstrip("/")
        if not tail or (text.startswith("/") and text == argument.values[0].text):
            return None
        for root in self.files.roots(self._script.source.path):
            path = os.path.normpath(os.path.join(root, tail))
            if self.files.is_file(path):
                return path
        return None
