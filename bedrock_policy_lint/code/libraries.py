"""What libraries call of Bedrock: by the name of what is made or called, which of its arguments are what.

A language's reader finds which name of a library a call in code means, and hands the arguments over as this says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CONVERSE, CONVERSE_STREAM = "Converse", "ConverseStream"
INVOKE, INVOKE_STREAM = "InvokeModel", "InvokeModelWithResponseStream"

CHAT_COMPLETIONS, RESPONSES, MESSAGES = "ChatCompletions", "Responses", "Messages"
RUNTIME, AGENTS, MANTLE = "bedrock-runtime", "bedrock-agent-runtime", "bedrock-mantle"

CLIENT, INNER, STREAM = "client", "inner", "stream"
"""What an argument can be beside the words of `site`: an SDK client that is handed in, whose Region then counts;
another made thing, whose arguments count too, or the name of a model in its place; whether answers are streamed."""
SESSION, SETUP, INSTEAD, CHOICE = "session", "setup", "instead", "choice"
"""An SDK session that is handed in, whose Region then counts; another made thing that may be, of which nothing but the
arguments counts; a model that is called in place of the one that is named; what a library chooses its way by, see
`Made.when`."""


class Made(NamedTuple):
    """Something that a call in code makes: a client, a chat model, an agent; or a call that is made on the spot."""

    library: str
    arguments: Mapping[str, str] = {}
    """By the name of an argument (with dots into mappings, `guardrailConfig.guardrailIdentifier`; a number for the
    place of a positional one; several names may mean the same): what it is, in the words of `site`; `client` for an SDK
    client that is handed in, whose Region then counts, `inner` for another made thing whose arguments count too."""
    methods: Mapping[str, tuple[str, ...]] = {}
    """By the name of a method (`messages.create`, `__call__`): the operations that it calls, every one of them; in
    their place the name of a method of the inner thing, which then says. Where one of several is called, they are set
    apart by `|`. A method with none gives something that is used like the thing itself: `bind_tools`. One that is
    missing is none of ours."""
    unknown: tuple[str, ...] = ()
    """Operations of which some is called where no method call is seen, since it is handed on; empty where making it
    alone calls nothing that can be told."""
    calls: tuple[str, ...] = ()
    """Operations that the call itself makes, as that of a function does."""
    streams: tuple[str, ...] = ()
    """Operations in place of these, where an argument `stream` is true."""
    streams_by_default: bool = False
    """Whether it streams where no argument says that it does not."""
    client: str = "bedrock-runtime"
    model_prefix: str = ""
    """What a model's name must begin with to be Bedrock's, and which is taken away: `bedrock/`, `bedrock:`. Several are
    set apart by blanks."""
    default_model: str = ""
    """The model that is called where none is given, as its own documentation or source says; empty where that differs
    from release to release or is not known: then there is a hole."""
    is_bedrock_by_default: bool = False
    """Whether it is one of Bedrock's where it is given nothing at all, although not with which model."""
    endpoint_holds: str = ""
    """What its endpoint must hold to be one of Bedrock's, where the library calls others as well: `bedrock-runtime`."""
    preset: str = ""
    other_prefixes: str = ""
    """What a model's name begins with, set apart by blanks, when something else than a model is called."""
    when: Mapping[str, str] = {}
    """Where there are several of one name: what must hold for this to be it, by `model` or `choice`, as a regular
    expression of the whole value before anything is taken away. One that matches nothing at all is for what is not
    given. The first of which everything certainly holds is it."""


def methods(names: str, *operations: str) -> dict[str, tuple[str, ...]]:
    """Rows of `Made.methods`: several names, set apart by blanks, of what calls the same."""
    return dict.fromkeys(names.split(), operations)
