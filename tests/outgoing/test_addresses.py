"""Where nobody may have us call. The lists are IANA's special-purpose registries."""

import pytest

from app.webhooks.gateway.addresses import Forbidden, checked, may_be_called

INSIDE = (
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",  # noqa: S104  # nobody binds it
    "0",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.1",
    "192.0.0.192",
    "192.88.99.1",
    "168.63.129.16",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "2002:c000:c0::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)
OUTSIDE = (
    "93.184.216.34",
    "8.8.8.8",
    "134744072",
    "2606:2800:220:1::1946",
    "::ffff:8.8.8.8",
    "2002:808:808::",
)


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_called(address: str) -> None:
    assert not may_be_called(address, local_targets=False)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_public_is_called(address: str) -> None:
    assert may_be_called(address, local_targets=False)


def test_a_setting_opens_this_machine_and_nothing_else_inside() -> None:
    opened = {each for each in INSIDE if may_be_called(each, local_targets=True)}

    other_ways = {"127.1", "0x7f.0.0.1", "2130706433"}
    assert opened == {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"} | other_ways


def test_one_address_inside_spoils_a_name() -> None:
    answers = ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(Forbidden):
        checked("rebound.example", 443, local_targets=False, resolver=lambda *_: answers)
