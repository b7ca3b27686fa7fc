import pytest

from hostprobe.exporter.address import Address, AddressError, listen, parse_address


@pytest.mark.parametrize(
    ("text", "address", "is_loopback"),
    [
        ("127.0.0.1:19460", Address("127.0.0.1", 19460), True),
        ("127.8.0.1:1", Address("127.8.0.1", 1), True),
        ("[::1]:9", Address("::1", 9), True),
        ("localhost:65535", Address("localhost", 65535), True),
        (":19460", Address("", 19460), False),
        ("0.0.0.0:1", Address("0.0.0.0", 1), False),
        ("[::]:1", Address("::", 1), False),
        ("web1.example.org:1", Address("web1.example.org", 1), False),
    ],
)
def test_an_address_says_who_can_reach_it(text, address, is_loopback):
    assert parse_address(text) == address
    assert address.is_loopback is is_loopback


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", "127.0.0.1:", "x:65536", "x:-1", "x:\u0663", "x:9999999999", "::1:9"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(AddressError):
        parse_address(text)


def test_a_taken_port_is_named():
    with listen(Address("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(AddressError, match=f"127.0.0.1:{port}: address already in use"):
            listen(Address("127.0.0.1", port))


def test_every_address_of_this_machine_is_both_families_where_there_are_two():
    with listen(Address("", 0)) as listener:
        assert listener.getsockname()[0] in ("::", "0.0.0.0")


def test_a_host_that_does_not_exist_is_named():
    with pytest.raises(AddressError, match=r"host\.invalid:1: "):
        listen(Address("host.invalid", 1))
