"""Where a call to a typed address may go."""

from types import SimpleNamespace

import pycurl
import pytest

from hospitality import outward
from hospitality.outward import Permitted


def opened(where, may=lambda host: False) -> bool:
    """Would libcurl be given a socket for this address?"""
    asked = []
    curl = SimpleNamespace(setopt=lambda option, function: asked.append(function))
    refused = outward.keep_outside(curl, may)
    made = asked[0](0, (2, 1, 6, where))
    assert (made == pycurl.SOCKET_BAD) is bool(refused)
    if not refused:
        made.close()
    return not refused


@pytest.mark.parametrize(
    ("where", "outside"),
    [
        (("93.184.216.34", 80), True),
        (("2606:2800:220:1::1", 80, 0, 0), True),
        (("100.64.0.1", 80), False),
        (("224.0.0.1", 80), False),
        (("169.254.169.254", 80), False),
        (("fe80::1%eth0", 80, 0, 2), False),
        (("2002:7f00:1::", 80, 0, 0), False),
        (("::ffff:10.0.0.1", 80, 0, 0), False),
        ("/run/docker.sock", False),
        (b"/run/docker.sock", False),
    ],
)
def test_what_counts_as_outside(where, outside):
    assert opened(where) is outside


def test_what_may_be_called_all_the_same_is_called():
    assert opened(("127.0.0.1", 80), may=Permitted.read(["127.0.0.0/8"]).address)
    assert not opened(("10.0.0.1", 80), may=Permitted.read(["127.0.0.0/8"]).address)


@pytest.mark.parametrize(
    ("host", "permitted"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("10.2.3.4", True),
        ("Build.Local", True),
        ("::1", True),
        ("192.168.0.1", False),
        ("localhost", False),
        ("other.build.local", False),
    ],
)
def test_hosts_and_networks_are_permitted_as_they_are_written(host, permitted):
    assert Permitted.read(["127.0.0.1", " 10.0.0.0/8", "build.local", "[::1]", ""]).host(host) is permitted


@pytest.mark.parametrize("entry", ["http://localhost", "10.0.0.0/99", "*", "a host", "ho/st", "häuser"])
def test_what_is_neither_host_nor_network_is_refused_by_name(entry):
    with pytest.raises(ValueError, match="neither"):
        Permitted.read([entry])
