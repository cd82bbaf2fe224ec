"""Terraform's language to a syntax tree: what cannot be read is reported, and the rest is read all the same."""

from __future__ import annotations

from bedrock_policy_lint.sources.hcl_expressions import Expressions
from bedrock_policy_lint.sources.hcl_recovery import begins_top_level, resume
from bedrock_policy_lint.sources.hcl_scan import BY_LINE, UnreadableError
from bedrock_policy_lint.sources.hcl_text import unescape
from bedrock_policy_lint.sources.hcl_tree import (
    MAX_DEPTH,
    Attribute,
    Block,
    Body,
    Broken,
    Expression,
    HclError,
    Interpolation,
    Literal,
    Name,
    ObjectCons,
    TemplateText,
    Tuple,
)
from bedrock_policy_lint.sources.source import EmbeddedSource, Source

MAX_LENGTH = 4 * 1024 * 1024
"""A longer text is refused."""

_NEW_LINE = "begin a new line here"


def read(source: Source) -> tuple[Body, list[HclError]]:
    """The tree of a file, and what is wrong with it; the comments are in the body's `comments`."""
    text = source.text
    if len(text) > MAX_LENGTH:
        message = f"it has more than {MAX_LENGTH:,} characters"
        return _empty(source), [HclError(message, 0, 1, source, hint="leave it out")]
    if (nul := text.find("\0")) >= 0:
        return _empty(source), [HclError("a NUL stands here: the file is not text", nul, nul + 1, source)]
    reader = _Reader(source)
    body = reader.file()
    if reader.is_unclosed:
        # Once more, now that a brace is known to be missing: what stands at the margin belongs into no block.
        reader = _Reader(source, margin_ends_blocks=True)
        body = reader.file()
    body.comments = reader.comments
    return body, reader.errors


def read_expression(source: Source) -> tuple[Expression, list[HclError]]:
    """A text that is one expression."""
    reader = _Reader(source)
    value = reader.alone()
    return value, reader.errors


def read_template(source: Source) -> tuple[Expression, list[HclError]]:
    """A text that is a template as a whole, such as a file for `templatefile` or a string of JSON.

    The result is a `TemplateText`; or a `Literal`, when nothing is to be filled in.
    """
    reader = _Reader(source)
    try:
        value = reader.bare_template()
    except (UnreadableError, RecursionError) as stop:
        reader.record_any(stop)
        value = Broken(0, len(source.text), source)
    return value, reader.errors


def as_reference(expression: Expression) -> Expression:
    """An expression that names things, such as the value of `depends_on`, with what its texts hold in place of them."""
    if isinstance(expression, Tuple):
        return expression._replace(items=tuple(as_reference(item) for item in expression.items))
    if isinstance(expression, ObjectCons):
        items = tuple(item._replace(value=as_reference(item.value)) for item in expression.items)
        return expression._replace(items=items)
    if isinstance(expression, TemplateText) and len(expression.parts) == 1:
        part = expression.parts[0]
        return part.value if isinstance(part, Interpolation) else expression
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        inner = EmbeddedSource(expression.source, expression.value, expression.offsets())
        value, errors = read_expression(inner)
        return expression if errors else value
    return expression


def _empty(source: Source) -> Body:
    return Body([], [], 0, len(source.text), source)


class _Reader(Expressions):
    """Reads bodies: arguments and blocks, one after another, whatever is wrong with one of them."""

    __slots__ = ("_margin_ends_blocks", "_one_line", "_reported_end", "is_unclosed")

    def __init__(self, source: Source, *, margin_ends_blocks: bool = False) -> None:
        super().__init__(source)
        self._margin_ends_blocks = margin_ends_blocks
        self._one_line: bool | None = None
        """Whether the block that is being read has an argument beside its opening brace; None outside of blocks."""
        self._reported_end = -1
        self.is_unclosed = False
        """Whether the file ended within a block."""

    def file(self) -> Body:
        """The whole text."""
        self.next()
        body = self._body(None)
        body.end = len(self.text)
        return body

    def alone(self) -> Expression:
        """The whole text as one expression."""
        try:
            self.next()
            value = self.expression()
            while self.kind == "newline":
                self.next()
            if self.kind != "end":
                raise self.expected("the end")
            self.check_height(value)
        except (UnreadableError, RecursionError) as stop:
            self.record_any(stop)
            return Broken(0, len(self.text), self.source)
        return value

    def record_any(self, stop: UnreadableError | RecursionError) -> None:
        """Report why reading stopped."""
        self.record(stop if isinstance(stop, UnreadableError) else self.too_deep())

    # Bodies.

    def _body(self, opened: int | None) -> Body:
        """What stands up to the closing brace, which is left to the caller; `opened` is None for a file."""
        attributes: list[Attribute] = []
        blocks: list[Block] = []
        body = Body(attributes, blocks, opened or 0, self.start, self.source)
        seen: dict[str, Attribute] = {}
        level = self.depth
        while True:
            kind = self.kind
            if kind == "newline":
                self.next()
            elif kind == "id":
                if self._margin_ends_blocks and opened is not None and begins_top_level(self.text, self.start):
                    self._unclosed(opened)
                    return body
                self._try_item(attributes, blocks, seen)
                self.depth = level
            elif kind == "}":
                if opened is not None:
                    return body
                self.complain("this `}` closes nothing", self.start, self.end, hint="delete it")
                self.next()
            elif kind == "end":
                if opened is not None:
                    self.is_unclosed = True
                    self._unclosed(opened)
                return body
            else:
                self._try_item(attributes, blocks, seen)
                self.depth = level

    def _unclosed(self, opened: int) -> None:
        if self._reported_end != self.start:
            self._reported_end = self.start
            self.complain("this block is not closed", opened, opened + 1, hint="write `}` where it ends")

    def _try_item(self, attributes: list[Attribute], blocks: list[Block], seen: dict[str, Attribute]) -> None:
        start = self.start
        try:
            self._item(attributes, blocks, seen)
        except (UnreadableError, RecursionError) as stop:
            self._skip(stop, start)

    def _skip(self, stop: UnreadableError | RecursionError, item: int) -> None:
        """Report it, and go on behind the item that began at `item`."""
        self.record_any(stop)
        error = max(stop.start, self.start) if isinstance(stop, UnreadableError) else self.start
        self.match = BY_LINE
        in_text = isinstance(stop, UnreadableError) and stop.in_text
        self.at = max(resume(self.text, item, max(error, item), in_text=in_text), item + 1)
        self.next()

    def _item(self, attributes: list[Attribute], blocks: list[Block], seen: dict[str, Attribute]) -> None:
        """An argument or a block."""
        name = self._name()
        self.next()
        if self.kind == ":":
            self.complain("an argument is written with `=`, not with `:`", self.start, self.end, hint="write `=`")
        if self.kind in ("=", ":"):
            attribute = self._attribute(name)
            attributes.append(attribute)
            first = seen.setdefault(name.text, attribute)
            if first is not attribute:
                line = self.source.point(first.start).line
                message = f"`{name.text}` has a value already, on line {line}"
                self.complain(message, name.start, name.end, hint="keep one of the two")
            if type(attribute.value) is not Broken:
                self._end_of_argument()
        else:
            blocks.append(self._block(name))

    def _name(self) -> Name:
        start, end = self.start, self.end
        if self.kind == "id":
            text = self.text[start:end]
            if "::" in text:
                raise UnreadableError("a name has no `::` in it", start, end)
            return Name(text, start, end, self.source)
        if self.kind == "string":
            text = self.text[start + 1 : end - 1]
            self.complain("the name of an argument stands without quotes", start, end, hint=f"write `{text}`")
            return Name(text, start, end, self.source)
        raise self.expected("an argument or a block")

    def _attribute(self, name: Name) -> Attribute:
        """An argument from its `=` on; if its value cannot be read, that is `Broken`."""
        start = self.end
        self.links = 0
        try:
            self.next()
            start = self.start
            value = self.expression()
            self.check_height(value)
        except (UnreadableError, RecursionError) as stop:
            self._skip(stop, name.start)
            end = max(self._last_end(start), start)
            value = Broken(start, end, self.source)
        return Attribute(name, value, name.start, value.end, self.source)

    def _last_end(self, start: int) -> int:
        """Where the text ends before the word that it is at."""
        return start + len(self.text[start : self.start].rstrip())

    def _end_of_argument(self) -> None:
        """Line ends stand between arguments; only one that is alone in its block may stand beside the braces."""
        kind = self.kind
        if kind == "newline":
            if self._one_line:
                message = "a block whose argument stands on its first line ends there"
                self.complain(
                    message, self.start - 1, self.start, hint="begin a new line behind `{`, or write `}` here"
                )
                self._one_line = False
        elif kind == "}":
            if self._one_line is False:
                self.complain("a brace must not stand behind an argument", self.start, self.end, hint=_NEW_LINE)
        elif kind == ",":
            self.complain(
                "arguments are not separated by commas", self.start, self.end, hint="begin a new line instead"
            )
            self.next()
        elif kind == "id":
            self.complain("a second argument begins on this line", self.start, self.end, hint=_NEW_LINE)
        elif kind != "end":
            self._skip(self.expected("the end of the line"), self.start)

    def _block(self, type_: Name) -> Block:
        labels: list[Name] = []
        while self.kind in ("id", "string", "quote"):
            labels.append(self._label())
        if self.kind != "{":
            raise self._no_block(type_, bool(labels))
        if self._one_line:
            message = "a block must not begin on the first line of another"
            self.complain(message, type_.start, type_.end, hint=_NEW_LINE)
        opened = self.start
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep()
        outer = self._one_line
        self.next()
        self._one_line = self.kind not in ("newline", "end", "}")
        body = self._body(opened)
        self._one_line = outer
        self.depth -= 1
        if self.kind == "}":
            body.end = self.end
            self.next()
            self._end_of_block()
        else:
            body.end = self._last_end(opened)
        return Block(type_, tuple(labels), body, type_.start, body.end, self.source)

    def _end_of_block(self) -> None:
        if self.kind not in ("newline", "end") and not self._one_line:
            self.complain("a block must be the last on its line", self.start, self.end, hint=_NEW_LINE)

    def _no_block(self, type_: Name, labelled: bool) -> UnreadableError:
        if labelled:
            return self.expected("`{`")
        if self.kind == "newline":
            return UnreadableError(f"`{type_.text}` has neither a value nor a block", type_.start, type_.end)
        return self.expected("`=` or `{`")

    def _label(self) -> Name:
        start, end = self.start, self.end
        if self.kind == "id":
            name = Name(self.text[start:end], start, end, self.source)
        elif self.kind == "string":
            text, _ = unescape(self.source, start + 1, end - 1, quoted=True, complain=self.complain)
            name = Name(text, start, end, self.source)
        else:
            value = self.operand()
            if isinstance(value, Literal):
                return Name(str(value.value), value.start, value.end, self.source)
            message = "the label of a block cannot be computed"
            self.complain(message, value.start, value.end, hint="write it out, and `$${` for `${`")
            return Name(self.text[value.start + 1 : value.end - 1], value.start, value.end, self.source)
        self.next()
        return name
