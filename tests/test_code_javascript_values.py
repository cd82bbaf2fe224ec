"""What the model of a call may be, wherever JavaScript takes it from."""

from __future__ import annotations

import pytest
from javascript_code import SDK, file, models, sites

HEAD = f"""
import {{ BedrockRuntimeClient, ConverseCommand }} from "{SDK}";
const client = new BedrockRuntimeClient({{}});
"""


def call(before: str, model: str = "M") -> str:
    return f"{HEAD}{before}\nclient.send(new ConverseCommand({{ modelId: {model} }}));\n"


@pytest.mark.parametrize(
    ("before", "model", "expected"),
    [
        ('const M = "a";', "M", ["a"]),
        ('const M = "a" as const;', "M", ["a"]),
        ('const M = <string>"a";', "M", ["a"]),
        ('const M: string | undefined = "a";', "M!", ["a"]),
        ('const M = "a" satisfies Model<"a">;', "M", ["a"]),
        ("const P = `us`;", "`${P}.a`", ["us.a"]),
        ('const P = "us";', 'P + "." + "a"', ["us.a"]),
        ("", "`v${1}`", ["v1"]),
        ('const MODELS = { fast: "a", slow: "b" } as const;', "MODELS.slow", ["b"]),
        ('const MODELS = { fast: "a", slow: "b" };', 'MODELS["slow"]', ["b"]),
        ('const MODELS = { fast: "a", slow: "b" };', "MODELS[size]", ["a~", "b~"]),
        ('const MODELS = Object.freeze({ fast: "a" });', "MODELS.fast", ["a"]),
        ('const MODELS = { fast: "a" }; MODELS.fast = "b";', "MODELS.fast", ["b~", "a~"]),
        ('const base = { fast: "a" }; const MODELS = { ...base, slow: "b" };', "MODELS.fast", ["a"]),
        ('const MODELS = ["a", "b"];', "MODELS[1]", ["b"]),
        ('const [first, second] = ["a", "b"];', "second", ["b"]),
        ('const { fast: M } = { fast: "a" };', "M", ["a"]),
        ('const { fast: { id: M } } = { fast: { id: "a" } };', "M", ["a"]),
        ('const { M = "a" } = {};', "M", ["a"]),
        ('enum Models { Fast = "a", Slow = "b" }', "Models.Fast", ["a"]),
        ('const enum Models { Fast = "a" }', "Models.Fast", ["a"]),
        ('function model() { return "a"; }', "model()", ["a"]),
        ("const model = (id: string) => `us.${id}`;", 'model("a")', ["us.a"]),
        ('const model = (id = "a") => id;', "model()", ["a"]),
        ('function model(big) { if (big) return "a"; return "b"; }', "model(true)", ["a~", "b~"]),
        ('class Names { static FAST = "a"; }', "Names.FAST", ["a"]),
        ('class Names { get fast() { return "a"; } }', "new Names().fast", ["a"]),
        ('class Base { id = "a"; } class Names extends Base {}', "new Names().id", ["a"]),
        ("class Names { constructor(readonly id: string) {} }", 'new Names("a").id', ["a"]),
        ("", 'big ? "a" : "b"', ["a~", "b~"]),
        ("", 'undefined ?? "a"', ["a"]),
        ('let M = "a"; if (big) M = "b";', "M", ["a~", "b~"]),
        ('let M; M = "a";', "M", ["a"]),
        ('const M = "a"; { const M = "b"; }', "M", ["a"]),
        ('var M = "a"; function f() { var M = "b"; }', "M", ["a"]),
        ('const M = "A".toLowerCase();', "M", ["a"]),
        ("", 'await Promise.resolve("a")', ["a"]),
        ("", "event.model", ["${event.model}"]),
        ("", "pick(event)", ["${pick(event)}"]),
        ("", "`us.${event.model}`", ["us.${event.model}"]),
        ('const M = lookup() || "a";', "M", ["${lookup()}~", "a~"]),
        ("let M = 'a'; M += suffix;", "M", ["a~", "${M += suffix}~"]),
        ("declare const M: string;", "M", ["${M}"]),
        ("const { M } = await load();", "M", ["${M}"]),
        ("const a = b; const b = a;", "a", ["${a}"]),
        ("const a = { ...b }; const b = { ...a };", "a.x", ["${a.x}"]),
        ("function f(n) { return f(n + 1); }", "f(0)", ["${f(n + 1)}"]),
    ],
)
def test_constants_are_followed(before: str, model: str, expected: list[str]) -> None:
    assert models(call(before, model)) == expected


@pytest.mark.parametrize(
    ("before", "model", "expected"),
    [
        ("", "process.env.M", ["$M"]),
        ("", 'process.env["M"]', ["$M"]),
        ("", "process.env.M!", ["$M"]),
        ("", "process.env.M as string", ["$M"]),
        ("", 'process.env.M ?? "a"', ["$M", "a?M"]),
        ("", 'process.env.M || "a"', ["$M", "a?M"]),
        ("", 'process.env.M ? process.env.M : "a"', ["$M", "a?M"]),
        ("", 'process.env.M ?? process.env.N ?? "a"', ["$M", "$N?M", "a?M"]),
        ('const { M = "a" } = process.env;', "M", ["$M", "a?M"]),
        ("const { M: model } = process.env;", "model", ["$M"]),
        ("const env = process.env;", "env.M", ["$M"]),
        ('import { env } from "node:process";', "env.M", ["$M"]),
        ("", "import.meta.env.M", ["$M"]),
        ("", "Bun.env.M", ["$M"]),
        ("", 'Deno.env.get("M") ?? "a"', ["$M", "a?M"]),
        ("", "`us.${process.env.M}`", ["us.$M"]),
        ("", '`us.${process.env.M ?? "a"}`', ["us.$M", "us.a?M"]),
        (
            "function need(name: string) { const value = process.env[name]; if (!value) throw 1; return value; }",
            'need("M")',
            ["$M"],
        ),
        ("const config = { model: process.env.M ?? 'a' };", "config.model", ["$M", "a?M"]),
        ("const key = 'M';", "process.env[key]", ["$M"]),
        ("", "process.env[key]", ["${process.env[key]}"]),
        (
            'import { z } from "zod"; const env = z.object({ M: z.string().min(1).default("a") }).parse(process.env);',
            "env.M",
            ["$M", "a?M"],
        ),
        (
            'import { z } from "zod"; const Env = z.object({ M: z.string() }); const { M } = Env.parse(process.env);',
            "M",
            ["$M"],
        ),
        (
            'import { createEnv } from "@t3-oss/env-core";'
            ' const env = createEnv({ server: { M: z.string().default("a") }, runtimeEnv: process.env });',
            "env.M",
            ["$M", "a?M"],
        ),
        (
            'import { cleanEnv, str } from "envalid"; const env = cleanEnv(process.env, { M: str({ default: "a" }) });',
            "env.M",
            ["$M", "a?M"],
        ),
    ],
)
def test_the_environment_is_a_hole_and_its_default_a_value_beside_it(
    before: str, model: str, expected: list[str]
) -> None:
    assert models(call(before, model)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('function ask(M) { CALL }\nask("a"); ask("b");', ["a~", "b~"]),
        ('function ask(M = "a") { CALL }\nask();', ["a"]),
        ('function ask(M = "a") { CALL }\nask(); ask("b");', ["b~", "a~"]),
        ("function ask(M) { CALL }", ["${M}"]),
        ('function ask(M = "a") { CALL }', ["${M}~", "a~"]),
        ('const ask = async ({ M }) => { CALL };\nask({ M: "a" });', ["a"]),
        ('const ask = async ({ M = "a" }) => { CALL };\nask({});', ["a"]),
        ('const ask = async (options) => { const M = options.M ?? "a"; CALL };\nask({});', ["a"]),
        ('function ask(M) { CALL }\n["x"].forEach(ask);\nask("a");', ["a~", "${M}~"]),
        ('function ask(...rest) { const [M] = rest; CALL }\nask("a");', ["${M}"]),
        ("function ask(first, M) { CALL }\nask(...pair);", ["${M}"]),
        ('class A { ask(M) { CALL } }\nnew A().ask("a");', ["a"]),
        ('class A { constructor(m) { this.m = m; } ask() { const M = this.m; CALL } }\nnew A("a");', ["a"]),
        (
            "class A { constructor(private m: string) {} ask() { const M = this.m; CALL } }\n"
            'class B extends A { constructor() { super("b"); } }\nnew A("a"); new B();',
            ["b~", "a~"],
        ),
        ('for (const M of ["a", "b"]) { CALL }', ["a~", "b~"]),
        ('const ids = ["a", "b"]; for (const M of ids) CALL', ["a~", "b~"]),
        ('for (const { M } of [{ M: "a" }, { M: "b" }]) { CALL }', ["a~", "b~"]),
        ('for (const M of Object.values({ x: "a", y: "b" })) { CALL }', ["a~", "b~"]),
        ("for (const M in models) { CALL }", ["${M}"]),
        ("try { x() } catch (M) { CALL }", ["${M}"]),
    ],
)
def test_parameters_have_what_calls_give_them(code: str, expected: list[str]) -> None:
    assert models(HEAD + code.replace("CALL", "client.send(new ConverseCommand({ modelId: M }));")) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{ modelId: "a", ...rest }', ["${rest.modelId}~", "a~"]),
        ('{ ...rest, modelId: "a" }', ["a"]),
        ("{ ...rest }", ["${rest.modelId}"]),
        ('{ ...(big && { modelId: "a" }), messages: [] }', ["a~"]),
        ("request", ["${request.modelId}"]),
        ('{ ["modelId"]: "a" }', ["a"]),
        ('{ "modelId": "a" }', ["a"]),
        ("{ modelId }", ["${modelId}"]),
    ],
)
def test_what_is_spread_over_a_value_may_replace_it(given: str, expected: list[str]) -> None:
    assert models(f"{HEAD}client.send(new ConverseCommand({given}));") == expected


def test_a_value_says_by_which_names_it_is_reached() -> None:
    code = call('const HAIKU = "a"; const config = { model: HAIKU };', "config.model")
    (site,) = file(code).sites
    (value,) = site.given["model"]
    assert [node.value for node in value.named] == ["config.model", "HAIKU"]


def test_variables_of_the_environment_are_listed_with_their_first_place() -> None:
    code = 'const a = process.env.A;\nconst { B, C = "c" } = process.env;\nprocess.env["D"]; process.env.A;'
    found = file(code).environment
    assert {name: node.value for name, node in found.items()} == {
        "A": "process.env.A",
        "B": "B",
        "C": "C",
        "D": 'process.env["D"]',
    }
    assert found["A"].start == code.index("process.env.A")


def test_values_of_one_call_do_not_leak_into_another() -> None:
    code = """
    function make(region) { return new BedrockRuntimeClient({ region }); }
    make("eu-west-1").send(new ConverseCommand({ modelId: "a" }));
    make("us-east-1").send(new ConverseCommand({ modelId: "b" }));
    """
    assert sites(HEAD + code) == [
        "Converse ConverseCommand model=a region=eu-west-1",
        "Converse ConverseCommand model=b region=us-east-1",
    ]
