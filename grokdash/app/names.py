"""Names of hosts: written in one way, and which of them are this computer."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104 - what asks for every address, not a use
"""Hosts to bind that stand for every address of this computer."""


def plain_name(host: str) -> str:
    """Write the name of a host without port, in lower case; an address at its shortest.

    ``[0:0::1]:8050`` is ``::1``, ``LOCALHOST.`` is ``localhost``.
    """
    name = host
    if host.startswith("["):
        name = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        name = host.partition(":")[0]
    name = name.lower().rstrip(".")
    if (address := _address(name)) is not None:
        return str(address)
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name


def in_address(host: str) -> str:
    """Write a host as an address of a page has it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def is_this_computer(host: str) -> bool:
    """Say whether a host can be reached from this computer alone."""
    name = plain_name(host)
    address = _address(name)
    return name == "localhost" if address is None else address.is_loopback


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
