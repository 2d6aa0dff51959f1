"""What agents do that they should not, one function each: on the wire, or in their MIB.

Those on the wire take an exchange, the packets that would answer it and an amount (see
``behaviours.py`` for its unit), and return the packets that will. They follow one another, so that
a router can be slow and lie at once.
"""

from __future__ import annotations

from collectors.simulator import ber
from collectors.simulator.answering import Exchange, Mib, Name, Packet, Pair, Value, answer
from collectors.simulator.mib_if import IF_TABLE, IF_X

Packets = list[Packet]
_NOWHERE: Name = (1, 3, 6, 1, 4, 1, 99_999)
_COUNTERS = (ber.COUNTER32, ber.COUNTER64)
_HIGH = range(6, 14)
_QOS_IF_INDEX: Name = (1, 3, 6, 1, 4, 1, 9, 9, 166, 1, 1, 1, 1, 4)


def slow(_: Exchange, packets: Packets, seconds: float) -> Packets:
    return [packet._replace(delay=packet.delay + seconds) for packet in packets]


def loss(exchange: Exchange, packets: Packets, share: float) -> Packets:
    """Lose that share of the answers, evenly: of ten, with 0.3, the 4th, 7th and 10th."""
    asked = exchange.agent.asked
    return [] if int(asked * share) != int((asked - 1) * share) else packets


def twice(_: Exchange, packets: Packets, __: float) -> Packets:
    return packets * 2


def elsewhere(_: Exchange, packets: Packets, __: float) -> Packets:
    return [packet._replace(elsewhere=True) for packet in packets]


def endless(exchange: Exchange, packets: Packets, _: float) -> Packets:
    """Add rows to every column for ever: a manager that trusts the agent walks until it dies."""
    if not exchange.walking:
        return packets
    message, names = exchange.message, exchange.names()
    single, times = len(names), 0
    if message.pdu == ber.GETBULK:
        single, times = min(max(message.first, 0), len(names)), min(max(message.second, 0), 100)
    pairs = [_row(exchange, name) for name in names[:single]]
    at = names[single:]
    for _time in range(times if at else 0):
        rows = [_row(exchange, name) for name in at]
        pairs += rows
        at = [ber.read_oid(name[ber.read_tlv(name, 0)[1] :]) for name, _value in rows]
    return exchange.answer(pairs[:300])


def _row(exchange: Exchange, name: Name) -> Pair:
    """Return what follows a name: the next row of its column, made up if need be."""
    agent = exchange.agent
    found = agent.after(name)
    column = name[:-1]
    if (found is None or (found[: len(name)] != name and found[:-1] != column)) and agent.below(
        column
    ):
        found = (*column, name[-1] + 1)
    return ber.oid(found or (*name, 1)), ber.integer(1)


def backwards(exchange: Exchange, packets: Packets, _: float) -> Packets:
    """Answer OIDs in falling order, down to the one that was asked: a walk turns round for ever."""
    names = exchange.names()
    if not exchange.walking or not names:
        return packets
    if exchange.message.pdu == ber.GETNEXT:
        pairs = zip(names, exchange.pairs(), strict=True)
        return exchange.answer([(ber.oid(name), value) for name, (_name, value) in pairs])
    falling = exchange.pairs()[::-1]
    return exchange.answer([*falling[:-1], *((ber.oid(names[-1]), v) for _, v in falling[-1:])])


def stranger(exchange: Exchange, _: Packets, __: float) -> Packets:
    pairs = enumerate(exchange.pairs(), 1)
    return exchange.answer([(ber.oid((*_NOWHERE, i)), value) for i, (_name, value) in pairs])


def mistyped(exchange: Exchange, _: Packets, __: float) -> Packets:
    """Answer a number for a text and a text for anything else."""
    number, word = ber.integer(7), ber.tlv(ber.OCTETS, b"beaucoup")
    pairs = [(n, number if v[0] == ber.OCTETS else word) for n, v in exchange.pairs()]
    return exchange.answer(pairs)


def excess(exchange: Exchange, _: Packets, __: float) -> Packets:
    """Answer 2⁴⁰ in every type that holds 32 bits."""
    small = (ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS)
    return exchange.answer(
        [(n, ber.unsigned(2**40, v[0]) if v[0] in small else v) for n, v in exchange.pairs()]
    )


def truncated(_: Exchange, packets: Packets, __: float) -> Packets:
    return [packet._replace(data=packet.data[: len(packet.data) // 2]) for packet in packets]


def garbage(exchange: Exchange, packets: Packets, _: float) -> Packets:
    data = exchange.data[:7] + bytes(reversed(exchange.data[7:])) + b"\xff" * 5
    return [packet._replace(data=data) for packet in packets]


def huge(exchange: Exchange, packets: Packets, octets: float) -> Packets:
    """Answer a first value of so many octets; a datagram holds 65,507."""
    pairs = exchange.pairs()[:10]
    if not pairs:
        return packets
    value = ber.tlv(ber.OCTETS, b"x" * min(int(octets), 64_000))
    return exchange.answer([(pairs[0][0], value), *pairs[1:]])


def toobig(exchange: Exchange, _: Packets, __: float) -> Packets:
    """Answer tooBig (RFC 3416 4.2.1), even to a question for one value."""
    return [Packet(answer(exchange.message, b"", 1))]


def impostor(exchange: Exchange, packets: Packets, _: float) -> Packets:
    other = exchange.message._replace(community=b"autre")
    return [p._replace(data=exchange.agent.honest(other, exchange.now)) for p in packets]


def stale(exchange: Exchange, packets: Packets, _: float) -> Packets:
    """Answer another request: that of a manager who gave up long ago."""
    other = exchange.message._replace(request_id=ber.integer(123_454_321))
    return [p._replace(data=exchange.agent.honest(other, exchange.now)) for p in packets]


def falling(values: Mib, since: float) -> Mib:
    """Return a MIB whose counters go down, by what they should go up and 1,000 a second more."""

    def down(read: Value) -> Value:
        if isinstance(read, bytes) or read(since)[0] not in _COUNTERS:
            return read
        first, tag = ber.read_number(read(since)), read(since)[0]

        def at(now: float) -> bytes:
            moved = ber.read_number(read(now)) - first + int(1_000 * (now - since))
            return ber.unsigned(max(first - moved, 0), tag)

        return at

    return {name: down(value) for name, value in values.items()}


def narrow(values: Mib) -> Mib:
    """Return a MIB without the 64-bit counters of IF-MIB: ifTable alone counts, as in old IOS."""
    x = len(IF_X)
    return {n: v for n, v in values.items() if n[:x] != IF_X or n[x] not in _HIGH}


def renumbered(values: Mib, shift: int) -> Mib:
    """Return a MIB where each ifIndex is ``shift`` more, as after a card was added."""
    moved: Mib = {}
    for name, value in values.items():
        table = IF_TABLE if name[: len(IF_TABLE)] == IF_TABLE else IF_X
        size = len(table)
        if name[:size] == table:
            if table == IF_TABLE and name[size] == 1:
                value = ber.integer(name[size + 1] + shift)  # noqa: PLW2901 - the same column, elsewhere
            moved[*name[: size + 1], name[size + 1] + shift, *name[size + 2 :]] = value
        elif name[: len(_QOS_IF_INDEX)] == _QOS_IF_INDEX and isinstance(value, bytes):
            moved[name] = ber.integer(ber.read_integer(value, 0)[0] + shift)
        else:
            moved[name] = value
    return moved
