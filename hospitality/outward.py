"""Calls to an address that somebody has typed, so it may be anything: bounded in time, and kept away from this machine
and its own network.

libcurl asks `keep_outside` for each connection it is about to make, redirects included, with the address that the name
has led to: what is refused there is never connected to, whatever the name says the next moment.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pycurl

WEB = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
AGENT = "Latchkey"


def handle(url: str, *, connect_seconds: float, seconds: float) -> pycurl.Curl:
    """A call that can be made of this address, within so many seconds for all of it; redirects are answers."""
    trusted = ssl.get_default_verify_paths()  # the machine's, which the library does not look for
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.PROTOCOLS, WEB)
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, int(1000 * connect_seconds))
    curl.setopt(pycurl.TIMEOUT_MS, int(1000 * seconds))
    curl.setopt(pycurl.NOSIGNAL, 1)  # this is not the only thread
    curl.setopt(pycurl.PROXY, "")
    curl.setopt(pycurl.NETRC, 0)
    curl.setopt(pycurl.USERAGENT, AGENT)
    if trusted.cafile:
        curl.setopt(pycurl.CAINFO, trusted.cafile)
    if trusted.capath:
        curl.setopt(pycurl.CAPATH, trusted.capath)
    return curl


def keep_outside(curl: pycurl.Curl, may: Callable[[str], bool]) -> list[str]:
    """Connect only where the address is on the internet, or else `may` be called; gives a list that what was refused is
    added to."""
    refused: list[str] = []

    def connect(_purpose: int, address) -> socket.socket | int:
        family, kind, protocol, where = address
        host = _host(where)
        if not (is_outside(host) or may(host)):
            refused.append(host)
            return pycurl.SOCKET_BAD
        return socket.socket(family, kind, protocol)

    curl.setopt(pycurl.OPENSOCKETFUNCTION, connect)
    return refused


def perform(curl: pycurl.Curl) -> int:
    """0, or libcurl's number of what went wrong: its own words repeat the address."""
    try:
        curl.perform()
    except pycurl.error as error:
        return error.args[0]
    return 0


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The address that is written there; None for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_outside(host: str) -> bool:
    """Is this written address one on the internet? What is no address (a name, a file) is not."""
    found = address_of(host)
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found is not None and all(one.is_global and not one.is_multicast for one in (found, inner) if one)


def _host(where) -> str:
    host = where[0] if isinstance(where, tuple) else where
    return host.decode(errors="replace") if isinstance(host, bytes) else host


@dataclass(frozen=True)
class Permitted:
    """Hosts and networks of one's own that may be called all the same."""

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> "Permitted":
        """`127.0.0.1`, `10.0.0.0/8`, `build.local`. Raises ValueError for what is none of these."""
        names, networks = set(), []
        for entry in filter(None, map(str.strip, entries)):
            try:
                networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                if not entry.isascii() or not entry.replace("-", "").replace(".", "").isalnum():
                    raise ValueError(f"{entry!r} is neither a host's name nor a network") from None
                names.add(entry.lower())
        return cls(frozenset(names), tuple(networks))

    def host(self, host: str) -> bool:
        """Is this host of a URL, a name or an address, one of them?"""
        return host.lower() in self.names or self.address(host)

    def address(self, host: str) -> bool:
        """Is this address in one of the networks?"""
        found = address_of(host)
        found = getattr(found, "ipv4_mapped", None) or found
        return found is not None and any(found in network for network in self.networks)
