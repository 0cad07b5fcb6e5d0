"""Which NAS a source address belongs to."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from gate.radiusd import clients as module
from gate.radiusd.clients import Client, Clients
from strategies import quick


def client(address, number=1):
    return Client(
        nas_id=number, tenant_id=1, organization_id=1, path="1", location_id=None, address=address, secret=b"s", vendor="",
        require_message_authenticator=False,
    )  # fmt: skip


def found(address, *networks):
    held = Clients(client(network) for network in networks).find(address)
    return None if held is None else held.address


def test_the_longest_prefix_wins_whatever_the_order():
    networks = ["0.0.0.0/0", "192.0.2.0/24", "192.0.2.7/32", "192.0.0.0/16", "192.0.2.0/25"]
    for order in (networks, networks[::-1]):
        assert found("192.0.2.7", *order) == "192.0.2.7/32"
        assert found("192.0.2.8", *order) == "192.0.2.0/25"
        assert found("192.0.2.200", *order) == "192.0.2.0/24"
        assert found("192.0.9.9", *order) == "192.0.0.0/16"
        assert found("10.0.0.1", *order) == "0.0.0.0/0"


def test_nobody_s_address():
    assert found("192.0.2.7") is None
    assert found("192.0.3.1", "192.0.2.0/24") is None
    assert found("2001:db8::1", "0.0.0.0/0") is None
    assert found("192.0.2.7", "::/0") is None


def test_ipv6_by_prefix_and_with_a_zone():
    assert found("2001:db8::7", "2001:db8::/32", "2001:db8::7/128") == "2001:db8::7/128"
    assert found("2001:db8:1::", "2001:db8::/32", "::/0") == "2001:db8::/32"
    assert found("fe80::1%eth0", "fe80::/10") == "fe80::/10"


def test_ipv4_mapped_into_ipv6_is_ipv4():
    """So a socket bound to :: gives them."""
    assert found("::ffff:192.0.2.7", "192.0.2.0/24", "::/0") == "192.0.2.0/24"
    assert found("::192.0.2.7", "192.0.2.0/24") is None


def network(number, length):
    return ipaddress.ip_network((number, length), strict=False)


networks = st.one_of(
    st.builds(network, st.ip_addresses(v=4), st.integers(0, 32)), st.builds(network, st.ip_addresses(v=6), st.integers(0, 128))
)
addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@quick
@given(st.lists(networks, max_size=8, unique=True), st.data())
def test_as_asking_each_network(held, data):
    near = [st.integers(0, network.num_addresses - 1).map(network.__getitem__) for network in held]
    address = data.draw(st.one_of(addresses, *near))
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    expected = max((network for network in held if address in network), key=lambda network: network.prefixlen, default=None)
    clients = Clients(client(str(network)) for network in held)
    for _ in range(2):
        answer = clients.find(str(address))
        assert (None if answer is None else answer.address) == (None if expected is None else str(expected))


def test_memory_is_bounded_and_answers_stay_right(monkeypatch):
    clients = Clients([client("10.0.0.0/8")])
    for number in range(100_200):
        assert clients.find(str(ipaddress.IPv4Address(number + 0x0A000000))) is not None
    assert len(clients._seen) == 100_000
    assert clients.find("11.0.0.1") is None
    assert clients.find("10.255.255.255") is not None
    assert module.Clients().find("10.0.0.1") is None
