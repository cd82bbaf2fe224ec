"""Which file an import means, and how values come from one file into another."""

from __future__ import annotations

import os

import pytest
from javascript_code import SDK, TOP, file, models, sites

CALL = f"""
import {{ BedrockRuntimeClient, ConverseCommand }} from "{SDK}";
new BedrockRuntimeClient({{}}).send(new ConverseCommand({{ modelId: M }}));
"""


@pytest.mark.parametrize(
    ("load", "files"),
    [
        ('import { M } from "./models";', {"models.ts": 'export const M = "a";'}),
        ('import { M } from "./models.js";', {"models.ts": 'export const M = "a";'}),
        ('import { M } from "./models";', {"models/index.ts": 'export const M = "a";'}),
        ('import { X as M } from "./models";', {"models.ts": 'const X = "a"; export { X };'}),
        ('import { M } from "./models";', {"models.ts": 'const X = "a"; export { X as M };'}),
        ('import M from "./models";', {"models.ts": 'export default "a";'}),
        ('import * as all from "./models"; const M = all.M;', {"models.ts": 'export const M = "a";'}),
        ('import config from "./config"; const M = config.m;', {"config.ts": 'export default { m: "a" };'}),
        ('import { M } from "./lib";', {"lib/index.ts": 'export * from "./m";', "lib/m.ts": 'export const M = "a";'}),
        (
            'import { M } from "./lib";',
            {"lib/index.ts": 'export { X as M } from "./m";', "lib/m.ts": 'export const X = "a";'},
        ),
        (
            'import { models } from "./lib"; const M = models.M;',
            {"lib.ts": 'export * as models from "./m";', "m.ts": 'export const M = "a";'},
        ),
        ('const { M } = require("./models");', {"models.js": 'module.exports = { M: "a" };'}),
        ('const { M } = require("./models");', {"models.js": 'exports.M = "a";'}),
        ('const models = require("./models"); const M = models.M;', {"models.js": 'module.exports.M = "a";'}),
        ('import models from "./models.cjs"; const M = models.M;', {"models.cjs": 'module.exports = { M: "a" };'}),
        ('const { M } = await import("./models");', {"models.ts": 'export const M = "a";'}),
        ('import config from "./config.json"; const M = config.bedrock.m;', {"config.json": '{"bedrock": {"m": "a"}}'}),
        (
            'import { M } from "@/models";',
            {
                "tsconfig.json": '{ // comment\n "compilerOptions": { "paths": { "@/*": ["./lib/*"] }, } }',
                "lib/models.ts": 'export const M = "a";',
            },
        ),
        (
            'import { M } from "lib/models";',
            {"tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}', "lib/models.ts": 'export const M = "a";'},
        ),
        (
            'import { M } from "~/models";',
            {
                "tsconfig.json": '{"extends": "./base.json"}',
                "base.json": '{"compilerOptions": {"baseUrl": "src", "paths": {"~/*": ["./*"]}}}',
                "src/models.ts": 'export const M = "a";',
            },
        ),
        ('import { M } from "@/models";', {"src/models.ts": 'export const M = "a";'}),
        (
            'import { M } from "@org/models";',
            {
                "package.json": '{"workspaces": ["packages/*"]}',
                "packages/models/package.json": '{"name": "@org/models", "main": "dist/index.js"}',
                "packages/models/src/index.ts": 'export const M = "a";',
            },
        ),
        (
            'import { M } from "@org/models/names";',
            {
                "pnpm-workspace.yaml": 'packages:\n  - "packages/*"\n',
                "packages/models/package.json": '{"name": "@org/models", "exports": {"./names": "./lib/n.ts"}}',
                "packages/models/lib/n.ts": 'export const M = "a";',
            },
        ),
        (
            'import { M } from "./a";',
            {"a.ts": 'export * from "./b";', "b.ts": 'export * from "./a"; export const M = "a";'},
        ),
    ],
)
def test_constants_of_other_files(load: str, files: dict[str, str]) -> None:
    assert models({"app.ts": load + CALL, **files}) == ["a"]


@pytest.mark.parametrize(
    ("load", "files"),
    [
        ('import { M } from "./missing";', {}),
        ('import { M } from "models";', {"models.ts": 'export const M = "a";'}),
        ('import { M } from "../outside";', {}),
        ('import { M } from "./models";', {"models.ts": "export const N = 1;"}),
        ('import { M } from "./a";', {"a.ts": 'export { M } from "./b";', "b.ts": 'export { M } from "./a";'}),
    ],
)
def test_what_no_file_says_is_a_hole(load: str, files: dict[str, str]) -> None:
    (found,) = models({"app.ts": load + CALL, **files})
    assert found.startswith("${")


def test_a_client_made_in_another_file() -> None:
    code = {
        "client.ts": f"""
            import {{ BedrockRuntimeClient }} from "{SDK}";
            export const client = new BedrockRuntimeClient({{ region: "eu-west-1" }});
            export const makeClient = (region: string) => new BedrockRuntimeClient({{ region }});
            """,
        "app.ts": f"""
            import {{ ConverseCommand }} from "{SDK}";
            import {{ client, makeClient }} from "./client";
            await client.send(new ConverseCommand({{ modelId: "a" }}));
            await makeClient("us-east-1").send(new ConverseCommand({{ modelId: "b" }}));
            """,
    }
    assert sites(code) == [
        "Converse ConverseCommand model=a region=eu-west-1",
        "Converse ConverseCommand model=b region=us-east-1",
    ]


def test_a_command_that_another_file_sends() -> None:
    code = {
        "client.ts": f"""
            import {{ BedrockRuntimeClient }} from "{SDK}";
            const client = new BedrockRuntimeClient({{ region: "eu-west-1" }});
            export async function send(command) {{ return client.send(command); }}
            """,
        "app.ts": f"""
            import {{ ConverseCommand }} from "{SDK}";
            import {{ send }} from "./client";
            await send(new ConverseCommand({{ modelId: "a" }}));
            """,
    }
    assert sites(code) == ["Converse ConverseCommand model=a region=eu-west-1"]


def test_arguments_come_from_the_files_that_import_a_function() -> None:
    code = {
        "ask.ts": f"""
            import {{ BedrockRuntimeClient, ConverseCommand }} from "{SDK}";
            export async function ask(modelId: string) {{
              await new BedrockRuntimeClient({{}}).send(new ConverseCommand({{ modelId }}));
            }}
            """,
        "index.ts": 'export { ask } from "./ask";',
        "one.ts": 'import { ask } from "./index"; ask("a");',
        "two.ts": 'import { ask as query } from "./ask"; query("b");',
        "three.ts": 'import * as lib from "./ask"; lib.ask("c");',
        "other.ts": 'function ask(x) {} ask("d");',
    }
    assert sorted(models(code, "ask.ts")) == ["a~", "b~", "c~"]


def test_files_and_packages_that_a_file_loads() -> None:
    code = {
        "app.ts": """
            import fs from "node:fs";
            import path from "path";
            import { a } from "./a";
            import type { T } from "./types";
            import "./side.js";
            export { b } from "./b";
            const z = require("zod/v4");
            await import("@scope/name/inner");
            import data from "./missing";
            """,
        "a.ts": "",
        "b.ts": "",
        "side.ts": "",
        "types.ts": "",
    }
    found = file(code)
    assert [os.path.relpath(path, TOP) for path in found.imports] == ["a.ts", "side.ts", "b.ts"]
    assert found.foreign == ("zod", "@scope/name")
