"""What a container image is made of and what runs in it, as its Dockerfile says."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TASK_ROOT = "/var/task"
_KNOWN = {"LAMBDA_TASK_ROOT": _TASK_ROOT, "HOME": "/root"}
"""What the images of AWS and others set."""
_LAMBDA = ("public.ecr.aws/lambda/", "amazon/aws-lambda-", "public.ecr.aws/sam/")
_MOST_STEPS = 20
_MOST_INSTRUCTIONS = 2_000

_continued = re.compile(r"\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*")
_instruction = re.compile(r"^[ \t]*([A-Za-z]+)[ \t]+(.*)$", re.MULTILINE).finditer
_variable = re.compile(r"\$(?:\{(\w+)(?::?-([^{}$]*))?\}|(\w+))")
_operator = re.compile(r"[;&|<>`()$]").search
_python = re.compile(r"(?:python|pypy)[0-9.]*").fullmatch
_handler = re.compile(r"[\w./-]+\.\w+").fullmatch


class Program(NamedTuple):
    """What starts in a container."""

    paths: tuple[str, ...]
    """Files or modules without their suffix, as absolute paths in the container; the first that is there is meant."""
    function: str = ""
    """What is called of it; empty where it is loaded alone."""


class _Copy(NamedTuple):
    stage: str | None
    """The stage that it is taken from; None for the folder that the image is built of."""
    sources: tuple[str, ...]
    to: str
    is_folder: bool


class Image:
    """A stage of a Dockerfile."""

    def __init__(self, base: str, below: Image | None) -> None:
        self.base = base
        self.below = below
        self.folder: str = below.folder if below else _TASK_ROOT if base.startswith(_LAMBDA) else "/"
        self.variables: dict[str, str] = dict(below.variables if below else _KNOWN)
        self.copies: list[_Copy] = list(below.copies if below else ())
        self.entrypoint: tuple[str, ...] = below.entrypoint if below else ()
        self.command: tuple[str, ...] = below.command if below else ()
        self.stages: dict[str, Image] = {}

    @property
    def is_lambda(self) -> bool:
        """Whether it is built upon an image of AWS Lambda."""
        return self.base.startswith(_LAMBDA) or (self.below is not None and self.below.is_lambda)

    def origins(self, path: str, depth: int = 0) -> Iterator[str]:
        """Where in the folder that it is built of a path may come from, the last copy first."""
        for copy in reversed(self.copies) if depth < _MOST_STEPS else ():
            for source in copy.sources:
                found = _behind(copy, source, path)
                if found is None:
                    continue
                if copy.stage is None:
                    yield found
                elif copy.stage in self.stages:
                    yield from self.stages[copy.stage].origins(posixpath.join("/", found), depth + 1)


def image(text: str, target: str = "") -> Image | None:
    """The stage of a Dockerfile that is built; None where there is none."""
    stages: dict[str, Image] = {}
    found: Image | None = None
    for at, match in enumerate(_instruction(_continued.sub(" ", text))):
        name, rest = match[1].upper(), match[2].strip()
        if at > _MOST_INSTRUCTIONS:
            return None
        if name == "FROM":
            if found is not None and target and stages.get(target.lower()) is found:
                return found
            found = _stage(rest, stages)
        elif found is not None:
            _follow(found, name, rest)
    return found if not target or stages.get(target.lower()) is found else None


def _stage(rest: str, stages: dict[str, Image]) -> Image:
    words = [word for word in rest.split() if not word.startswith("--")] or [""]
    found = Image(words[0], stages.get(words[0].lower()))
    found.stages = dict(stages)
    stages[str(sum(name.isdigit() for name in stages))] = found
    if len(words) > 2 and words[1].lower() == "as":
        stages[words[2].lower()] = found
    return found


def _follow(image: Image, name: str, rest: str) -> None:
    if name == "WORKDIR":
        folder = _filled(rest.strip("\"'"), image)
        image.folder = posixpath.normpath(posixpath.join(image.folder, folder)) if folder else "/?"
    elif name in ("ENV", "ARG"):
        _set(image, rest)
    elif name in ("COPY", "ADD"):
        _copy(image, rest)
    elif name == "ENTRYPOINT":
        image.entrypoint, image.command = _words(rest), ()
    elif name == "CMD":
        image.command = _words(rest)


def _set(image: Image, rest: str) -> None:
    for word in _split(rest):
        name, is_set, value = word.partition("=")
        text = _filled(value, image) if is_set else ""
        if text:
            image.variables[name] = text
        else:
            image.variables.pop(name, None)


def _copy(image: Image, rest: str) -> None:
    stage: str | None = None
    while rest.startswith("--"):
        flag, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if flag.startswith("--from="):
            stage = flag.removeprefix("--from=").lower()
    words = [_filled(word, image) for word in _words(rest) or ()]
    if len(words) < 2 or not all(words):
        return
    *sources, to = words
    is_folder = to.endswith("/") or to == "." or len(sources) > 1
    full = posixpath.normpath(posixpath.join(image.folder, to))
    image.copies.append(_Copy(stage, tuple(sources), full, is_folder))


def _behind(copy: _Copy, source: str, path: str) -> str | None:
    """What a path in the image was before it was copied; None for another one."""
    source = posixpath.normpath(source.lstrip("/") or ".")
    if path == copy.to:
        return None if copy.is_folder else source
    inner = path.removeprefix(copy.to.rstrip("/") + "/")
    if inner == path:
        return None
    last = posixpath.basename(source)
    if "*" in last:
        return posixpath.join(posixpath.dirname(source), posixpath.basename(inner)) if "/" not in inner else None
    # A file keeps its name; of a folder what is in it is copied.
    stem = posixpath.splitext(last)[0]
    if inner == last or (inner == stem and stem != last):
        return posixpath.join(posixpath.dirname(source), inner)
    return posixpath.normpath(posixpath.join(source, inner))


def _filled(text: str, image: Image) -> str:
    """A text with the variables of the image in it; empty where one is not known."""
    is_known = True

    def value(match: re.Match[str]) -> str:
        nonlocal is_known
        found = image.variables.get(match[1] or match[3], match[2])
        is_known = is_known and found is not None
        return found or ""

    filled = _variable.sub(value, text)
    return filled if is_known else ""


def _words(rest: str) -> tuple[str, ...]:
    """A command in either form; empty for one that only a shell understands."""
    if rest.startswith("["):
        import json

        try:
            found = json.loads(rest)
        except (ValueError, RecursionError):
            return ()
        return tuple(found) if all(isinstance(word, str) for word in found) else ()
    return tuple(_split(rest))


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


# What starts


def program(image: Image, entrypoint: Sequence[str] | None, command: Sequence[str] | None) -> Program | None:
    """What runs in a container of an image, where these are given in place of what the Dockerfile says; None where
    that cannot be told."""
    first = image.entrypoint if entrypoint is None else tuple(entrypoint)
    rest = image.command if command is None and entrypoint is None else tuple(command or ())
    if not first and len(rest) == 1 and _handler(rest[0]) and image.is_lambda:
        return _of_handler(image, rest[0])
    return _started(image, [*first, *rest])


def _of_handler(image: Image, handler: str) -> Program:
    module, _, function = handler.rpartition(".")
    paths = dict.fromkeys((module, module.replace(".", "/")))
    return Program(tuple(_inside(image, path) for path in paths), function)


def _started(image: Image, words: list[str]) -> Program | None:
    """What a command starts, once all that merely runs another one is taken away."""
    for _ in range(_MOST_STEPS):
        words = _unwrapped(words)
        name = posixpath.basename(words[0]) if words else ""
        if name in _SHELLS and words[1:2] in (["-c"], ["-lc"], ["-ec"]):
            line = words[2] if len(words) > 2 else ""
            words = [] if _operator(line) else _split(line)
        elif _python(name) and (module := _module_of(words)):
            words = module
            if words[0] not in _SERVERS:
                return _of_module(image, words[0])
        elif _python(name):
            return _of_file(image, _without_flags(words[1:], _PYTHON_VALUES))
        elif name in _RUNTIMES:
            rest = _without_flags(words[1:], _NODE_VALUES)
            return _of_file(image, rest[1:] if rest[:1] == ["run"] else rest)
        else:
            return _of_server(image, name, words[1:]) if name in _SERVERS else None
    return None


def _module_of(words: list[str]) -> list[str]:
    """`python -m MODULE ARGUMENT…` from the module on; nothing where a file is run."""
    rest = _without_flags(words[1:], _PYTHON_VALUES)
    return rest[1:] if rest[:1] == ["-m"] else []


_SHELLS = ("sh", "bash", "ash", "dash")
_WRAPPERS = ("exec", "env", "tini", "dumb-init", "ddtrace-run", "opentelemetry-instrument", "npx", "--")
_RUNNERS = {"poetry": "run", "uv": "run", "pipenv": "run", "pdm": "run", "newrelic-admin": "run-program"}
_RUNTIMES = ("node", "nodejs", "tsx", "ts-node", "bun", "deno")
_PYTHON_VALUES = ("-X", "-W")
_NODE_VALUES = ("-r", "--require", "--import", "--loader")
_SERVERS = ("uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "fastapi", "streamlit", "chainlit", "awslambdaric")
_OPTIONS = (
    "-w",
    "-b",
    "-k",
    "-t",
    "--workers",
    "--bind",
    "--worker-class",
    "--timeout",
    "--host",
    "--port",
    "--interface",
)


def _unwrapped(words: list[str]) -> list[str]:
    """A command without what merely runs it."""
    for _ in range(_MOST_STEPS):
        name = posixpath.basename(words[0]) if words else ""
        if name in _WRAPPERS:
            words = words[1:]
        elif name in _RUNNERS and words[1:2] == [_RUNNERS[name]]:
            words = words[2:]
        else:
            break
    return words


def _without_flags(words: list[str], with_values: tuple[str, ...]) -> list[str]:
    while words and words[0].startswith("-") and words[0] != "-m":
        words = words[2 if words[0] in with_values else 1 :]
    return words


def _of_file(image: Image, words: list[str]) -> Program | None:
    return Program((_inside(image, words[0]),)) if words and not words[0].startswith("-") else None


def _of_module(image: Image, dotted: str, function: str = "") -> Program:
    path = _inside(image, dotted.replace(".", "/"))
    return Program((path, posixpath.join(path, "__main__")) if not function else (path,), function)


def _of_server(image: Image, name: str, words: list[str]) -> Program | None:
    """`uvicorn app.main:app --host …`: the first word that is neither an option nor the value of one."""
    if name in ("fastapi", "streamlit", "chainlit"):
        words = words[1:] if words[:1] in (["run"], ["dev"]) else []
    while words and words[0].startswith("-"):
        words = words[1 if "=" in words[0] or words[0] not in _OPTIONS else 2 :]
    if not words:
        return None
    if name == "awslambdaric":
        return _of_handler(image, words[0])
    if name in ("fastapi", "streamlit", "chainlit"):
        return _of_file(image, words)
    module, _, made = words[0].partition(":")
    function = made.partition("(")[0]
    return _of_module(image, module, function if "(" in made or "--factory" in words else "")


def _inside(image: Image, path: str) -> str:
    return posixpath.normpath(posixpath.join(image.folder, path))
