"""What a whole run can say of excuses: which ignores and which entries of the baseline have outlived their fault."""

from __future__ import annotations

import os

from bedrock_policy_lint.config import Ignore, is_inside
from bedrock_policy_lint.declarations import top_of
from bedrock_policy_lint.engine import judge_exemptions
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.registry import POLICIES, rules
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.runner import Outcome, Task, config_of, ran_under
from bedrock_policy_lint.sources.files import COMMAND_LINE, STDIN_NAME, Input
from bedrock_policy_lint.sources.globs import fixed_part
from bedrock_policy_lint.suppress import Baseline, idle_ignore


class Excuses:
    """The ignores and the baseline of a run, held against its outcomes."""

    def __init__(self, paths: tuple[str, ...], like: Task, outcomes: list[Outcome]) -> None:
        """`like` is any task of the run."""
        self.paths = paths
        self.like = like
        self.outcomes = outcomes
        self.checked = {os.path.abspath(path) for outcome in outcomes for path in (outcome.path, *outcome.files)}
        self.declared = {os.path.abspath(outcome.path) for outcome in outcomes if outcome.is_declared}

    def idle(self, settings: Settings) -> list[Finding]:
        """What is said of ignores in configurations that matched nothing, where all that they may mean was checked."""
        known = {(ignore.config, ignore.number): ignore for outcome in self.outcomes for ignore in outcome.ignores}
        used = {entry for outcome in self.outcomes for entry in outcome.used}
        idle = [known[key] for key in known if key not in used and self._covers(known[key])]
        return judge_exemptions([idle_ignore(ignore) for ignore in idle], settings)

    def _covers(self, ignore: Ignore) -> bool:
        folder = os.path.dirname(os.path.abspath(ignore.config))
        place = os.path.normpath(os.path.join(folder, fixed_part(ignore.path)))
        if not self._sees_usage(place, ignore.rule):
            return False
        return self._walks(place) or place in self.checked

    def _walks(self, place: str) -> bool:
        return any(os.path.isdir(path) and is_inside(place, os.path.abspath(path)) for path in self.paths)

    def _sees_usage(self, place: str, rule: str) -> bool:
        """Whether the run could have found what a rule says there: the usage that it speaks of may be declared in a
        file that this run leaves out."""
        if rule not in rules() or rule in rules(POLICIES) or place in self.declared:
            return True
        undeclared = {place} if place in self.checked else self.checked - self.declared
        return not any(is_inside(path, place) for path in undeclared) or self._walks(top_of(place))

    def gone(self, baseline: Baseline, others: list[Finding], settings: Settings) -> list[Finding]:
        """What is said of a baseline's entries that nothing matches; `others` are findings beside the outcomes'."""
        return judge_exemptions(baseline.gone(self._there(baseline, others), self._would_show), settings)

    def write(self, baseline: Baseline, others: list[Finding]) -> None:
        """Save what is there, or what is left of what was known."""
        baseline.write(self._there(baseline, others), self._would_show)

    def _there(self, baseline: Baseline, others: list[Finding]) -> list[Finding]:
        """What there is to be known: an entry of the baseline may be meant for what is withheld, too."""
        shown = [finding for outcome in self.outcomes for finding in outcome.findings] + others
        withheld = [finding for outcome in self.outcomes for finding in outcome.withheld]
        return shown + withheld if baseline.exists else shown

    def _would_show(self, path: str, rule: str) -> bool:
        """Whether this run would have shown a finding in that file by that rule."""
        is_lasting = os.path.basename(path) not in (STDIN_NAME, COMMAND_LINE)
        if path not in self.checked and (not is_lasting or os.path.exists(path)):
            return False
        if path in self.checked and not self._sees_usage(path, rule):
            return False
        config = config_of(self.like._replace(file=Input(path, named=True)))
        return rule in ran_under(config.settings(path, self.like.flags))
