"""The figures of a period of classes of service and of probes, made of exact sums. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from core.network.metrics import ClassVolume, ProbeFigures

CLASS_COLUMNS = ("ms", "offered_octets", "sent_octets", "dropped_octets")
PROBE_COLUMNS = ("sent", "lost", "answered", "rtt_us", "jittered", "jitter_us", "rtt_max_us")

Sums = Mapping[str, int | None]


def class_volume(of: Sums) -> ClassVolume:
    """Return what a class of service was offered, sent and dropped."""
    ms, offered, sent, dropped = (of[column] or 0 for column in CLASS_COLUMNS)
    return ClassVolume(offered, sent, dropped, ms / 1000)


def probe_figures(of: Sums) -> ProbeFigures:
    """Return delays, jitter and loss of a probe; None where nothing tells them."""
    sent, lost, answered, rtt, jittered, jitter = (of[name] or 0 for name in PROBE_COLUMNS[:-1])
    highest = of["rtt_max_us"]
    return ProbeFigures(
        sent,
        lost,
        rtt / 1000 / answered if answered else None,
        None if highest is None else highest / 1000,
        jitter / 1000 / jittered if jittered else None,
    )
