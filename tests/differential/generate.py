"""Random requests, and policies that about half of them satisfy."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Json = Any
Document = dict[str, Json]

HOME, AWAY = "111122223333", "999988887777"
SERVICE = "bedrock.amazonaws.com"
CLAUDE = "anthropic.claude-sonnet-4-6"
NOVA = "amazon.nova-pro-v1:0"


class Case(NamedTuple):
    """A request with everything that is attached, as plain JSON."""

    action: str
    resource: str
    owner: str
    """The account of the resource."""
    principal: str
    """ARN of a user or of a role's session, or the name of a service."""
    context: dict[str, str | list[str]]
    identity: list[Document]
    boundary: list[Document]
    session: list[Document]
    scps: list[list[Document]]
    rcps: list[list[Document]]
    endpoint: list[Document]
    resource_policy: Document | None

    @property
    def by_service(self) -> bool:
        """Whether a service asks in its own name."""
        return not self.principal.startswith("arn:")

    @property
    def arn(self) -> str:
        """Of the user or of the role behind the session."""
        return _arn_of(self.principal)

    def documents(self) -> list[tuple[str, Document]]:
        """Every policy with the kind it is attached as."""
        named = (
            ("identity", self.identity),
            ("boundary", self.boundary),
            ("session", self.session),
            ("scp", [document for level in self.scps for document in level]),
            ("rcp", [document for level in self.rcps for document in level]),
            ("vpc-endpoint", self.endpoint),
            ("resource", [self.resource_policy] if self.resource_policy else []),
        )
        return [(kind, document) for kind, documents in named for document in documents]

    def rewritten(self, change: Callable[[str, Document], Document]) -> Case:
        """The case with every policy changed."""

        def each(kind: str, documents: list[Document]) -> list[Document]:
            return [change(kind, document) for document in documents]

        return self._replace(
            identity=each("identity", self.identity),
            boundary=each("boundary", self.boundary),
            session=each("session", self.session),
            scps=[each("scp", level) for level in self.scps],
            rcps=[each("rcp", level) for level in self.rcps],
            endpoint=each("vpc-endpoint", self.endpoint),
            resource_policy=change("resource", self.resource_policy) if self.resource_policy else None,
        )


def _bedrock(kind: str, name: str, account: str = HOME, region: str = "us-east-1") -> str:
    return f"arn:aws:bedrock:{region}:{account}:{kind}/{name}"


_INVOKE = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
_MODELS = (
    _bedrock("foundation-model", CLAUDE, ""),
    _bedrock("foundation-model", NOVA, "", "us-west-2"),
    _bedrock("inference-profile", f"us.{CLAUDE}"),
    _bedrock("inference-profile", f"global.{CLAUDE}"),
    _bedrock("application-inference-profile", "a1b2c3"),
    _bedrock("provisioned-model", "p1q2r3"),
)
_REQUESTS: tuple[tuple[str, str], ...] = (
    *((action, model) for action in _INVOKE for model in _MODELS),
    ("bedrock:ApplyGuardrail", _bedrock("guardrail", "gr1")),
    ("bedrock:ApplyGuardrail", _bedrock("guardrail", "gr1", AWAY)),
    ("bedrock:InvokeAgent", _bedrock("agent-alias", "AG/AL")),
    ("bedrock:Retrieve", _bedrock("knowledge-base", "KB1")),
    ("bedrock:CallWithBearerToken", "*"),
    ("bedrock:ListFoundationModels", "*"),
)
_WITH_POLICY: tuple[tuple[str, str], ...] = (
    ("s3:GetObject", "arn:aws:s3:::corpus/docs/a.txt"),
    ("s3:ListBucket", "arn:aws:s3:::corpus"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{HOME}:key/k-1"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{AWAY}:key/k-1"),
    ("sts:AssumeRole", f"arn:aws:iam::{HOME}:role/batch"),
    ("sts:AssumeRole", f"arn:aws:iam::{AWAY}:role/batch"),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{HOME}:jobs"),
    ("bedrock:ApplyGuardrail", _bedrock("guardrail", "gr1")),
    ("bedrock:ApplyGuardrail", _bedrock("guardrail", "gr1", AWAY)),
)
_PRINCIPALS = (
    f"arn:aws:sts::{HOME}:assumed-role/chat/session-1",
    f"arn:aws:iam::{HOME}:user/ana",
)

_Sample = Sequence[str | list[str]]
_KEYS: dict[str, tuple[str, _Sample]] = {
    "aws:RequestedRegion": ("String", ("us-east-1", "us-west-2", "unspecified")),
    "aws:PrincipalOrgID": ("String", ("o-abc123",)),
    "aws:PrincipalTag/team": ("String", ("search", "Search", "a*b", "se.rch", "", "$x")),
    "aws:UserAgent": ("String", ("boto3/1.40 (x86) [md]", "curl?")),
    "aws:SourceVpce": ("String", ("vpce-1a2b",)),
    "aws:PrincipalOrgPaths": ("Strings", [["o-abc123/r-1/ou-1/"], ["o-abc123/r-1/ou-1/", "o-abc123/r-1/ou-2/"]]),
    "aws:TagKeys": ("Strings", [["team"], ["team", "cost"], ["Team", "x", "y"]]),
    "aws:CalledVia": ("Strings", [["bedrock.amazonaws.com"], ["athena.amazonaws.com", "bedrock.amazonaws.com"]]),
    "aws:SourceIp": ("IpAddress", ("203.0.113.7", "10.0.0.1", "2001:db8::1", "255.255.255.255")),
    "aws:CurrentTime": ("Date", ("2026-11-20T12:00:00Z", "2026-11-20T12:00:00.500Z")),
    "aws:TokenIssueTime": ("Date", ("2026-11-20T11:00:00Z",)),
    "aws:EpochTime": ("Date", ("1795176000",)),
    "aws:SecureTransport": ("Bool", ("true", "false")),
    "aws:MultiFactorAuthPresent": ("Bool", ("true", "false")),
    "aws:ViaAWSService": ("Bool", ("true", "false")),
    "aws:MultiFactorAuthAge": ("Numeric", ("300", "0", "3600", "3600.5")),
    "aws:SourceArn": ("Arn", (f"arn:aws:bedrock:us-east-1:{HOME}:agent/AG", "arn:aws:s3:::corpus")),
}
"""Keys of every request: their type, and what they may hold."""
_INVOKE_KEYS: dict[str, tuple[str, _Sample]] = {
    "bedrock:InferenceProfileArn": ("Arn", (_MODELS[2], _MODELS[3], _MODELS[4])),
    "bedrock:GuardrailIdentifier": ("Arn", (_bedrock("guardrail", "gr1"), _bedrock("guardrail", "gr1") + ":3")),
    "bedrock:ServiceTier": ("String", ("priority", "flex")),
}
_OTHER_KEYS: dict[str, dict[str, tuple[str, _Sample]]] = {
    "bedrock:CallWithBearerToken": {"bedrock:BearerTokenType": ("String", ("SHORT_TERM", "LONG_TERM"))},
    "sts:AssumeRole": {"sts:ExternalId": ("String", ("ext-1",))},
    "s3:ListBucket": {"s3:prefix": ("String", ("docs/", "")), "s3:max-keys": ("Numeric", ("10", "1000"))},
}
_ACCOUNTS: tuple[str, _Sample] = ("String", (HOME,))
SET_BY_CALLER: dict[str, str] = {
    "aws:PrincipalArn": "Arn",
    "aws:PrincipalAccount": "String",
    "aws:ResourceAccount": "String",
}
"""Keys that say again who asks for whose resource: every request of a user or role carries them."""
_OPERATORS = {
    "String": (
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ),
    "Arn": ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringEquals", "StringLike", "StringNotLike"),
    "Numeric": (
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ),
    "Date": (
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ),
    "Bool": ("Bool",),
    "IpAddress": ("IpAddress", "NotIpAddress"),
    "Binary": ("BinaryEquals",),
}
_EVERYTHING: Document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def keys_of(action: str) -> dict[str, tuple[str, _Sample]]:
    """The condition keys that a request for an action can carry."""
    return {**_KEYS, **(_INVOKE_KEYS if action in _INVOKE else {}), **_OTHER_KEYS.get(action, {})}


class Generator:
    """Makes cases; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - nothing secret comes of it
        self.action = self.resource = ""
        self.context: dict[str, str | list[str]] = {}
        self.principal = ""

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def some(self, weighted: Mapping[str, float]) -> str:
        return self.random.choices(list(weighted), list(weighted.values()))[0]

    def case(self) -> Case:
        """The next case."""
        with_policy = self.chance(0.3)
        self.action, self.resource = self.random.choice(_WITH_POLICY if with_policy else _REQUESTS)
        self.principal = SERVICE if with_policy and self.chance(0.1) else self.random.choice(_PRINCIPALS)
        by_service = self.principal == SERVICE
        owner = self.owner()
        self.context = self.make_context(owner, by_service)
        rcp = self.chance(0.03 if self.action.startswith("bedrock:") else 0.25)
        return Case(
            self.action,
            self.resource,
            owner,
            self.principal,
            dict(self.context),
            identity=[] if by_service else self.policies("identity", 2),
            boundary=self.policies("boundary", 1) if not by_service and self.chance(0.2) else [],
            session=self.policies("session", 1) if "assumed-role" in self.principal and self.chance(0.15) else [],
            scps=self.levels() if not by_service and self.chance(0.3) else [],
            rcps=[[self.policy("rcp")] for _ in range(self.random.randint(1, 2))] if rcp else [],
            endpoint=self.policies("vpc-endpoint", 1) if not by_service and self.chance(0.12) else [],
            resource_policy=self.policy("resource") if with_policy and self.chance(0.85) else None,
        )

    def owner(self) -> str:
        account = self.resource.split(":")[4] if self.resource != "*" else HOME
        if account or not self.resource.startswith("arn:aws:s3"):
            return account or HOME
        return self.random.choice((HOME, AWAY))

    def make_context(self, owner: str, by_service: bool) -> dict[str, str | list[str]]:
        context: dict[str, str | list[str]] = {"aws:ResourceAccount": owner}
        if not by_service:
            context["aws:PrincipalAccount"] = HOME
            context["aws:PrincipalArn"] = _arn_of(self.principal)
        for key, (_, samples) in keys_of(self.action).items():
            if self.chance(0.5):
                context[key] = self.random.choice(samples)
        return context

    def levels(self) -> list[list[Document]]:
        made = []
        for _ in range(self.random.randint(1, 3)):
            level = self.policies("scp", 2)
            if self.chance(0.7) or not any(has_allow(document) for document in level):
                level.append(_EVERYTHING)
            made.append(level)
        return made

    def policies(self, kind: str, most: int) -> list[Document]:
        return [self.policy(kind) for _ in range(self.random.randint(1, most))]

    def policy(self, kind: str) -> Document:
        statements = [self.statement(kind) for _ in range(self.random.randint(1, 3))]
        document: Document = {"Statement": statements[0] if len(statements) == 1 and self.chance(0.3) else statements}
        version = "2012-10-17" if kind == "rcp" else self.some({"2012-10-17": 0.92, "2008-10-17": 0.04, "": 0.04})
        return {"Version": version, **document} if version else document

    def statement(self, kind: str) -> Document:
        deny = kind == "rcp" or self.chance(0.22)
        # A Deny that always applies would leave little to compare.
        luck = 0.7 if deny else 0.96
        statement: Document = {"Effect": "Deny" if deny else "Allow"}
        negated = kind != "rcp" and self.chance(0.1)
        actions = [self.action_pattern(self.chance(luck) != negated) for _ in range(self.count())]
        if kind == "rcp":
            actions = [action for action in actions if action != "*"] or [self.action]
        statement["NotAction" if negated else "Action"] = self.unlisted(actions)
        if kind != "resource" or self.action != "sts:AssumeRole":
            negated = self.chance(0.1)
            patterns = [self.resource_pattern(self.chance(luck) != negated) for _ in range(self.count())]
            statement["NotResource" if negated else "Resource"] = self.unlisted(patterns)
        if kind in ("rcp", "vpc-endpoint"):
            statement["Principal"] = "*"
        elif kind == "resource":
            statement.update(self.principal_element(deny))
        if self.chance(0.65 if deny else 0.35):
            condition: dict[str, dict[str, Json]] = {}
            for _ in range(self.count()):
                operator, key, values = self.test()
                condition.setdefault(operator, {})[key] = values
            statement["Condition"] = condition
        return statement

    def count(self) -> int:
        return self.random.choices((1, 2, 3), (0.7, 0.2, 0.1))[0]

    def unlisted(self, values: list[Json]) -> Json:
        return values[0] if len(values) == 1 and self.chance(0.5) else values

    def action_pattern(self, fits: bool) -> str:
        service, _, name = self.action.partition(":")
        if not fits:
            others = (f"{service}:Tag*", f"{service}:{name}x", f"{service}:?{name}", "iam:*", f"{service}:Get?")
            return self.random.choice(others)
        cut = self.random.randrange(len(name))
        forms = (
            self.action,
            f"{service}:{name[:cut]}*",
            f"{service}:{name[:cut]}?{name[cut + 1 :]}",
            f"{service}:*{name[cut:]}",
            f"{service}:*",
            "*",
            f"{service.upper()}:{name.swapcase()}",
        )
        return self.random.choices(forms, (5, 3, 1, 1, 2, 2, 1))[0]

    def resource_pattern(self, fits: bool) -> str:
        if self.resource == "*":
            return "*" if fits else "arn:aws:bedrock:*:*:guardrail/*"
        if not fits:
            return self.random.choice(
                (self.resource + "x", "arn:aws:bedrock:*:*:custom-model/*", self.resource[:-1], "arn:aws:s3:::other/*")
            )
        return self.arn_pattern(self.resource)

    def arn_pattern(self, arn: str) -> str:
        """A pattern that matches an ARN, most likely."""
        fields = arn.split(":", 5)
        tail = fields[5]
        kind = self.some({"same": 4, "star": 2, "tail": 3, "one": 1, "fields": 2, "short": 1, "type": 0.5, "hole": 2})
        if kind == "star":
            return "*"
        if kind == "short":
            return ":".join(fields[: self.random.randint(3, 5)]) + ":*"
        if kind == "fields":
            for at in (3, 4):
                if self.chance(0.6):
                    fields[at] = "*"
        elif kind == "tail":
            fields[5] = tail[: self.random.randrange(len(tail))] + "*"
        elif kind == "one":
            at = self.random.randrange(len(tail))
            fields[5] = f"{tail[:at]}?{tail[at + 1 :]}"
        elif kind == "type":
            fields[5] = "*" + tail[self.random.randrange(len(tail)) :]
        elif kind == "hole":
            at = tail.find("/") + 1
            fields[5] = tail[:at] + self.string_pattern(tail[at:], wild=True)
        return ":".join(fields)

    def string_pattern(self, value: str, *, wild: bool) -> str:
        """A text that a value equals, or is like, most likely."""
        kind = self.some({"same": 4, "wild": 3 * wild, "hole": 1.5, "default": 1.5, "escape": 0.7, "missing": 0.5})
        at = self.random.randrange(len(value) + 1)
        if kind == "wild":
            end = self.random.randint(at, len(value))
            return value[:at] + (self.random.choice("*?") if end > at else "*") + value[end:]
        if kind == "hole":
            return self.hole(value)
        if kind == "default":
            return f"{value[:at]}${{aws:PrincipalTag/none, '{value[at:]}'}}"
        if kind == "escape":
            return "".join(f"${{{char}}}" if char in "*?$" else char for char in value)
        if kind == "missing":
            return f"{value[:at]}${{aws:PrincipalTag/none}}"
        return value

    def hole(self, value: str) -> str:
        """The value with the text of some context key put as a variable."""
        for key in self.random.sample(sorted(self.context), len(self.context)):
            found = self.context[key]
            if isinstance(found, str) and found and found in value:
                return value.replace(found, f"${{{key}}}", 1)
        key = self.random.choice(["aws:PrincipalTag/team", "aws:CalledVia", "aws:TagKeys", "aws:RequestedRegion"])
        return f"${{{key}}}"

    def principal_element(self, deny: bool) -> Document:
        right = self.chance(0.85)
        arn = _arn_of(self.principal)
        account = HOME if right else AWAY
        if self.principal == SERVICE:
            return {"Principal": {"Service": SERVICE if right else "ec2.amazonaws.com"}}
        forms: tuple[Json, ...] = (
            "*",
            {"AWS": "*"},
            {"AWS": arn if right else f"arn:aws:iam::{HOME}:role/other"},
            {"AWS": [f"arn:aws:iam::{AWAY}:role/other", arn]},
            {"AWS": account},
            {"AWS": f"arn:aws:iam::{account}:root"},
            {"AWS": [account, arn], "Service": SERVICE},
            {"AWS": self.principal},
            {"Service": SERVICE},
        )
        element = self.random.choices(forms, (3, 2, 5, 2, 2, 3, 2, 1, 1))[0]
        named_with_account = {"AWS": [arn, f"arn:aws:iam::{HOME}:root", self.principal]}
        if deny and self.chance(0.25):
            named_away = {"AWS": [f"arn:aws:iam::{AWAY}:role/other", AWAY]}
            return {"NotPrincipal": self.random.choice([named_with_account, named_away])}
        return {"Principal": element}

    def test(self) -> tuple[str, str, Json]:
        """An operator, a key and values."""
        types = {key: kind for key, (kind, _) in keys_of(self.action).items()} | SET_BY_CALLER
        present = [key for key in types if key in self.context]
        key = self.random.choice(present if present and self.chance(0.7) else sorted(types))
        kind = types[key]
        many = kind == "Strings"
        held = self.context.get(key)
        value = self.random.choice(held) if isinstance(held, list) else held
        if value is None:
            samples = keys_of(self.action).get(key, _ACCOUNTS)[1]
            sample = self.random.choice(samples)
            value = sample[0] if isinstance(sample, list) else sample
        written = self.some({"Null": 0.08, "Binary": 0.03, "value": 0.89})
        if written == "Null":
            return "Null", self.respelled(key), self.random.choice(("true", "false", True, False))
        base = "Binary" if written == "Binary" else "String" if many else kind
        operator = self.random.choice(_OPERATORS[base])
        values = [self.value(base, operator, value, self.chance(0.75)) for _ in range(self.count())]
        if self.chance(0.93 if many else 0.05):
            operator = self.random.choice(("ForAllValues:", "ForAnyValue:")) + operator
        if self.chance(0.2):
            operator += "IfExists"
        return operator, self.respelled(key), self.unlisted(values)

    def respelled(self, key: str) -> str:
        return key.lower() if self.chance(0.1) else key

    def value(self, base: str, operator: str, value: str, near: bool) -> Json:
        """What a policy compares a value with."""
        if not near and base in ("String", "Arn"):
            return self.random.choice((value + "x", "other", value[:-1], "x*", _bedrock("guardrail", "gr9")))
        return {
            "String": self.string_value,
            "Arn": self.arn_value,
            "Numeric": self.numeric_value,
            "Date": self.date_value,
            "Bool": self.bool_value,
            "IpAddress": self.ip_value,
            "Binary": self.binary_value,
        }[base](operator, value)

    def string_value(self, operator: str, value: str) -> str:
        if self.chance(0.1):
            value = value.swapcase()
        return self.string_pattern(value, wild=operator.endswith("Like") or self.chance(0.1))

    def arn_value(self, operator: str, value: str) -> str:
        if operator.startswith("String"):
            return self.string_value(operator, value)
        if value.startswith("arn:"):
            return self.arn_pattern(value)
        return value

    def numeric_value(self, _: str, value: str) -> Json:
        number = float(value) + self.random.choice((-1, 0, 0, 0, 1))
        return self.random.choice((str(int(number)), int(number), number, f"{number:.2f}", f"0{int(number)}"))

    def date_value(self, _: str, value: str) -> Json:
        forms = (
            "2026-11-20T12:00:00Z",
            "2026-11-20T11:00:00Z",
            "2026-11-20",
            "2026-11-20T13:00:00+01:00",
            "2026-11-20T12:00Z",
            "1795176000",
            1795176000,
            "2027-01-01T00:00:00Z",
        )
        return value if self.chance(0.3) else self.random.choices(forms, (4, 2, 2, 2, 1, 1, 1, 2))[0]

    def bool_value(self, _: str, __: str) -> Json:
        return self.random.choice(("true", "false", True, False, "True", "FALSE"))

    def ip_value(self, _: str, value: str) -> str:
        if ":" in value:
            return self.random.choice(
                (value, "2001:db8::/32", "2001:db8::/127", "2001:DB8:0::1", "::/0", "2001:db9::/32")
            )
        first, second, third, last = value.split(".")
        forms = (
            value,
            f"{value}/32",
            f"{first}.{second}.{third}.0/24",
            f"{first}.{second}.{third}.{last}/9",
            f"{first}.0.0.0/8",
            "0.0.0.0/0",
            "198.51.100.0/24",
            "2001:db8::/32",
        )
        return self.random.choices(forms, (2, 2, 3, 1, 3, 1, 3, 1))[0]

    def binary_value(self, _: str, value: str) -> str:
        return self.random.choice((value, base64.b64encode(value.encode()).decode()))


def _arn_of(principal: str) -> str:
    head, _, rest = principal.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.split('/')[0]}" if rest else principal


def has_allow(document: Document) -> bool:
    """Whether some statement of a policy is an Allow."""
    statements = document["Statement"]
    return any(one["Effect"] == "Allow" for one in (statements if isinstance(statements, list) else [statements]))
