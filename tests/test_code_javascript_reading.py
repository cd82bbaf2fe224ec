"""Reading JavaScript and TypeScript: tokens, places, blocks, and what is not JavaScript at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from javascript_code import SDK, file, models, sites

from bedrock_policy_lint.code.javascript.tokens import (
    ATTRIBUTE,
    HEAD,
    MIDDLE,
    STRING,
    TAIL,
    WHOLE,
    tokens,
)

LOAD = f'import {{ BedrockRuntimeClient, ConverseCommand }} from "{SDK}";\n'
ASK = 'new BedrockRuntimeClient({}).send(new ConverseCommand({ modelId: "m" }));\n'
QUOTED = (STRING, WHOLE, HEAD, MIDDLE, TAIL, ATTRIBUTE)


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("""a = "x" + 'y';""", ['"x"', "'y'"]),
        (r"""a = "x\"y";""", [r'"x\"y"']),
        ("a = `x`;", ["`x`"]),
        ("a = `x${b}y${c}z`;", ["`x${", "}y${", "}z`"]),
        ("a = `x${ { b: `in${c}` } }y`;", ["`x${", "`in${", "}`", "}y`"]),
        ("a = b / c; d = 'x'; e = f / g;", ["'x'"]),
        ("a = /'/; b = 'x';", ["'x'"]),
        ("if (a) /'/.test(b); c = 'x';", ["'x'"]),
        ("a = b ? /[/']/ : 'x';", ["'x'"]),
        ("return /'/g.exec('x');", ["'x'"]),
        ("x.return / 2; 'x';", ["'x'"]),
        ("// it's\n/* it's */ 'x';", ["'x'"]),
        ("#!/usr/bin/env node's\n'x';", ["'x'"]),
        ("a = <p>it's</p>; b = 'x';", ["'x'"]),
        ("a = <A b='y' c={'z'}>it's {'w'} <B/> won't</A>; b = 'x';", ["'y'", "'z'", "'w'", "'x'"]),
        ("a = <>don't</>; b = 'x';", ["'x'"]),
        ("for (i = 0; i < a && b > c; i++) 'x';", ["'x'"]),
        ("a = 1 << b; c = 'x' > d;", ["'x'"]),
        ("const f = <T,>(a: T) => 'x';", ["'x'"]),
    ],
)
def test_texts_are_told_from_everything_else(code: str, texts: list[str]) -> None:
    found = tokens(code, has_jsx=True)
    spans = zip(found.kinds, found.starts, found.ends, strict=True)
    assert [code[start:end] for kind, start, end in spans if kind in QUOTED] == texts


@given(st.text(alphabet="ab/*'\"`${}()[]<>=\\\n .?!:;,#@0", max_size=60), st.booleans())
def test_tokens_never_overlap_and_keep_their_order(code: str, has_jsx: bool) -> None:
    found = tokens(code, has_jsx=has_jsx)
    ends = [0]
    for start, end in zip(found.starts, found.ends, strict=True):
        assert ends[-1] <= end
        assert start <= end
        ends.append(end)
    opened = {place for place in found.partners if place >= 0}
    assert all(found.partners[~found.partners[place]] == place for place in opened)


@given(
    st.text(alphabet="ab/*'\"`${}()[]<>=\\\n .?!:;,#@0", max_size=80),
    st.sampled_from(["a.ts", "a.tsx", "a.js", "a.vue"]),
)
def test_anything_at_all_is_read(code: str, path: str) -> None:
    file(code, path)
    file(LOAD + code + ASK, path)


@given(st.data())
def test_code_that_is_cut_or_doubled_anywhere_is_read(data: st.DataObject) -> None:
    code = (
        LOAD
        + "class A extends B<C> { @d() private x?: string = `a${b ?? { c: 1 }}d`; async *m<T>(a: T): Promise<T> {} }"
        + ASK
    )
    first = data.draw(st.integers(0, len(code)))
    last = data.draw(st.integers(0, len(code)))
    file(code[:first] + code[last:])


@pytest.mark.parametrize(
    ("code", "marked"),
    [
        ('new ConverseCommand({ modelId: «"m"» })', "m"),
        ("new ConverseCommand({ modelId: «'m'» })", "m"),
        ("new ConverseCommand({ modelId: «`m`» })", "m"),
        ('const M = «"m"»;\nnew ConverseCommand({ modelId: M })', "m"),
        ('const P = "p";\nnew ConverseCommand({ modelId: «`${P}.m`» })', "p.m"),
        ('new ConverseCommand({ modelId: «"p" + ".m"» })', "p.m"),
        ("new ConverseCommand({ modelId: «process.env.M» })", "$M"),
        ('const { M = «"m"» } = {};\nnew ConverseCommand({ modelId: M })', "m"),
        ("new ConverseCommand({ modelId: «event.model» })", "${event.model}"),
        ('const é = "😀"; new ConverseCommand({ modelId: «"m"» })', "m"),
    ],
)
def test_values_stand_where_they_are_written(code: str, marked: str) -> None:
    whole = LOAD + code
    start, end = whole.index("«"), whole.index("»") - 1
    (site,) = file(whole.replace("«", "").replace("»", "")).sites
    (value,) = site.given["model"]
    assert (str(value.node.value), value.node.start, value.node.end) == (marked, start, end)


@pytest.mark.parametrize(
    ("code", "text", "places"),
    [
        ('"m\\u0061x"', "max", "m\\x"),
        ("'m\\x61'", "ma", "m\\"),
        ("`m\\${n}`", "m${n}", "m\\{n}"),
        ('"m\\\nx"', "mx", "mx"),
        ("`m${process.env.N}x`", "m$Nx", "mpps"),
        ('"a" + "b"', "ab", "ab"),
        ("`${P}.m`", "p.m", "P.m"),
    ],
)
def test_each_character_of_a_value_has_its_place(code: str, text: str, places: str) -> None:
    whole = f'{LOAD}const P = "p";\nnew ConverseCommand({{ modelId: {code} }});'
    (site,) = file(whole).sites
    node = site.given["model"][0].node
    assert str(node.value) == text
    offsets = list(node.offsets())
    assert len(offsets) == len(text) + 1
    assert all(node.start <= offset <= node.end for offset in offsets)
    if "process" not in code:
        assert "".join(whole[offset] for offset in offsets[:-1]) == places


@pytest.mark.parametrize(
    ("code", "callee"),
    [
        ("new «ConverseCommand»({})", "ConverseCommand"),
        ("new  «sdk\n  .ConverseCommand»({})", "sdk.ConverseCommand"),
    ],
)
def test_a_site_stands_at_what_is_called(code: str, callee: str) -> None:
    whole = LOAD + f'import * as sdk from "{SDK}";\n{code}'
    start, end = whole.index("«"), whole.index("»") - 1
    (site,) = file(whole.replace("«", "").replace("»", "")).sites
    assert (site.node.value, site.node.start, site.node.end) == (callee, start, end)


def test_blocks_are_the_functions_that_have_names() -> None:
    code = """
    const used = () => helper();
    function helper() { return inner(); function inner() { return deep; } }
    export async function handler(event) { used(); }
    class Chat { reply() { this.ask(); } }
    @Injectable() class Service { run() {} }
    app.get("/", async () => { onRequest(); });
    app.post("/", async function onPost() { posted(); });
    export default { async fetch(request) {} };
    """
    blocks = {block.name: block for block in file(code).blocks}
    assert list(blocks) == ["", "used", "helper", "inner", "handler", "Chat.reply", "Service.run", "onPost", "fetch"]
    outside = {name for name, block in blocks.items() if block.is_called_from_outside}
    assert outside == {"Service.run", "onPost", "fetch"}
    assert {name for name, block in blocks.items() if block.is_exported} == {"handler"}
    assert "used" not in blocks[""].uses
    assert "used" in blocks["handler"].uses
    assert "onRequest" in blocks[""].uses
    assert "posted" not in blocks[""].uses
    assert "deep" not in blocks["helper"].uses
    assert "ask" in blocks["Chat.reply"].uses


def test_a_site_is_in_the_innermost_block() -> None:
    found = file(f"{LOAD}{ASK}function a() {{ const b = () => {{ {ASK} }}; {ASK} }}")
    assert [found.blocks[site.block].name for site in found.sites] == ["", "b", "a"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (
            "a.tsx",
            'export default function Page() { ASK return <div a="x">{list.map((x) => <p key={x}>it\'s</p>)}</div>; }',
        ),
        ("a.jsx", "const A = () => <B onClick={async () => { ASK }}>don't</B>;"),
        (
            "a.ts",
            "namespace A { export async function ask<T extends object = {}>(this: B, x?: T): Promise<void> { ASK } }",
        ),
        ("a.ts", "abstract class A<T> implements B, C<T> { declare x: number; abstract m(): void; static { ASK } }"),
        ("a.ts", "type A<T> = T extends (infer U)[] ? `${U & string}` : { [K in keyof T]?: T[K] };\nASK"),
        ("a.ts", "interface A { (x: string): void; new (x: string): A; readonly [k: string]: unknown }\nASK"),
        ("a.ts", "const f = async <T,>(x: T): Promise<T | undefined> => { ASK return x; };"),
        (
            "a.ts",
            "a: for (const [a, b] of Object.entries(x)) { switch (b) { case `x`: { ASK } default: continue a; } }",
        ),
        ("a.ts", "const x = a ? (b) : c => d, y = a < b && c > (d); ASK"),
        ("a.ts", "export const enum E { A = 1 << 2, B }\ndeclare module 'x' { const y: number }\nASK"),
        ("a.js", "async function* g() { yield* other(); const a = yield; ASK }"),
        ("a.js", "var a = b\n++c\nASK"),
        ("a.js", "if (a) b\nelse if (c) { ASK }\nelse do d(); while (e)"),
        ("a.mjs", "import data from './x.json' with { type: 'json' };\nASK"),
        (
            "a.vue",
            "<template><p>it's {{ `x` }}</p></template>\n<script setup>\nLOAD\nconst x: string = 'y'; ASK</script>",
        ),
        ("a.svelte", "<script>\nLOAD\nASK</script>\n<p>it's</p>"),
    ],
)
def test_the_language_is_read(path: str, code: str) -> None:
    whole = code.replace("LOAD", LOAD) if "LOAD" in code else LOAD + code
    found = file(whole.replace("ASK", ASK), path)
    assert not found.unread
    assert [site.operation for site in found.sites] == ["Converse"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("const a = (((", "its brackets do not pair up"),
        ("const a = 'x\n" + ASK, "it is not JavaScript or TypeScript that is understood"),
        ("{{#if x}}" + ASK, "it is not JavaScript or TypeScript that is understood"),
        ("[" * 500 + "]" * 500, "it nests too deeply"),
        ("x" * 1_600_000, "it has 1.6 million characters, more than the 1.5 that are read"),
    ],
)
def test_what_cannot_be_read_is_said(code: str, reason: str) -> None:
    assert reason in [unread.reason for unread in file(LOAD + code).unread]


@pytest.mark.parametrize(
    "code",
    [
        "\0" * 1000,
        "(" * 100_000,
        "[" * 50_000 + "]" * 50_000,
        "}" * 100_000,
        "`${" * 20_000,
        "<a>" * 20_000,
        "<a/>" * 20_000,
        "a." * 50_000 + "b",
        "a()" + ".b()" * 20_000,
        "!" * 50_000 + "a",
        "a=>" * 20_000 + "a",
        "a=" * 20_000 + "b",
        "a?b:" * 20_000 + "c",
        "a+" * 50_000 + "b",
        "if(a){}else " * 5_000 + "{}",
        "new " * 20_000 + "a",
        "a<" * 20_000,
        "/[" * 20_000,
        "/*" * 50_000,
        '"\\' * 50_000,
        "async " * 20_000,
        "class A { m() {" * 2_000,
        "export default " * 5_000,
        "@a" * 20_000,
        "...".join("abc" * 5_000),
    ],
    ids=lambda code: code[:12],
)
@pytest.mark.parametrize("path", ["a.ts", "a.jsx"])
def test_hostile_text_takes_no_more_than_its_length(code: str, path: str) -> None:
    file(code, path)


def test_code_on_one_long_line_is_read() -> None:
    assert len(sites(LOAD.strip() + "var a=1;" * 50_000 + ASK * 3)) == 3


def test_imports_that_go_round_in_circles() -> None:
    code = {
        "app.ts": f'{LOAD}import {{ a }} from "./a"; export const b = a;\n{ASK.replace(chr(34) + "m" + chr(34), "a")}',
        "a.ts": 'import { b } from "./app"; export const a = b;',
    }
    assert models(code) == ["${a}"]


def test_comments_are_told() -> None:
    code = "// one\nconst a = '// no'; /* two */"
    assert [code[span.start : span.end] for span in file(code).comments] == ["// one", "/* two */"]
