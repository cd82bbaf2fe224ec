"""Claude Code: which models it calls on Bedrock, told by the variables of its environment and its settings.

The variables: https://code.claude.com/docs/en/amazon-bedrock and https://code.claude.com/docs/en/model-config. That it
calls InvokeModel and InvokeModelWithResponseStream, not Converse, the first says too, as the preset `claude-code` does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings.nodes import Placed, part
from bedrock_policy_lint.code.site import (
    CREDENTIALS,
    ENDPOINT,
    ENVIRONMENT,
    GUARDRAIL,
    GUARDRAIL_VERSION,
    MODEL,
    PROFILE,
    REGION,
    TIER,
    CallSite,
    Value,
)
from bedrock_policy_lint.model.text import Hole, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from bedrock_policy_lint.sources.node import Node

    Ask: TypeAlias = Callable[[str], tuple[Value, ...]]

PRESET = LIBRARY = "claude-code"
SWITCH = "CLAUDE_CODE_USE_BEDROCK"
_MANTLE_SWITCH = "CLAUDE_CODE_USE_MANTLE"
_OPERATIONS = ("InvokeModelWithResponseStream", "InvokeModel")
_ON = frozenset({"1", "true", "yes", "on"})
_MAIN = "ANTHROPIC_MODEL"
_SMALL = ("ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL")
"""The second is the old name of the first."""
_SUBAGENT = "CLAUDE_CODE_SUBAGENT_MODEL"
_SMALL_REGION = "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION"
_PINS = {
    "sonnet": ("ANTHROPIC_DEFAULT_SONNET_MODEL",),
    "opus": ("ANTHROPIC_DEFAULT_OPUS_MODEL",),
    "haiku": ("ANTHROPIC_DEFAULT_HAIKU_MODEL",),
    "opusplan": ("ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL"),
    "best": ("ANTHROPIC_DEFAULT_OPUS_MODEL",),
    "default": (),
}
"""The names that stand for a model of the release, and the variables that say which."""
_AROUND = {
    REGION: ("AWS_REGION",),
    PROFILE: ("AWS_PROFILE",),
    ENDPOINT: ("ANTHROPIC_BEDROCK_BASE_URL",),
    TIER: ("ANTHROPIC_BEDROCK_SERVICE_TIER",),
    CREDENTIALS: ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
}
_HEADERS = "ANTHROPIC_CUSTOM_HEADERS"
_GUARDRAIL_HEADERS = {
    "x-amzn-bedrock-guardrailidentifier": GUARDRAIL,
    "x-amzn-bedrock-guardrailversion": GUARDRAIL_VERSION,
}
_header = re.compile(r"^[ \t]*([\w-]+):[ \t]*(\S+)[ \t]*$", re.MULTILINE)
_window = re.compile(r"\[\w+\]$")
"""`[1m]`, which is taken away before the model is called."""
_mantle_model = re.compile(r"anthropic\.[a-z0-9-]+?").fullmatch
_versioned = re.compile(r"-v\d+(:\d+)?$|:\d+$").search


def is_on(values: tuple[Value, ...]) -> bool:
    """Whether a switch is set to what switches something on."""
    return any(str(value.node.value).strip().lower() in _ON for value in values)


def sites_of(caller: Node, ask: Ask, chosen: tuple[Value, ...] = ()) -> tuple[CallSite, ...]:
    """What Claude Code calls in these surroundings; `chosen` is the model that is given where it is started."""
    around = _around(ask)
    main = _models(chosen or ask(_MAIN), ask) or (_unknown(caller, _MAIN),)
    found = [_site(caller, main, around, "")]
    small = next((values for name in _SMALL if (values := ask(name))), ())
    if small:
        region = {REGION: ask(_SMALL_REGION)} if ask(_SMALL_REGION) else {}
        found.append(_site(caller, _models(small, ask), {**around, **region}, "small model"))
    if subagent := _models(ask(_SUBAGENT), ask):
        found.append(_site(caller, subagent, around, "subagent"))
    if is_on(ask(_MANTLE_SWITCH)):
        found = [site for site in found if not all(_is_of_mantle(value) for value in site.given[MODEL])]
    return tuple(found)


def _site(caller: Node, models: tuple[Value, ...], around: Mapping[str, tuple[Value, ...]], part: str) -> CallSite:
    given = {MODEL: models, **around}
    return CallSite("", caller, LIBRARY, operations=_OPERATIONS, given=given, preset=PRESET, part=part)


def _is_of_mantle(value: Value) -> bool:
    """Whether it is a model of the other endpoint, `bedrock-mantle`: written without a version."""
    text = value.node.value
    return isinstance(text, str) and bool(_mantle_model(text)) and not _versioned(text)


def _around(ask: Ask) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {}
    for meaning, names in _AROUND.items():
        values = next((values for name in names if (values := ask(name))), ())
        if values and any(value.node.value != "" for value in values):
            found[meaning] = values
    for value in ask(_HEADERS):
        text = value.node.value
        for match in _header.finditer(text) if isinstance(text, str) else ():
            if guardrail := _GUARDRAIL_HEADERS.get(match[1].lower()):
                found[guardrail] = (value._replace(node=part(value.node, *match.span(2))),)
    return found


def _models(values: tuple[Value, ...], ask: Ask) -> tuple[Value, ...]:
    """Models, with those in place of names such as `sonnet` that are pinned."""
    found: list[Value] = []
    for value in values:
        text = value.node.value
        if not isinstance(text, str):
            found.append(value)
            continue
        bare = _window.sub("", text)
        pins = _PINS.get(bare.lower())
        if pins is None:
            found.append(value._replace(node=part(value.node, 0, len(bare))))
            continue
        pinned = [pin for name in pins for pin in ask(name)]
        found += [
            _without_window(pin)._replace(
                named=(value.node, *pin.named), is_one_of_several=pin.is_one_of_several or len(pins) > 1
            )
            for pin in pinned
        ]
        if not pinned:
            node = value.node
            hole = Template((Hole(bare, text),))
            found.append(value._replace(node=Placed(hole, node.start, node.end, node.source)))
    return tuple(value for value in found if value.node.value != "")


def _without_window(value: Value) -> Value:
    text = value.node.value
    return value._replace(node=part(value.node, 0, len(_window.sub("", text)))) if isinstance(text, str) else value


def _unknown(caller: Node, name: str) -> Value:
    """A model that is not named here: that of the environment, or one that differs from release to release."""
    hole = Template((Hole(f"{ENVIRONMENT}{name}", f"${name}"),))
    return Value(Placed(hole, caller.start, caller.end, caller.source))
