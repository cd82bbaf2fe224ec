"""Measure the authoriser: requests decided in a second, how the work grows with its input, and a run of `can`.

`VENV/bin/python bench/decide.py` measures the installation that it runs in. Work inside the process is measured in
processor time; every size has its turn in every round, and medians are printed.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import platform
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

from run import interleave, ms, row, table

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.layers import Layers
from bedrock_policy_lint.authorize.request import Identity, Request
from bedrock_policy_lint.engine import Settings, lint_declaration
from bedrock_policy_lint.frontends.policy_json import read
from bedrock_policy_lint.model.policy import Attachment, Policy
from bedrock_policy_lint.sources.source import Source

ACCOUNT = "111122223333"
MODEL = "anthropic.claude-sonnet-4-6"
PROFILE = f"us.{MODEL}"
DESTINATIONS = ("us-east-1", "us-east-2", "us-west-2")
CALLER = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/chat")
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def region_lock(regions: Sequence[str]) -> dict[str, Any]:
    """The statement that closes all other Regions."""
    test = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    return {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": test}


def policy(kind: str, *statements: dict[str, Any]) -> Policy:
    """A policy of these statements."""
    text = json.dumps(document(*statements))
    [found] = read(Source("policy.json", text), Attachment(kind, True), claimed=True).policies
    return found


def grant(number: int) -> dict[str, Any]:
    """A statement like those of a real role: two actions, a model and a profile, one condition."""
    region = f"us-east-{number}"
    return {
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
        "Resource": [
            f"arn:aws:bedrock:{region}::foundation-model/amazon.nova-*",
            f"arn:aws:bedrock:{region}:{ACCOUNT}:inference-profile/us.amazon.nova-lite-v1:0",
        ],
        "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
    }


def layers(statements: int) -> Layers:
    """A principal with that many statements, a boundary and two levels of SCPs."""
    lock = region_lock([f"us-east-{number}" for number in range(100)])
    return Layers(
        identity=(policy("identity", *[grant(number) for number in range(statements)]),),
        boundary=(policy("boundary", EVERYTHING),),
        scps=((policy("scp", EVERYTHING),), (policy("scp", EVERYTHING, lock),)),
    )


def request(number: int) -> Request:
    """A call of a model in one Region."""
    region = f"us-east-{number}"
    resource = f"arn:aws:bedrock:{region}::foundation-model/amazon.nova-lite-v1:0"
    return Request("bedrock:InvokeModel", resource, CALLER, {"aws:requestedregion": (region,)})


def of_profile(regions: Sequence[str]) -> dict[str, Any]:
    """A statement that allows to invoke a profile, and its model in these Regions."""
    models = [f"arn:aws:bedrock:{region}::foundation-model/{MODEL}" for region in regions]
    profile = f"arn:aws:bedrock:{DESTINATIONS[0]}:{ACCOUNT}:inference-profile/{PROFILE}"
    actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    return {"Effect": "Allow", "Action": actions, "Resource": [profile, *models]}


def declaration(principals: int) -> Source:
    """That many roles with two calls each under the same two levels of SCPs; two roles share a policy."""
    roles = {
        f"role-{number}": {
            "role": f"arn:aws:iam::{ACCOUNT}:role/role-{number}",
            "policies": f"policy-{number // 2}.json",
            "uses": [f"converse {PROFILE}", f"converse-stream {PROFILE}"],
        }
        for number in range(principals)
    }
    scps = [document(EVERYTHING), document(EVERYTHING, region_lock(DESTINATIONS))]
    declared = {"account": ACCOUNT, "region": DESTINATIONS[0], "scps": scps, "principals": roles}
    return Source("bedrock-usage.json", json.dumps(declared))


def rounds_of(works: Mapping[int, Callable[[], object]], rounds: int) -> dict[int, list[float]]:
    """Processor seconds by size, one for each round; work too short for the clock is repeated within it."""
    repeats = {size: 1 + int(0.01 / seconds(work, 1)) for size, work in works.items()}
    found: dict[int, list[float]] = {size: [] for size in works}
    for _ in range(rounds):
        for size, work in works.items():
            gc.collect()
            found[size].append(seconds(work, repeats[size]))
    return found


def seconds(work: Callable[[], object], repeat: int) -> float:
    """Processor seconds that the work takes once."""
    start = time.process_time()
    for _ in range(repeat):
        work()
    return (time.process_time() - start) / repeat


def growth(title: str, of: str, works: Mapping[int, Callable[[], object]], rounds: int, unit: float = 1e6) -> None:
    """Print what each size takes, and how many times what the row above takes: the sizes tell what would be linear."""
    name = {1e6: "µs", 1e3: "ms"}[unit]
    table(title, (of, name, f"{name} for each", "times the row above", "times as many"))
    found = rounds_of(works, rounds)
    before = 0
    for size, times in found.items():
        ratios = ("", "")
        if before:
            ratio = median(mine / theirs for mine, theirs in zip(times, found[before], strict=True))
            ratios = (f"{ratio:.1f}", f"{size / before:g}")
        took = median(times) * unit
        row(f"{size:,}", f"{took:,.1f}", f"{took / size:,.2f}", *ratios)
        before = size


def decide_all(authorizers: Sequence[Authorizer], requests: Sequence[Request]) -> None:
    """Decide every request for every principal."""
    for authorizer in authorizers:
        for asked in requests:
            authorizer.decide(asked)


def requests_decided(rounds: int) -> None:
    """One request and many, of one principal and of many."""
    one = Authorizer(layers(50))
    # The request that the last statement grants has to pass by all the others.
    took = median(rounds_of({1: lambda: one.decide(request(49))}, rounds)[1])
    print("\n50 statements, a boundary and two levels of SCPs: ", end="")
    print(f"{took * 1e6:.1f} µs for a request, {1 / took:,.0f} requests in a second")

    def by_statements(size: int) -> Callable[[], object]:
        authorizer, asked = Authorizer(layers(size)), request(size - 1)
        return lambda: authorizer.decide(asked)

    def by_destinations(size: int) -> Callable[[], object]:
        # Regions that no statement grants: each request passes by all of them.
        asked = [request(50 + number) for number in range(size)]
        return lambda: decide_all([one], asked)

    def by_principals(size: int) -> Callable[[], object]:
        # A new authoriser each time: making the statements ready belongs to the cost of a principal.
        attached = [layers(50) for _ in range(size)]
        return lambda: decide_all([Authorizer(each) for each in attached], [request(49)])

    for title, of, make, sizes in (
        ("One request, by statements", "statements", by_statements, (1, 10, 100, 1000)),
        ("One principal of 50 statements, by destinations", "requests", by_destinations, (1, 5, 10, 50)),
        (
            "One request, by principals of 50 statements made ready anew",
            "principals",
            by_principals,
            (1, 10, 100, 1000),
        ),
    ):
        growth(title, of, {size: make(size) for size in sizes}, rounds)


def declarations(rounds: int) -> None:
    """Whole declarations: read, every call decided, every denial explained, every grant held against the usage."""
    for what, regions in (
        ("every call allowed", DESTINATIONS),
        ("every policy one Region short", DESTINATIONS[:-1]),
    ):
        load = partial(Source, text=json.dumps(document(of_profile(regions))))
        sizes = (1, 10, 100, 1000)
        works = {size: partial(lint_declaration, declaration(size), load, Settings()) for size in sizes}
        growth(f"A declaration, {what}", "principals", works, rounds, unit=1e3)


def start_up(rounds: int) -> None:
    """How much of a run of `can` is not about the call."""
    from bedrock_policy_lint.commands.can import command

    with tempfile.TemporaryDirectory() as folder:
        words = [f"converse-stream {PROFILE} --region {DESTINATIONS[0]} --account {ACCOUNT}"]
        for option, name, statements in (
            ("--policy", "policy", (of_profile(DESTINATIONS),)),
            ("--scp", "root", (EVERYTHING,)),
            ("--scp", "workloads", (EVERYTHING, region_lock(DESTINATIONS))),
        ):
            path = os.path.join(folder, f"{name}.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(document(*statements), file)
            words.append(f"{option} {path}")
        call = " ".join(words).split()

        def again() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                command.main(call, standalone_mode=False)

        lint = os.path.join(sysconfig.get_path("scripts"), "bedrock-policy-lint")
        python = [sys.executable, "-c", "pass"]
        commands = {"`python -c pass`": python, "`--version`": [lint, "--version"], "`can`": [lint, "can", *call]}
        costs = interleave(commands, rounds * 3)
        again()  # loads what it needs
        inside = median(rounds_of({1: again}, rounds)[1])
    whole = costs["`can`"]
    table("A run of `can`", ("run", "CPU ms", "share of `can`"))
    for name, cost in costs.items():
        row(name, ms(cost.cpu), f"{cost.times_cpu(whole):.0%}")
    row("the same call in a process that has made it before", f"{inside * 1e3:.1f}", f"{inside / whole.cpu:.0%}")


def main() -> None:
    """Run every measurement."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often everything is measured (default: 7)")
    rounds = parser.parse_args().rounds
    gc.disable()  # a collection would be charged to whichever round it falls into
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()}; {system}; medians of {rounds} rounds, processor time")
    requests_decided(rounds)
    declarations(rounds)
    start_up(rounds)


if __name__ == "__main__":
    main()
