"""Routes as ipaddress understands them, without loading it."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pci_placement.discovery.raw.routes import Route

NETWORKS = {4: ipaddress.IPv4Network, 6: ipaddress.IPv6Network}
ADDRESSES = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}
BITS = {4: 32, 6: 128}


@st.composite
def numbers(draw) -> tuple[int, int, int]:
    """A version of IP, an address and how many bits of it count; often those of a network."""
    version = draw(st.sampled_from([4, 6]))
    length = draw(st.integers(-1, BITS[version] + 1))
    shift = max(0, BITS[version] - length)
    first = draw(st.integers(-1, 2 ** max(0, length + 1)))
    return version, draw(st.sampled_from([first << shift, first << shift, first])), length


@pytest.mark.parametrize(
    ("version", "network", "length"),
    [
        pytest.param(4, 0, 33, id="too many bits"),
        pytest.param(6, 0, 129, id="too many bits of IPv6"),
        pytest.param(4, 0, -1, id="less than none"),
        pytest.param(4, 1 << 32, 32, id="a longer address"),
        pytest.param(4, -1, 32, id="no address"),
        pytest.param(4, 0xC0000207, 24, id="an address within a network"),
    ],
)
def test_what_is_no_network_is_refused(version, network, length):
    with pytest.raises(ValueError, match="no network"):
        Route("eth0", version, network, length)


@given(numbers())
def test_a_network_is_one_where_it_is_one(of):
    version, network, length = of
    try:
        NETWORKS[version]((network, length))
    except ValueError:
        with pytest.raises(ValueError, match="no network"):
            Route("eth0", version, network, length)
    else:
        assert Route("eth0", version, network, length).length == length


@given(st.sampled_from([4, 6]), st.data())
def test_a_route_leads_to_the_addresses_of_its_network(version, data):
    length = data.draw(st.integers(0, BITS[version]))
    network = data.draw(st.integers(0, 2**length - 1)) << BITS[version] - length
    near = st.integers(-2, 2).map(lambda n: (network + n) % 2 ** BITS[version])
    wanted = data.draw(near | st.integers(0, 2 ** BITS[version] - 1))
    route = Route("eth0", version, network, length)
    inside = ADDRESSES[version](wanted) in NETWORKS[version]((network, length))
    assert route.leads_to(version, wanted) == inside
    assert not route.leads_to(10 - version, wanted)
