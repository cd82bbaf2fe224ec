"""The evaluator against another one; runs only where that one is installed and named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PEER = os.environ.get("IAM_SIMULATE")


@pytest.mark.skipif(
    not PEER, reason="IAM_SIMULATE does not name the folder of an installed @cloud-copilot/iam-simulate"
)
@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_every_difference_to_the_other_evaluator_is_accounted_for() -> None:
    script = Path(__file__).parent / "run.py"
    done = subprocess.run([sys.executable, str(script), "--cases", "4000"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
