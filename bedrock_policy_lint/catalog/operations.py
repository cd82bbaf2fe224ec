"""API operations and the IAM actions they ask for, names that are no actions, and error messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .actions import NeverAction

if TYPE_CHECKING:
    from .store import Store


class Operation(NamedTuple):
    """An API operation and what it takes to be allowed."""

    name: str
    client: str
    actions: tuple[str, ...]
    """Always asked."""
    sometimes: dict[str, str]
    """Asked as well when the request carries something: action to what makes it necessary."""
    uncertain: tuple[str, ...]
    """Named by one source, and not needed according to reports."""
    caller_also: tuple[str, ...]
    """What the caller needs at other services."""
    note: str | None
    confidence: str
    """A: AWS says it, B: seen in a denial, C: inferred."""
    source: tuple[str, ...]


class FirstUse(NamedTuple):
    """What the first call of a model with a product id needs besides, once per account."""

    actions: tuple[str, ...]
    undo: tuple[str, ...]
    called_via_last: tuple[str, ...]
    """The values of `aws:CalledViaLast` under which the service asks for them."""
    source: tuple[str, ...]


class KnownError(NamedTuple):
    """A message that a failed call gives, and what is behind it."""

    id: int
    text: str
    literals: tuple[str, ...]
    """Parts to look for, literal up to `<...>` and `...`."""
    exception: str
    http: tuple[int, ...]
    cause: str
    gate: int
    other_gates: tuple[int, ...]
    fix: str
    seen_in: str


class OperationTable:
    """Everything in operations.json."""

    def __init__(self, store: Store) -> None:
        """Read the table."""
        data = store.load("operations.json")
        self.first_use = FirstUse(**{key: tuple(value) for key, value in data["first_use"].items()})
        self.operations = tuple(
            Operation(
                row["name"],
                row["client"],
                tuple(row["actions"]),
                row.get("sometimes", {}),
                tuple(row.get("uncertain", ())),
                tuple(row.get("caller_also", ())),
                row.get("note"),
                row["confidence"],
                tuple(row["source"]),
            )
            for row in data["operations"]
        )
        self._by_name: dict[str, list[Operation]] = {}
        for operation in self.operations:
            self._by_name.setdefault(operation.name.lower(), []).append(operation)

    def find(self, name: str, client: str | None) -> Operation | None:
        """The operation of that name, in any letter case; without a client, of the first client that has it."""
        named = self._by_name.get(name.lower(), ())
        return next((operation for operation in named if client in (None, operation.client)), None)


class NotNames:
    """Everything in never.json: names that are no actions, and names that are no service prefixes."""

    def __init__(self, store: Store) -> None:
        """Read the table."""
        data = store.load("never.json")
        self.actions = {
            row["name"].lower(): NeverAction(row["name"], tuple(row["authorised_by"]), row["why"], row["source"])
            for row in data["actions"]
        }
        self.right_prefixes: dict[str, str] = {row["name"]: row["right"] for row in data["prefixes"]}


def read_errors(store: Store) -> tuple[KnownError, ...]:
    """The table of error messages."""
    return tuple(
        KnownError(
            **{
                **row,
                "literals": tuple(row["literals"]),
                "http": tuple(row["http"]),
                "other_gates": tuple(row["other_gates"]),
            }
        )
        for row in store.load("errors.json")["errors"]
    )
