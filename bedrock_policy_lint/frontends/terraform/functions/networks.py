"""Functions of address ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.functions.function import Refusal, simple
from bedrock_policy_lint.frontends.terraform.types import NUMBER, STRING, list_of

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network

Number = int | float


def _network(prefix: str) -> Network:
    from ipaddress import ip_network

    if "/" not in prefix or "%" in prefix or not prefix.rpartition("/")[2].isdecimal():
        raise Refusal("takes a range of addresses such as 10.0.0.0/16")
    try:
        return ip_network(prefix, strict=False)
    except ValueError:
        raise Refusal("takes a range of addresses such as 10.0.0.0/16") from None


def _whole(number: Number) -> int:
    if not isinstance(number, int):
        raise Refusal("takes whole numbers")
    return number


def _host(prefix: str, number: Number) -> str:
    network, index = _network(prefix), _whole(number)
    if not -network.num_addresses <= index < network.num_addresses:
        raise Refusal("has no such address in this range")
    return str(network[index])


def _mask(prefix: str) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise Refusal("takes a range of IPv4")
    return str(network.netmask)


def _subnet(prefix: str, bits: Number, number: Number) -> str:
    from ipaddress import ip_network

    network = _network(prefix)
    added, index = _whole(bits), _whole(number)
    length = network.prefixlen + added
    if added < 0 or length > network.max_prefixlen:
        raise Refusal("has not so many bits left in this range")
    if not -(1 << added) <= index < 1 << added:
        raise Refusal("has no such subnet in this range")
    step = 1 << (network.max_prefixlen - length)
    start = int(network.network_address) + (index % (1 << added)) * step
    return str(ip_network((start.to_bytes(network.max_prefixlen // 8, "big"), length)))


def _subnets(prefix: str, *bits: Number) -> list[str]:
    from ipaddress import ip_network

    network = _network(prefix)
    at, end = int(network.network_address), int(network.broadcast_address) + 1
    found: list[str] = []
    for added in map(_whole, bits):
        length = network.prefixlen + added
        if added < 1 or length > network.max_prefixlen:
            raise Refusal("takes from 1 to as many bits as are left in this range")
        step = 1 << (network.max_prefixlen - length)
        at = -(-at // step) * step
        if at + step > end:
            raise Refusal("has no room for so many subnets in this range")

        subnet = ip_network((at.to_bytes(network.max_prefixlen // 8, "big"), length))
        found.append(str(subnet))
        at += step
    return found


FUNCTIONS = {
    "cidrhost": simple(_host, (STRING, NUMBER), STRING),
    "cidrnetmask": simple(_mask, (STRING,), STRING),
    "cidrsubnet": simple(_subnet, (STRING, NUMBER, NUMBER), STRING),
    "cidrsubnets": simple(_subnets, (STRING,), list_of(STRING), rest=NUMBER),
}
