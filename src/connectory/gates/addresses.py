"""Which addresses the server may connect to on behalf of others. Pure.

`ipaddress` alone does not answer this: `is_global` is true for NAT64 and 6to4 forms of private
addresses, for multicast and for some metadata services. So IPv6 is refused outside global
unicast, and everything special inside it and in IPv4 is listed here.

Source: IANA special-purpose address registries for IPv4 and IPv6, as of 2026; RFC 6890.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

LOOPBACK_4 = IPv4Network("127.0.0.0/8")
LOOPBACK_6 = IPv6Address("::1")

REFUSED_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of one cloud
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # the wire server of Azure
        "169.254.0.0/16",  # link-local, and the metadata services of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
GLOBAL_6 = IPv6Network("2000::/3")
"""All of global unicast. Outside it: mapped and compatible IPv4, NAT64, unique local (with the
metadata service of AWS), link-local, site-local, multicast."""

REFUSED_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries any IPv4 address
        "3fff::/20",  # documentation
    )
)


def parsed(text: str) -> Address:
    """Read an address as the resolver gives it.

    Raises:
        ValueError: If it is none; an IPv6 zone such as `%eth0` is cut off before.
    """
    return ip_address(text.partition("%")[0])


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet and to nothing special in it."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in REFUSED_4)
    return address in GLOBAL_6 and not any(address in block for block in REFUSED_6)


def is_loopback(address: Address) -> bool:
    """Whether the address is this machine, written in its own family."""
    if isinstance(address, IPv4Address):
        return address in LOOPBACK_4
    return address == LOOPBACK_6
