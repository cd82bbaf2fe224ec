"""What is shipped: rules, schemas and data in the wheel and from the sdist, and adding a rule touches one file."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git would ship."""
    copy = tmp_path_factory.mktemp("tree") / "project"
    skipped = shutil.ignore_patterns(".git", ".venv*", "*.egg-info", "__pycache__", ".*_cache", "build", "dist")
    shutil.copytree(ROOT, copy, ignore=skipped)
    return copy


def build(tree: Path, target: Path, kind: str) -> Path:
    code = f"from setuptools.build_meta import build_{kind} as build; print(build({str(target)!r}))"
    printed = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
    assert printed.returncode == 0, printed.stderr
    return target / printed.stdout.strip().splitlines()[-1]


def contents(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_rules_schemas_data_and_types(tree: Path, tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="77")

    shipped = contents(build(tree, tmp_path, "wheel"))

    expected = {f"bedrock_policy_lint/{path.relative_to(ROOT)}" for path in (ROOT / "rules").rglob("*.py")}
    expected |= {
        f"bedrock_policy_lint/schemas/{path.name}" for path in (ROOT / "bedrock_policy_lint/schemas").iterdir()
    }
    for data in ("catalog/data", "usage/data"):
        files = (ROOT / "bedrock_policy_lint" / data).rglob("*")
        expected |= {str(path.relative_to(ROOT)) for path in files if path.is_file()}
    assert expected | {"bedrock_policy_lint/py.typed"} <= shipped
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "bedrock_policy_lint").rglob("*.py")}
    assert modules <= shipped


def test_the_sdist_builds_the_same_wheel(tree: Path, tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="77")
    sdist = build(tree, tmp_path, "sdist")
    shutil.unpack_archive(sdist, tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()

    from_sdist = build(unpacked, tmp_path / "a", "wheel") if (tmp_path / "a").mkdir() is None else None
    from_tree = build(tree, tmp_path / "b", "wheel") if (tmp_path / "b").mkdir() is None else None

    assert from_sdist
    assert from_tree
    assert contents(from_sdist) == contents(from_tree)


def test_the_toy_rule_of_the_guide_is_one_file_and_its_examples_run(tree: Path, tmp_path: Path) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    toy = re.search(r"<!-- toy rule -->\n```python\n(.*?)\n```\n<!-- end of toy rule -->", guide, re.DOTALL)
    assert toy
    project = tmp_path / "with-toy"
    shutil.copytree(tree, project)
    (project / "rules/no_toys.py").write_text(toy[1] + "\n")
    # The copy is put before the installed package, with its rules where an installation has them.
    shutil.copytree(project / "rules", project / "bedrock_policy_lint/rules")
    command = [sys.executable, "-P", "-m", "pytest", "-o", "addopts=", "-p", "no:cacheprovider", "-k", "no-toys"]

    ran = subprocess.run(
        [*command, "tests/test_rules.py", "tests/test_rule_files.py"],
        cwd=project,
        env={"PYTHONPATH": str(project), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"\b6 passed", ran.stdout), ran.stdout
