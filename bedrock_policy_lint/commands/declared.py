"""Which declarations of usage bear on a check, and what they say of the files that are checked."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.config import Config
from bedrock_policy_lint.declarations import is_declaration, is_table, loader, reader, standing
from bedrock_policy_lint.engine import read
from bedrock_policy_lint.runner import Task, config_of
from bedrock_policy_lint.sources.files import COMMAND_LINE, STDIN, USAGE_NAMES, Input, load
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.declaration import Declaration

_KEYS = {
    "identity": "policies",
    "boundary": "boundary",
    "session": "session",
    "scp": "scps",
    "rcp": "rcps",
    "vpc-endpoint": "endpoint",
}
"""Where a declaration names policies of a kind."""
_ANY_ENDPOINT = "vpce-00000000"
"""Flags name no endpoint: its policy is what counts."""


def with_declarations(tasks: list[Task], config: Config) -> list[Task]:
    """The tasks of a run, with the declarations that bear on them and the policies that a declaration brings along.

    A declaration that is checked has the policies that it names checked too. One that is not, but lies where the
    program looks for it, is judged for the principals whose policies are checked; what is not understood in it is told
    in any case, for it may be what concerns them.
    """
    here = [task for task in tasks if _is_declaration(task)]
    paths = {os.path.abspath(task.file.path) for task in here}
    beside = [path for path in standing(config) if os.path.abspath(path) not in paths]
    slots: dict[str, _Slot] = {}
    holders = Counter[str]()
    for task in here:
        named = _slots(_read(task))
        slots |= named
        holders.update(named.keys())
    checked = {os.path.abspath(task.file.path) for task in tasks}
    brought = [
        here[0]._replace(file=Input(slot.path, named=False)) for key, slot in slots.items() if key not in checked
    ]
    extra = []
    for path in beside if tasks else ():
        task = tasks[0]._replace(file=Input(path, named=True))
        declared = _read(task)
        named = _slots(declared)
        concerned = frozenset(named) & checked
        if concerned or declared is None or declared.faults or declared.document.failures:
            slots |= {key: named[key] for key in concerned}
            holders.update(concerned)
            extra.append(task._replace(only=concerned))
    return [_in_slot(task, slots, holders) for task in (*tasks, *brought)] + extra


def flags_as_task(tasks: list[Task], values: Mapping[str, Any]) -> Task:
    """A declaration of the usage that flags describe, by a principal to whom all policies of the run apply."""
    from bedrock_policy_lint.commands.usage_options import as_declaration

    if any(task.file.path == STDIN for task in tasks):
        raise click.UsageError("the policies of a usage are named: save standard input to a file")
    text = as_declaration(values, _attached(tasks), default())
    return tasks[0]._replace(file=Input(COMMAND_LINE, named=True, data=text.encode()))


def _attached(tasks: list[Task]) -> dict[str, Any]:
    """The files of a run under the keys of a declaration, by what the policies in each are attached as."""
    slots: dict[str, list[str]] = {}
    for task in tasks:
        source = load(task.file)
        if isinstance(source, Source):
            settings = config_of(task).settings(task.file.path, task.flags)
            if task.slot and not task.flags.kind:
                settings = settings._replace(kind=task.slot)
            document = read(source, settings, claimed=False)
            key = _KEYS.get(document.policies[0].kind) if document.policies else None
            if key is not None:
                slots.setdefault(key, []).append(task.file.path)
    endpoint = slots.pop("endpoint", None)
    return slots | ({"endpoint": {"id": _ANY_ENDPOINT, "policies": endpoint}} if endpoint else {})


def _is_declaration(task: Task) -> bool:
    file = task.file
    if is_table(config_of(task), file.path):
        return True
    if not file.named and os.path.basename(file.path) not in USAGE_NAMES:
        return False
    return is_declaration(file, load(file))


class _Slot(NamedTuple):
    """A policy file as a declaration names it."""

    path: str
    kind: str


def _in_slot(task: Task, slots: dict[str, _Slot], holders: Mapping[str, int]) -> Task:
    path = os.path.abspath(task.file.path)
    slot = slots.get(path)
    return task._replace(slot=slot.kind, declarations=holders[path]) if slot else task


def _read(task: Task) -> Declaration | None:
    """The declaration in a file; none when the file cannot be read."""
    path = task.file.path
    source = load(task.file)
    if not isinstance(source, Source):
        return None
    return reader(config_of(task), path, with_code=False)(source, loader(path), default())


def _slots(declared: Declaration | None) -> dict[str, _Slot]:
    """The policy files that a declaration names, by absolute path."""
    return {
        os.path.abspath(document.source.path): _Slot(document.source.path, document.policies[0].kind)
        for document in (declared.documents if declared else ())
        if document.policies
    }
