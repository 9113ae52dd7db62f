"""The guard's judgement of numeric addresses."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.addresses import refusal

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::200e", "172.32.0.1", "100.128.0.1"]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "::1",
    "fd12:3456::1",
    "2001:db8::1",
    "3fff::1",
    "::ffff:93.184.216.34",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::a00:1",
    "2002:5db8:d822::1",
    "2001:0:53aa:64c:0:0:a247:27dd",
    "4000::1",
]
NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "224.0.0.1",
    "239.255.255.255",
    "ff02::1",
    "0.0.0.0",
    "::",
    "255.255.255.255",
    "240.0.0.1",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001:0:53aa:64c:0:0:5601:5601",  # Teredo keeps the client's address inverted
    "::ffff:0.0.0.0",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    """A public address is a feed's place, whether private ones are allowed or not."""
    assert refusal(address, allow_private=False) is None
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_permission(address: str) -> None:
    """Addresses of our own networks, and those that wrap others, pass only where the feed's config says so."""
    assert refusal(address, allow_private=False) is not None
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_never_pass(address: str) -> None:
    """Metadata services, link-local, multicast and reserved addresses are refused whatever the config says."""
    assert refusal(address, allow_private=False) is not None
    assert refusal(address, allow_private=True) is not None


@given(st.integers(0, 2**32 - 1))
def test_what_is_not_global_does_not_pass(number: int) -> None:
    """No IPv4 address passes that Python's own registry calls private, and wrapping one never helps it."""
    ip = ipaddress.IPv4Address(number)
    if ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        assert refusal(str(ip), allow_private=False) is not None
    for wrapped in (f"::ffff:{ip}", f"64:ff9b::{ip}"):
        assert refusal(wrapped, allow_private=False) is not None
        assert (refusal(str(ip), allow_private=True) is None) or refusal(wrapped, allow_private=True) is not None


@given(st.ip_addresses(v=6))
def test_no_local_ipv6_address_passes(ip: ipaddress.IPv6Address) -> None:
    """No IPv6 address passes that Python's own registry does not call global."""
    if ip.is_private or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        assert refusal(str(ip), allow_private=False) is not None


def test_a_name_is_no_address() -> None:
    """Names are looked up before they are judged."""
    with pytest.raises(ValueError):
        refusal("localhost", allow_private=False)
