"""The verb `check`: from a command line to findings on the screen, in files, and in the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from bedrock_policy_lint import config as configs
from bedrock_policy_lint import declarations, modules, programs, templates
from bedrock_policy_lint import report as reports
from bedrock_policy_lint.commands.deploy_options import DEPLOY_VALUES, PLACES, deploy_options, supplied
from bedrock_policy_lint.commands.progress import Progress
from bedrock_policy_lint.commands.usage_options import USAGE_VALUES, main_usage_options
from bedrock_policy_lint.config import COLOURS, ConfigError
from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.model.policy import KINDS
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.screen import has_colour, plural, width_of
from bedrock_policy_lint.rule import SEVERITIES, Severity
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.runner import Outcome, Task, check_all, is_excluded
from bedrock_policy_lint.sources.files import STDIN, USAGE_NAMES, Input, MissingPathError, find, load, write
from bedrock_policy_lint.sources.source import Source
from bedrock_policy_lint.wording import did_you_mean

if TYPE_CHECKING:
    from bedrock_policy_lint.suppress import Baseline


class _Rules(click.ParamType):  # type: ignore[type-arg] # generic in new releases only
    """A list of rule names with commas between them."""

    name = "rules"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        from bedrock_policy_lint.registry import rules

        names = tuple(name.strip() for name in str(value).split(",") if name.strip())
        for name in names:
            if name not in rules():
                self.fail(f"no rule `{name}`{did_you_mean(name, rules())}", param, ctx)
        return names


class _Target(click.ParamType):  # type: ignore[type-arg] # generic in new releases only
    """`FORMAT=FILE`."""

    name = "report"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, equals, path = str(value).partition("=")
        if not equals or not path or name not in reports.FORMATS:
            self.fail(f"expected FORMAT=FILE with one of {', '.join(reports.FORMATS)}", param, ctx)
        return name, path


class Options(NamedTuple):
    """The flags of a check, as given."""

    format: str | None
    report: tuple[tuple[str, str], ...]
    fail_on: str | None
    exit_zero: bool
    config: str | None
    fix: str | None
    diff: bool
    baseline: str | None
    write_baseline: bool
    as_walked: bool
    statistics: bool
    jobs: int | None
    quiet: bool
    verbose: bool
    colour: str | None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path(allow_dash=True), metavar="PATH...")
@click.option("--format", type=click.Choice(reports.FORMATS), help="How findings are printed (default: text).")
@click.option("--report", multiple=True, type=_Target(), metavar="FORMAT=FILE", help="Also write this; repeatable.")
@click.option("--select", multiple=True, type=_Rules(), metavar="RULES", help="Only these rules.")
@click.option("--ignore", multiple=True, type=_Rules(), metavar="RULES", help="All rules but these.")
@click.option("--fail-on", type=click.Choice(list(SEVERITIES)), help="From which level findings fail (default: error).")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--env", metavar="NAME", help="Where it is deployed: production makes some rules stricter.")
@click.option("--kind", type=click.Choice(KINDS), help="What the policies are attached as, if the content cannot tell.")
@main_usage_options
@deploy_options
@click.option("--pedantic", is_flag=True, help="Also what is possible but not certain.")
@click.option("--config", type=click.Path(), metavar="FILE", help="Use this configuration, not the nearest.")
@click.option(
    "--fix",
    type=click.Choice(["same", "all"]),
    metavar="[=all]",
    help="Apply fixes that keep access the same; with =all also those that change it, shown as a diff.",
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--baseline", type=click.Path(), metavar="FILE", help="Report only what this file does not know.")
@click.option("--write-baseline", is_flag=True, help="Save what is found; an existing baseline only shrinks.")
@click.option(
    "--as-walked",
    is_flag=True,
    help="Pass over named files as a search would: what is excluded, and what holds no policy.",
)
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), metavar="N", help="Processes to use (default: by need).")
@click.option("--quiet", "-q", is_flag=True, help="Print no summary.")
@click.option("--verbose", "-v", is_flag=True, help="Fold nothing and list what is undecided.")
@click.option("--colour", "--color", type=click.Choice(COLOURS), help="Colours (default: auto).")
def command(
    paths: tuple[str, ...],
    select: tuple[tuple[str, ...], ...],
    ignore: tuple[tuple[str, ...], ...],
    env: str | None,
    kind: str | None,
    pedantic: bool,
    **given: Any,
) -> int:
    """Check policies, templates and Terraform in files and folders; `-` reads standard input.

    A folder is searched for JSON, YAML, .template and Terraform files that git does not ignore, so output of CDK is
    named: `cdk.out`. What a file is, its content tells; one that holds no policy and is no template is skipped. The
    files of Terraform in a folder are one module; who names one of them hears what is found in it. Application code
    is searched for calls of Bedrock, and held against what its role is granted (see `usage scan` and `usage show`).

    All is checked as it would be deployed: with --region (repeatable) and --account; templates with --parameter and
    --parameters, Terraform with --var, --var-file and --tf-vars-from-env; or with what the configuration and
    samconfig.toml say. What nobody says stays open.
    """
    flags = Settings(
        select=frozenset(name for names in select for name in names),
        ignore=frozenset(name for names in ignore for name in names),
        environment=env or "",
        kind=kind or "",
        pedantic=pedantic,
    )
    usage = {name: given.pop(name) for name in USAGE_VALUES}
    inputs = supplied(usage | {name: given.pop(name) for name in DEPLOY_VALUES})
    if not paths:
        raise click.UsageError("name a file or folder to check, or `-` for standard input")
    if given["fix"] and not given["diff"] and STDIN in paths and set(paths) != {STDIN}:
        raise click.UsageError("--fix writes the fixed standard input to standard output: give no path beside `-`")
    try:
        return _Check(paths, flags, Options(**given), usage, inputs).run()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    except MissingPathError as error:
        raise click.ClickException(f"{error}: no such file or folder") from None


class _Check:
    """One run of the verb."""

    def __init__(
        self, paths: tuple[str, ...], flags: Settings, options: Options, usage: dict[str, Any], inputs: Inputs
    ) -> None:
        self.paths = paths
        self.flags = flags
        self.options = options
        self.usage = usage
        self.inputs = inputs
        self.named = configs.load(options.config) if options.config else None
        self.config = self.named or configs.nearest(_folder(paths[0]))
        self.quiet = options.quiet or self.config.quiet

    def run(self) -> int:
        options = self.options
        tasks = self._tasks()
        # What fixing prints goes where findings would, and must not be mixed with them.
        writes_text = options.diff or (bool(options.fix) and STDIN in self.paths)
        if options.fix or options.diff:
            tasks = self._fix(tasks)
        report = self._report(self._outcomes([*tasks, *self._code()]))
        self._write_reports(report)
        if not writes_text:
            self._print(report)
        self._say_what_was_found(report)
        return self._exit_code(report)

    def _tasks(self) -> list[Task]:
        tasks = [Task(file, self.flags, self.named, inputs=self.inputs) for file in self._files()]
        tasks = modules.folded([task for task in tasks if not is_excluded(task)], self.paths)
        has_flags = self._describes_usage(tasks)
        if not has_flags and not self._may_be_declared(tasks):
            return tasks
        from bedrock_policy_lint.commands.declared import flags_as_task, with_declarations

        if has_flags and tasks:
            # A declaration may say as what a policy is attached, which its content cannot tell.
            placed = {task.file.path: task for task in with_declarations(tasks, self.config)}
            tasks.append(flags_as_task([placed[task.file.path] for task in tasks], self.usage))
        return with_declarations(tasks, self.config)

    def _code(self) -> list[Task]:
        like = Task(Input("", named=True), self.flags, self.named, inputs=self.inputs)
        return [] if self.options.as_walked else programs.tasks_of(self.paths, like)

    def _files(self) -> Iterator[Input]:
        as_walked = self.options.as_walked
        return (file._replace(named=False) if as_walked and file.path != STDIN else file for file in find(self.paths))

    def _describes_usage(self, tasks: list[Task]) -> bool:
        """Whether the flags say what is called, and not merely where a template is deployed or code runs."""
        given = {name for name, value in self.usage.items() if value not in (None, ())}
        if given - set(PLACES):
            return True
        return bool(given) and not (any(_may_be_template(task.file) for task in tasks) or self._code())

    def _may_be_declared(self, tasks: list[Task]) -> bool:
        """Whether some declaration of usage is about: most runs know of none, and need not load what reads one."""
        if declarations.standing(self.config):
            return True
        files = [task.file for task in tasks]
        return any(file.named or os.path.basename(file.path) in USAGE_NAMES for file in files)

    def _fix(self, tasks: list[Task]) -> list[Task]:
        from bedrock_policy_lint.commands.fixing import fix_files

        baseline = self._baseline()
        visible = baseline.fresh if baseline else lambda findings: findings
        options = self.options
        fixed = fix_files(tasks, visible, everything=options.fix == "all", show=options.diff)
        if not self.quiet:
            verb = "would be applied" if options.diff else "applied"
            self._say(f"{fixed.applied:,} {'fix' if fixed.applied == 1 else 'fixes'} {verb}.\n")
        return fixed.tasks

    def _outcomes(self, tasks: list[Task]) -> list[Outcome]:
        progress = Progress(len(tasks), silent=self.quiet)
        outcomes = list(check_all(tasks, self._jobs, progress.tick))
        progress.clear()
        included = {os.path.abspath(path) for outcome in outcomes for path in outcome.included}
        if included:
            named = {task.file.path for task in tasks if task.file.named}
            outcomes = [
                one for one in outcomes if one.files or one.path in named or os.path.abspath(one.path) not in included
            ]
        outcomes = modules.reported(outcomes, tasks)
        if not included and not any(task.slot for task in tasks):
            return outcomes
        from bedrock_policy_lint.agreement import without_repeats

        return without_repeats(outcomes)

    def _report(self, outcomes: list[Outcome]) -> Report:
        findings = [finding for outcome in outcomes for finding in outcome.findings]
        fresh, gone = findings, list[Finding]()
        baseline = self._baseline()
        if baseline or any(outcome.ignores for outcome in outcomes):
            findings, fresh, gone = self._excuse(outcomes, findings, baseline)
        return Report(
            fresh + gone,
            [unknown for outcome in outcomes for unknown in outcome.undecided],
            files=len({path for one in outcomes for path in (one.path, *one.files)} | {at.path for at in fresh + gone}),
            policies=sum(outcome.policies for outcome in outcomes),
            ignored=sum(outcome.ignored for outcome in outcomes),
            baselined=len(findings) - len(fresh),
        )

    def _excuse(
        self, outcomes: list[Outcome], findings: list[Finding], baseline: Baseline | None
    ) -> tuple[list[Finding], list[Finding], list[Finding]]:
        """All findings, those that the baseline does not know, and what is said of its entries that are gone."""
        from bedrock_policy_lint.commands.excuses import Excuses

        like = Task(Input("", named=True), self.flags, self.named)
        excuses = Excuses(self.paths, like, outcomes)
        settings = self.config.settings("", self.flags)
        idle = excuses.idle(settings)
        findings = findings + idle
        if baseline is None:
            return findings, findings, []
        if self.options.write_baseline:
            self._write(baseline, lambda: excuses.write(baseline, idle))
        return findings, baseline.fresh(findings), excuses.gone(baseline, idle, settings)

    def _write(self, baseline: Baseline, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise click.ClickException(_not_written(baseline.path, error)) from None
        if not self.quiet:
            self._say(f"{baseline.path}: {plural(baseline.known.total(), 'known finding')}\n")

    def _baseline(self) -> Baseline | None:
        """The baseline in force, which need not exist yet when it is about to be written."""
        options = self.options
        path = options.baseline or (self._below(self.config.baseline) if self.config.baseline else "")
        if not path and not options.write_baseline:
            return None
        from bedrock_policy_lint import suppress

        try:
            baseline = suppress.Baseline(path or suppress.BASELINE_NAME)
        except suppress.BaselineError as error:
            raise click.ClickException(str(error)) from None
        if not baseline.exists and not options.write_baseline:
            raise click.ClickException(f"{path}: no such baseline; --write-baseline makes one")
        return baseline

    def _below(self, path: str) -> str:
        """A path of the configuration: a stranger's may not name a file outside of its folder."""
        root = os.path.realpath(self.config.root)
        full = os.path.join(self.config.root, path)
        if not configs.is_inside(os.path.realpath(full), root):
            raise ConfigError(self.config.path, "", f"`{path}` lies outside of the configuration's folder")
        return configs.shown(full)

    def _print(self, report: Report) -> None:
        style = Style(
            has_colour(sys.stdout, self._colour),
            width_of(sys.stdout),
            verbose=self.options.verbose or self.config.verbose,
        )
        sys.stdout.write(reports.render(self._format, report, style))
        sys.stdout.flush()

    def _write_reports(self, report: Report) -> None:
        targets = self.options.report or tuple(self._target(text) for text in self.config.report)
        for target, path in targets:
            _write_report(path, reports.render(target, report, Style()))

    def _target(self, text: str) -> tuple[str, str]:
        name, _, path = text.partition("=")
        return name, self._below(path)

    def _say_what_was_found(self, report: Report) -> None:
        if self.options.statistics or self.config.statistics:
            self._say(_statistics(report.findings))
        if self.quiet:
            return
        from bedrock_policy_lint.authorize.decision import SAME
        from bedrock_policy_lint.report.text import summary

        edits = [finding.fix.access for finding in report.findings if finding.fix and finding.fix.edits]
        same = sum(access == SAME for access in edits)
        text = summary(report, Style(has_colour(sys.stderr, self._colour)), (same, len(edits) - same))
        if report.findings and self._format == "text":
            text += f"Learn more: bedrock-policy-lint explain {report.findings[0].rule}\n"
        self._say(text)

    @property
    def _jobs(self) -> int:
        return self.config.jobs if self.options.jobs is None else self.options.jobs

    @property
    def _format(self) -> str:
        return self.options.format or self.config.format or "text"

    @property
    def _colour(self) -> str:
        return self.options.colour or self.config.colour or "auto"

    def _say(self, text: str) -> None:
        sys.stderr.write(text)

    def _exit_code(self, report: Report) -> int:
        if self.options.exit_zero:
            return 0
        limit = SEVERITIES[self.options.fail_on or self.config.fail_on or Severity.ERROR.word]
        return int(any(finding.severity >= limit for finding in report.findings))


def _may_be_template(file: Input) -> bool:
    if modules.is_part(file):
        return True
    from bedrock_policy_lint.frontends.template.tree import may_be_template

    source = load(file)
    if not isinstance(source, Source):
        return False
    return may_be_template(source.text) or templates.may_be_plan(source.text) or templates.is_module(source)


def _folder(path: str) -> str:
    if path == STDIN:
        return os.getcwd()
    return path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))


def _write_report(path: str, text: str) -> None:
    try:
        write(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise click.ClickException(_not_written(path, error)) from None


def _not_written(path: str, error: OSError) -> str:
    return f"{path}: cannot be written: {(error.strerror or str(error)).lower()}"


def _statistics(findings: list[Finding]) -> str:
    from collections import Counter

    counts = Counter((finding.rule, finding.severity) for finding in findings)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:>6}  {severity.word:<7}  {rule}\n" for (rule, severity), count in rows)
