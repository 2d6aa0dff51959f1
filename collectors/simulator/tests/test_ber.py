"""The codec: what is written reads back the same, and noise raises nothing but ``BerError``."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from collectors.simulator import ber
from collectors.simulator.agent import Agent
from collectors.simulator.model import DeviceSpec, Interface

part = st.integers(0, 2**32 - 1)
names = st.builds(
    lambda first, second, rest: (first, second, *rest),
    st.integers(0, 1),
    st.integers(0, 39),
    st.lists(part, max_size=20),
)
AGENT = Agent(DeviceSpec("r", "127.0.0.1", 1, "c", (Interface("L", 1, "Gi0", "Gig0", 10**8),)))


@given(names)
def test_an_oid_reads_back_the_same(name: tuple[int, ...]) -> None:
    encoded = ber.oid(name)
    tag, start, end = ber.read_tlv(encoded, 0, ber.OID)
    assert (tag, end) == (ber.OID, len(encoded))
    assert ber.read_oid(encoded[start:end]) == name


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_reads_back_the_same_in_the_fewest_octets(value: int) -> None:
    encoded = ber.integer(value)
    assert ber.read_integer(encoded, 0) == (value, len(encoded))
    if len(encoded) > 3:  # X.690 8.3.2: the first nine bits are never all alike
        assert encoded[2:4] not in (b"\x00", b"\xff")
        assert (encoded[2] << 1 | encoded[3] >> 7) not in (0, 0x1FF)


@given(st.integers(0, 2**64 - 1))
def test_a_counter_never_carries_a_sign(value: int) -> None:
    encoded = ber.unsigned(value, ber.COUNTER64)
    assert encoded[2] < 128
    assert int.from_bytes(encoded[2:], "big") == value


@given(
    st.binary(max_size=40),
    st.lists(names, max_size=30),
    st.sampled_from([ber.GET, ber.GETNEXT, ber.GETBULK]),
    st.integers(0, 1),
    st.integers(-(2**31), 2**31 - 1),
)
def test_a_request_reads_back_the_same(
    community: bytes, asked: list[tuple[int, ...]], pdu: int, version: int, number: int
) -> None:
    data = ber.request(community, asked, pdu, version, number, 3, 7)
    message = ber.read_message(data)
    assert message[:3] == (version, community, pdu)
    assert ber.read_integer(message.request_id, 0)[0] == number
    assert (message.first, message.second) == (3, 7)
    assert ber.read_names(message.varbinds) == asked


@given(st.binary(max_size=200))
def test_noise_is_refused_and_never_crashes(data: bytes) -> None:
    with contextlib.suppress(ber.BerError):
        ber.read_names(ber.read_message(data).varbinds)
    assert AGENT.reply(data, 1.0) is None


@given(st.lists(names, min_size=1, max_size=4), st.data())
def test_a_damaged_request_never_crashes_the_agent(
    asked: list[tuple[int, ...]], data: st.DataObject
) -> None:
    whole = bytearray(ber.request(b"c", asked, ber.GETBULK, 1, 5, 0, 10))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    AGENT.reply(bytes(whole), 1.0)
