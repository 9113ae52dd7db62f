"""Which network addresses a feed may live on: the guard against being sent to fetch from inside our own network.

On the article's way: asked for the numeric address of every connection, on every redirect, right before connecting.
Pure: it is given the address that will really be connected to, and looks nothing up.

Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its successors).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Addresses where clouds hand out credentials to whoever asks from inside. No feed lives there, whatever a config says.
_METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"))
)

# Never a feed's place, even where private addresses are allowed.
_NEVER: tuple[tuple[Network, str], ...] = (
    (IPv4Network("169.254.0.0/16"), "a link-local address"),
    (IPv6Network("fe80::/10"), "a link-local address"),
    (IPv4Network("224.0.0.0/4"), "a multicast address"),
    (IPv6Network("ff00::/8"), "a multicast address"),
    (IPv4Network("0.0.0.0/8"), "an unspecified address"),
    (IPv6Network("::/128"), "an unspecified address"),
    (IPv4Network("240.0.0.0/4"), "a reserved address"),
)

# A feed's place only where its own config allows private addresses.
_PRIVATE: tuple[tuple[Network, str], ...] = (
    (IPv4Network("127.0.0.0/8"), "a loopback address"),
    (IPv6Network("::1/128"), "a loopback address"),
    (IPv4Network("10.0.0.0/8"), "a private address"),
    (IPv4Network("172.16.0.0/12"), "a private address"),
    (IPv4Network("192.168.0.0/16"), "a private address"),
    (IPv6Network("fc00::/7"), "a private address"),
    (IPv6Network("fec0::/10"), "a private address"),
    (IPv4Network("100.64.0.0/10"), "a carrier's private address"),
    (IPv4Network("192.0.0.0/24"), "a reserved address"),
    (IPv4Network("192.0.2.0/24"), "a reserved address"),
    (IPv4Network("192.88.99.0/24"), "a reserved address"),
    (IPv4Network("198.18.0.0/15"), "a reserved address"),
    (IPv4Network("198.51.100.0/24"), "a reserved address"),
    (IPv4Network("203.0.113.0/24"), "a reserved address"),
    (IPv6Network("2001::/23"), "a reserved address"),
    (IPv6Network("2001:db8::/32"), "a reserved address"),
    (IPv6Network("2002::/16"), "an address that wraps an IPv4 address"),
    (IPv6Network("3fff::/20"), "a reserved address"),
)

_PUBLIC_IPV6 = IPv6Network("2000::/3")

# (prefix, how far right the wrapped IPv4 address stands, in bits, and whether it is stored inverted)
_WRAPPING: tuple[tuple[IPv6Network, int, bool], ...] = (
    (IPv6Network("::/96"), 0, False),  # IPv4-compatible, deprecated
    (IPv6Network("::ffff:0:0/96"), 0, False),  # IPv4-mapped
    (IPv6Network("::ffff:0:0:0/96"), 0, False),  # IPv4-translated, RFC 2765
    (IPv6Network("64:ff9b::/96"), 0, False),  # NAT64, RFC 6052
    (IPv6Network("64:ff9b:1::/48"), 0, False),  # NAT64 within one network, RFC 8215
    (IPv6Network("2002::/16"), 80, False),  # 6to4
    (IPv6Network("2001::/32"), 0, True),  # Teredo: the client's address, inverted
)


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Why no connection may be made to this numeric address ("a loopback address"); None when it may.

    With ``allow_private``, private and loopback addresses pass; link-local, multicast, unspecified and reserved ones
    and the metadata services of clouds never do, however they are written or wrapped.

    Raises:
        ValueError: the text is no numeric address.
    """
    ip = ip_address(address.partition("%")[0])
    wrapped = _wrapped(ip)
    for inner in (ip, *wrapped):
        if inner in _METADATA:
            return "the address of a cloud's metadata service"
        for network, words in _NEVER:
            if inner in network:
                return words
    if allow_private:
        return None
    for network, words in _PRIVATE:
        if ip in network:
            return words
    if wrapped:
        return "an address that wraps an IPv4 address"
    if ip.version == 6 and ip not in _PUBLIC_IPV6:
        return "a reserved address"
    return None


def is_permissible(address: str) -> bool:
    """Whether an address that was refused would not be if private ones were allowed."""
    return refusal(address, allow_private=True) is None


def _wrapped(ip: Address) -> tuple[Address, ...]:
    """The IPv4 address that an IPv6 address carries inside, as a tuple of none or one."""
    if ip.version == 4 or ip in (IPv6Address("::"), IPv6Address("::1")):
        return ()
    for network, shift, inverted in _WRAPPING:
        if ip in network:
            bits = (int(ip) >> shift) & 0xFFFFFFFF
            return (IPv4Address(bits ^ 0xFFFFFFFF if inverted else bits),)
    return ()
