"""Files: which are walked, which `.gitignore` leaves out, which are refused and why, and how one is written."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.sources import files
from bedrock_policy_lint.sources.files import Input, MissingPathError, Refusal, decode, find, read, write
from bedrock_policy_lint.sources.gitignore import Ignores
from bedrock_policy_lint.sources.globs import fixed_part, path_matches, translate
from bedrock_policy_lint.sources.source import Source

POLICY = '{"Version": "2012-10-17", "Statement": []}'
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
not_as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind this user"
)


def walked(*paths: str) -> list[str]:
    return [found.path.replace(os.sep, "/") for found in find(paths or (".",))]


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(POLICY)


# The walk


def test_a_walk_is_sorted_by_name_with_folders_among_files(folder: Path) -> None:
    make(folder, "b.json", "a/z.json", "a/b/x.json", "c/x.json", "a.json", "B.json")

    assert walked() == ["B.json", "a/b/x.json", "a/z.json", "a.json", "b.json", "c/x.json"]


def test_a_walk_takes_names_that_policies_have(folder: Path) -> None:
    make(folder, "a.json", "b.jsonc", "c.policy", "d.iam", "policy", "e.yaml", "f.json.bak", ".hidden", ".hidden.json")
    make(folder, "g.yml", "h.template", "i.txt")

    policies = [".hidden.json", "a.json", "b.jsonc", "c.policy", "d.iam"]
    assert walked() == [*policies, "e.yaml", "g.yml", "h.template", "policy"]


def test_a_walk_passes_over_what_others_keep(folder: Path) -> None:
    make(folder, ".git/x.json", "node_modules/x.json", ".terraform/x.json", "a/__pycache__/x.json", "x.json")

    assert walked() == ["x.json"]


def test_paths_are_shown_as_the_user_would_name_them(folder: Path) -> None:
    make(folder, "a/x.json")

    assert walked("a/") == walked("./a") == ["a/x.json"]
    assert walked(str(folder / "a")) == [f"{folder}/a/x.json"]
    assert walked("./a/x.json") == ["./a/x.json"]


def test_each_file_is_found_once(folder: Path) -> None:
    make(folder, "a/x.json")

    assert walked("a/x.json", "a", ".", str(folder)) == ["a/x.json"]


def test_a_named_path_must_exist(folder: Path) -> None:
    make(folder, "x.json")

    with pytest.raises(MissingPathError, match=r"^missing\.json$"):
        walked("x.json", "missing.json")


def test_links_are_not_followed_by_a_walk(folder: Path) -> None:
    make(folder, "a/x.json")
    (folder.parent / "outside.json").write_text(POLICY)
    (folder / "a" / "loop").symlink_to(folder / "a")
    (folder / "link.json").symlink_to(folder.parent / "outside.json")
    (folder / "dead.json").symlink_to("nowhere")

    assert walked() == ["a/x.json"]


def test_a_link_that_is_named_is_read(folder: Path) -> None:
    make(folder, "a/x.json")
    (folder / "link").symlink_to("a")
    (folder / "link.json").symlink_to("a/x.json")

    assert walked("link", "link.json") == ["link/x.json", "link.json"]
    assert isinstance(read("link.json"), Source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_passed_over_by_a_walk_and_refused_by_name(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    os.mkfifo(folder / ".gitignore")

    assert walked() == []
    refused = read("pipe.json")
    assert isinstance(refused, Refusal)
    assert (refused.message, refused.hint) == ("it is a pipe, not a file", "to check a stream, give `-`")


def test_a_walk_goes_deeper_than_the_stack(folder: Path) -> None:
    (folder / ("d/" * 300)).mkdir(parents=True)
    (folder / ("d/" * 300) / "x.json").write_text(POLICY)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        assert walked() == ["d/" * 300 + "x.json"]
    finally:
        sys.setrecursionlimit(limit)


@not_as_root
def test_a_folder_that_cannot_be_read_is_no_silence(folder: Path, run: Run) -> None:
    make(folder, "closed/x.json", "open/x.json")
    (folder / "closed").chmod(0)

    ran = run("--format", "concise", ".")

    (folder / "closed").chmod(0o700)
    assert ran.code == 1
    assert "closed:1:1: error[unreadable-file]" in ran.out


def test_a_folder_that_cannot_be_listed_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(folder, "closed/x.json", "open/x.json")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    assert list(find(["."])) == [Input("closed", True), Input("open/x.json", False)]
    refused = read("closed")
    assert isinstance(refused, Refusal)
    assert refused.message == "permission denied"


# .gitignore

NAMES = ("a", "b", "ab", "ba", "a b", "a*", "[a]", "#a", "!a", "a\\", "-", "]", "ä", "a ")
TREE = [*NAMES, *(f"{one}/{two}" for one in "ab" for two in NAMES), *(f"a/{one}/{two}" for one in "ab" for two in "ab")]
PIECES = (
    "a",
    "b",
    "ab",
    "*",
    "**",
    "?",
    "/",
    "[ab]",
    "[!a]",
    "[^b]",
    "[",
    "[]a]",
    "[a-b]",
    "[b-a]",
    "\\",
    "!",
    "#",
    " ",
    "ä",
)

PATTERNS = (
    "a",
    "/a",
    "a/",
    "/a/",
    "a/b",
    "a/*",
    "a/**",
    "**/b",
    "**/a/b",
    "a/**/b",
    "*",
    "*\n!a",
    "*\n!a/\n!a/b",
    "a*\n!ab",
    "?",
    "??",
    "[ab]",
    "[!a]",
    "[^ab]*",
    "[a-b]?",
    "\\#a",
    "\\!a",
    "#a",
    "!a",
    "a\\ ",
    "a ",
    "a   \nb",
    "a\\*",
    "\\[a]",
    "[[]a]",
    "a\\",
    "a\\\\",
    "[]]",
    "[-]",
    "[a",
    "a//",
    "//a",
    "/",
    "",
    " ",
    "a\r\nb\r",
    "\ufeffa",
    "**",
    "**/",
    "/**",
    "*/",
    "*/b",
    "ä",
)


def ours(folder: Path, text: str) -> set[str]:
    """What we leave out of TREE: a file in a folder that is left out is never looked at."""
    (folder / ".gitignore").write_text(text, encoding="utf-8", newline="")
    ignores = Ignores.above(str(folder)).within(str(folder))
    left_out = set()
    for path in TREE:
        names = path.split("/")
        steps = ["/".join(names[: at + 1]) for at in range(len(names))]
        if any(ignores.leaves_out(os.path.join(folder, step), is_folder=step != path) for step in steps):
            left_out.add(path)
    return left_out


def gits(folder: Path, text: str) -> set[str]:
    """What git leaves out of TREE."""
    (folder / ".gitignore").write_text(text, encoding="utf-8", newline="")
    command = ["git", "check-ignore", "--no-index", "--stdin", "-z"]
    asked = "\0".join(TREE).encode()
    done = subprocess.run(command, input=asked, capture_output=True, check=False, cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stdout.decode().split("\0")[:-1])


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ignored")
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    return place


@needs_git
@pytest.mark.parametrize("text", PATTERNS, ids=ascii)
def test_patterns_leave_out_what_git_leaves_out(repository: Path, text: str) -> None:
    assert ours(repository, text) == gits(repository, text)


def _has_quirk(line: str) -> bool:
    """What git reads against its own manual: `a**/b` as `a` before `**/b`, and `**\\/b` as `*/**/b`."""
    return re.search(r"[^/*]\*\*+/|\*\\/", line) is not None


LINE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join).filter(lambda line: not _has_quirk(line))


@needs_git
@settings(max_examples=120, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=3).map("\n".join))
def test_any_patterns_leave_out_what_git_leaves_out(repository: Path, text: str) -> None:
    assert ours(repository, text) == gits(repository, text)


def test_the_nearest_file_decides_and_the_last_line_in_it(folder: Path) -> None:
    make(folder, "a/x.json", "a/y.json", "b/x.json")
    (folder / ".gitignore").write_text("x.json\ny.json\n!y.json\n")
    (folder / "a" / ".gitignore").write_text("!x.json\n")

    assert walked() == ["a/x.json", "a/y.json"]


def test_what_lies_in_an_ignored_folder_stays_out(folder: Path) -> None:
    make(folder, "build/x.json", "x.json")
    (folder / ".gitignore").write_text("build/\n!x.json\n")

    assert walked() == ["x.json"]
    assert walked("build") == ["build/x.json"], "unless it is named"


def test_files_above_count_up_to_the_top_of_the_repository(folder: Path) -> None:
    make(folder, "a/b/x.json", "a/b/y.json")
    (folder / ".gitignore").write_text("/a/b/x.json")
    (folder.parent / ".gitignore").write_text("y.json")

    assert walked("a/b") == ["a/b/y.json"]


def test_outside_of_a_repository_nothing_above_counts(folder: Path) -> None:
    make(folder, "a/x.json", "a/y.json")
    (folder / ".git").rmdir()
    (folder / ".gitignore").write_text("x.json")
    (folder / "a" / ".gitignore").write_text("y.json")

    assert walked("a") == ["a/x.json"]


def test_an_ignore_file_that_is_a_link_is_not_followed(folder: Path) -> None:
    make(folder, "x.json")
    (folder.parent / "patterns").write_text("x.json")
    (folder / ".gitignore").symlink_to(folder.parent / "patterns")

    assert walked() == ["x.json"]


# Globs of the configuration


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("x.json", ["x.json", "a/x.json", "a/b/x.json"], ["xx.json", "x.json.bak"]),
        ("/x.json", ["x.json"], ["a/x.json"]),
        ("./x.json", ["x.json"], ["a/x.json"]),
        ("a/x.json", ["a/x.json"], ["b/a/x.json"]),
        ("a", ["a", "a/x.json", "b/a/x.json"], ["ab/x.json"]),
        ("a/", ["a/x.json", "b/a/c/x.json"], ["ab/x.json"]),
        ("*.json", ["x.json", "a/x.json"], ["x.yaml"]),
        ("a/*.json", ["a/x.json"], ["a/b/x.json", "x.json"]),
        ("a/**", ["a/x.json", "a/b/x.json"], ["x.json"]),
        ("**/a/**", ["a/x.json", "b/a/x.json", "b/a/c/x.json"], ["b/x.json", "ba/x.json"]),
        ("a/**/x.json", ["a/x.json", "a/b/x.json", "a/b/c/x.json"], ["b/x.json", "ab/x.json"]),
        ("**", ["x.json", "a/b/x.json"], []),
        ("*", ["x.json", "a/b/x.json"], []),
        ("a\\b\\*.json", ["a/b/x.json"], ["a/x.json"]),
        ("x[12].json", ["x1.json", "x2.json"], ["x3.json", "x[12].json"]),
        ("x[!1].json", ["x2.json"], ["x1.json"]),
        ("x[[]1].json", ["x[1].json"], ["x1.json"]),
        ("x[z-a].json", [], ["xb.json"]),
        ("x[.json", [], ["x.json"]),
        ("*.[jJ]*", ["x.json", "X.JSON"], ["x.yaml"]),
    ],
)
def test_a_glob_of_the_configuration_matches(pattern: str, matching: list[str], other: list[str]) -> None:
    assert [path for path in (*matching, *other) if path_matches(pattern, path)] == matching


@pytest.mark.parametrize(
    ("pattern", "fixed"),
    [
        ("a/b/x.json", "a/b/x.json"),
        ("a/b/*.json", "a/b"),
        ("a/*/c", "a"),
        ("**/a", ""),
        ("x.json", ""),
        ("/x.json", "x.json"),
        ("a\\b\\*.json", "a/b"),
        ("a/", ""),
        ("[ab]/c", ""),
    ],
)
def test_the_fixed_part_of_a_glob(pattern: str, fixed: str) -> None:
    assert fixed_part(pattern) == fixed


GLOB = st.lists(st.sampled_from(["a", "b", "*", "**", "/", "?", "[a]"]), max_size=7).map("".join)
PATH = st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=4).map("/".join)


@given(GLOB, PATH)
def test_what_a_glob_matches_lies_at_its_fixed_part(pattern: str, path: str) -> None:
    if path_matches(pattern, path):
        assert f"{path}/".startswith(fixed_part(pattern) and fixed_part(pattern) + "/")


def slowly_matches(pattern: list[str], path: list[str]) -> bool:
    """`translate`, name by name and star by star."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        return slowly_matches(pattern[1:], path) or (bool(path) and slowly_matches(pattern, path[1:]))
    return bool(path) and slowly_names(pattern[0], path[0]) and slowly_matches(pattern[1:], path[1:])


def slowly_names(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return slowly_names(pattern[1:], name) or (bool(name) and slowly_names(pattern, name[1:]))
    return bool(name) and pattern[0] in ("?", name[0]) and slowly_names(pattern[1:], name[1:])


SEGMENT = st.text(alphabet="ab*?", min_size=1, max_size=4).filter(lambda name: "**" not in name)
SEGMENTS = st.lists(SEGMENT | st.just("**"), min_size=1, max_size=5).filter(lambda names: names[-1] != "**")
NAME = st.text(alphabet="ab", min_size=1, max_size=4)


@settings(max_examples=400)
@given(SEGMENTS, st.lists(NAME, min_size=1, max_size=5))
def test_taking_each_piece_at_its_first_place_loses_no_match(pattern: list[str], path: list[str]) -> None:
    regex = re.compile(translate("/".join(pattern)))

    assert (regex.fullmatch("/".join(path)) is not None) == slowly_matches(pattern, path)


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "**/" * 60 + "b", "**/a*a*" * 30 + "b", "**/*a*/" * 20 + "b"])
def test_a_strangers_pattern_cannot_make_matching_explode(pattern: str) -> None:
    # A matcher that goes back over its stars would not come to an end.
    assert not path_matches("x/" + pattern, "x/" + "a" * 200)
    assert not path_matches("x/" + pattern, "x/" + "a/" * 100 + "c")


# Reading


def refusal(data: bytes) -> Refusal:
    refused = decode("p.json", data)
    assert isinstance(refused, Refusal)
    return refused


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"a\r\nb", "a\r\nb"), ("ä€😀".encode(), "ä€😀"), (b"\0", "\0"), (b"\xef\xbb\xbf{}", "{}")],
)
def test_utf8_is_read_as_it_is(data: bytes, text: str) -> None:
    source = decode("p.json", data)

    assert isinstance(source, Source)
    assert (source.text, source.bom) == (text, data.startswith(b"\xef\xbb\xbf"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_refused_by_name(encoding: str) -> None:
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)

    assert refusal(mark + "{}".encode(encoding)).message == "it is written in UTF-16"


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88"])
def test_a_bad_byte_is_shown_where_it_stands(bom: bytes, bad: bytes) -> None:
    refused = refusal(bom + "ä\n€x".encode() + bad + b"y")

    assert refused.source.point(refused.start) == (2, 3)
    assert refused.end == refused.start + 1
    assert f"0x{bad[0]:02x}" in refused.message


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome = decode("p.json", data)

    if isinstance(outcome, Refusal):
        assert 0 <= outcome.start <= outcome.end <= max(len(outcome.source.text), 1)
    else:
        assert (b"\xef\xbb\xbf" if outcome.bom else b"") + outcome.text.encode() == data


def test_a_file_that_is_too_large_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 2 * 1024 * 1024)
    (folder / "large.json").write_bytes(b" " * (2 * 1024 * 1024 + 1))
    (folder / "fits.json").write_bytes(b" " * (2 * 1024 * 1024))

    refused = read("large.json")

    assert isinstance(refused, Refusal)
    assert refused.message == "it has 2 MiB; files over 2 MiB are not read"
    assert isinstance(read("fits.json"), Source)
    assert isinstance(decode("-", b" " * (2 * 1024 * 1024 + 1)), Refusal)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.json", "no such file or directory"),
        ("folder", "it is a folder, not a file"),
        ("a\0b", "no path can hold such a character"),
    ],
)
def test_what_cannot_be_read_says_why(folder: Path, path: str, message: str) -> None:
    (folder / "folder").mkdir()

    refused = read(path)

    assert isinstance(refused, Refusal)
    assert message in refused.message


@not_as_root
def test_a_file_without_permission_says_so(folder: Path) -> None:
    make(folder, "x.json")
    (folder / "x.json").chmod(0)

    refused = read("x.json")

    assert isinstance(refused, Refusal)
    assert refused.message == "permission denied"


# Writing


def test_a_file_is_written_with_its_mode_and_nothing_is_left_beside(folder: Path) -> None:
    make(folder, "x.json")
    (folder / "x.json").chmod(0o640)

    write("x.json", b"new")

    assert (folder / "x.json").read_bytes() == b"new"
    assert stat.S_IMODE((folder / "x.json").stat().st_mode) == 0o640
    assert sorted(os.listdir()) == [".git", "x.json"]


def test_a_link_is_kept_and_what_it_names_is_written(folder: Path) -> None:
    make(folder, "a/x.json")
    (folder / "link.json").symlink_to("a/x.json")

    write("link.json", b"new")

    assert (folder / "link.json").is_symlink()
    assert (folder / "a" / "x.json").read_bytes() == b"new"


@pytest.mark.parametrize("stage", ["fsync", "chmod", "replace"])
def test_an_interrupted_write_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    make(folder, "x.json")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, stage, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write("x.json", b"new")

    assert (folder / "x.json").read_text() == POLICY
    assert sorted(os.listdir()) == [".git", "x.json"]


def test_a_file_of_somebody_else_beside_it_is_not_taken(folder: Path) -> None:
    make(folder, "x.json", f"x.json.{os.getpid()}.new")

    with pytest.raises(FileExistsError):
        write("x.json", b"new")

    assert (folder / "x.json").read_text() == POLICY
    assert (folder / f"x.json.{os.getpid()}.new").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_written_to_and_not_replaced(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    reader = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    write("pipe", b"new")

    assert os.read(reader, 10) == b"new"
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)
    os.close(reader)
