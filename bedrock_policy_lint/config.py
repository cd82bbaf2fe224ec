"""Configuration: where it is looked for, what it may say, and what it means for one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from bedrock_policy_lint.model.policy import KINDS
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.rule import SEVERITIES, Severity
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.globs import path_matches
from bedrock_policy_lint.wording import did_you_mean, found, one_of

FILE_NAMES = ("bedrock-policy-lint.toml", "bedrock-policy-lint.yaml", "bedrock-policy-lint.yml")
PYPROJECT = "pyproject.toml"
TABLE = "bedrock-policy-lint"
LEVELS = ("off", *SEVERITIES)
FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
COLOURS = ("auto", "always", "never")
SAM_DEFAULT = "default"
"""The environment of a `samconfig.toml` that holds when none is named."""

DEFAULT_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "scp",
        (
            "**/scp/**",
            "**/scps/**",
            "**/service-control-policies/**",
            "scp.json",
            "scp[-_.]*.json",
            "*[-_.]scp.json",
        ),
    ),
    (
        "rcp",
        (
            "**/rcp/**",
            "**/rcps/**",
            "**/resource-control-policies/**",
            "rcp.json",
            "rcp[-_.]*.json",
            "*[-_.]rcp.json",
        ),
    ),
    ("boundary", ("**/boundaries/**", "*boundary*.json")),
)
"""Names by which people mark these kinds, in whatever case, tried after the globs of the configuration."""


class ConfigError(Exception):
    """The configuration cannot be used; exit code 2."""

    def __init__(self, path: str, place: str, message: str) -> None:
        super().__init__(path, place, message)
        self.path = path
        self.place = place
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}: {self.place}: {self.message}" if self.place else f"{self.path}: {self.message}"


class Ignore(NamedTuple):
    """A finding that may stay, and why."""

    rule: str
    path: str
    address: str
    reason: str
    config: str
    """The file that says so."""
    number: int
    """Which of the file's entries it is, from 0."""


class Override(NamedTuple):
    """Other levels for some paths."""

    paths: tuple[str, ...]
    levels: tuple[tuple[str, Severity | None], ...]


class VarFiles(NamedTuple):
    """Files of variables for some modules of Terraform, by paths relative to the configuration's folder."""

    glob: str
    """Of the folders of the modules; `.` for that of the configuration alone."""
    sets: tuple[tuple[str, tuple[str, ...]], ...]
    """By name: each set is a deployment of its own. Of its files a later one comes first."""


class Deploy(NamedTuple):
    """What templates are deployed with."""

    regions: tuple[str, ...] = ()
    account: str = ""
    parameters: tuple[tuple[str, Any], ...] = ()
    """Texts, and lists and tables of such."""
    parameter_files: tuple[tuple[str, str], ...] = ()
    """A glob of templates, and the file with their parameters; both relative to the configuration's folder."""
    sam_environment: str = SAM_DEFAULT
    """Which table of a `samconfig.toml` holds."""
    workspaces: tuple[str, ...] = ()
    """Of Terraform: each is looked at."""
    var_files: tuple[VarFiles, ...] = ()


class Config(NamedTuple):
    """One configuration file, or the defaults."""

    path: str = ""
    root: str = ""
    """The folder that its globs are relative to."""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    levels: tuple[tuple[str, Severity | None], ...] = ()
    per_path: tuple[Override, ...] = ()
    environment: str = ""
    environments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kind: str = ""
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    usage: tuple[str, ...] = ()
    """Declarations of usage that hold for the policies they name, relative to the folder."""
    declares: bool = False
    """Whether the file itself is a declaration, in its table `usage`."""
    deploy: Deploy = Deploy()
    fail_on: str = ""
    format: str = ""
    report: tuple[str, ...] = ()
    baseline: str = ""
    jobs: int = 0
    pedantic: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    colour: str = ""

    def relative(self, path: str) -> str:
        """The path as this configuration's globs see it."""
        return seen_from(os.path.abspath(path), self.root or os.getcwd())

    def settings(self, path: str, flags: Settings) -> Settings:
        """What holds for one file; what the command line says comes first."""
        relative = self.relative(path)
        # A rule that the command line asks for by name runs, even if it is switched off here.
        asked = flags.select
        levels = dict(level for level in self.levels if level[1] is not None or level[0] not in asked)
        for override in self.per_path:
            if any(path_matches(pattern, relative) for pattern in override.paths):
                levels.update(override.levels)
        return Settings(
            select=asked or frozenset(self.select),
            ignore=flags.ignore | (frozenset(self.ignore) - asked),
            levels=tuple(sorted(levels.items())),
            environment=flags.environment or _first(self.environments, relative) or self.environment,
            kind=flags.kind or _first(self.kinds, relative) or self.kind or _first(DEFAULT_KINDS, relative.lower()),
            pedantic=flags.pedantic or self.pedantic,
            today=flags.today,
        )

    def excludes(self, path: str) -> bool:
        """Whether a walked file is left out."""
        if not self.exclude:
            return False
        relative = self.relative(path)
        return any(path_matches(pattern, relative) for pattern in self.exclude)


def _first(globs: tuple[tuple[str, tuple[str, ...]], ...], relative: str) -> str:
    for name, patterns in globs:
        if any(path_matches(pattern, relative) for pattern in patterns):
            return name
    return ""


def nearest(folder: str) -> Config:
    """The configuration in force in a folder: the nearest one above, whole; configurations are never merged."""
    path = path_of_nearest(folder)
    return _loaded(path) if path else Config()


def path_of_nearest(folder: str) -> str:
    """The file with the configuration in force in a folder, unread; empty when there is none."""
    return _found_from(os.path.abspath(folder))


@cache
def _found_from(folder: str) -> str:
    for name in (*FILE_NAMES, PYPROJECT):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (name != PYPROJECT or _has_table(path)):
            return path
    parent = os.path.dirname(folder)
    if parent == folder or os.path.exists(os.path.join(folder, ".git")):
        return ""
    return _found_from(parent)


@cache
def _loaded(path: str) -> Config:
    return load(path)


def _has_table(path: str) -> bool:
    # Reading TOML costs more than the rest of a small run: look for the table's name first.
    try:
        with open(path, "rb") as file:
            return TABLE.encode() in (text := file.read()) and _has_header(text)
    except OSError:
        return False


def _has_header(text: bytes) -> bool:
    import re

    name = rf"""^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*["']?{TABLE}["']?[ \t]*[\].]"""
    return re.search(name.encode(), text, re.MULTILINE) is not None


def shown(path: str) -> str:
    """A path as the user would name it from here, where it lies below."""
    here = os.getcwd().rstrip(os.sep) + os.sep
    return path.removeprefix(here) if os.path.isabs(path) else path


def is_inside(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or lies below it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def load(path: str) -> Config:
    """The configuration in a file; raises `ConfigError`."""
    name = shown(path)
    return _Reader(name, read_data(path, name), os.path.dirname(os.path.abspath(path))).config()


def read_data(path: str, name: str) -> dict[str, Any]:
    """The plain data of a configuration file; errors call it `name`."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(name, "", (getattr(error, "strerror", None) or "it is not UTF-8").lower()) from None
    data = _parse_toml(text, name) if path.endswith(".toml") else _parse_yaml(text, name)
    if os.path.basename(path) == PYPROJECT:
        tool = data.get("tool", {})
        data = tool.get(TABLE, {}) if isinstance(tool, dict) else {}
    if not isinstance(data, dict):
        raise ConfigError(name, "", f"expected keys and values, found {found(data)}")
    return data


def _parse_toml(text: str, name: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = error if isinstance(error, ValueError) else "nested too deeply"
        raise ConfigError(name, "", f"not TOML: {problem}") from None


def _parse_yaml(text: str, name: str) -> Any:
    import yaml

    try:
        data = yaml.load(text, Loader=_yaml_loader())  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        problem = getattr(error, "problem", None) or "it holds what cannot be read"
        mark = getattr(error, "problem_mark", None)
        raise ConfigError(name, f"line {mark.line + 1}" if mark else "", f"not YAML: {problem}") from None
    return {} if data is None else data


def _yaml_loader() -> Any:
    """A safe loader for which `off` is a text, as it is in TOML: of the words for booleans only true and false are."""
    import re

    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key, _ in node.value:
                problem = "this key stands twice" if key.value in seen else ""
                if key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
                    problem = "a key must be a text"
                if problem:
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
            return dict(super().construct_mapping(node, deep))

    Loader.yaml_implicit_resolvers = {
        first: [(tag, regex) for tag, regex in known if not tag.endswith((":bool", ":timestamp"))]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:[Tt]rue|[Ff]alse)$"), list("tTfF"))
    return Loader


class _Reader:
    """Turns plain data into a `Config`, refusing with the place and what is allowed there."""

    def __init__(self, path: str, data: Mapping[str, Any], root: str) -> None:
        self.path = path
        self.data = data
        self.root = root

    def fail(self, place: str, message: str) -> ConfigError:
        return ConfigError(self.path, place, message)

    def config(self) -> Config:
        readers: dict[str, Callable[[str, Any], dict[str, Any]]] = {
            "select": lambda key, value: {"select": self.rules(key, value)},
            "ignore": self.ignore,
            "levels": lambda key, value: {"levels": self.levels(key, value)},
            "per-path": lambda key, value: {"per_path": self.per_path(key, value)},
            "env": lambda key, value: {"environment": self.text(key, value)},
            "environments": lambda key, value: {"environments": self.globs(key, value)},
            "production": self.production,
            "kind": lambda key, value: {"kind": self.choice(key, value, KINDS)},
            "kinds": lambda key, value: {"kinds": self.globs(key, value, KINDS)},
            "exclude": lambda key, value: {"exclude": self.texts(key, value)},
            "usage": self.usage,
            "deploy": lambda key, value: {"deploy": self.deploy(key, value)},
            "fail-on": lambda key, value: {"fail_on": self.choice(key, value, tuple(SEVERITIES))},
            "format": lambda key, value: {"format": self.choice(key, value, FORMATS)},
            "report": lambda key, value: {"report": self.reports(key, value)},
            "baseline": lambda key, value: {"baseline": self.text(key, value)},
            "jobs": lambda key, value: {"jobs": self.number(key, value)},
            "pedantic": lambda key, value: {"pedantic": self.flag(key, value)},
            "statistics": lambda key, value: {"statistics": self.flag(key, value)},
            "quiet": lambda key, value: {"quiet": self.flag(key, value)},
            "verbose": lambda key, value: {"verbose": self.flag(key, value)},
            "colour": lambda key, value: {"colour": self.choice(key, value, COLOURS)},
        }
        fields: dict[str, Any] = {}
        for key, value in self.data.items():
            reader = readers.get(key)
            if reader is None:
                raise self.fail(f"`{key}`", f"no such key{did_you_mean(str(key), readers)}")
            for name, read in reader(key, value).items():
                fields[name] = (*fields[name], *read) if name in fields else read
        return Config(path=self.path, root=self.root, **fields)

    def text(self, place: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise self.fail(f"`{place}`", f"expected a text, found {found(value)}")
        return value

    def texts(self, place: str, value: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return (self.text(place, value),)
        if not isinstance(value, list):
            raise self.fail(f"`{place}`", f"expected a text or a list of texts, found {found(value)}")
        return tuple(self.text(f"{place}[{at}]", item) for at, item in enumerate(value))

    def flag(self, place: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.fail(f"`{place}`", f"expected true or false, found {found(value)}")
        return value

    def number(self, place: str, value: Any) -> int:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or value < 0:
            raise self.fail(f"`{place}`", f"expected a whole number from 0, found {found(value)}")
        return int(value)

    def choice(self, place: str, value: Any, allowed: tuple[str, ...]) -> str:
        if value not in allowed:
            near = did_you_mean(str(value), allowed)
            raise self.fail(f"`{place}`", f"expected {one_of(allowed)}, found {found(value)}{near}")
        return str(value)

    def table(self, place: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(f"`{place}`", f"expected a table, found {found(value)}")
        return value

    def rules(self, place: str, value: Any) -> tuple[str, ...]:
        names = self.texts(place, value)
        for at, name in enumerate(names):
            self.rule(f"{place}[{at}]", name)
        return names

    def rule(self, place: str, name: str) -> str:
        from bedrock_policy_lint.registry import rules

        if name not in rules():
            raise self.fail(f"`{place}`", f"no rule `{name}`{did_you_mean(name, rules())}")
        return name

    def levels(self, place: str, value: Any) -> tuple[tuple[str, Severity | None], ...]:
        levels = []
        for name, level in self.table(place, value).items():
            self.rule(place, name)
            levels.append((name, SEVERITIES.get(self.choice(f"{place}.{name}", level, LEVELS))))
        return tuple(levels)

    def per_path(self, place: str, value: Any) -> tuple[Override, ...]:
        if not isinstance(value, list):
            raise self.fail(f"`{place}`", f"expected a list of tables, found {found(value)}")
        overrides = []
        for at, item in enumerate(value):
            here = f"{place}[{at}]"
            entry = self.table(here, item)
            self.only(here, entry, ("paths", "levels"))
            overrides.append(
                Override(
                    self.texts(f"{here}.paths", entry.get("paths")),
                    self.levels(f"{here}.levels", entry.get("levels")),
                )
            )
        return tuple(overrides)

    def only(self, place: str, entry: dict[str, Any], allowed: tuple[str, ...]) -> None:
        for key in entry:
            if key not in allowed:
                raise self.fail(f"`{place}.{key}`", f"no such key{did_you_mean(key, allowed)}")

    def globs(
        self, place: str, value: Any, names: tuple[str, ...] | None = None
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        table = self.table(place, value)
        for name in table:
            if names is not None:
                self.choice(f"{place}.{name}", name, names)
        return tuple((name, self.texts(f"{place}.{name}", patterns)) for name, patterns in table.items())

    def production(self, place: str, value: Any) -> dict[str, Any]:
        return {"environments": (("production", self.texts(place, value)),)}

    def reports(self, place: str, value: Any) -> tuple[str, ...]:
        reports = self.texts(place, value)
        for at, report in enumerate(reports):
            name, equals, path = report.partition("=")
            if not equals or not path:
                raise self.fail(f"`{place}[{at}]`", f"expected FORMAT=FILE, found `{report}`")
            self.choice(f"{place}[{at}]", name, FORMATS)
        return reports

    def usage(self, place: str, value: Any) -> dict[str, Any]:
        """Paths of declarations, or the content of one: its own faults are findings."""
        if isinstance(value, dict):
            return {"declares": True}
        if not isinstance(value, str | list):
            raise self.fail(f"`{place}`", f"expected a text, a list of texts or a table, found {found(value)}")
        return {"usage": self.texts(place, value)}

    def deploy(self, place: str, value: Any) -> Deploy:
        table = self.table(place, value)
        self.only(place, table, ("region", "account", "parameters", "parameter-files", "sam-environment", "terraform"))
        values = self.table(f"{place}.parameters", table.get("parameters", {}))
        paths = self.table(f"{place}.parameter-files", table.get("parameter-files", {}))
        return Deploy(
            regions=tuple(dict.fromkeys(self.texts(f"{place}.region", table.get("region", [])))),
            account=self.account(f"{place}.account", table["account"]) if "account" in table else "",
            parameters=tuple(
                (name, self.parameter(f"{place}.parameters.{name}", given)) for name, given in values.items()
            ),
            parameter_files=tuple(
                (glob, self.text(f"{place}.parameter-files.{glob}", path)) for glob, path in paths.items()
            ),
            sam_environment=self.text(f"{place}.sam-environment", table.get("sam-environment", SAM_DEFAULT)),
            **self.terraform(f"{place}.terraform", table.get("terraform", {})),
        )

    def terraform(self, place: str, value: Any) -> dict[str, Any]:
        table = self.table(place, value)
        self.only(place, table, ("workspace", "var-files"))
        entries = self.table(f"{place}.var-files", table.get("var-files", {}))
        return {
            "workspaces": tuple(dict.fromkeys(self.texts(f"{place}.workspace", table.get("workspace", [])))),
            "var_files": tuple(self.var_files(f"{place}.var-files.{glob}", glob, one) for glob, one in entries.items()),
        }

    def var_files(self, place: str, glob: str, value: Any) -> VarFiles:
        """The files for some modules, or several sets of them by name."""
        if isinstance(value, dict):
            return VarFiles(glob, tuple((name, self.texts(f"{place}.{name}", files)) for name, files in value.items()))
        if not isinstance(value, str | list):
            raise self.fail(f"`{place}`", f"expected a text, a list of texts or a table, found {found(value)}")
        return VarFiles(glob, (("", self.texts(place, value)),))

    def account(self, place: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) != 12 or not (value.isascii() and value.isdigit()):
            raise self.fail(f"`{place}`", f"expected twelve digits in quotes, found {found(value)}")
        return value

    def parameter(self, place: str, value: Any) -> Any:
        """The value of a parameter: texts, perhaps in lists and tables."""
        waiting = [value]
        while waiting:
            entry = waiting.pop()
            if isinstance(entry, dict | list):
                waiting += list(entry.values() if isinstance(entry, dict) else entry)[::-1]
            elif not isinstance(entry, str):
                # 010 and 1.10 would come out as other texts than they were written.
                expected = "a text in quotes, or a list or table of such"
                raise self.fail(f"`{place}`", f"expected {expected}, found {found(entry)}")
        return value

    def ignore(self, place: str, value: Any) -> dict[str, Any]:
        """Plain names switch a rule off; tables excuse single findings and must say why."""
        if not isinstance(value, list):
            raise self.fail(f"`{place}`", f"expected a list, found {found(value)}")
        names: list[str] = []
        entries: list[Ignore] = []
        for at, item in enumerate(value):
            here = f"{place}[{at}]"
            if isinstance(item, str):
                names.append(self.rule(here, item))
            elif isinstance(item, dict):
                entries.append(self.exception(here, item, len(entries)))
            else:
                raise self.fail(f"`{here}`", f"expected the name of a rule or a table, found {found(item)}")
        return {"ignore": tuple(names), "ignores": tuple(entries)}

    def exception(self, place: str, entry: dict[str, Any], number: int) -> Ignore:
        self.only(place, entry, ("rule", "path", "address", "reason"))
        if not entry.get("reason"):
            raise self.fail(f"`{place}.reason`", "every ignore says why: add a `reason`")
        return Ignore(
            rule=self.rule(f"{place}.rule", self.text(f"{place}.rule", entry.get("rule"))),
            path=self.text(f"{place}.path", entry.get("path", "**")),
            address=self.text(f"{place}.address", entry.get("address", "*")),
            reason=self.text(f"{place}.reason", entry.get("reason")),
            config=self.path,
            number=number,
        )
