"""Commands of the shell itself that change what its variables hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.scope import Binding
from bedrock_policy_lint.code.shell.spelling import Spelled
from bedrock_policy_lint.model.text import Hole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bedrock_policy_lint.code.shell.run import Run
    from bedrock_policy_lint.code.shell.scope import Argument


def _do_unset(run: Run, arguments: tuple[Argument, ...]) -> None:
    for argument in arguments[1:]:
        name = run.plain(argument)
        if name and name.isidentifier():
            run.scope.variables[name] = Binding(())


def _do_read(run: Run, arguments: tuple[Argument, ...]) -> None:
    """What is read from elsewhere is unknown: `read`, `mapfile`, `getopts`, `printf -v`."""
    for argument in arguments[1:]:
        name = run.plain(argument)
        if name and name.isidentifier():
            value = argument.values[0]
            hole = run.marks.mark(Hole(f"${name}", f"${name}"))
            run.scope.set(name, Binding((Spelled(hole, [value.start], [value.end], value.source, value.start),)))


def _do_printf(run: Run, arguments: tuple[Argument, ...]) -> None:
    if len(arguments) > 2 and run.plain(arguments[1]) == "-v":
        _do_read(run, arguments[1:3])


def _do_set(run: Run, arguments: tuple[Argument, ...]) -> None:
    options = [run.plain(argument) or "" for argument in arguments[1:]]
    for at, option in enumerate(options):
        following = options[at + 1] if at + 1 < len(options) else ""
        is_meant = (option[:1] in ("-", "+") and option[1:2] != "-" and "a" in option[1:].split("o")[0]) or (
            option in ("-o", "+o") and following == "allexport"
        )
        if is_meant:
            run.scope.exports_all = option[0] == "-"
        if option == "--":
            run.scope.positional = arguments[at + 2 :]
            return


def _do_shift(run: Run, arguments: tuple[Argument, ...]) -> None:
    if run.scope.positional is None:
        return
    count = (run.plain(arguments[1]) or "") if len(arguments) > 1 else "1"
    run.scope.positional = (
        run.scope.positional[int(count) :] if count.isascii() and count.isdecimal() and len(count) < 6 else None
    )


def _do_load(run: Run, arguments: tuple[Argument, ...]) -> None:
    run.load(arguments)


def _do_eval(run: Run, arguments: tuple[Argument, ...]) -> None:
    texts = arguments[1:]
    if len(texts) == 1 and len(texts[0].values) == 1:
        text = texts[0].values[0]
        if run.marks.hole(text.text) is not None:
            run.doubt()
        else:
            run.follow_text(text)
    elif texts:
        run.command(texts, {})


def _do_nothing(run: Run, arguments: tuple[Argument, ...]) -> None:
    pass


OWN: Mapping[str, Callable[[Run, tuple[Argument, ...]], None]] = {
    "unset": _do_unset,
    "read": _do_read,
    "mapfile": _do_read,
    "readarray": _do_read,
    "getopts": _do_read,
    "printf": _do_printf,
    "set": _do_set,
    "shift": _do_shift,
    "source": _do_load,
    ".": _do_load,
    "eval": _do_eval,
    ":": _do_nothing,
    "echo": _do_nothing,
}
