"""The network of the demo, decided: customers, companies, sites, services, links, routers.

Pure and always the same for a given size: only passwords and communities are drawn anew.
Customers, companies and people are fictitious; the communes are real (``data/LICENCES.md``).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from collectors.simulator import demo_words as words

DATA = Path(__file__).parent / "data" / "communes.csv"
K, M = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Commune:
    name: str
    postal_code: str
    department: str
    latitude: float
    longitude: float
    population: int

    @property
    def zone(self) -> str:
        """Its time zone: traffic follows local hours."""
        return words.ZONES.get(self.department, "Europe/Paris")


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind of access. ``bits`` is the width of its counters; ``breaks`` its outages in a year."""

    label: str
    down_bps: int
    up_bps: int
    bits: int
    breaks: float
    interface: tuple[str, str]


def _offer(label: str, down: int, up: int, breaks: float, name: str, long: str) -> Offer:
    # Cisco IOS keeps no 64-bit counters under 20 Mbit/s.
    return Offer(label, down, up, 64 if down >= 20 * M else 32, breaks, (name, long))


FTTO = ("Gi0/1", "GigabitEthernet0/1")
ATM = ("At0/0/0", "ATM0/0/0")
OFFERS = {
    "FTTO 1G": _offer("Fibre FTTO 1G", 1000 * M, 1000 * M, 0.8, *FTTO),
    "FTTO 200M": _offer("Fibre FTTO 200M", 200 * M, 200 * M, 1.0, *FTTO),
    "FTTO 100M": _offer("Fibre FTTO 100M", 100 * M, 100 * M, 1.2, *FTTO),
    "FTTH 300M": _offer("FTTH Pro 300M", 300 * M, 100 * M, 2.0, "Gi0/2", "GigabitEthernet0/2"),
    "SDSL 8M": _offer("Liaison SDSL 8M", 8 * M, 8 * M, 2.2, *ATM),
    "SDSL 4M": _offer("Liaison SDSL 4M", 4 * M, 4 * M, 2.6, *ATM),
    "SDSL 2M": _offer("Liaison SDSL 2M", 2 * M, 2 * M, 2.6, *ATM),
    "4G 50M": _offer("Liaison 4G 50M", 50 * M, 20 * M, 2.8, "Ce0/0/0", "Cellular0/0/0"),
    "4G 30M": _offer("Liaison 4G 30M", 30 * M, 10 * M, 3.0, "Ce0/0/0", "Cellular0/0/0"),
}


@dataclass(frozen=True, slots=True)
class LinkPlan:
    reference: str
    offer: Offer
    profile: str
    load: float
    device: str


@dataclass(frozen=True, slots=True)
class ServicePlan:
    main: LinkPlan
    backup: LinkPlan | None = None

    @property
    def links(self) -> tuple[LinkPlan, ...]:
        return (self.main,) if self.backup is None else (self.main, self.backup)


@dataclass(frozen=True, slots=True)
class SitePlan:
    company: str
    name: str
    commune: Commune
    address: str
    latitude: float
    longitude: float
    contact: tuple[str, str]
    services: tuple[ServicePlan, ...]


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    number: str
    name: str
    domain: str
    companies: tuple[str, ...]
    sites: tuple[SitePlan, ...]
    own_site: str
    """The site of ``site@``."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Link reference → « down », « flapping » or « silent »: what stands from the start."""


@cache
def communes() -> tuple[Commune, ...]:
    """Return the communes the sites are drawn from, by department and name."""
    with DATA.open(newline="") as file:
        return tuple(
            Commune(
                row["name"], row["postal_code"], row["department"],
                float(row["latitude"]), float(row["longitude"]), int(row["population"]),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def _commune(name: str, department: str | None = None) -> Commune:
    found = [c for c in communes() if c.name == name and department in (None, c.department)]
    return max(found, key=lambda c: c.population)


class _Builder:
    """Draws what the lists leave open, always the same way."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a repeatable drawing, no secret

    def link(self, reference: str, offer: str, profile: str, device: str) -> LinkPlan:
        load = self._random.uniform(0.16, 0.42) + (0.25 if "SDSL" in offer else 0.0)
        return LinkPlan(reference, OFFERS[offer], profile, round(load, 3), device)

    def site(
        self, company: str, name: str, commune: Commune, services: tuple[ServicePlan, ...]
    ) -> SitePlan:
        draw = self._random
        street = f"{draw.randint(1, 140)} {draw.choice(words.STREETS)}"
        person = f"{draw.choice(words.FIRST_NAMES)} {draw.choice(words.LAST_NAMES)}"
        # 01 99 00 … and the like are kept by ARCEP for fiction.
        digits = f"{draw.randint(0, 9_999):04}"
        phone = f"{draw.choice(words.FICTION_NUMBERS)} {digits[:2]} {digits[2:]}"
        return SitePlan(
            company, name, commune, street,
            round(commune.latitude + draw.uniform(-0.008, 0.008), 5),
            round(commune.longitude + draw.uniform(-0.008, 0.008), 5),
            (person, phone), services,
        )  # fmt: skip

    def service(
        self, series: str, number: int, offers: tuple[str, ...], profile: str, apart: bool = False
    ) -> ServicePlan:
        """One service; with two devices when the backup stands ``apart``."""
        router = f"{series}-{number:05}-R1"
        main = self.link(f"{series}-{number:05}-001", offers[0], profile, router)
        if len(offers) == 1:
            return ServicePlan(main)
        second = f"{series}-{number:05}-R2" if apart else router
        backup = self.link(f"{series}-{number:05}-002", offers[1], "backup", second)
        return ServicePlan(main, backup)

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def pick(self, offers: tuple[str, ...], weights: tuple[int, ...]) -> str:
        return self._random.choices(offers, weights)[0]


def causses() -> CustomerPlan:
    """24 services on 23 sites of three companies."""
    build, sites = _Builder("causses"), []
    for company, name, commune, profile, services in words.CAUSSES:
        planned = []
        for links in services:
            series, number, _ = links[0][0].split("-")
            apart = links[0][1] == "FTTO 1G"
            router = f"{series}-{number}-R1"
            made = [
                build.link(
                    reference, offer, "backup" if i else profile,
                    f"{series}-{number}-R2" if i and apart else router,
                )
                for i, (reference, offer) in enumerate(links)
            ]  # fmt: skip
            planned.append(ServicePlan(*made))
        sites.append(
            build.site(words.CAUSSES_COMPANIES[company], name, _commune(commune), tuple(planned))
        )
    return CustomerPlan(
        "C7278", "Causses Agroalimentaire", "causses.example", words.CAUSSES_COMPANIES,
        tuple(sites), "Usine des Causses",
        {
            "C7278-00014-001": "down",
            "C7278-00006-001": "down",
            "C7278-00011-002": "down",
            "C7278-00019-001": "flapping",
            "C7278-00023-001": "silent",
        },
    )  # fmt: skip


def littoral() -> CustomerPlan:
    """Clinics, homes and laboratories along the coasts."""
    build, sites = _Builder("littoral"), []
    for number, (commune, kind, department) in enumerate(words.LITTORAL, 1):
        name = f"{kind} de {commune}".replace(" de Le ", " du ")
        name = name.replace(" de Les ", " des ")
        for vowel in "AÉEIOUYH":
            name = name.replace(f" de {vowel}", f" d’{vowel}")
        company = words.LITTORAL_COMPANIES[words.LITTORAL_KINDS[kind]]
        fast = "FTTO 200M" if kind == "Clinique" else build.pick(("FTTO 100M", "FTTH 300M"), (2, 3))
        slow = build.pick(
            ("4G 50M", "SDSL 8M", "FTTH 300M"), (4, 2, 2 if fast != "FTTH 300M" else 0)
        )
        offers = (fast, slow) if kind == "Clinique" or build.chance(0.6) else (fast,)
        service = build.service("C8140", number, offers, "care", apart=kind == "Clinique")
        sites.append(build.site(company, name, _commune(commune, department), (service,)))
    protected = [s.services[0].backup for s in sites if s.services[0].backup]
    return CustomerPlan(
        "C8140", "Santé Littoral", "littoral.example", words.LITTORAL_COMPANIES, tuple(sites),
        sites[10].name,
        {protected[3].reference: "down", protected[9].reference: "flapping"},
    )  # fmt: skip


def hexagone(size: int = 400) -> CustomerPlan:
    """Shops all over France, Corsica and overseas included; ``size`` sites in all."""
    build, sites = _Builder("hexagone"), []
    troubles: dict[str, str] = {}
    for number, (name, commune) in enumerate(_shops(size), 1):
        named = words.HEXAGONE_TROUBLES.get(name)
        offers: tuple[str, ...] = (
            build.pick(
                ("FTTH 300M", "FTTO 100M", "SDSL 8M", "SDSL 4M", "4G 50M"), (52, 18, 14, 10, 6)
            ),
        )
        if name.startswith(("Siège", "Entrepôt")):
            offers = ("FTTO 1G", "FTTO 200M")
        elif (named or "").startswith("backup") or (build.chance(0.2) and not named):
            offers = (build.pick(("FTTH 300M", "FTTO 100M"), (3, 1)), build.pick(
                ("4G 50M", "4G 30M", "SDSL 8M"), (5, 2, 2)))  # fmt: skip
        profile = "office" if name.startswith("Siège") else "shop"
        service = build.service("C9014", number, offers, profile, name.startswith("Siège"))
        company = _company(name, commune)
        sites.append(build.site(company, name, commune, (service,)))
        if named:
            link = service.backup if named == "backup down" and service.backup else service.main
            troubles[link.reference] = named.removeprefix("backup ").replace("main ", "")
    return CustomerPlan(
        "C9014", "Mobilier Hexagone", "hexagone.example", words.HEXAGONE_COMPANIES, tuple(sites),
        sites[1].name, troubles,
    )  # fmt: skip


def _shops(size: int) -> Iterator[tuple[str, Commune]]:
    """The named places first, then overseas and Corsica, then the rest from the largest on."""
    named = [(name, _commune(commune)) for name, commune in words.HEXAGONE_NAMED]
    taken = {commune for _, commune in named}
    far = [c for c in communes() if len(c.department) == 3 or c.department in ("2A", "2B")]
    far = sorted(far, key=lambda c: -c.population)[:34]
    near = [c for c in communes() if c not in far and c not in taken and c.population > 12_000]
    near.sort(key=lambda c: (-c.population, c.name))
    first = named + [(_shop_name(i, c), c) for i, c in enumerate(far)]
    rest = [(_shop_name(i, c), c) for i, c in enumerate(near)]
    # Spread over all sizes of towns, not the largest alone.
    wanted = max(size - len(first), 0)
    step = max(len(rest) / wanted, 1.0) if wanted else 1.0
    chosen = [rest[int(i * step)] for i in range(min(wanted, len(rest)))]
    yield from (first + chosen)[:size]


def _shop_name(i: int, commune: Commune) -> str:
    pattern = words.SHOP_NAMES[i % len(words.SHOP_NAMES)]
    return pattern.format(commune.name)


def _company(name: str, commune: Commune) -> str:
    one, region, logistics, overseas = words.HEXAGONE_COMPANIES
    if name.startswith(("Entrepôt", "Dépôt", "Plateforme")):
        return logistics
    if len(commune.department) == 3:
        return overseas
    return region if commune.department in words.HEXAGONE_REGION else one


def customers(hexagone_sites: int = 400) -> tuple[CustomerPlan, ...]:
    """Return the three customers of the demo."""
    return causses(), littoral(), hexagone(hexagone_sites)
