"""Words in code that stand for more than was found: what they do there nobody knows.

To call an operation, or to read a variable, code must name it; who names neither does neither.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.usage.apis import MANTLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.code.site import CodeFile

_words = re.compile(r"(?<![\w-])(?:[a-z]+(?:[_-][a-z]+)*|[A-Za-z]+)(?![\w-])").finditer
"""Names as Python, the command line and JavaScript write them."""
_goes_elsewhere = re.compile(
    r"\bbedrock[\w-]*\.[^\s\"'`]{0,60}\.?(?:amazonaws|api\.aws)|[Mm]antle"
    r"|\bsubprocess\b|\bPopen\b|\bos\.(?:system|exec|spawn|popen)|\b(?:child_process|worker_threads|execa)\b"
    r"|\b(?:runpy|importlib|__import__)\b|\beval\(|\bexec\("
).search
"""A service called by its address, a program that is started, code that is made up while it runs."""
_has_whole_environment = re.compile(
    r"\benviron\b(?!\s*(?:\[\s*[\"']|\.\s*(?:get|pop|setdefault)\s*\(\s*[\"']))"
    r"|\bprocess\s*\.\s*env\b(?!\s*(?:\??\.\s*[A-Za-z_]|(?:\?\.)?\[\s*[\"']))"
    r"|\bgetenvb?\s*\(\s*[^\"'\s]|\b(?:BaseSettings|load_dotenv|dotenv)\b"
).search
_has_environment = re.compile(r"environ|getenv|\benv\b|settings|dotenv", re.IGNORECASE).search
"""A word of those without which nobody reads any variable."""
_COMMAND = "command"


def has_others(files: Iterable[CodeFile]) -> bool:
    """Whether more than the calls that were found may be made: an operation is named, a program is started."""
    return any(_goes_elsewhere(file.source.text) or any(_others(file)) for file in files)


def _others(file: CodeFile) -> Iterator[str]:
    known = [(site.node.start, site.node.end) for site in file.sites if site.node.source is file.source]
    text = file.source.text
    for word in _words(text):
        name = word[0].lower().replace("_", "").replace("-", "")
        if name not in _operations() and name.removesuffix(_COMMAND) not in _operations():
            continue
        at = word.start()
        if not any(start <= at < end for start, end in known) and _is_name(word[0], text, at, word.end()):
            yield word[0]


def _is_name(word: str, text: str, start: int, end: int) -> bool:
    """Whether a word is the name of something, not one of a sentence, and not merely loaded from where it is made."""
    before, after = text[:start].rstrip()[-1:], text[end : end + 20].lstrip()[:1]
    if word.endswith("Command") and before in "{," and after in "},":
        return False
    is_compound = not (word.islower() and word.isalpha())
    return is_compound or before in (".", '"', "'", "`")


@cache
def _operations() -> frozenset[str]:
    known = (operation for operation in default().operations() if operation.client != MANTLE)
    return frozenset(operation.name.lower() for operation in known)


def never_read(files: Iterable[CodeFile], variables: Iterable[str]) -> frozenset[str]:
    """Those of the variables of the environment that the files certainly do not read."""
    files = tuple(files)
    texts = [file.source.text for file in files]
    if any(map(_has_whole_environment, texts)):
        return frozenset()
    if not any(map(_has_environment, texts)):
        return frozenset(variables)
    read = {name for file in files for name in file.environment}
    lowered = [text.lower() for text in texts]
    return frozenset(
        name for name in variables if name not in read and not any(name.lower() in text for text in lowered)
    )
