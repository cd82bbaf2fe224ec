"""YAML to the same spanned nodes as JSON: read from the parser's events, so that nothing recurses or expands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.json import LimitError, Slip
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.yaml_complaint import YamlError, complaint, escape, quoted, seen
from bedrock_policy_lint.sources.yaml_offsets import BREAKS, string_offsets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from yaml import AliasEvent, Event, MappingStartEvent, ScalarEvent, SequenceStartEvent

    from bedrock_policy_lint.sources.source import Source

__all__ = ["Alias", "Dialect", "LimitError", "Scalar", "Tag", "YamlError", "looks_like_json", "read", "string_offsets"]

MAX_DEPTH = 100
"""Lists and mappings may nest so deep, those behind aliases included."""
MAX_VALUES = 500_000
"""So many values and comments may stand in a text."""
MAX_EXPANSION = 1_000_000
"""Aliases may stand for so many values and characters altogether."""
MAX_LENGTH = 16 * 1024 * 1024
"""A longer text is refused: PyYAML without libyaml reads a megabyte in a second."""
_MOST_DIRECTIVES = 1000
"""libyaml compares each `%TAG` with all before it."""

_SPACE = " \t\r\n\x85\u2028\u2029"
_unreadable = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|^\ufeff"
).search
looks_like_json = re.compile(rf'[{_SPACE}]*[{{\[][{_SPACE}]*[{{\[\]}}"/]').match
_tag = re.compile(rf"(?:&[\w-]+(?:[{_SPACE}]|#[^{BREAKS}]*)+)?(!<[^>]*>|![^{_SPACE}]*)").match
_properties = re.compile(rf"(?:(?:&[\w-]+|!<[^>]*>|![^{_SPACE}]*)(?:[{_SPACE}]|#[^{BREAKS}]*)*)+").match
_comment = re.compile(rf"#[^{BREAKS}]*").match
_block_header = re.compile(rf"[|>][-+0-9]*(?:[ \t]+(#[^{BREAKS}]*))?").match
_integer = re.compile(r"-?(?:0|[1-9]\d{0,399})", re.ASCII).fullmatch
_float = re.compile(r"-?(?:0|[1-9]\d{0,399})\.\d{1,400}(?:[eE][-+]?\d{1,4})?", re.ASCII).fullmatch
_half_character = re.compile("[\ud800-\udfff]").search
_escapes = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.)", re.DOTALL).finditer
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_CORE = "tag:yaml.org,2002:"
_TAGS: dict[str, tuple[type, ...]] = {
    f"{_CORE}int": (int,),
    f"{_CORE}float": (float, int),
    f"{_CORE}bool": (bool,),
    f"{_CORE}null": (type(None),),
}
_TEXT_TAGS = ("!", f"{_CORE}str")


class Dialect(NamedTuple):
    """What a format that is written in YAML makes of tags and of texts without quotes."""

    tags: Mapping[str, str] | None = None
    """The functions that tags name, `!Sub` → `Fn::Sub`; with None a tag that is not YAML's own is an error."""
    words: Mapping[str, bool | None] = _WORDS
    """Texts without quotes that are no texts."""
    most_values: int = MAX_VALUES

    def with_words(self, words: Mapping[str, bool | None]) -> Dialect:
        """This dialect with further words that are no texts."""
        return self._replace(words={**self.words, **words})


_PLAIN = Dialect()


class Scalar(Node):
    """A text, number, boolean or null of YAML."""

    __slots__ = ()

    def offsets(self) -> Sequence[int]:
        """Where each character of the text begins, and where the last one ends."""
        return string_offsets(self.source, self.start, self.end)


class Tag(Node):
    """The name of a function, written as a tag: the text is `Fn::Sub` where `!Sub` stands."""

    __slots__ = ()

    def offsets(self) -> Sequence[int]:
        """The whole tag for each character."""
        return [self.start] * len(self.value) + [self.end]


class Alias(Node):
    """A `*name` that stands for the value anchored as `&name`, which it shares; its place is its own."""

    __slots__ = ("anchored",)

    def __init__(self, anchored: Node, start: int, end: int) -> None:
        super().__init__(anchored.value, start, end, anchored.source)
        self.anchored = anchored

    def offsets(self) -> Sequence[int]:
        """Where each character of the anchored text begins: that is what a person edits."""
        return self.anchored.offsets()


def read(source: Source, dialect: Dialect = _PLAIN) -> tuple[Node, list[Slip]]:
    """The tree of a YAML text, and its comments and duplicate keys; raises `YamlError` or `LimitError`.

    Only the plain tags of YAML are taken, unless the dialect knows others: then `!Sub x` is the same tree as
    `Fn::Sub: x`, and a tag that means nothing is a slip. A text that begins with a bracket is read as JSON where it is
    that: libyaml refuses JSON's escapes for characters outside the basic plane.
    """
    if source.text.lstrip(_SPACE).startswith(("{", "[")):
        return _read_json_or_yaml(source, dialect)
    return _Reader(source, dialect).read()


def _read_json_or_yaml(source: Source, dialect: Dialect) -> tuple[Node, list[Slip]]:
    try:
        return json.read(source)
    except LimitError:
        raise
    except json.JsonError as error:
        refused = error
    try:
        return _Reader(source, dialect).read()
    except YamlError:
        if not looks_like_json(source.text):
            raise
    raise YamlError(refused.message, refused.start, refused.end, refused.opened, refused.hint)


class _Anchored(NamedTuple):
    """What an alias can stand for."""

    node: Node
    size: int
    """The values and characters in it, those behind aliases included."""
    height: int
    """How deep it nests."""


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = (
        "anchor",
        "bracket",
        "children",
        "depth",
        "height",
        "is_mapping",
        "merges",
        "names",
        "size",
        "start",
        "tag",
    )

    def __init__(
        self, start: int, size: int, depth: int, anchor: str | None, tag: Tag | None, *, is_mapping: bool, bracket: bool
    ) -> None:
        self.start = start
        self.size = size
        """Of the text before it."""
        self.depth = depth
        """How many lists and mappings are open with it; a tag that names a function is one more."""
        self.anchor = anchor
        self.tag = tag
        self.is_mapping = is_mapping
        self.bracket = bracket
        self.children: list[Node] = []
        self.names: set[str] = set()
        self.merges: list[int] = []
        self.height = 0

    @property
    def expects_name(self) -> bool:
        return self.is_mapping and len(self.children) % 2 == 0


class _Reader:
    """One pass over the events of one text, with the state that the pass needs."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self.source = source
        self.text = source.text
        self.dialect = dialect
        self.functions = dialect.tags or {}
        self.words = dialect.words
        self.slips: list[Slip] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, _Anchored | None] = {}
        """None stands for what is anchored and not yet whole."""
        self.root: Node | None = None
        self.values = 0
        self.size = 0
        self.expansion = 0
        self.last = 0
        """Where the last thing ended that one can see."""
        self.gap = 0
        """From where on comments are looked for."""
        self.comment = self.text.find("#")

    def read(self) -> tuple[Node, list[Slip]]:
        self._check()
        self._run()
        self._comments(len(self.text))
        if self.root is None:
            told = "nothing but comments stands in the file" if self.slips else "the file is empty"
            raise YamlError(told, 0, 0)
        return self.root, self.slips

    def _check(self) -> None:
        text = self.text
        if len(text) > MAX_LENGTH:
            raise LimitError(f"it has more than {MAX_LENGTH:,} characters", 0, 0, hint="leave it out")
        if text.count("%TAG") > _MOST_DIRECTIVES:
            raise LimitError(f"it has more than {_MOST_DIRECTIVES:,} `%TAG` directives", text.index("%TAG"), 0)
        if unreadable := _unreadable(text):
            at = unreadable.start()
            message = f"a character stands here that YAML does not allow, {seen(text, at)}"
            raise YamlError(message, at, at + 1, hint="delete it, or write it as an escape in double quotes")

    def _run(self) -> None:
        import yaml

        take: dict[type[Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentStartEvent: self._document,
        }
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.text)
        try:
            while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
                if handle := take.get(type(event)):
                    handle(event)
        except yaml.MarkedYAMLError as error:
            raise complaint(self.text, error) from None
        except (ValueError, OverflowError):
            # Only PyYAML's own scanner gets here, with an escape for a character beyond the last.
            raise escape(self.text, loader.index) from None
        finally:
            loader.dispose()

    def _document(self, event: Event) -> None:
        if self.root is not None:
            at, _ = _span(event)
            hint = "keep one document, or write each into a file of its own"
            raise YamlError("a second document begins here, and a file holds one", at, at + 3, hint=hint)

    def _scalar(self, event: ScalarEvent) -> None:
        text = self.text
        start, end = _span(event)
        after = end
        if event.anchor or event.tag:
            found = _properties(text, start, end)
            start = found.end() if found else start
        style = event.style
        if start == end:
            start = end = after = self._empty(end)
        self._comments(start)
        if style in ("|", ">"):
            end = self._block_end(event.value, start, end)
        elif style == '"' and not event.value.isascii() and _half_character(event.value):
            raise self._half(start, end)
        self.gap = after
        self.last = end
        within = self.open[-1] if self.open else None
        is_name = within is not None and within.expects_name
        tag = self._function(event) if event.tag and not is_name else None
        if within is not None and is_name:
            value = self._name(event, within, start, end)
        else:
            value = self._value(event) if tag is None else event.value
        node: Node = Scalar(value, start, end, self.source)
        before = self.size
        self.size += 1 + len(event.value)
        if tag is not None:
            if self._depth >= MAX_DEPTH:
                raise self._too_deep(tag.start)
            node = self._called(tag, node)
        self._add(node, event.anchor, before, int(tag is not None))

    def _empty(self, at: int) -> int:
        """Where a value stands of which nothing is written: the parsers put it before what follows."""
        return self.last if self.text[at - 1 : at] in tuple(_SPACE) or at > len(self.text) else at

    def _block_end(self, value: str, start: int, end: int) -> int:
        """The end of a block scalar's last line with something in it, and the comment behind its `|`."""
        header = _block_header(self.text, start)
        if header is None:
            return end
        if header[1]:
            self._slip("yaml-comment", *header.span(1))
        if not value.strip(_SPACE):
            indicator = _block_header(self.text, start, header.start(1) if header[1] else len(self.text))
            return len(self.text[start : (indicator or header).end()].rstrip(_SPACE)) + start
        return start + len(self.text[start:end].rstrip(_SPACE))

    def _half(self, start: int, end: int) -> YamlError:
        """PyYAML's own parser takes what libyaml refuses: an escape for one half of a surrogate pair."""
        codes = [(match.start(), int(match[1] or match[2] or "0", 16)) for match in _escapes(self.text, start, end)]
        return escape(self.text, next((at for at, code in codes if 0xD800 <= code < 0xE000), start))

    def _name(self, event: ScalarEvent, within: _Open, start: int, end: int) -> str:
        """The name of a member, always a text, as it is in JSON."""
        name: str = event.value
        if event.tag is None and not event.style and name == "<<":
            within.merges.append(len(within.children))
            return name
        if event.tag:
            self._check_name_tag(event)
        self._note_name(within, name, start, end)
        return name

    def _note_name(self, within: _Open, name: str, start: int, end: int) -> None:
        if name in within.names:
            self._slip("duplicate-key", start, end)
        within.names.add(name)

    def _check_name_tag(self, event: ScalarEvent) -> None:
        """A name is a text whatever its tag says, and no function makes one."""
        if event.tag in self.functions:
            self._note_tag(event)
        else:
            self._value(event)

    def _value(self, event: ScalarEvent) -> Any:
        tag, value = event.tag, event.value
        if tag is None:
            return value if event.style else self._typed(value)
        if tag in _TEXT_TAGS:
            return value
        typed = self._typed(value)
        if type(typed) in _TAGS.get(tag, ()):
            return typed
        if self.dialect.tags is None:
            raise self._unknown_tag(event, tag)
        self._note_tag(event)
        return value if event.style else typed

    def _typed(self, text: str) -> Any:
        """The value of a text without quotes.

        Only what JSON writes so is a number, and one with an exponent only behind a point: an account number with a
        leading zero, a date and an ID such as `12E4567890` stay the texts that they are.
        """
        if text in self.words:
            return self.words[text]
        if text[-1:].isdigit():
            if _integer(text):
                return int(text)
            if _float(text):
                return float(text)
        return text

    def _function(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> Tag | None:
        """The function that the tag of a value names."""
        name = self.functions.get(event.tag or "")
        return Tag(name, *self._tag_span(event), self.source) if name else None

    def _called(self, tag: Tag, node: Node) -> Node:
        """A function with what it is given: what its long form is, a mapping of one member."""
        self._count(tag.start)
        self._count(tag.start)
        self.size += 1 + len(tag.value)
        return Node(Object([tag, node]), tag.start, node.end, self.source)

    def _tag_span(self, event: Event) -> tuple[int, int]:
        start, end = _span(event)
        found = _tag(self.text, start, end)
        return found.span(1) if found else (start, end)

    def _note_tag(self, event: Event) -> None:
        self._slip("unknown-tag", *self._tag_span(event))

    def _unknown_tag(self, event: Event, tag: str) -> YamlError:
        at, _ = _span(event)
        written = tag.replace(_CORE, "!!")
        message = f"the tag {quoted(written)} is not one that is read here"
        if tag in _TAGS:
            message = f"the value does not fit its tag {quoted(written)}"
        return YamlError(message, at, at + 1, hint="write the value without the tag")

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        # The end mark of the event knows nothing of tag and anchor; that of a block may lie before its first dash.
        text = self.text
        _, start = _span(event)
        is_mapping = type(event).__name__ == "MappingStartEvent"
        bracket = bool(event.flow_style) and text[start - 1 : start] == ("{" if is_mapping else "[")
        dash = not is_mapping and not event.flow_style and text[start - 1 : start] == "-"
        start -= bracket or dash
        tag = self._function(event) if event.tag else None
        if tag is None and event.tag not in (None, "!", f"{_CORE}{'map' if is_mapping else 'seq'}"):
            if self.dialect.tags is None:
                raise self._unknown_tag(event, str(event.tag))
            self._note_tag(event)
        if self.open and self.open[-1].expects_name:
            what = "a mapping" if is_mapping else "a list"
            hint = "put braces of a template in quotes" if text.startswith("{{", start - 1) else ""
            raise YamlError(f"a name must be a text, and this is {what}", start, start + 1, hint=hint)
        depth = self._depth + 1 + (tag is not None)
        if depth > MAX_DEPTH:
            raise self._too_deep(start)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(start, self.size, depth, event.anchor, tag, is_mapping=is_mapping, bracket=bracket))
        self.size += 1
        self.last = max(self.last, start + bracket)

    def _end(self, event: Event) -> None:
        done = self.open.pop()
        if done.bracket:
            _, end = _span(event)
            self._comments(end)
            self.gap = end
        else:
            # What the parsers call the end of a block is where the next thing begins.
            end = done.children[-1].end if done.children else done.start
        self.last = end
        children = done.children
        if done.merges:
            children = self._merged(done)
        value = Object(children) if done.is_mapping else children
        node = Node(value, done.start, end, self.source)
        height = done.height + 1
        if done.tag is not None:
            node = self._called(done.tag, node)
            height += 1
        self._add(node, done.anchor, done.size, height)

    def _alias(self, event: AliasEvent) -> None:
        start, end = _span(event)
        self._comments(start)
        self.gap = self.last = end
        name = event.anchor or ""
        found = self.anchors.get(name)
        if found is None:
            raise self._no_anchor(name, start, end)
        if self._depth + found.height > MAX_DEPTH:
            raise self._too_deep(start)
        self.expansion += found.size
        if self.expansion > MAX_EXPANSION:
            message = f"aliases up to here stand for more than {MAX_EXPANSION:,} values and characters"
            raise LimitError(message, start, end)
        within = self.open[-1] if self.open else None
        if within is not None and within.expects_name:
            if not isinstance(found.node.value, str):
                raise YamlError("a name must be a text, and this alias stands for none", start, end)
            self._note_name(within, found.node.value, start, end)
        self.size += found.size
        self._add(Alias(found.node, start, end), None, self.size, found.height)

    def _no_anchor(self, name: str, start: int, end: int) -> YamlError:
        if name in self.anchors:
            return YamlError(f"the alias {quoted('*' + name)} stands inside what it stands for", start, end)
        message = f"nothing before this alias is anchored as {quoted('&' + name)}"
        return YamlError(message, start, end, hint="put the text in quotes if it is no alias")

    @property
    def _depth(self) -> int:
        return self.open[-1].depth if self.open else 0

    def _too_deep(self, at: int) -> LimitError:
        message = f"more than {MAX_DEPTH} lists and mappings are open here, and no policy nests so deep"
        return LimitError(message, at, at + 1)

    def _add(self, node: Node, anchor: str | None, size_before: int, height: int) -> None:
        self._count(node.start)
        if anchor:
            self.anchors[anchor] = _Anchored(node, self.size - size_before, height)
        if not self.open:
            self.root = node
            return
        within = self.open[-1]
        within.children.append(node)
        within.height = max(within.height, height)

    def _count(self, at: int) -> None:
        self.values += 1
        most = self.dialect.most_values
        if self.values > most:
            message = f"it has more than {most:,} values and comments, and no policy has so many"
            raise LimitError(message, at, at + 1, hint="leave it out")

    def _merged(self, done: _Open) -> list[Node]:
        """The members of a mapping with those that `<<` brings; one of its own wins, then one that is named earlier.

        They stay in the order of the text, by which places are found.
        """
        merges = set(done.merges)
        nodes = done.children
        pairs = [(nodes[at], nodes[at + 1]) for at in range(0, len(nodes), 2) if at not in merges]
        names = done.names.copy()
        for at in done.merges:
            for mapping in self._mappings(nodes[at + 1]):
                found = {key.value: (key, value) for key, value in mapping.pairs() if key.value not in names}
                names.update(found)
                pairs.extend(found.values())
        pairs.sort(key=lambda pair: pair[0].start)
        return [node for pair in pairs for node in pair]

    def _mappings(self, merged: Node) -> Iterator[Object]:
        """What a `<<` names: a mapping or a list of mappings."""
        for node in merged.items:
            if not isinstance(node.value, Object):
                raise YamlError("`<<` takes a mapping, or a list of mappings", merged.start, merged.end)
            yield node.value

    def _comments(self, end: int) -> None:
        """Note the comments between the last thing read and the next: there a `#` begins nothing else."""
        while self.comment >= 0:
            at = max(self.comment, self.gap)
            if at > self.comment:
                at = self.text.find("#", at)
            self.comment = at
            if at < 0 or at >= end:
                return
            found = _comment(self.text, at)
            self.gap = found.end() if found else at + 1
            self._slip("yaml-comment", at, self.gap)

    def _slip(self, kind: str, start: int, end: int) -> None:
        self._count(start)
        self.slips.append(Slip(kind, start, end))


def _span(event: Event) -> tuple[int, int]:
    start, end = event.start_mark, event.end_mark
    return (start.index, end.index) if start and end else (0, 0)
