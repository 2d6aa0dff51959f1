"""Classes of service and probes of the demo: which links have them, and how they are made."""

from __future__ import annotations

import zlib

from collectors.simulator.demo_plan import LinkPlan
from collectors.simulator.model import ClassSpec, PolicySpec, ProbeSpec

_SHARE = 3
"""One in so many of the other links has classes of service."""


def _classes(voice: float, data: float, rest: float) -> tuple[ClassSpec, ...]:
    return (
        ClassSpec("VOIX", voice),
        ClassSpec("VIDEO", 0.15, 0.002),
        ClassSpec("DATA-PRIORITAIRE", data, 0.004),
        ClassSpec("class-default", rest, 0.03),
    )


def policies(link: LinkPlan) -> tuple[PolicySpec, ...]:
    """Return the policies on a link: out, a shaped class-default that nests the classes; in, flat.

    Main links on fibre or copper of their own have them, and some of the others.
    """
    if not _has_classes(link):
        return ()
    shape = (0.3, 0.3, 0.25) if link.profile == "care" else (0.1, 0.4, 0.35)
    inner = PolicySpec("COS-OUT", _classes(*shape))
    return (
        PolicySpec("WAN-OUT", (ClassSpec("class-default", policy=inner),), "out"),
        PolicySpec("COS-IN", _classes(*shape), "in"),
    )


def probe(link: LinkPlan) -> ProbeSpec | None:
    """Return the probe over a link: of jitter where voice has a class, an echo on some others."""
    seed = zlib.crc32(link.reference.encode())
    delay = 28.0 if "SDSL" in link.offer.label else 7.0 + seed % 9
    number = 10 + int(link.reference[-3:])
    if _has_classes(link):
        return ProbeSpec(
            number, link.reference, "jitter", link.reference, 60, 20, delay, 1.5, 0.001
        )
    if link.profile != "backup" and seed % _SHARE == 1:
        return ProbeSpec(number, link.reference, "echo", link.reference, 60, 1, delay, 3.0, 0.002)
    return None


def _has_classes(link: LinkPlan) -> bool:
    if link.profile == "backup":
        return False
    business = link.offer.label.startswith(("Fibre", "Liaison SDSL 8M"))
    return business or zlib.crc32(link.reference.encode()) % _SHARE == 0
