"""A scratch folder to work in, and two ways to run the program there: in this process, and as a process of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bedrock_policy_lint import cli, programs
from bedrock_policy_lint import config as configs

_KEPT = ("HOME", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "SYSTEMROOT", "TEMP", "TMPDIR")


class Ran(NamedTuple):
    """What a run left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]
"""`run("--select", "some-rule", "policy.json", stdin="…", NO_COLOR="1")`: words of a command line, and variables."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory and, to whoever looks for one, the top of a repository."""
    place = tmp_path / "repository"
    (place / ".git").mkdir(parents=True)
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in this process, with nothing of this machine's environment that could change the outcome."""
    for name in ("CI", "COLUMNS", "FORCE_COLOR", "GITHUB_WORKSPACE", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, stdin: str | bytes = b"", **variables: str) -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        forget_configurations()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            for name, value in variables.items():
                patch.setenv(name, value)
            code = cli.run(list(words))
        return Ran(code, _text(out), _text(err))

    return run


def forget_configurations() -> None:
    """Have every configuration looked for and read again, and all code; a process of its own never needs it."""
    configs._found_from.cache_clear()
    configs._loaded.cache_clear()
    programs._projects.clear()


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@pytest.fixture
def program(folder: Path) -> Run:
    """Run a command line as a process of its own."""

    def program(*words: str, stdin: str | bytes = b"", **variables: str) -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        command = [sys.executable, "-m", "bedrock_policy_lint", *words]
        done = subprocess.run(command, input=data, capture_output=True, env=kept | variables, check=False, timeout=60)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return program
