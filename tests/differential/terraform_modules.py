"""Check every module of Terraform found in folders of other people: nothing may crash, and each finding can be read.

python tests/differential/terraform_modules.py FOLDER… [--show RULE] [--silent] [--slow 2] [--limit 60] [--json FILE]

Each folder with files of Terraform is checked as a root module, those that others call included. Nothing is fetched.
Needs a system with SIGALRM.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from templates import Look, run, told

from bedrock_policy_lint.config import Config
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.runner import Task, check_module
from bedrock_policy_lint.sources.files import MODULE_NAMES, Input


def modules(folders: Iterable[str]) -> Iterator[str]:
    """Every folder that holds a module, in a settled order."""
    for folder in folders:
        for home, inner, names in os.walk(folder):
            inner.sort()
            if any(name.endswith(MODULE_NAMES) for name in names):
                yield home


def _check(folder: str) -> Look:
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(MODULE_NAMES))
    paths = [path for path in paths if os.path.isfile(path)]
    texts = [Path(path).read_text(encoding="utf-8", errors="replace") for path in paths]
    if not paths:
        return Look(folder, "", 0, 0)
    outcome = check_module(Task(Input(paths[0], named=True), Settings(), Config(), files=tuple(paths), is_whole=True))
    names_bedrock = any("bedrock" in text.lower() for text in texts)
    dialect = "broken" if any(finding.rule == "syntax" for finding in outcome.findings) else "terraform"
    return told(Look(folder, dialect, 0, sum(map(len, texts)), names_bedrock=names_bedrock), outcome)


if __name__ == "__main__":
    sys.exit(run(str(__doc__), modules, _check))
