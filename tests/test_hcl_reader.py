"""The reader of Terraform's language: what it makes of a text, where things stand, and what it survives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.sources.hcl import MAX_LENGTH, as_reference, read, read_expression, read_template
from bedrock_policy_lint.sources.hcl_tree import (
    MAX_DEPTH,
    MAX_HEIGHT,
    Body,
    Broken,
    Each,
    Expression,
    HclError,
    Literal,
    Name,
    ObjectCons,
    Paren,
    Splat,
    TemplateText,
    TextPart,
    is_higher_than,
    plain_text,
)
from bedrock_policy_lint.sources.source import Point, Source

_PLACES = ("start", "end", "source", "places")


def shape(node: Any) -> Any:
    """A tree without its places."""
    if hasattr(node, "_fields"):
        fields = [shape(value) for name, value in zip(node._fields, node, strict=True) if name not in _PLACES]
        return (type(node).__name__, *fields)
    return tuple(map(shape, node)) if isinstance(node, tuple) else node


def read_well(text: str) -> Body:
    body, errors = read(Source("main.tf", text))
    assert errors == []
    return body


def expression(text: str) -> Expression:
    value, errors = read_expression(Source("main.tf", text))
    assert errors == []
    return value


def errors_of(text: str) -> list[HclError]:
    return read(Source("main.tf", text))[1]


def told(text: str) -> list[tuple[int, int, str]]:
    source = Source("main.tf", text)
    return [(*source.point(error.start), error.message) for error in read(source)[1]]


def value_of(text: str) -> Expression:
    found = read_well(f"a = {text}\n").attribute("a")
    assert found is not None
    return found.value


def text_of(text: str) -> str | None:
    return plain_text(value_of(text))


# What is read.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("007", 7),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("2E-1", 0.2),
        ("true", True),
        ("false", False),
        ("null", None),
        ('""', ""),
        ('"a"', "a"),
        (r'"a\tb\n\"\\"', 'a\tb\n"\\'),
        (r'"\u00e9\U0001F600"', "é\U0001f600"),
        ('"$${a} %%{b} $a 5% $$"', "${a} %{b} $a 5% $$"),
        ('"$$${a"', "$${a"),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    found = value_of(text)
    assert isinstance(found, Literal)
    assert found.value == value
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("a || b && c", "a || (b && c)"),
        ("a && b == c", "a && (b == c)"),
        ("a == b < c", "a == (b < c)"),
        ("a < b + c", "a < (b + c)"),
        ("a + b * c - d", "(a + (b * c)) - d"),
        ("a - b - c", "(a - b) - c"),
        ("a * b % c / d", "((a * b) % c) / d"),
        ("-a + !b", "(-a) + (!b)"),
        ("-a.b[0]", "-(a.b[0])"),
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("a || b ? c : d", "(a || b) ? c : d"),
    ],
)
def test_operators_bind_as_in_terraform(text: str, grouped: str) -> None:
    def without_parens(node: Any) -> Any:
        if isinstance(node, Paren):
            return without_parens(node.inner)
        if hasattr(node, "_fields"):
            fields = [
                without_parens(value) for name, value in zip(node._fields, node, strict=True) if name not in _PLACES
            ]
            return (type(node).__name__, *fields)
        return node

    assert without_parens(expression(text)) == without_parens(expression(grouped))


def test_a_full_splat_takes_all_that_follows() -> None:
    found = expression("a[*].b[0].c")
    assert shape(found) == (
        "Splat",
        ("Variable", "a"),
        ("GetAttr", ("Index", ("GetAttr", ("Each",), ("Name", "b")), ("Literal", 0)), ("Name", "c")),
        True,
    )


def test_an_attribute_splat_takes_attributes_and_leaves_the_index() -> None:
    found = expression("a.*.b[0]")
    assert shape(found) == (
        "Index",
        ("Splat", ("Variable", "a"), ("GetAttr", ("Each",), ("Name", "b")), False),
        ("Literal", 0),
    )


def test_keys_of_objects() -> None:
    found = expression('{ a = 1, true : 2\n "b" = 3, (c) = 4, "${d}" = 5, 6 = 7, }')
    assert isinstance(found, ObjectCons)
    keys = [shape(item.key) for item in found.items]
    assert keys == [
        ("Literal", "a"),
        ("Literal", "true"),
        ("Literal", "b"),
        ("Paren", ("Variable", "c")),
        ("TemplateText", "quoted", (("Interpolation", ("Variable", "d"), False, False),)),
        ("Literal", 6),
    ]
    assert [found.source.text[item.key.start : item.key.end] for item in found.items][:2] == ["a", "true"]


def test_for_expressions() -> None:
    assert shape(expression("[for k, v in a : v if k]")) == (
        *("ForTuple", ("Name", "k"), ("Name", "v"), ("Variable", "a")),
        *(("Variable", "v"), ("Variable", "k")),
    )
    assert shape(expression("{for v in a : v => 1...}")) == (
        *("ForObject", None, ("Name", "v"), ("Variable", "a")),
        *(("Variable", "v"), ("Literal", 1), None, True),
    )


def test_calls() -> None:
    assert shape(expression("f(a, b...)")) == ("Call", ("Name", "f"), (("Variable", "a"), ("Variable", "b")), True)
    assert shape(expression("provider::aws::arn_parse(a,)")) == (
        *("Call", ("Name", "provider::aws::arn_parse")),
        *((("Variable", "a"),), False),
    )


def test_line_ends_count_in_bodies_and_objects_and_nowhere_else() -> None:
    assert shape(value_of("[\n1 # one\n+\n2\n,\n]")) == shape(value_of("[1 + 2]"))
    assert shape(value_of("{\n a = 1\n\n b = (\n2\n)\n}")) == shape(value_of("{a = 1, b = (2)}"))
    assert errors_of("a = 1 +\n2\n")
    assert errors_of("a = {\n b =\n 1\n}\n")
    assert errors_of("a = x[*\n]\n")


def test_comments_are_kept_with_their_places() -> None:
    text = "# one\na = [ // two\r\n  1, /* three\n */ ]\n# four"
    body = read_well(text)
    assert [text[one.start : one.end] for one in body.comments] == ["# one", "// two", "/* three\n */", "# four"]


def test_blocks_and_their_labels() -> None:
    body = read_well('a "x" y {\n  b = 1\n  c {}\n  d { e = 2 }\n}\na "z" {}\n')
    (found,) = body.blocks("a", 2)
    assert [label.text for label in found.labels] == ["x", "y"]
    assert [name.text for name in found.body.names()] == ["b", "c", "d"]
    assert [one.name.text for one in found.body.blocks("d")[0].body.attributes()] == ["e"]
    assert len(body.blocks("a", 1)) == 1
    assert body.attribute("a") is None


def test_a_byte_order_mark_and_windows_line_ends_are_no_errors() -> None:
    body = read_well("\ufeffa = 1\r\nb {\r\n  c = <<E\r\nx\r\nE\r\n}\r\n")
    assert [one.name.text for one in body.attributes()] == ["a"]
    inner = body.blocks("b")[0].body.attribute("c")
    assert inner is not None
    assert plain_text(inner.value) == "x\r\n"


def test_references_may_stand_in_quotes() -> None:
    body = read_well('depends_on = ["a.b", c.d]\nprovider = "aws.east"\ntype = "not an expression"\nx = "${y}"\n')
    found = {name: body.reference(name) for name in ("depends_on", "provider", "type", "x")}
    assert {name: shape(one.value) for name, one in found.items() if one} == {
        "depends_on": shape(expression("[a.b, c.d]")),
        "provider": shape(expression("aws.east")),
        "type": ("Literal", "not an expression"),
        "x": ("Variable", "y"),
    }
    provider = found["provider"]
    assert provider is not None
    place = provider.value.source.in_file(provider.value.start, provider.value.end)
    assert place.source.text[place.start : place.end] == "aws.east"


# Templates.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<<E\nE", ""),
        ("<<E\n a\n  b\nE", " a\n  b\n"),
        ("<<E\na\n  E", "a\n"),
        ("<<E\nEE\nE x\nE", "EE\nE x\n"),
        ("<<-E\n    a\n      b\n    E", "a\n  b\n"),
        ("<<-E\n    a\n  b\n  E", "  a\nb\n"),
        ("<<-E\n    a\n \n\n    b\n  E", "a\n \n\nb\n"),
        ("<<-E\n\ta\n\tb\nE", "a\nb\n"),
        ('<<E\n\\n $${a} %%{b} "\nE', '\\n ${a} %{b} "\n'),
    ],
)
def test_heredocs(text: str, value: str) -> None:
    assert text_of(text) == value


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ('" a ${~ x ~} b "', [" a", "b "]),
        (r'"\n${~ x ~}\n"', ["", ""]),
        ("<<E\na\n  ${~ x ~}\n  b\nE", ["a\n", "  b\n"]),
        ("<<-E\n    a\n    ${x}\n  E", ["a\n", "\n"]),
        ("<<-E\n    a\n${x}\n  E", ["    a\n", "\n"]),
        ("<<-E\n  ${x ~}\n    b\n  E", ["", "    b\n"]),
    ],
)
def test_white_space_around_interpolations(text: str, texts: list[str]) -> None:
    found = value_of(text)
    assert isinstance(found, TemplateText)
    assert [part.text for part in found.parts if isinstance(part, TextPart)] == texts


def test_a_template_of_one_interpolation_alone_can_be_told() -> None:
    one, more = value_of('"${x}"'), value_of('"${x ~} "')
    assert isinstance(one, TemplateText)
    assert isinstance(more, TemplateText)
    assert (len(one.parts), len(more.parts)) == (1, 2)


def test_directives_enclose_parts() -> None:
    found = value_of('"a%{ if x }b%{ for k, v in y ~} ${v}%{ endfor }%{ else }c%{ endif }"')
    assert shape(found) == (
        *("TemplateText", "quoted"),
        (
            ("TextPart", "a"),
            (
                *("IfPart", ("Variable", "x")),
                (
                    ("TextPart", "b"),
                    (
                        *("ForPart", ("Name", "k"), ("Name", "v"), ("Variable", "y")),
                        (("TextPart", ""), ("Interpolation", ("Variable", "v"), False, False)),
                    ),
                ),
                (("TextPart", "c"),),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a = "%{ endif }"', "this `endif` belongs to no `if`"),
        ('a = "%{ if x }"', "this `if` has no end"),
        ('a = "%{ for x in y }%{ endif }"', "this `endif` belongs to no `if`"),
        ('a = "%{ if x }%{ else }%{ else }%{ endif }"', "this `if` has an `else` already"),
    ],
)
def test_directives_must_fit(text: str, message: str) -> None:
    body, errors = read(Source("main.tf", text + "\nb = 1\n"))
    assert [error.message for error in errors] == [message]
    assert [type(one.value) for one in body.attributes()] == [Broken, Literal]


def test_a_file_is_a_template_as_a_whole() -> None:
    value, errors = read_template(Source("x.tftpl", 'a "${b}"\n'))
    assert errors == []
    assert shape(value) == (
        *("TemplateText", "bare"),
        (("TextPart", 'a "'), ("Interpolation", ("Variable", "b"), False, False), ("TextPart", '"\n')),
    )
    assert shape(read_template(Source("x.tftpl", "$${b}"))[0]) == ("Literal", "${b}")


# Where things stand.

_SAMPLE = r"""
locals {
  a = "x${var.y ~}  z\n\u00e9$${q}"
  b = [for k, v in var.x : v.id if v != null]
  c = { for x in y : x.k => x.v... }
  d = [a[*].b[0].c, a.*.b.0, f(x, y...), (1 + 2 * -3) / n::m()]
  e = { k = 1, (z) = 2
    "q" : !x ? [1,
      2] : {}
  }
  f = <<-EOT
      foo ${x["k"]}
        %{ if a ~}
        bar
        %{ else }baz%{ endif }
      %{for i in l}${i}%{endfor} $${x} \n
    EOT
}
"""


def nodes(node: Any) -> list[Any]:
    """All nodes below one that stand for a stretch of their own."""
    found = []
    if isinstance(node, Body):
        for one in node.attributes():
            found += nodes(one.value)
        for block in (block for name in node.names() for block in node.blocks(name.text)):
            found += nodes(block.body)
        return found
    if isinstance(node, Each | Name):
        return []
    if isinstance(node, Splat):
        return [node, *nodes(node.subject)]
    if hasattr(node, "start"):
        found.append(node)
    for child in node:
        if isinstance(child, tuple):
            found += nodes(child)
    return found


def check_stretches(root: Any, text: str) -> None:
    """What stands between the offsets of a node reads as that node again."""
    for node in nodes(root):
        stretch = text[node.start : node.end]
        if isinstance(node, TextPart):
            check_characters(node.text, node.places, text)
        elif type(node).__name__.endswith("Part") or type(node).__name__ == "Interpolation":
            assert stretch.startswith(("${", "%{"))
            assert stretch.endswith("}")
        elif isinstance(node, Literal) and node.value == stretch:
            check_characters(stretch, node.offsets(), text)
        else:
            # In parentheses, as the stretch may have come from within brackets; a heredoc needs a line end.
            again = expression(f"({stretch}\n)")
            assert isinstance(again, Paren)
            assert shape(again.inner) == shape(node)
            if isinstance(node, Literal) and isinstance(node.value, str):
                check_characters(node.value, node.offsets(), text)


def check_characters(value: str, places: Any, text: str) -> None:
    """Each character stands where it is said to stand, or an escape of it begins there."""
    assert len(places) == len(value) + 1
    assert list(places) == sorted(places)
    for char, place in zip(value, places, strict=False):
        assert text[place] == char or text[place] == "\\"


def test_every_stretch_reads_as_its_node_again() -> None:
    check_stretches(read_well(_SAMPLE), _SAMPLE)


_leaf = st.sampled_from(
    [
        *(
            "a",
            "b-c",
            "é",
            "null",
            "true",
            "12",
            "1.5",
            '"x"',
            r'"\t\u00e9$${x}"',
            '"${a}"',
            '"${ a ~}  x"',
            "<<E\nt ${a}\nE\n",
        ),
        *("<<-E\n  t\n    u\n  E\n", '"%{ if a }b%{ else }c%{ endif }"', "x[*].y", "x.*.y.0", "n::f()"),
    ]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    three = st.tuples(inner, inner, inner)
    forms = [
        *(
            "[{0}, {1},]",
            "[\n{0} # c\n]",
            "{{ a = ({0})\n ({1}) = ({2}) }}",
            "({0})",
            "f({0}, {1}...)",
            "{0} + {1}",
            "!{0}",
        ),
        *(
            "{0} ? {1} : {2}",
            "[for k, v in {0} : {1} if {2}]",
            "{{for v in {0} : {1} => {2}...}}",
            "({0})[{1}]",
            "({0}).b",
        ),
        *('"p ${{ {0} }} s"', "<<E\n  l ${{{0}}}\nE\n"),
    ]
    return st.builds(lambda form, parts: form.format(*parts), st.sampled_from(forms), three)


@given(st.recursive(_leaf, _larger, max_leaves=8))
@settings(max_examples=150, deadline=None)
def test_stretches_hold_for_any_expression(text: str) -> None:
    source = Source("main.tf", f"(\n{text}\n)")
    value, errors = read_expression(source)
    assert errors == []
    check_stretches(value, source.text)


def test_arguments_and_blocks_know_their_stretches() -> None:
    text = 'b "l" {\n  a = [1] # c\n}\n'
    (block,) = read_well(text).blocks("b", 1)
    (argument,) = block.body.attributes()
    assert text[block.start : block.end] == text.strip()
    assert text[block.body.start : block.body.end] == "{\n  a = [1] # c\n}"
    assert text[block.labels[0].start : block.labels[0].end] == '"l"'
    assert text[argument.start : argument.end] == "a = [1]"


# What is wrong.


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a = 1\na = 2\n", 2, 1, "`a` has a value already, on line 1"),
        ('a = "b\n', 1, 5, "this string has no closing quote on its line"),
        ('a = "b${c\n', 1, 9, None),
        ('a = [1 "b${c}"]\n', 1, 8, "`,` or `]` is expected here, not a string"),
        ("a = <<E\nb\n", 1, 5, "this heredoc has no end"),
        ("a = <<E\nb\nE", 1, 5, "this heredoc has no end"),
        ("a = << E\nb\nE\n", 1, 5, "this begins no heredoc"),
        ("/* a", 1, 1, "this comment has no end"),
        ("a = 'b'\n", 1, 5, "this string stands in single quotes"),
        ("a = [1 2]\n", 1, 8, "`,` or `]` is expected here, not `2`"),
        ("a = f(1\n", 1, 7, "the text ends where `,` or `)` is expected"),
        ("a =\n", 1, 3, "the line ends where a value is expected"),
        ("a\n", 1, 1, "`a` has neither a value nor a block"),
        ("a: 1\n", 1, 2, "an argument is written with `=`, not with `:`"),
        ('"a" = 1\n', 1, 1, "the name of an argument stands without quotes"),
        ("a = 1, \n", 1, 6, "arguments are not separated by commas"),
        ("a = 1 b = 2\n", 1, 7, "a second argument begins on this line"),
        ("a {\n b = 1 }\n", 2, 8, "a brace must not stand behind an argument"),
        ("a { b = 1\n}\n", 1, 9, "a block whose argument stands on its first line ends there"),
        ("a { b {} }\n", 1, 5, "a block must not begin on the first line of another"),
        ("a {} b = 1\n", 1, 6, "a block must be the last on its line"),
        ("a {\n", 1, 3, "this block is not closed"),
        ("}\n", 1, 1, "this `}` closes nothing"),
        ('a "${b}" {}\n', 1, 3, "the label of a block cannot be computed"),
        (r'a = "\q"' + "\n", 1, 6, 'a backslash must be followed by one of `"\\nrtuU`'),
        (r'a = "\u12"' + "\n", 1, 6, r"`\u` must be followed by four hexadecimal digits"),
        (r'a = "\ud800"' + "\n", 1, 6, "there is no character U+D800"),
        ("a = 1.2.3\n", 1, 5, "`1.2.3` is no number"),
        ("a = b.0.1\n", 1, 7, "one index behind the other is written in brackets"),
        ("a = b.\n", 1, 6, "the line ends where an attribute's name is expected"),
        ("a = [for x in y : k => v]\n", 1, 21, "`]` is expected here, not `=>`"),
        ("a = {for x in y : k}\n", 1, 20, "`=>` and a value is expected here, not `}`"),
        ("a = 1\u00a0\n", 1, 6, "a character that cannot be seen stands here, U+00A0"),
        ("a\x00", 1, 2, "a NUL stands here: the file is not text"),
        ("a = 1\r b = 2\n", 1, 6, "a carriage return stands here without a line feed"),
    ],
)
def test_errors_have_a_place_and_a_message(text: str, line: int, column: int, message: str | None) -> None:
    source = Source("main.tf", text)
    _, errors = read(source)
    assert len(errors) == 1
    assert source.point(errors[0].start) == Point(line, column)
    assert errors[0].start < errors[0].end
    if message:
        assert errors[0].message == message


def test_an_unclosed_bracket_is_named_where_it_was_opened() -> None:
    text = "a = f(\n  [1, 2\n"
    (error,) = errors_of(text)
    assert error.opened is not None
    assert text[error.opened] == "["


def test_a_merge_conflict_is_one_error_and_the_first_version_is_read() -> None:
    text = "a {\n  b = [\n    1,\n<<<<<<< HEAD\n    2,\n=======\n    3,\n>>>>>>> theirs\n  ]\n}\n"
    body, errors = read(Source("main.tf", text))
    assert [error.message for error in errors] == ["two versions of the text stand here, as `git merge` left them"]
    found = body.blocks("a")[0].body.attribute("b")
    assert found is not None
    assert shape(found.value) == shape(expression("[1, 2]"))


@pytest.mark.parametrize(
    "broken",
    [
        '  x = "abc',
        "  x = [1, 2",
        "  x = [\n    1\n    2,\n  ]",
        "  x = f(1, 2",
        "  x = 1 +",
        "  x = {\n    a = 1\n    b 2\n  }",
        "  x == 2",
        "  x = <<E",
        "  @",
        "  x = @",
        "  x y",
        '  x = "${a b"',
        "  x = a ? b",
        "  x = [for a b : c]",
        "  x = (1",
        "  x = ]",
    ],
)
def test_what_stands_around_an_error_is_read(broken: str) -> None:
    text = f'a "l" {{\n  b = 1\n{broken}\n  c = 2\n}}\n\nd {{\n  e = 3\n}}\n'
    body, errors = read(Source("main.tf", text))
    assert errors
    inside = body.blocks("a", 1)[0].body
    for name, value in (("b", 1), ("c", 2)):
        found = inside.attribute(name)
        assert found is not None
        assert shape(found.value) == ("Literal", value)
    assert [one.name.text for one in body.blocks("d")[0].body.attributes()] == ["e"]
    unread = inside.attribute("x")
    assert unread is None or isinstance(unread.value, Broken)


def test_a_missing_brace_does_not_swallow_the_next_block() -> None:
    body, errors = read(Source("main.tf", 'resource "a" "b" {\n  c = 1\n\nresource "d" "e" {\n  f = 2\n}\n'))
    assert [(error.start, error.message) for error in errors] == [(17, "this block is not closed")]
    assert [block.labels[0].text for block in body.blocks("resource", 2)] == ["a", "d"]


def test_a_script_in_a_heredoc_keeps_its_other_parts() -> None:
    found, errors = read_expression(Source("main.tf", "<<E\na ${B:-c} ${d}\nE\n"))
    assert [(error.message, error.hint) for error in errors] == [
        ("`}` is expected here, not `:`", "write `$${` if this is meant for another program")
    ]
    assert isinstance(found, TemplateText)
    assert [type(part).__name__ for part in found.parts] == [
        *("TextPart", "Interpolation", "TextPart", "Interpolation", "TextPart")
    ]


def test_the_first_value_counts_where_there_are_two() -> None:
    body, _ = read(Source("main.tf", "a = 1\na = 2\n"))
    found = body.attribute("a")
    assert found is not None
    assert shape(found.value) == ("Literal", 1)


# What is survived.


@pytest.mark.parametrize(
    "unit", [*"[({\"'<>}])=,.\n\\$%#/*-!?:@~|&", '"${', "a = [\n", "a {\n", "a.b", "<<A\n", "/*\n", "x ? y :"]
)
@pytest.mark.parametrize("before", ["", "a = "])
def test_the_same_again_and_again(unit: str, before: str) -> None:
    body, _ = read(Source("main.tf", before + unit * 5_000))
    assert body.end >= body.start


@pytest.mark.parametrize("links", [".b", "[0]", " + 1", "[*]", ".*", " ? 1 : 2"])
def test_long_chains_are_refused_and_no_tree_is_too_high(links: str) -> None:
    text = "a = a" + links * 5_000 + "\nb = 1\n"
    body, errors = read(Source("main.tf", text))
    assert len(errors) == 1
    assert [type(one.value) for one in body.attributes()] == [Broken, Literal]


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH + 1])
def test_the_depth_is_limited(depth: int) -> None:
    _, errors = read_expression(Source("main.tf", "[" * depth + "]" * depth))
    assert [error.message for error in errors] == (["this nests too deep to be read"] if depth > MAX_DEPTH else [])


@pytest.mark.parametrize(
    "text",
    [
        "[" * 90 + "a" + ".b" * 90 + "]" * 90,
        "(" * 90 + "a" + " + 1)" * 90,
        "[" * 90 + "[]" + " ? 1 : 2]" * 90,
        '"%{ if a }' * 90 + "b" + '%{ endif }"' * 90,
        '"' + "%{ if a }" * 99 + '${"' + "%{ if a }" * 99 + "%{ endif }" * 99 + '"}' + "%{ endif }" * 99 + '"',
    ],
)
def test_no_tree_is_higher_than_is_promised(text: str) -> None:
    value, errors = read_expression(Source("main.tf", text))
    assert errors
    assert not is_higher_than(value, MAX_HEIGHT)


def test_a_tree_is_measured_without_recursion() -> None:
    value = expression("[[1]]")
    assert not is_higher_than(value, 3)
    assert is_higher_than(value, 2)


def test_a_text_that_is_too_long_is_refused() -> None:
    (error,) = errors_of("#" * (MAX_LENGTH + 1))
    assert error.hint == "leave it out"


_ANY = st.lists(
    st.sampled_from(
        [
            *'[](){}=,."\n:?#$%~@<>-*/ ab1\\\r\0',
            "${",
            "%{",
            "<<E\n",
            "E\n",
            "...",
            "=>",
            "/*",
            "for ",
            " in ",
            "if ",
            "<<<<<<< a\n",
        ]
    ),
    max_size=60,
)


@given(_ANY)
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_reader(parts: list[str]) -> None:
    text = "".join(parts)
    for body, errors in (read(Source("main.tf", text)),):
        for error in errors:
            assert 0 <= error.start < error.end
        assert all(name.start < name.end for name in body.names())
    read_expression(Source("main.tf", text))
    read_template(Source("main.tf", text))
    as_reference(Literal(text, 0, len(text), Source("main.tf", text), range(len(text) + 1)))
