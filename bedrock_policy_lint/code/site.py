"""Where code calls Bedrock and with what: plain values that no language shines through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock import operations

if TYPE_CHECKING:
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.sources.source import Source, Span

ENVIRONMENT = "env:"
"""How the names of holes begin that stand for variables of the environment: `env:BEDROCK_MODEL_ID`."""

MODEL, GUARDRAIL, GUARDRAIL_VERSION = operations.MODEL, operations.GUARDRAIL, operations.GUARDRAIL_VERSION
AGENT, ALIAS, KNOWLEDGE_BASE = operations.AGENT, operations.ALIAS, operations.KNOWLEDGE_BASE
FLOW, PROJECT, ROLE, TIER = operations.FLOW, operations.PROJECT, operations.ROLE, operations.TIER
REGION, PROMPT, ENDPOINT, CREDENTIALS, PROFILE = "region", "prompt", "endpoint", "credentials", "profile"
"""What a call can be given: `endpoint` is a URL of its own, `credentials` is there when they are not those of the role
that the code runs with (an access key, an assumed role, an API key), `profile` names a profile of `~/.aws/config`."""


class Value(NamedTuple):
    """One value that something in a call may have."""

    node: Node
    """Where it is written. Its own value is a `Text`; what only running the code would tell are holes in it, named by
    the variable: `env:NAME` for one of the environment, else as the code calls it."""
    named: tuple[Node, ...] = ()
    """The names that lead from the call to it, the nearest to the call first: constants, settings, parameters."""
    default_of: str = ""
    """The variable of the environment in whose absence it holds; empty where it holds whatever the environment says."""
    is_one_of_several: bool = False
    """Whether the code chooses between this and other values, so that not every call has it."""


class CallSite(NamedTuple):
    """A place in code that calls Bedrock, or sets up a client of a library that does."""

    operation: str
    """As SDKs name it: `Converse`, `InvokeAgent`. Empty where the code says which model is called, but not whether its
    answer is streamed: then it is one of `operations`."""
    node: Node
    """What calls: `client.converse`, `ChatBedrock`; its value is that text."""
    library: str
    """`boto3`, `langchain-aws`, `@aws-sdk/client-bedrock-runtime`."""
    client: str = "bedrock-runtime"
    """The SDK client, as the catalogue names it."""
    operations: tuple[str, ...] = ()
    """Where `operation` is empty: those that may be called."""
    given: Mapping[str, tuple[Value, ...]] = {}
    """What it is called with, by the names above; several values where the code may give one or another. A name that is
    missing is not given, so that a default of the service or of the surroundings holds; one whose value cannot be told
    has a value that is a hole."""
    block: int = 0
    """The block of its file that it stands in."""
    preset: str = ""
    """The name of the preset that says what such a client calls beside this, where there is one."""
    part: str = ""
    """Which model of such a client this is beside the main one, as presets say: `small model`; empty for that."""


class Block(NamedTuple):
    """A stretch of code that runs or does not run as one: a function, or what a module does when it is loaded."""

    name: str
    """`Chat.reply`; empty for the module itself."""
    uses: frozenset[str]
    """Every identifier and attribute in it by its bare name, but not those of the blocks within."""
    is_called_from_outside: bool = False
    """Whether something may call it that uses no name of it: it is decorated, handed on, or a method of a framework."""
    is_exported: bool = False
    """Whether it is exported by its own name: whoever calls it uses that, unless something else loads the file."""


class Unread(NamedTuple):
    """What could not be read of a file, so that more may be called than was found."""

    span: Span
    reason: str
    """As a clause: "it is not Python that this interpreter reads: invalid syntax"."""


class CodeFile(NamedTuple):
    """What is known of one file of code."""

    source: Source
    language: str
    """`python`, `javascript`, `shell`, `settings`."""
    sites: tuple[CallSite, ...] = ()
    """In the order of the text."""
    blocks: tuple[Block, ...] = (Block("", frozenset()),)
    """The first is the module itself."""
    imports: tuple[str, ...] = ()
    """The files of the project that it loads, as paths."""
    foreign: tuple[str, ...] = ()
    """The top-level packages that it loads and that are not part of the project, those of the language itself left
    out."""
    environment: Mapping[str, Node] = {}
    """The variables of the environment that it reads, and where."""
    comments: tuple[Span, ...] = ()
    unread: tuple[Unread, ...] = ()


def broken(source: Source, kind: str, start: int, end: int, message: str) -> Unread:
    """What a parser says that stopped between two places, of which the second may lie behind the text."""
    size = len(source.text)
    reason = f"it is not {kind} that can be read: {message}"
    return Unread(source.in_file(min(start, size), min(end, size)), reason)


def is_environment(text: Text) -> str:
    """The variable of the environment that a text is the value of; empty for anything else."""
    if isinstance(text, str) or len(text.parts) != 1:
        return ""
    part = text.parts[0]
    return "" if isinstance(part, str) or not part.name.startswith(ENVIRONMENT) else part.name[len(ENVIRONMENT) :]
