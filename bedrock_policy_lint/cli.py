"""The command line: which verb, and nothing more; each verb lives in `commands` and is loaded when it is run."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from bedrock_policy_lint import __version__

VERBS = {
    "check": "Check policies (the verb that is meant when none is given).",
    "can": "Say whether a call is allowed: each request that it causes, and which policy decides.",
    "generate": "Write the least policy for a call.",
    "usage": "List what code calls, and hold it against what is granted.",
    "diff": "Say what a change of policies grants and takes away.",
    "explain": "Say what a rule finds, why it matters and how to fix it.",
    "rules": "List the rules.",
    "catalog": "Ask what is known of a model, profile, action or Region.",
    "config": "Check a configuration file, or print its schema.",
    "init": "Write a commented configuration, and hooks if asked.",
}

_HELP = """Check the permissions behind Amazon Bedrock before anything is deployed.

Will this call work, and does the policy grant no more than it needs?

\b
  bedrock-policy-lint policy.json            check one file
  bedrock-policy-lint .                      check every policy below this folder
  bedrock-policy-lint --fix policy.json      apply the fixes that leave access as it is
  bedrock-policy-lint can converse-stream us.anthropic.claude-sonnet-4-6 --region us-east-1 --policy policy.json
  bedrock-policy-lint explain RULE           what a rule is about
  bedrock-policy-lint check --help           every option of a check

Exit codes: 0 nothing at or above --fail-on (default: error), 1 findings, 2 could not run; of `can` also 3, undecided.
"""


class _ReaderGoneError(Exception):
    """Nobody reads what is printed any more."""


class _Verbs(click.Group):
    """Loads a verb's module only when that verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which a reader wants them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"bedrock_policy_lint.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; a closed pipe is told apart from findings, whose exit code click would give it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGoneError from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, without loading any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, "-V", "--version", message="bedrock-policy-lint %(version)s")
def group() -> None:
    """Hold the verbs together."""


def arguments(given: list[str]) -> list[str]:
    """The command line with the verb that is meant, and with `--fix` saying which fixes it means."""
    if "--" in given:
        cut = given.index("--")
        given, paths = given[:cut], given[cut:]
    else:
        paths = []
    given = ["--fix=same" if word == "--fix" else word for word in given]
    if given and given[0] in (*VERBS, "-h", "--help", "-V", "--version"):
        return given + paths
    return ["check", *given, *paths] if given or paths else []


def main() -> None:
    """Run, and leave with one of the three exit codes."""
    import gc

    # A short-lived process that builds large trees: the cycle collector would only cost.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Reports are UTF-8 wherever they are sent; a terminal, or who asks for another encoding, keeps it.
            kept = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=None if kept else "utf-8", errors="backslashreplace")
    code = run(sys.argv[1:])
    # At the end the interpreter would look for cycles among everything that was made, which may take a fifth of a run.
    gc.freeze()
    sys.exit(code)


def run(given: list[str]) -> int:
    """The exit code of a command line."""
    try:
        code = group.main(args=arguments(given), prog_name="bedrock-policy-lint", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
    except click.ClickException as error:
        _complain(error.format_message())
        if isinstance(error, click.UsageError) and error.ctx:
            click.echo(f"try: {error.ctx.command_path} --help", err=True)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
    except (BrokenPipeError, _ReaderGoneError):
        # As `head` does; the interpreter must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # whatever it is, it must not leave with the code that means findings
        _complain(
            f"{type(error).__name__}: {error} ({_origin(error)}): a fault of bedrock-policy-lint; please report it"
        )
    return 2


def _origin(error: Exception) -> str:
    """Where in the code an exception arose."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return f"{os.path.basename(step.tb_frame.f_code.co_filename)}:{step.tb_lineno}" if step else "unknown place"


def _complain(message: str) -> None:
    from bedrock_policy_lint.report.screen import safe

    click.echo(f"error: {safe(message)}", err=True)
