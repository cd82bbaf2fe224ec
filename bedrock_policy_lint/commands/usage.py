"""The verb `usage`: what code calls, and the joined picture of what is called and what is granted."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from bedrock_policy_lint import programs
from bedrock_policy_lint.commands.deploy_options import deploy_options, supplied
from bedrock_policy_lint.config import COLOURS, ConfigError
from bedrock_policy_lint.report.screen import has_colour, plural, safe, width_of
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.files import USAGE_NAMES, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.scan import Row
    from bedrock_policy_lint.code.site import CodeFile

_COLUMNS = ("where", "calls", "model", "Region", "through")
_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=_HELP)
def command() -> None:
    """Find out what is called, and hold it against what is granted."""


@command.command(context_settings=_HELP)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True), metavar="PATH...")
@click.option("--format", type=click.Choice(["text", "json", "yaml"]), default="text", help="How to print it.")
@click.option(
    "--write",
    "target",
    is_flag=False,
    flag_value=USAGE_NAMES[0],
    type=click.Path(),
    metavar="[FILE]",
    help=f"Write a declaration to commit (default: {USAGE_NAMES[0]}).",
)
@click.option("--force", is_flag=True, help="Replace the file that is there.")
@click.option("--region", metavar="REGION", default="", help="Where the code runs, for the declaration.")
@click.option("--tests", is_flag=True, help="Also what tests call.")
def scan(paths: tuple[str, ...], format: str, target: str | None, force: bool, region: str, tests: bool) -> int:  # noqa: A002
    """List the places in code that call Bedrock.

    Code is read, never run. What only running it would tell is shown by the name of the variable.
    """
    from bedrock_policy_lint.code import scan as scans

    projects = programs.scanned(paths, with_tests=tests)
    found = {top: scans.rows(files) for top, files in projects.items()}
    every = [row for rows in found.values() for row in rows]
    declaration = scans.as_declaration({top: rows for top, rows in found.items() if rows}, region)
    if format == "json":
        sys.stdout.write(scans.as_json(every))
    elif format == "yaml":
        sys.stdout.write(declaration)
    else:
        sys.stdout.write(_table(every))
    _say_what_was_not_read([file for files in projects.values() for file in files])
    if target is not None:
        _write(target, declaration, force=force)
    return 0


@command.command(context_settings=_HELP)
@click.argument("paths", nargs=-1, type=click.Path(exists=True), metavar="[PATH...]")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--region", multiple=True, metavar="REGION", help="Where it is deployed; of several the first is shown.")
@click.option("--account", metavar="ID", help="The account that it is deployed to.")
@deploy_options
@click.option("--pedantic", is_flag=True, help="Also what is possible but not certain.")
@click.option("--colour", "--color", type=click.Choice(COLOURS), default="auto", help="Colours (default: auto).")
def show(paths: tuple[str, ...], format: str, pedantic: bool, colour: str, **given: Any) -> int:  # noqa: A002
    """Show for each principal what it calls, what it may, what it lacks and what it has too much of.

    Principals are the roles of templates and modules of Terraform, those of declarations, and the code that no template
    runs, with the policies beside it. For each is told:

    \b
      runs       what runs with the role
      calls      each call that was found: in code, in the template, in a setting or a declaration;
                 ✓ is allowed, ✗ is denied, ? nobody can tell
      may        what its policies say of Bedrock, a line for each statement
      missing    the grants that its calls lack
      wrong      calls that fail whatever is granted, and what else is said of calls
      too much   what is granted and nothing needs; told only where all that runs with it is known
      not known  what no file settles

    It is what `check` finds, in another order, and exits 0 whatever that is. Without a PATH it looks at the current
    folder. Where no Region is given for a template, its calls are judged for all that may be meant.
    """
    from bedrock_policy_lint.commands.principals import principals
    from bedrock_policy_lint.report import picture as report

    try:
        found = principals(paths or (os.curdir,), Settings(pedantic=pedantic), supplied(given))
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    if format == "json":
        sys.stdout.write(report.as_json(found))
    elif found:
        sys.stdout.write(report.as_text(found, width=width_of(sys.stdout), colour=has_colour(sys.stdout, colour)))
    else:
        sys.stdout.write("Nobody was found who calls Bedrock, or may.\n")
    return 0


def _table(found: list[Row]) -> str:
    if not found:
        return "No calls of Bedrock were found.\n"
    cells = [_COLUMNS, *(_cells(row) for row in found)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(_COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return (
        "\n".join([*lines, "", f"{plural(len(found), 'place')} that {'calls' if len(found) == 1 else 'call'} Bedrock."])
        + "\n"
    )


def _cells(row: Row) -> tuple[str, ...]:
    named = " or ".join(row.models) or row.resource or "-"
    regions = " or ".join(row.regions) or "-"
    return tuple(map(safe, (row.place, " or ".join(row.operations), named, regions, row.library)))


def _say_what_was_not_read(files: Iterable[CodeFile]) -> None:
    for file in files:
        for one in file.unread:
            point = one.span.source.point(one.span.start)
            click.echo(safe(f"{one.span.source.path}:{point.line}:{point.column}: not read: {one.reason}"), err=True)


def _write(path: str, text: str, *, force: bool) -> None:
    if os.path.lexists(path) and not force:
        raise click.ClickException(f"{path}: is there already; --force replaces it")
    try:
        write(path, text.encode())
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    click.echo(f"{path}: written; review it before it is committed", err=True)
