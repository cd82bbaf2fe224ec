"""Put random cases to our evaluator and to another, and account for every difference.

npm install --prefix FOLDER @cloud-copilot/iam-simulate
python tests/differential/run.py --peer FOLDER/node_modules/@cloud-copilot/iam-simulate --cases 20000 --seed 1
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from evaluate import Peer, ours  # noqa: E402 - found only once the checkout is on the path
from explain import CHANGES, corrected  # noqa: E402
from generate import Case, Generator  # noqa: E402
from shrink import smallest  # noqa: E402

_SHOWN = 8
_SHRUNK = 40
_TELLING = re.compile(r'"(Not[A-Z]\w+|[A-Z]\w+:\w+|(?:String|Arn|Numeric|Date|Ip|Bin|Bool|Null)\w*)"')
"""Words of a policy by which cases are told apart: inverted elements and operators."""
_STEP = 1000


class Difference(NamedTuple):
    """A case on which the two decide differently."""

    case: Case
    ours: str
    peers: str


class Tally:
    """What has come of the cases so far."""

    def __init__(self) -> None:
        self.agree: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()
        self.explained: Counter[str] = Counter()
        self.unexplained: dict[str, list[Difference]] = {}

    def add(self, cases: Sequence[Case], peer: Peer) -> None:
        """Decide the cases both ways."""
        differences = []
        for case, theirs in zip(cases, peer.decide(cases), strict=True):
            if theirs not in ("allowed", "denied"):
                self.unanswered[theirs] += 1
                continue
            decision = ours(case)
            if decision.outcome == "unknown":
                self.unknown[f"{decision.layer}: {'; '.join(decision.reasons)}"] += 1
            elif decision.outcome == theirs:
                self.agree[theirs] += 1
            else:
                differences.append(Difference(case, decision.outcome, theirs))
        self.explain(differences, peer)

    def explain(self, differences: Sequence[Difference], peer: Peer) -> None:
        """Account for each difference by the known fault without which there is none."""
        changes = {**CHANGES, "several at once": corrected}
        answers = {name: peer.decide([change(each.case) for each in differences]) for name, change in changes.items()}
        for at, each in enumerate(differences):
            name = next((name for name in changes if answers[name][at] == each.ours), None)
            if name is not None:
                self.explained[name] += 1
            else:
                self.unexplained.setdefault(f"ours {each.ours}, peer {each.peers}", []).append(each)

    def report(self, peer: Peer) -> None:
        """Print the counts, and the smallest of what nothing explains."""
        print(f"agree        {self.agree.total():6}  ({_counts(self.agree)})")
        print(f"ours unknown {self.unknown.total():6}")
        for reason, count in self.unknown.most_common(12):
            print(f"             {count:6}  {reason}")
        print(f"no answer    {self.unanswered.total():6}")
        for reason, count in self.unanswered.most_common(5):
            print(f"             {count:6}  {reason[:120]}")
        print(f"explained    {self.explained.total():6}")
        for name, count in self.explained.most_common():
            print(f"             {count:6}  {name}")
        print(f"unexplained  {sum(map(len, self.unexplained.values())):6}")
        for title, found in self.unexplained.items():
            print(f"             {len(found):6}  {title}")
            alike: dict[str, list[Case]] = {}
            for each in islice(found, _SHRUNK):
                small = smallest(each.case, partial(_shows, difference=each, peer=peer))
                alike.setdefault(_features(small), []).append(small)
            for features, cases in islice(alike.items(), _SHOWN):
                print(f"{len(cases):8} of {min(len(found), _SHRUNK)}: {features}")
                print(_written(min(cases, key=lambda case: len(_written(case)))))


def _features(case: Case) -> str:
    """What a case is made of, so that cases alike are shown once."""
    layers = {kind for kind, _ in case.documents()}
    words = set(_TELLING.findall(_written(case)))
    return " ".join([case.action.split(":")[0], *sorted(layers), *sorted(words)])


def _shows(case: Case, difference: Difference, peer: Peer) -> bool:
    """Whether a smaller case still differs the same way, and still for no known reason."""
    return ours(case).outcome == difference.ours and peer.decide([corrected(case)]) == [difference.peers]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())


def _written(case: Case) -> str:
    members = {name: value for name, value in case._asdict().items() if value not in ([], {}, None)}
    return "\n".join(f"  {name}: {json.dumps(value)}" for name, value in members.items()) + "\n"


def main() -> int:
    """0 when every difference is accounted for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", default=os.environ.get("IAM_SIMULATE"), help="the folder of the installed package")
    options = parser.parse_args()
    if not options.peer:
        parser.error("name the peer's folder with --peer or IAM_SIMULATE")
    generator = Generator(options.seed)
    tally = Tally()
    with Peer(str(HERE / "simulate.mjs"), options.peer) as peer:
        for start in range(0, options.cases, _STEP):
            tally.add([generator.case() for _ in range(min(_STEP, options.cases - start))], peer)
        tally.report(peer)
    return 1 if tally.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
