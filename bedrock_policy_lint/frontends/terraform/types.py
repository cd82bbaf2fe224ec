"""The types of Terraform, and what several of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Type(NamedTuple):
    """A type, or a constraint on one."""

    kind: str
    """`string`, `number`, `bool`, `any`, `null`, `list`, `set`, `map`, `tuple` or `object`."""
    inner: Type | None = None
    """Of the elements of a list, set or map."""
    items: tuple[Type, ...] = ()
    """Of the elements of a tuple."""
    members: tuple[tuple[str, Type], ...] = ()
    """Of an object, in the order of their names."""
    optional: frozenset[str] = frozenset()
    """Members that a value may leave out."""

    def __str__(self) -> str:
        if self.inner is not None:
            return f"{self.kind}({self.inner})"
        if self.kind == "tuple":
            return f"tuple([{', '.join(map(str, self.items))}])"
        if self.kind == "object":
            return f"object({{{', '.join(f'{name} = {one}' for name, one in self.members)}}})"
        return self.kind

    def member(self, name: str) -> Type | None:
        """The type of a member of an object."""
        return dict(self.members).get(name)


STRING = Type("string")
NUMBER = Type("number")
BOOL = Type("bool")
ANY = Type("any")
"""Of a value that can have any type, and as a constraint that takes any."""
NULL = Type("null")
"""Of a null that no one has given a type."""
PRIMITIVE = ("string", "number", "bool")


def list_of(inner: Type) -> Type:
    """The type of lists."""
    return Type("list", inner)


def set_of(inner: Type) -> Type:
    """The type of sets."""
    return Type("set", inner)


def map_of(inner: Type) -> Type:
    """The type of maps."""
    return Type("map", inner)


def object_of(members: Iterable[tuple[str, Type]], optional: frozenset[str] = frozenset()) -> Type:
    """The type of objects with these members."""
    return Type("object", members=tuple(sorted(members)), optional=optional)


def unify(types: Sequence[Type]) -> Type | None:  # noqa: PLR0911
    """The type that values of all of these become where they must have one; None when there is none.

    `any` when some type is not known.
    """
    given = list(dict.fromkeys(one for one in types if one.kind != "null"))
    if len(given) < 2:
        return given[0] if given else NULL
    kinds = {one.kind for one in given}
    if ANY in given:
        # Beside a text every value becomes a text, or nothing does.
        return STRING if "string" in kinds and kinds <= {"any", *PRIMITIVE} else ANY
    if kinds <= {*PRIMITIVE}:
        if "string" in kinds:
            return STRING
        return given[0] if len(kinds) == 1 else None
    for whole, loose in (("map", "object"), ("list", "tuple"), ("set", "")):
        if whole in kinds and kinds <= {whole, loose}:
            return _collection(whole, given)
    if kinds == {"object"}:
        return _objects(given)
    if kinds == {"tuple"}:
        return _tuples(given)
    if kinds == {"set", "tuple"}:
        return _as_set(given)
    if kinds <= {"set", "list", "tuple"}:
        return _collection("list" if "list" in kinds else "set", given)
    return None


def converts(given: Type, wanted: Type) -> bool:
    """Whether some value of a type can become one of another."""
    if wanted.kind == "any" or given.kind in ("any", "null", wanted.kind):
        return given.inner is None or wanted.inner is None or converts(given.inner, wanted.inner)
    if wanted.kind in PRIMITIVE:
        return (wanted == STRING and given.kind in PRIMITIVE) or given == STRING
    lists, maps = ("list", "set", "tuple"), ("map", "object")
    return (wanted.kind in lists and given.kind in lists) or (wanted.kind in maps and given.kind in maps)


def elements(of: Type) -> list[Type]:
    """The types of what a collection holds."""
    if of.inner is not None:
        return [of.inner]
    return [*of.items, *(one for _, one in of.members)]


def _collection(kind: str, given: Sequence[Type]) -> Type | None:
    inner = unify([one for whole in given for one in elements(whole)])
    if inner is None:
        # Beside an empty map whose elements have no type an object keeps its own.
        return NULL if kind == "map" and any(one.inner == NULL for one in given) else None
    return Type(kind, inner)


def _as_set(given: Sequence[Type]) -> Type | None:
    """Sets and tuples become the set, even where a text of a tuple must read as its number."""
    sets = [one for one in given if one.kind == "set"]
    if len(sets) > 1 or sets[0].inner is None or sets[0].inner.kind not in PRIMITIVE:
        return _collection("set", given)
    inner = sets[0].inner
    others = {one.kind for whole in given if whole.kind == "tuple" for one in whole.items}
    open_ = {"any", "null"}
    fits = others <= {inner.kind, "string", *open_} or (inner == STRING and others <= {*PRIMITIVE, *open_})
    return sets[0] if fits else None


def _objects(given: Sequence[Type]) -> Type | None:
    names = [name for name, _ in given[0].members]
    if any([name for name, _ in one.members] != names for one in given):
        return _collection("map", given)
    members: list[tuple[str, Type]] = []
    for at, name in enumerate(names):
        common = unify([one.members[at][1] for one in given])
        if common is None:
            return None
        members.append((name, common))
    return object_of(members)


def _tuples(given: Sequence[Type]) -> Type | None:
    if len({len(one.items) for one in given}) > 1:
        return _collection("list", given)
    items: list[Type] = []
    for column in zip(*(one.items for one in given), strict=True):
        common = unify(column)
        if common is None:
            return None
        items.append(common)
    return Type("tuple", items=tuple(items))
