"""One file in, its findings out: read, run the rules, locate."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.frontends.document import Document, Failure
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.registry import DEPLOYMENT, USAGE
from bedrock_policy_lint.run import Result, Run, Settings, program
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.blueprint import Blueprint
    from bedrock_policy_lint.deployment.world import Inputs
    from bedrock_policy_lint.frontends.declaration import Declaration, Load
    from bedrock_policy_lint.suppress import Exemption
    from bedrock_policy_lint.templates import Broken
    from bedrock_policy_lint.usage.usage import Caller


def lint(source: Source | Refusal, settings: Settings, *, claimed: bool = True) -> Result:
    """The findings in one text, in the order of the text."""
    run = Run(_empty(source), program(settings))
    try:
        run.look_at(read(source, settings, claimed=claimed))
    except Exception as error:  # whatever went wrong, the file was not checked and that must be said
        run.crashed("the reader", run.document, error)
    else:
        run.all()
    return run.result()


def lint_declaration(
    source: Source | Refusal,
    load: Load,
    settings: Settings,
    *,
    only: frozenset[str] | None = None,
    reader: Callable[[Source, Load, Catalog], Declaration] | None = None,
) -> Result:
    """The findings in a declaration of usage, and those in the policies that it names which rest on it.

    `load` reads a file that the declaration names; with `only`, no more is judged than the principals to which one of
    these policy files applies. `reader` reads a declaration that is not the whole text.
    """
    run = Run(_empty(source), program(_declared(settings), USAGE))
    code: frozenset[str] = frozenset()
    try:
        if isinstance(source, Refusal):
            run.look_at(refused(source))
            run.all()
        else:
            from bedrock_policy_lint.frontends import declaration

            declared = (reader or declaration.read)(source, load, run.context.catalog)
            code = frozenset(document.source.path for document in declared.code_documents)
            run.look_at(declared.document, (*declared.documents, *declared.code_documents))
            run.all()
            if only is not None:
                declared = declared._replace(callers=_concerned(declared.callers, only))
            run.usage(declared)
            for question in declared.questions:
                run.ask(question)
    except Exception as error:  # whatever went wrong, the usage was not judged and that must be said
        run.crashed("the authoriser", run.document, error)
    # The policies that it names are checked by themselves as well, code is not.
    return run.result()._replace(included=code)


def lint_template(blueprint: Blueprint | Broken, inputs: Inputs, settings: Settings) -> Result:
    """The findings in a template, as it is deployed with these inputs."""
    document = blueprint.document
    chosen = program(settings, DEPLOYMENT)
    run = Run(document, chosen)
    try:
        if document.failures:
            run.all()
            return run.result()
        from bedrock_policy_lint import worlds
        from bedrock_policy_lint.templates import Broken

        if not isinstance(blueprint, Broken):
            return worlds.lint(blueprint, inputs, chosen)
    except Exception as error:  # whatever went wrong, the template was not judged and that must be said
        run.crashed("the reader of templates", document, error)
    return run.result()


def crashed(source: Source, part: str, error: Exception, settings: Settings) -> Result:
    """What is found where a part of this program broke down before there was a document."""
    run = Run(Document(source), program(settings, DEPLOYMENT))
    run.crashed(part, run.document, error)
    return run.result()


def _concerned(callers: tuple[Caller, ...], paths: frozenset[str]) -> tuple[Caller, ...]:
    """The callers to whom a policy in one of these files applies."""
    return tuple(
        caller
        for caller in callers
        if any(os.path.abspath(policy.node.source.path) in paths for policy in caller.layers.policies)
    )


def _declared(settings: Settings) -> Settings:
    return settings._replace(declared=True, kind="")


def judge_exemptions(exemptions: list[Exemption], settings: Settings) -> list[Finding]:
    """What the rules say of ignores and baseline entries that excuse nothing."""
    findings = []
    for exemption in exemptions:
        run = Run(Document(exemption.span.source), program(settings))
        run.check("Exemption", exemption)
        findings += run.findings
    return findings


def read(source: Source | Refusal, settings: Settings, *, claimed: bool = True) -> Document:
    """The document of a text, or one that says why there is none."""
    if isinstance(source, Refusal):
        return refused(source)
    attachment = Attachment(settings.kind, certain=True) if settings.kind else None
    return policy_json.read(source, attachment, claimed=claimed)


def _empty(source: Source | Refusal) -> Document:
    """The document of a file before it is read."""
    return Document(source.source if isinstance(source, Refusal) else source)


def refused(refusal: Refusal) -> Document:
    """The document of a file that could not be read."""
    document = Document(refusal.source)
    span = Span(refusal.source, refusal.start, refusal.end)
    document.failures.append(Failure("unreadable-file", span, refusal.message, refusal.hint))
    return document
