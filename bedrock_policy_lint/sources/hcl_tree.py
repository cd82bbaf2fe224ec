"""The syntax tree of Terraform's language, the same for `.tf` and `.tf.json`: each node knows its stretch of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal as OneOf

    from bedrock_policy_lint.sources.json import Slip
    from bedrock_policy_lint.sources.source import Source

MAX_DEPTH = 100
"""Blocks and what stands in brackets nest no deeper."""
MAX_HEIGHT = 150
"""No more expressions of a value stand one on top of the other, chains included: who walks the tree may recurse."""


class HclError(NamedTuple):
    """Something that Terraform would refuse; reading went on behind it."""

    message: str
    start: int
    end: int
    source: Source
    opened: int | None = None
    """Where the bracket, text or comment began that is not closed."""
    hint: str = ""
    """What to write instead."""


class Name(NamedTuple):
    """An identifier or a block's label. The stretch of a label takes in its quotes."""

    text: str
    start: int
    end: int
    source: Source


# What a body holds.


class Attribute(NamedTuple):
    """An argument, `name = value`. The first counts where a name is given twice, which is an error."""

    name: Name
    value: Expression
    start: int
    end: int
    source: Source


class Block(NamedTuple):
    """`type "label" { … }`; in JSON the stretch is that of the object that holds its arguments."""

    type: Name
    labels: tuple[Name, ...]
    body: Body
    start: int
    end: int
    source: Source


class Body:
    """What stands between the braces of a block, or in a whole file.

    In JSON the names do not tell blocks from arguments: who asks does, and gets the same answers from both languages.
    The stretch takes in the braces.
    """

    __slots__ = ("_attributes", "_blocks", "comments", "end", "source", "start")

    def __init__(self, attributes: list[Attribute], blocks: list[Block], start: int, end: int, source: Source) -> None:
        self._attributes = attributes
        self._blocks = blocks
        self.start = start
        self.end = end
        self.source = source
        self.comments: list[Slip] = []
        """The comments of a whole file, in its order; nothing in the body of a block."""

    def attribute(self, name: str) -> Attribute | None:
        """The argument of that name."""
        for one in self._attributes:
            if one.name.text == name:
                return one
        return None

    def attributes(self) -> Sequence[Attribute]:
        """Every argument in the order of the text; in JSON every member, for a body that has no blocks."""
        return self._attributes

    def blocks(self, type_: str, labels: int = 0) -> Sequence[Block]:
        """The blocks of that type, in the order of the text, that have so many labels."""
        if not self._blocks:  # as in most bodies
            return ()
        return [one for one in self._blocks if one.type.text == type_ and len(one.labels) == labels]

    def reference(self, name: str) -> Attribute | None:
        """The argument of that name where it names things, such as `depends_on`, `provider` and `type`.

        What stands in quotes, as it must in JSON, is given as the expression that the quotes hold.
        """
        from bedrock_policy_lint.sources.hcl import as_reference

        found = self.attribute(name)
        return None if found is None else found._replace(value=as_reference(found.value))

    def names(self) -> Sequence[Name]:
        """The names of all arguments and blocks, in the order of the text, a name as often as it stands there."""
        found = [one.name for one in self._attributes] + [one.type for one in self._blocks]
        return sorted(found, key=lambda name: name.start)


# Expressions.


class Literal(NamedTuple):
    """A number, `true`, `false`, `null`, or a quoted text without interpolation; a bare key of an object, too.

    Of a number with a fraction or an exponent, `value` is the nearest float (infinite, if it is too large for one).
    """

    value: str | float | bool | None
    start: int
    end: int
    source: Source
    places: Sequence[int] | None = None
    """Where the characters of a text stand, unless each stands for itself between the quotes."""

    def offsets(self) -> Sequence[int]:
        """For a text: where each of its characters begins in the source, and where the last one ends."""
        return range(self.start + 1, self.end) if self.places is None else self.places


class TextPart(NamedTuple):
    """A piece of a template that stands for itself: its text as Terraform sees it, with escapes resolved.

    The indentation of a `<<-` heredoc, and white space that a `~` strips, are not in the text.
    """

    text: str
    places: Sequence[int]
    """Where each character of the text begins in the source, and where the last one ends."""
    start: int
    end: int
    source: Source


class Interpolation(NamedTuple):
    """`${ … }`; the stretch takes in the braces. The texts beside it are stripped already."""

    value: Expression
    strips_before: bool
    strips_behind: bool
    start: int
    end: int
    source: Source


class IfPart(NamedTuple):
    """`%{ if … } … %{ else } … %{ endif }`."""

    condition: Expression
    parts: tuple[Part, ...]
    otherwise: tuple[Part, ...]
    start: int
    end: int
    source: Source


class ForPart(NamedTuple):
    """`%{ for key, value in collection } … %{ endfor }`."""

    key_name: Name | None
    value_name: Name
    collection: Expression
    parts: tuple[Part, ...]
    start: int
    end: int
    source: Source


Kind: TypeAlias = 'OneOf["quoted", "heredoc", "indented", "bare"]'


class TemplateText(NamedTuple):
    """A text with interpolations or directives, and every heredoc.

    A template that is nothing but one `Interpolation` has its value, whatever the type; any other is a text. (A piece
    that has been stripped to nothing is still there.) The stretch is that of the quotes, or from `<<` to the end of the
    closing word. A text of JSON, or a whole file, is `bare`: the parts of the former lie in a source of their own, and
    that knows where they stand in the file.
    """

    kind: Kind
    parts: tuple[Part, ...]
    start: int
    end: int
    source: Source


class Variable(NamedTuple):
    """The first word of a reference: `var`, `local`, `data`, a resource's type, or a name that a `for` gives."""

    name: str
    start: int
    end: int
    source: Source


class GetAttr(NamedTuple):
    """`subject.name`."""

    subject: Expression
    name: Name
    start: int
    end: int
    source: Source


class Index(NamedTuple):
    """`subject[key]`, and `subject.0`."""

    subject: Expression
    key: Expression
    start: int
    end: int
    source: Source


class Each(NamedTuple):
    """Within `Splat.each`: the element that the innermost splat is at. It takes up no text."""

    start: int
    end: int
    source: Source


class Splat(NamedTuple):
    """`subject[*].each` or `subject.*.each`.

    `each` is what is done with every element, an expression that begins with `Each` (and may be nothing but that).
    """

    subject: Expression
    each: Expression
    is_full: bool
    """Whether it is `[*]`, behind which indexes belong to the element, too."""
    start: int
    end: int
    source: Source


class Call(NamedTuple):
    """`name(arguments)`; a provider's function has a name with `::`."""

    name: Name
    arguments: tuple[Expression, ...]
    expands: bool
    """Whether `...` follows the last argument: its elements are the arguments."""
    start: int
    end: int
    source: Source


class Unary(NamedTuple):
    """`-operand` or `!operand`."""

    operator: str
    operand: Expression
    start: int
    end: int
    source: Source


class Binary(NamedTuple):
    """Two operands of `|| && == != < > <= >= + - * / %`."""

    operator: str
    left: Expression
    right: Expression
    start: int
    end: int
    source: Source


class Conditional(NamedTuple):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    start: int
    end: int
    source: Source


class Tuple(NamedTuple):
    """`[ … ]`."""

    items: tuple[Expression, ...]
    start: int
    end: int
    source: Source


class ObjectItem(NamedTuple):
    """`key = value`: a bare word as key is a `Literal`, one in parentheses a `Paren`."""

    key: Expression
    value: Expression


class ObjectCons(NamedTuple):
    """`{ … }` with items; the last of those with the same key counts."""

    items: tuple[ObjectItem, ...]
    start: int
    end: int
    source: Source


class ForTuple(NamedTuple):
    """`[for key, value in collection : result if condition]`."""

    key_name: Name | None
    value_name: Name
    collection: Expression
    result: Expression
    condition: Expression | None
    start: int
    end: int
    source: Source


class ForObject(NamedTuple):
    """`{for key, value in collection : key => value... if condition}`."""

    key_name: Name | None
    value_name: Name
    collection: Expression
    key: Expression
    value: Expression
    condition: Expression | None
    groups: bool
    """Whether `...` follows the value: those with the same key make a list."""
    start: int
    end: int
    source: Source


class Paren(NamedTuple):
    """`( … )`."""

    inner: Expression
    start: int
    end: int
    source: Source


class Broken(NamedTuple):
    """An expression that could not be read: its value is unknown, and an error says why."""

    start: int
    end: int
    source: Source


Part: TypeAlias = "TextPart | Interpolation | IfPart | ForPart"
Expression: TypeAlias = (
    "Literal | TemplateText | Variable | GetAttr | Index | Each | Splat | Call | Unary | Binary | Conditional | Tuple"
    " | ObjectCons | ForTuple | ForObject | Paren | Broken"
)


def plain_text(expression: Expression) -> str | None:
    """The text of a string or heredoc that needs no evaluation."""
    if type(expression) is Literal and type(expression.value) is str:
        return expression.value
    if type(expression) is TemplateText:
        texts = [part.text for part in expression.parts if type(part) is TextPart]
        return "".join(texts) if len(texts) == len(expression.parts) else None
    return None


_FLAT = ("tuple", "ObjectItem", "Interpolation", "TextPart", "Name")


def is_higher_than(expression: Expression, limit: int) -> bool:
    """Whether more than so many expressions and directives stand one on top of the other; found without recursion."""
    left: list[tuple[tuple[Any, ...], int]] = [(expression, 1)]
    while left:
        node, height = left.pop()
        if height > limit:
            return True
        left += [
            (child, height if type(child).__name__ in _FLAT else height + 1)
            for child in node
            if isinstance(child, tuple)
        ]
    return False
