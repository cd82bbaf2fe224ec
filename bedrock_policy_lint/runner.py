"""Many files: each under the configuration nearest to it, on one core or several, always in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint import config as configs
from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.config import Config, Ignore
from bedrock_policy_lint.declarations import is_declaration, is_table, loader, reader
from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.engine import crashed, lint, lint_declaration, lint_template
from bedrock_policy_lint.finding import Finding, Unknown
from bedrock_policy_lint.programs import with_code
from bedrock_policy_lint.registry import DEPLOYMENT, USAGE, rules
from bedrock_policy_lint.run import Result, Settings, program
from bedrock_policy_lint.sources.files import STDIN, Input, Refusal, load
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.blueprint import Blueprint

_POOL_FROM = 400
"""Below this many files a pool of processes costs more than it saves (measured; see bench/)."""
_WEIGHT = 3
"""So many policies take as long as a file of a module."""

_JSON_STARTS = ("{", "[", '"', "%7B", "%7b")


class Task(NamedTuple):
    """A file and everything that decides how it is checked."""

    file: Input
    flags: Settings
    config: Config | None
    """The configuration named on the command line; None looks for the nearest."""
    slot: str = ""
    """What a declaration of usage names the file as: one of `KINDS`; empty where none does."""
    declarations: int = 0
    """How many declarations of this run name it."""
    only: frozenset[str] | None = None
    """For a declaration that nobody named: the policy files, checked in this run, on account of which it is judged."""
    inputs: Inputs = Inputs()
    """What the command line says of the deployment of templates."""
    files: tuple[str, ...] = ()
    """For a module of Terraform: those of its files that the run is about."""
    is_whole: bool = False
    """Whether somebody named the folder of the module, or one above it."""
    is_called: bool = False
    """Whether another module of the run seems to call it: then it is checked through that."""
    code: tuple[str, ...] = ()
    """For the code of a project: its files that may call Bedrock."""


class Outcome(NamedTuple):
    """What checking one file gave."""

    path: str
    findings: list[Finding]
    withheld: list[Finding]
    """What is merely possible and not shown."""
    undecided: list[Unknown]
    policies: int
    ignored: int
    ignores: tuple[Ignore, ...]
    """The configuration's ignores that could have been used in this file."""
    used: set[tuple[str, int]]
    is_declared: bool = False
    """Whether it is a declaration of usage, or one that was checked names it."""
    declarations: int = 0
    """How many declarations name it."""
    included: frozenset[str] = frozenset()
    """Files that were looked at as parts of it, and so need not be checked alone."""
    files: tuple[str, ...] = ()
    """Of a module of Terraform: all its files, and those of the modules that it calls; of code its files."""
    is_template: bool = False
    """Whether it deploys something, with policies of its own."""
    settles: frozenset[str] = frozenset()
    """Policies of which it knows what is called under them, so that no rule need guess."""


def config_of(task: Task) -> Config:
    """The configuration in force for a file."""
    if task.config is not None:
        return task.config
    path = task.file.path
    return configs.nearest(os.getcwd() if path == STDIN else os.path.dirname(os.path.abspath(path)))


def is_excluded(task: Task) -> bool:
    """Whether the configuration leaves a file out that nobody named."""
    return not task.file.named and config_of(task).excludes(task.file.path)


def check(task: Task) -> Outcome:
    """Check one file, or one module."""
    if task.files:
        return check_module(task)
    source = load(task.file)
    if _is_of_another_kind(task.file, source):
        return _nothing(task.file.path)
    return check_text(task, source)


def _nothing(path: str) -> Outcome:
    """The outcome of a file that is none of ours."""
    return Outcome(path, [], [], [], 0, 0, (), set())


def _is_of_another_kind(file: Input, source: Source | Refusal) -> bool:
    """Whether a walked file without a suffix is no JSON: a program, a licence, a Makefile."""
    if file.named or "." in os.path.basename(file.path):
        return False
    if isinstance(source, Source):
        text = source.text
    elif source.is_text:
        return False  # it could not be read at all, which must be said
    else:
        text = source.source.text
    return not text.lstrip().startswith(_JSON_STARTS)


def check_text(task: Task, source: Source | Refusal) -> Outcome:
    """Check a text as if it stood in the file of the task."""
    config = config_of(task)
    path = task.file.path
    if is_table(config, path):
        return check_declaration(task, source)
    if task.files or (isinstance(source, Source) and templates.is_module(source)):
        text = source if isinstance(source, Source) else source.source
        return check_module(task, {os.path.abspath(text.path): text}, None if task.files else text)
    if isinstance(source, Source) and (blueprint := templates.read(source, loader(path), default())) is not None:
        return check_template(task, blueprint)
    if is_declaration(task.file, source):
        return check_declaration(task, source)
    if isinstance(source, Source) and path.lower().endswith(templates.SUFFIXES) and not task.file.named:
        return _nothing(path)
    settings = config.settings(path, task.flags)
    if task.slot:
        settings = settings._replace(declared=True, kind=task.flags.kind or task.slot)
    result = lint(source, settings, claimed=_is_claimed(task.file))
    outcome = _excused(task, result, config.ignores, program(settings).names)
    return outcome._replace(is_declared=bool(task.slot), declarations=task.declarations)


def check_template(task: Task, blueprint: Blueprint | templates.Broken) -> Outcome:
    """Check a template with what is known of its deployment."""
    config, path = config_of(task), task.file.path
    settings = config.settings(path, task.flags)
    inputs = templates.inputs_of(blueprint, path, config, task.inputs)
    result = lint_template(with_code(blueprint, path), inputs, settings)
    if blueprint.document.language == templates.PLAN and path != STDIN:
        from bedrock_policy_lint.frontends.terraform.plan_sources import with_sources

        result = result._replace(findings=with_sources(result.findings, path))
    outcome = _excused(task, result, config.ignores, program(settings, DEPLOYMENT).names)
    return outcome._replace(included=result.included, is_template=True)


def deployed(task: Task) -> tuple[Blueprint, Inputs] | None:
    """What the file or module of a task deploys, and with which values; None where it is no template."""
    source, path, config = load(task.file), task.file.path, config_of(task)
    if task.files or (isinstance(source, Source) and templates.is_module(source)):
        from bedrock_policy_lint.frontends.terraform import variable_files

        inputs = variable_files.of_module(path, config, task.inputs, default())
        module = templates.module(path, default(), variable_files.read(inputs))
        if module is None:
            return None
        joined = with_code(module, path)
        inputs = variable_files.settled(inputs, module)
    else:
        blueprint = templates.read(source, loader(path), default()) if isinstance(source, Source) else None
        if blueprint is None or isinstance(blueprint, templates.Broken):
            return None
        joined, inputs = with_code(blueprint, path), templates.inputs_of(blueprint, path, config, task.inputs)
    return None if isinstance(joined, templates.Broken) else (joined, inputs)


def check_module(task: Task, now: Mapping[str, Source] | None = None, alone: Source | None = None) -> Outcome:
    """Check a module of Terraform; `now` holds what files of it read like, where not as saved.

    `alone` is the text of a module that is in no folder.
    """
    from bedrock_policy_lint.frontends.terraform import variable_files
    from bedrock_policy_lint.frontends.terraform.installed import is_installed

    config, path = config_of(task), task.file.path
    inputs = variable_files.of_module(path, config, task.inputs, default())
    settings = config.settings(path, task.flags)
    try:
        blueprint = templates.module(path, default(), variable_files.read(inputs), now, alone)
        if blueprint is None:
            refusal = templates.unlisted(path)
            return _nothing(path) if refusal is None else _excused(task, lint(refusal, settings), (), frozenset())
        paths = blueprint.paths
        settings = _settings_for_all(config, paths, task.flags) or settings
        result = lint_template(with_code(blueprint, path, now), variable_files.settled(inputs, blueprint), settings)
        if any(map(is_installed, paths)):
            result = blueprint.told_where_called(result)
    except Exception as error:  # whatever went wrong, the module was not judged and that must be said
        result = crashed(Source(path, ""), "the reader of Terraform", error, settings)
        paths = []
    if config.per_path:
        result = result._replace(findings=_leveled(result.findings, task, config))
    outcome = _excused(task, result, config.ignores, program(settings, DEPLOYMENT).names)
    if alone is None:
        outcome = outcome._replace(path=path)
    own = [path for path in paths if not is_installed(path)]
    return outcome._replace(included=result.included, files=(*own, *inputs.files), is_template=True)


def check_code(task: Task, others: list[Outcome]) -> Outcome:
    """Check the code of a project that nothing else in the run has as its own."""
    from bedrock_policy_lint import programs

    config = config_of(task)
    settings = config.settings(task.file.path, task.flags)
    loose = programs.loose(task, others)
    result = lint_template(loose, task.inputs, settings)
    if config.per_path:
        result = result._replace(findings=_leveled(result.findings, task, config))
    outcome = _excused(task, result, config.ignores, program(settings, DEPLOYMENT).names)
    settled = frozenset(document.source.path for document in loose.policies) if loose.has_calls else frozenset[str]()
    return outcome._replace(files=tuple(file.source.path for file in loose.files), settles=settled)


def _settings_for_all(config: Config, paths: list[str], flags: Settings) -> Settings | None:
    """The settings under which every rule runs that is on for some of the files: `_leveled` does the rest."""
    found = [config.settings(path, flags) for path in paths]
    if not config.per_path or not found:
        return None
    off = [{rule for rule, level in one.levels if level is None} for one in found]
    return found[0]._replace(levels=tuple((rule, None) for rule in sorted(set.intersection(*off))))


def check_declaration(task: Task, source: Source | Refusal, now: Mapping[str, Source] | None = None) -> Outcome:
    """Check a declaration of usage; `now` holds what policy files that it names read like, where not as saved."""
    config = config_of(task)
    settings = config.settings(task.file.path, task.flags)
    read = reader(config, task.file.path)
    result = lint_declaration(source, loader(task.file.path, now), settings, only=task.only, reader=read)
    if config.per_path:
        result = result._replace(findings=_leveled(result.findings, task, config))
    outcome = _excused(task, result, config.ignores, program(settings, USAGE).names)
    return outcome._replace(is_declared=True, included=result.included)


def _leveled(findings: list[Finding], task: Task, config: Config) -> list[Finding]:
    """The findings with the levels that the configuration gives their rules in the files where they lie."""
    levels = {path: dict(config.settings(path, task.flags).levels) for path in {at.path for at in findings}}
    kept = []
    for finding in findings:
        level = levels[finding.path].get(finding.rule, finding.severity)
        if level is not None:
            kept.append(finding._replace(severity=level))
    return kept


def _excused(task: Task, result: Result, ignores: tuple[Ignore, ...], ran: frozenset[str]) -> Outcome:
    """What is left after the configuration's ignores; of these, the ones that could have been used."""
    findings, withheld, used = result.findings, result.withheld, set[tuple[str, int]]()
    if ignores:
        from bedrock_policy_lint.suppress import apply_config

        relative = config_of(task).relative
        findings, used = apply_config(findings, ignores, relative)
        withheld, used_for_withheld = apply_config(withheld, ignores, relative)
        used |= used_for_withheld
        ignores = tuple(ignore for ignore in ignores if ignore.rule in ran)
    ignored = result.ignored + len(result.findings) - len(findings)
    return Outcome(result.path, findings, withheld, result.undecided, result.policies, ignored, ignores, used)


def ran_under(settings: Settings) -> frozenset[str]:
    """The rules that run under these settings, and so can tell whether something of theirs has become idle."""
    return program(settings, DEPLOYMENT).names


def _is_claimed(file: Input) -> bool:
    """Whether a file must be JSON: a person named it, by a name of JSON or as standard input."""
    return file.named and (file.path == STDIN or file.path.lower().endswith((".json", ".jsonc")))


def check_all(tasks: list[Task], jobs: int, tick: Callable[[int], None]) -> Iterator[Outcome]:
    """The outcome of every task in the order of the tasks; `tick` hears how many are done."""
    first = [task for task in tasks if not (task.is_called or task.code)]
    files = sum(_WEIGHT * len(task.files) or 1 for task in first)
    jobs = min(jobs or (_cores() if files >= _POOL_FROM else 1), len(first))
    outcomes = _in_pool(first, jobs) if jobs > 1 else map(check, first)
    if len(first) == len(tasks):
        for done, outcome in enumerate(outcomes, 1):
            tick(done)
            yield outcome
        return
    checked: dict[str, Outcome] = {}
    included: set[str] = set()
    for done, outcome in enumerate(outcomes, 1):
        tick(done)
        checked[outcome.path] = outcome
        included.update(map(os.path.abspath, outcome.included))
    for task in tasks:
        # What nobody called after all, or only those who call each other in a circle.
        if task.is_called and os.path.abspath(task.file.path) not in included:
            outcome = checked[task.file.path] = check(task)
            included.update(map(os.path.abspath, outcome.included))
    coded = [check_code(task, list(checked.values())) for task in tasks if task.code]
    settled = frozenset().union(*(outcome.settles for outcome in coded))
    for task in tasks:
        if task.file.path in checked:
            outcome = checked[task.file.path]
            yield _without_guesses(outcome) if outcome.path in settled else outcome
    yield from coded


def _without_guesses(outcome: Outcome) -> Outcome:
    """An outcome without what rules guessed of what is called."""
    shown, withheld = (
        [finding for finding in found if not rules()[finding.rule].guesses]
        for found in (outcome.findings, outcome.withheld)
    )
    return outcome._replace(findings=shown, withheld=withheld)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_pool(tasks: list[Task], jobs: int) -> Iterator[Outcome]:
    import multiprocessing
    import signal

    # Forked workers start with everything that the first task has loaded; where there is no fork they start afresh.
    yield check(tasks[0])
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    size = max(1, min(64, len(tasks) // (jobs * 4)))
    quietly = (signal.SIGINT, signal.SIG_IGN)  # whoever presses Ctrl-C hears it from the parent alone
    with multiprocessing.get_context(method).Pool(jobs, signal.signal, quietly) as pool:
        yield from pool.imap(check, tasks[1:], chunksize=size)
