"""Parliament itself: made importable everywhere, put questions to, and its data indexed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.model.pattern import meets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

_DATA = "iam_definition.json"
_HEAD, _BEGINS, _ENDS = b"[\n  {\n", b"\n  {\n", b"\n  }"
"""How its data begin, and the entry of a service."""

_DATES = {"1.6.4": "2025-04-25"}
"""When a version's data was made; it does not say so itself."""

_BY_ANOTHER_NAME = "accesspoint"
"""In the types whose ARNs also stand for what lies behind them: an access point for its bucket and objects."""

_VARIABLE = re.compile(r"\$\{.*?\}")
_PLACEHOLDER = re.compile(r"(\$\{|<|tag-key).*")
_OPEN = (":", "/")


class _Form(NamedTuple):
    """A resource type."""

    type: str
    pattern: str
    """Its ARN with stars for what varies."""
    documented: str
    """Its ARN as documented: `arn:${Partition}:s3:::${BucketName}`."""

    def is_plain(self, arn: str) -> bool:
        """Whether an ARN of this form stands for nothing else, such as a newer type that lies inside this one."""
        own, other = self.pattern.split(":", 5)[5], arn.split(":", 5)[5]
        return _BY_ANOTHER_NAME not in self.type and (own.startswith("*") or other.count("/") <= own.count("/"))


class _Record(NamedTuple):
    """An action."""

    name: str
    forms: tuple[_Form, ...]
    keys: frozenset[str]
    """Lower-cased; those of its resource types included."""

    @property
    def stems(self) -> tuple[str, ...]:
        """The keys that go on with a tag or the like."""
        return tuple(key for key in self.keys if key.endswith(_OPEN))


class _Table(NamedTuple):
    """What is known of a service prefix, by lower-cased name."""

    actions: dict[str, _Record]
    forms: tuple[_Form, ...]
    types: dict[str, str]
    """The documented types of condition keys."""


class _Rows(Sequence[dict[str, Any]]):
    """Its data as a list that is read when somebody goes through it: that takes as long as half of a small run."""

    def __init__(self, path: str) -> None:
        import mmap

        with open(path, "rb") as file:
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, at: Any) -> Any:
        return self._all[at]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._all)

    @cached_property
    def _all(self) -> list[dict[str, Any]]:
        with _no_collector():
            return json.loads(self._text[:])  # type: ignore[no-any-return]

    def of(self, prefix: str) -> list[dict[str, Any]]:
        """The entries of a service prefix."""
        text, found = self._text, list[dict[str, Any]]()
        if text[: len(_HEAD)] != _HEAD:
            return _of(self, prefix)  # written in another way, in which nothing can be found without reading all
        name = f'\n    "prefix": {json.dumps(prefix)},\n'.encode()
        at = text.find(name)
        while at >= 0:
            end = text.find(_ENDS, at) + len(_ENDS)
            found.append(json.loads(text[text.rfind(_BEGINS, 0, at) : end]))
            at = text.find(name, end)
        return found


def _of(rows: Iterable[dict[str, Any]], prefix: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["prefix"] == prefix]


class Library:
    """Parliament as it was loaded, with an index over its data. Full names of actions are `service:Name`."""

    __slots__ = ("_is_arn_match", "_read", "_rows", "_statement", "_tables", "source")

    def __init__(self, parliament: ModuleType, statement: ModuleType) -> None:
        # Its own comparison knows no question mark, calls itself for every character and gets slow with many stars.
        parliament.is_glob_match = meets  # type: ignore[attr-defined]
        self._is_arn_match = parliament.is_arn_match
        self._statement = statement.Statement
        self._read = statement.jsoncfg.loads_config
        self._rows = parliament.iam_definition
        self._tables: dict[str, _Table | None] = {}
        date = _DATES.get(parliament.__version__)
        self.source = f"parliament's data of {date}" if date else f"the data of parliament {parliament.__version__}"

    def ask(self, statement: dict[str, Any], *issues: str) -> list[Any]:
        """The details of every finding of these kinds in a statement; none where parliament itself stumbles."""
        try:
            findings = self._statement(self._read(json.dumps(statement))).findings
        except Exception:
            return []
        return [finding.detail for finding in findings if finding.issue in issues]

    def knows(self, names: Iterable[str]) -> bool:
        """Whether it knows all of these actions."""
        return all(self._record(name) for name in names)

    def works_on(self, names: Iterable[str], arns: list[str]) -> bool:
        """Whether one of these actions is documented to work on one of these ARN patterns."""
        return any(self._fits(form, arn) for form in self._forms(names) for arn in arns)

    def recognises(self, service: str, arns: list[str]) -> bool:
        """Whether each of these is an ARN of a type that it knows, so that it can say what a service makes of it."""
        return all(self._recognises(service, arn) for arn in arns)

    def forms(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ARNs that these actions work on, as documented."""
        return tuple(dict.fromkeys(form.documented for form in self._forms(names)))

    def has_key(self, name: str, key: str) -> bool:
        """Whether an action has a condition key, given in lower case."""
        record = self._record(name)
        return record is not None and (key in record.keys or key.startswith(record.stems))

    def carriers(self, key: str) -> tuple[str, ...]:
        """The actions of the key's own service that have it."""
        service = key.partition(":")[0]
        table = self._table(service)
        names = [f"{service}:{record.name}" for record in table.actions.values()] if table else []
        return tuple(name for name in names if self.has_key(name, key))

    def type_of(self, key: str) -> str:
        """The documented type of a key; empty when it is not known."""
        table = self._table(key.partition(":")[0])
        types = table.types if table else {}
        stems = (stem for stem in types if stem.endswith(_OPEN) and key.startswith(stem))
        return types.get(key) or types.get(next(stems, ""), "")

    def _forms(self, names: Iterable[str]) -> Iterator[_Form]:
        for name in names:
            record = self._record(name)
            yield from record.forms if record else ()

    def _fits(self, form: _Form, arn: str) -> bool:
        return bool(self._is_arn_match(form.type, form.pattern, arn))

    def _recognises(self, service: str, arn: str) -> bool:
        named, _, _, resource = arn.split(":", 5)[2:]
        if named == service and not resource.strip("*"):
            return False
        tables = [table for prefix in {service, named} if (table := self._table(prefix))]
        return any(form.is_plain(arn) and self._fits(form, arn) for table in tables for form in table.forms)

    def _record(self, name: str) -> _Record | None:
        service, _, rest = name.partition(":")
        table = self._table(service)
        return table.actions.get(rest.lower()) if table else None

    def _table(self, service: str) -> _Table | None:
        if service not in self._tables:
            rows = self._rows.of(service) if isinstance(self._rows, _Rows) else _of(self._rows, service)
            self._tables[service] = _index(rows) if rows else None
        return self._tables[service]


def _index(rows: list[dict[str, Any]]) -> _Table:
    """One table of all services that share a prefix."""
    forms: dict[str, list[_Form]] = {}
    keys_of: dict[str, list[str]] = {}
    for resource in (resource for row in rows for resource in row["resources"]):
        name, arn = resource["resource"], resource["arn"]
        forms.setdefault(name, []).append(_Form(name, _VARIABLE.sub("*", arn), arn))
        keys_of.setdefault(name, []).extend(resource["condition_keys"])
    actions: dict[str, _Record] = {}
    for privilege in (privilege for row in rows for privilege in row["privileges"]):
        name = privilege["privilege"]
        before = actions.get(name.lower(), _Record(name, (), frozenset()))
        types = [kind["resource_type"].removesuffix("*") for kind in privilege["resource_types"]]
        keys = [key for kind in privilege["resource_types"] for key in kind["condition_keys"]]
        keys += [key for type_ in types for key in keys_of.get(type_, ())]
        found = tuple(form for type_ in types for form in forms.get(type_, ()))
        actions[name.lower()] = _Record(name, before.forms + found, before.keys.union(map(_stem, keys)))
    documented = {_stem(key["condition"]): key["type"] for row in rows for key in row["conditions"]}
    return _Table(actions, tuple(form for found in forms.values() for form in found), documented)


def _stem(key: str) -> str:
    """A documented key in lower case, without the placeholder at its end: `s3:existingobjecttag/`."""
    return _PLACEHOLDER.sub("", key.lower())


@cache
def load() -> Library | str:
    """Parliament, or why it cannot be had.

    It imports `pkg_resources`, which new installations lack, only to find its two data files; a stand-in does that,
    and faster. Neither the stand-in nor anything else is left behind.
    """
    import sys
    import warnings

    absent = "pkg_resources" not in sys.modules
    paths: list[str] = []
    if absent:
        sys.modules["pkg_resources"] = _stand_in(paths)
    try:
        with warnings.catch_warnings(), _no_collector():
            warnings.simplefilter("ignore")
            import parliament
            from parliament import statement
        for path in paths:
            parliament.iam_definition = statement.iam_definition = _Rows(path)
        library = Library(parliament, statement)
        return library if library.knows(["s3:GetObject"]) else "the data of parliament is not as expected"
    except Exception as error:
        return f"parliament cannot be loaded ({type(error).__name__}: {error})"
    finally:
        if absent:
            sys.modules.pop("pkg_resources", None)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Have the collector not look at half a million objects, of which none will ever go."""
    import gc

    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        else:
            gc.freeze()  # or it looks at each of them once more before the program ends


def _stand_in(paths: list[str]) -> ModuleType:
    """A `pkg_resources` that knows where a file of a package lies, and nothing else; in place of the large file of data
    it hands out an empty list, and puts the path into `paths`."""
    import os
    import sys
    from types import ModuleType

    def resource_filename(package: str, name: str) -> str | int:
        path = os.path.join(os.path.dirname(sys.modules[package].__file__ or ""), name)
        if name != _DATA:
            return path
        paths.append(path)
        end, start = os.pipe()
        os.write(start, b"[]")
        os.close(start)
        return end

    module = ModuleType("pkg_resources")
    module.resource_filename = resource_filename  # type: ignore[attr-defined]
    return module
