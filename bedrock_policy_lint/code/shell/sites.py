"""The calls that following a script comes upon, each place once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell import aws, http
from bedrock_policy_lint.code.shell.run import Run
from bedrock_policy_lint.code.shell.spelling import Marks, Spelled
from bedrock_policy_lint.model.text import Hole
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.code.shell.scope import Argument, Binding
    from bedrock_policy_lint.code.shell.words import Script
    from bedrock_policy_lint.code.site import CallSite, Unread, Value
    from bedrock_policy_lint.sources.source import Source


_CLAUDE, _CLAUDE_SWITCH = "claude", "CLAUDE_CODE_USE_BEDROCK"


class Sites:
    """What is found in one file, by one run or several."""

    def __init__(self, source: Source, files: Files) -> None:
        self.source = source
        self.files = files
        self.marks = Marks()
        self.read: dict[str, Node] = {}
        self.loaded: list[str] = []
        self.unread: list[Unread] = []
        self._environments: list[Mapping[str, Binding]] = []
        self._found: dict[tuple[int, str], CallSite] = {}

    def follow(self, script: Script, variables: dict[str, Binding] | None = None) -> Run:
        """Follow a script in surroundings that set these variables."""
        run = Run(self.files, self.marks, self._observe, variables or {})
        run.follow(script)
        self.unread += run.unread
        self.loaded += run.loaded
        for name, node in run.read.items():
            if node.source is self.source:
                self.read.setdefault(name, node)
        self.set_up(run.scope.variables)
        return run

    def set_up(self, variables: Mapping[str, Binding]) -> None:
        """Note what the environment is once all is set, for clients that it sets up."""
        if _CLAUDE_SWITCH in variables:
            self._environments.append(variables)

    def _add_client(self, variables: Mapping[str, Binding]) -> None:
        """Note Claude Code where the environment switches Bedrock on."""
        switch = variables[_CLAUDE_SWITCH]
        if not switch.is_exported or switch.name is None:
            return
        from bedrock_policy_lint.code.settings import claude_code

        def ask(name: str) -> tuple[Value, ...]:
            held = variables.get(name)
            return self._values(held.values) if held is not None and held.is_exported else ()

        if claude_code.is_on(ask(_CLAUDE_SWITCH)):
            for site in claude_code.sites_of(switch.name, ask):
                self.add(site)

    def _values(self, spelled: tuple[Spelled, ...]) -> tuple[Value, ...]:
        return tuple(value.value(self.marks) for value in spelled)

    def _claude(self, arguments: tuple[Argument, ...], run: Run, own: Mapping[str, Binding]) -> None:
        """`claude --model …`."""
        from bedrock_policy_lint.code.settings import claude_code

        def ask(name: str) -> tuple[Value, ...]:
            return self._values(run.environment(name, own))

        if not claude_code.is_on(ask(_CLAUDE_SWITCH)):
            return
        options = [run.plain(argument) for argument in arguments]
        chosen = arguments[options.index("--model") + 1].values if "--model" in options[:-1] else ()
        first = arguments[0].values[0]
        node = Node(first.text, first.start, first.end, first.source)
        for site in claude_code.sites_of(node, ask, self._values(chosen)):
            self.add(site)

    def run(self, arguments: tuple[Argument, ...], script: Script, variables: dict[str, Binding]) -> None:
        """Follow one command whose arguments are written one by one."""
        run = Run(self.files, self.marks, self._observe, variables)
        run.follow_command(arguments, script)
        self.unread += run.unread

    def hole_at(self, name: str, written: str, start: int, end: int) -> Spelled:
        """Something unknown, at a place of the file."""
        return Spelled(self.marks.mark(Hole(name, written)), [start], [end], self.source, start)

    def _observe(self, arguments: tuple[Argument, ...], run: Run, own: Mapping[str, Binding]) -> None:
        name = run.plain(arguments[0])
        if name is None:
            return
        if aws.is_aws(name):
            found = aws.find(arguments, run, own)
            if found.unread and found.unread.span.source is self.source:
                self.unread.append(found.unread)
            if found.site:
                self.add(found.site)
        elif name == _CLAUDE:
            self._claude(arguments, run, own)
        elif name.rsplit("/", 1)[-1] in http.COMMANDS:
            for site in http.find(arguments, run, own):
                self.add(site)

    def add(self, site: CallSite) -> None:
        """Note a call; a place that is come upon again is given what it was given before, or this."""
        if site.node.source is not self.source:
            return  # it is found where the file that it stands in is read
        key = (site.node.start, f"{site.operation} {site.preset} {site.part}")
        before = self._found.get(key)
        self._found[key] = site if before is None else before._replace(given=_either(before.given, site.given))

    @property
    def sites(self) -> tuple[CallSite, ...]:
        """All of them, in the order of the text."""
        if not any(site.preset for site in self._found.values()):
            # Nothing starts the client here, but something that runs in that environment may.
            for variables in self._environments:
                self._add_client(variables)
        return tuple(sorted(self._found.values(), key=lambda site: site.node.start))


def _either(
    one: Mapping[str, tuple[Value, ...]], another: Mapping[str, tuple[Value, ...]]
) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {}
    for name in dict.fromkeys((*one, *another)):
        values = {
            (str(value.node.value), value.default_of): value for value in (*one.get(name, ()), *another.get(name, ()))
        }
        several = len(values) > 1
        found[name] = tuple(
            value._replace(is_one_of_several=value.is_one_of_several or (several and not value.default_of))
            for value in values.values()
        )
    return found
