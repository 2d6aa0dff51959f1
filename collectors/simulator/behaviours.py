"""What a simulated router or link can be told to do, by name; ``balise demo behaviours`` lists it.

Four kinds, told apart by what carries them out: ``act`` changes answers on the wire, ``form``
changes the MIB, ``method`` is a field of ``control.Conditions`` of its own, and the rest (errors,
delays…) are read where the link's counters and probes are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from collectors.simulator import hostile
from collectors.simulator.answering import Act, Exchange, Mib, Packet

Wire = Callable[[Exchange, list[Packet], float], list[Packet]]
Form = Callable[[Mib, float, float], Mib]
"""A MIB, the amount and the time at which it begins give another MIB."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A behaviour of a link or a router; ``amount`` is what it takes by default, in ``unit``."""

    name: str
    on: Literal["link", "router"]
    says: str
    amount: float | None = None
    unit: str = ""
    act: Wire | None = None
    form: Form | None = None
    method: str = ""


def _link(name: str, says: str, amount: float | None = None, unit: str = "") -> Behaviour:
    return Behaviour(name, "link", says, amount, unit)


def _wire(
    name: str, says: str, act: Wire, amount: float | None = None, unit: str = ""
) -> Behaviour:
    return Behaviour(name, "router", says, amount, unit, act=act)


_ALL = (
    Behaviour("outage", "link", "La liaison est coupée : ifOperStatus à « down ».", method="down"),
    Behaviour("flap", "link", "La liaison tombe et revient, 40 s à chaque fois.", method="flap"),
    Behaviour("wrap", "link", "Les compteurs passent juste sous 2³².", method="wrap"),
    _link("errors", "Des paquets sont en erreur, dans les deux sens.", 5.0, "paquets/s"),
    _link("discards", "Des paquets sont rejetés, dans les deux sens.", 5.0, "paquets/s"),
    _link("drops", "Les classes de service jettent une part de leurs octets.", 0.1, "part"),
    _link("delay", "Les sondes mesurent un délai de plus.", 80.0, "ms"),
    _link("probe-loss", "Les sondes perdent une part de leurs paquets.", 0.2, "part"),
    Behaviour("reboot", "router", "Le routeur redémarre : compteurs, sysUpTime et index neufs.",
              method="reboot"),
    Behaviour("silence", "router", "Le routeur ne répond plus.", method="silence"),
    Behaviour("narrow", "router", "Le routeur n'a plus de compteurs de 64 bits.",
              form=lambda mib, _, __: hostile.narrow(mib)),
    Behaviour("renumber", "router", "Les ifIndex sont décalés.", 10.0, "rangs",
              form=lambda mib, shift, _: hostile.renumbered(mib, int(shift))),
    Behaviour("falling", "router", "Les compteurs reculent.",
              form=lambda mib, _, since: hostile.falling(mib, since)),
    _wire("slow", "Le routeur répond tard.", hostile.slow, 3.0, "s"),
    _wire("loss", "Une part des réponses se perd.", hostile.loss, 0.3, "part"),
    _wire("twice", "Chaque réponse arrive deux fois.", hostile.twice),
    _wire("elsewhere", "Les réponses viennent d'un autre port.", hostile.elsewhere),
    _wire("endless", "Les tables n'ont pas de fin.", hostile.endless),
    _wire("backwards", "Les OID reculent pendant un parcours.", hostile.backwards),
    _wire("stranger", "La réponse porte sur un autre OID.", hostile.stranger),
    _wire("mistyped", "Les valeurs sont d'un autre type.", hostile.mistyped),
    _wire("excess", "Les valeurs dépassent leur type : 2⁴⁰ sur 32 bits.", hostile.excess),
    _wire("truncated", "Les réponses sont coupées au milieu.", hostile.truncated),
    _wire("garbage", "Les réponses sont du bruit.", hostile.garbage),
    _wire("huge", "La première valeur est démesurée.", hostile.huge, 60_000.0, "octets"),
    _wire("toobig", "Le routeur dit toujours « tooBig ».", hostile.toobig),
    _wire("impostor", "La réponse porte une autre communauté.", hostile.impostor),
    _wire("stale", "La réponse est celle d'une autre requête.", hostile.stale),
)  # fmt: skip
BEHAVIOURS: Mapping[str, Behaviour] = {behaviour.name: behaviour for behaviour in _ALL}


def acts(acting: Mapping[str, float]) -> list[Act]:
    """Return what changes answers, first what is answered, then how."""
    found = [(BEHAVIOURS[n].act, amount) for n, amount in acting.items() if n in BEHAVIOURS]
    whats = [(act, amount) for act, amount in found if act is not None]
    whats.sort(key=lambda pair: pair[0] in _HOW)
    return [partial(_acting, act, amount) for act, amount in whats]


_HOW = (hostile.truncated, hostile.slow, hostile.loss, hostile.twice, hostile.elsewhere)
"""These work on packets that are made; the others make them."""


def _acting(act: Wire, amount: float, exchange: Exchange, packets: list[Packet]) -> list[Packet]:
    return act(exchange, packets, amount)


def shaping(acting: Mapping[str, float]) -> dict[str, float]:
    """Return those of the behaviours that change the MIB."""
    return {n: amount for n, amount in acting.items() if n in BEHAVIOURS and BEHAVIOURS[n].form}


def shape(values: Mib, acting: Mapping[str, float], since: float) -> Mib:
    """Return the MIB as behaviours make it, from ``since`` on."""
    for name, amount in shaping(acting).items():
        form = BEHAVIOURS[name].form
        values = form(values, amount, since) if form else values
    return values


def listing() -> str:
    """Return a line of text for each behaviour: its name, what it does, what it takes."""
    wide = max(len(name) for name in BEHAVIOURS)
    lines = []
    for behaviour in _ALL:
        default = f" [{behaviour.amount:g} {behaviour.unit}]" if behaviour.amount else ""
        on = "liaison" if behaviour.on == "link" else "routeur"
        lines.append(f"{behaviour.name.ljust(wide)}  {on}  {behaviour.says}{default}")
    return "\n".join(lines)
