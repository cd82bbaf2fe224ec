"""The options that name policies, layer by layer, and the layers that they make up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bedrock_policy_lint.authorize.layers import Layers, ResourcePolicy
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.sources.files import MAX_BYTES, STDIN, Input, Refusal, load

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.document import Document
    from bedrock_policy_lint.model.policy import Policy

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    ("--policy", "Identity policy; repeatable."),
    ("--boundary", "Permissions boundary."),
    ("--session", "Session policy; repeatable."),
    ("--scp", "Service control policy of one level; repeat from the root to the account."),
    ("--rcp", "Resource control policy of one level; repeat likewise."),
    ("--endpoint-policy", "Policy of the VPC endpoint that the call takes."),
)


class _Attached(click.ParamType):  # type: ignore[type-arg] # generic in new releases only
    """`ARN=FILE`."""

    name = "attached"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        arn, equals, path = str(value).rpartition("=")
        if not equals or parse(arn) is None or is_wild(arn) or not path:
            self.fail("expected ARN=FILE with the ARN of one resource", param, ctx)
        return arn, path


def layer_options(command: _Command) -> _Command:
    """Add the options to a command."""
    attached = click.option(
        "--resource-policy",
        multiple=True,
        type=_Attached(),
        metavar="ARN=FILE",
        help="Resource-based policy of a guardrail or another resource; repeatable.",
    )
    command = attached(command)
    for name, text in reversed(_OPTIONS):
        path = click.Path(allow_dash=True)
        command = click.option(name, multiple=True, type=path, metavar="FILE", help=text)(command)
    return command


class Attachments:
    """The policies that a command line names; files stay open to be pointed into."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.has_read_stdin = False

    def layers(self, given: Mapping[str, Any]) -> Layers:
        """What the values of the options say is attached."""
        attached: Sequence[tuple[str, str]] = given["resource_policy"]
        resources = (ResourcePolicy(arn, policy) for arn, path in attached for policy in self._read(path, "resource"))
        return Layers(
            identity=self._all(given["policy"], "identity") if given["policy"] else None,
            boundary=self._all(given["boundary"], "boundary"),
            session=self._all(given["session"], "session"),
            scps=tuple(self._read(path, "scp") for path in given["scp"]),
            rcps=tuple(self._read(path, "rcp") for path in given["rcp"]),
            endpoint=self._all(given["endpoint_policy"], "vpc-endpoint"),
            resources=tuple(resources),
        )

    def _all(self, paths: Sequence[str], kind: str) -> tuple[Policy, ...]:
        return tuple(policy for path in paths for policy in self._read(path, kind))

    def _read(self, path: str, kind: str) -> tuple[Policy, ...]:
        """The policies in a file; what cannot be used stops the command with the file, the line and what to do."""
        if not path:
            raise click.UsageError("a policy is named by an empty text")
        source = load(Input(path, named=True, data=self._stdin() if path == STDIN else None))
        if isinstance(source, Refusal):
            raise click.ClickException(f"{path}: {source.message}; {source.hint}")
        document = policy_json.read(source, Attachment(kind, certain=True), claimed=True)
        if document.failures:
            failure = document.failures[0]
            line = source.point(failure.span.start).line
            raise click.ClickException(f"{path}:{line}: {failure.message}")
        if not document.policies:
            raise click.ClickException(f"{path}: there is no policy in it")
        self.documents.append(document)
        return tuple(document.policies)

    def _stdin(self) -> bytes:
        if self.has_read_stdin:
            raise click.UsageError("only one policy can be standard input")
        self.has_read_stdin = True
        return sys.stdin.buffer.read(MAX_BYTES + 1)
