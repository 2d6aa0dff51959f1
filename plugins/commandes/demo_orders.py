"""Orders of the demonstration: the one that made each link, and what is under way."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from core.api import Demo, Link, LinkRole
from plugins.commandes.demo_words import (
    CODES,
    COURSES,
    DIALOGUES,
    ENDING,
    MANAGERS,
    REASONS,
    UPGRADES,
)
from plugins.commandes.models import (
    CancellationRequest,
    Decision,
    Kind,
    OrderChange,
    OrderLine,
    OrderMessage,
    Subscription,
    is_installed,
    line_words,
)

TECHNOLOGIES = ("FTTO", "FTTH", "SDSL", "4G")
LABELS = {code: label for code, label, _stage, _actor in CODES}
OPERATOR = "admin@operateur.example"


class Draw:
    """Numbers that hang on a reference and on a word."""

    def __init__(self, reference: str) -> None:
        self._reference = reference

    def below(self, what: str, most: int) -> int:
        return zlib.crc32(f"{self._reference}/{what}".encode()) % most

    def one(self, what: str, among: Sequence[Any]) -> Any:
        return among[self.below(what, len(among))]

    def started(self, today: date) -> date:
        """Return when the service was put into use."""
        return today - timedelta(days=430 + self.below("started", 1500))


@dataclass(frozen=True, slots=True)
class Course:
    """An order under way: what it is about, how far it is, and its days."""

    kind: Kind
    reference: str
    article: str
    codes: Sequence[tuple[int, str]]
    """Days after the order at which each production code was taken."""
    state: str
    ordered: date
    contract: date
    wanted: date | None
    router: date | None
    link: date | None
    moved: int
    """Days by which the appointment of the link was put off."""


def technology(link: Link) -> str:
    return next((name for name in TECHNOLOGIES if name in link.designation), "SDSL")


def owner_of(link: Link) -> dict[str, Any]:
    return {"company_id": link.company_id, "site_id": link.site_id}


def article_of(link: Link) -> str:
    """Return the name of the article that a link is."""
    if link.role is LinkRole.BACKUP and "4G" in link.designation:
        return link.designation.replace("Liaison", "Secours")
    return f"IP VPN {link.designation.removeprefix('Liaison ')}"


def orders_of(demo: Demo, link: Link, one: Subscription, draw: Draw) -> Iterator[Any]:
    """Yield the orders of a link, with their history, their messages and requests."""
    today = demo.now.date()
    yield _past(link, draw, today)
    course = _under_way(link, draw, today)
    if course is None:
        return
    line, of = _line(link, course), owner_of(link)
    changes = sorted(_changes(course, demo.now), key=lambda change: change["at"])
    line.changes = [OrderChange(**of, **change) for change in changes]
    line.messages = [OrderMessage(**of, **said) for said in _dialogue(link, course, draw, demo.now)]
    yield line
    if course.kind is Kind.CANCELLATION:
        yield _ending(link, course, one, draw, demo.now)


def _past(link: Link, draw: Draw, today: date) -> OrderLine:
    """Return the order that made a link, long installed."""
    started = draw.started(today)
    late = draw.one("late", (-3, -1, 0, 0, 2, 5, 11))
    contract = started - timedelta(days=late)
    wanted = contract - timedelta(days=7) if draw.below("wanted", 3) == 0 else None
    article, (code, label, _stage, _actor) = article_of(link), CODES[-1]
    return OrderLine(
        **owner_of(link), reference=link.reference, kind=Kind.CREATION, article=article,
        contract=contract, wanted=wanted, router=started - timedelta(days=1),
        link=started - timedelta(days=3), state="INSTALLEE", code=code, production_label=label,
        ordered=contract - timedelta(days=70), delivered=started, installed=True,
        words=line_words(link.reference, article, "INSTALLEE", code, label),
    )  # fmt: skip


def _under_way(link: Link, draw: Draw, today: date) -> Course | None:
    """Return what is ordered of a link: a higher rate, a move, its end, a backup."""
    chance = draw.below("order", 100)
    stem = link.reference.rpartition("-")[0]
    kind, reference, article = None, link.reference, article_of(link)
    if chance < 9:
        kind, article = Kind.CHANGE, f"IP VPN {draw.one('up', UPGRADES)}"
    elif chance < 12:
        kind = Kind.MOVE
    elif chance < 15:
        kind = Kind.CANCELLATION
    elif chance < 24 and link.role is LinkRole.MAIN and len(link.service.links) == 1:
        kind, reference, article = Kind.CREATION, f"{stem}-002", "Secours 4G 50M"
    if kind is None:
        return None
    if kind is Kind.CANCELLATION:
        codes, state = ENDING
    else:
        codes, state = draw.one("course", COURSES)
    since = codes[-1][0] + 2 + draw.below("since", 12)
    ordered = today - timedelta(days=since)
    contract = ordered + timedelta(days=60 + draw.below("term", 40))
    if is_installed(state):
        contract = ordered + timedelta(days=codes[-1][0] - draw.one("early", (0, 4, -3)))
    planned = state == "INSTALL PROGRAMMEE" or is_installed(state)
    linked = next((days for days, code in codes if code == "ERAT_300"), None)
    rendezvous = contract - timedelta(days=9 + draw.below("rdv", 10))
    if linked is not None:
        rendezvous = ordered + timedelta(days=linked)
    elif planned and rendezvous < today:
        rendezvous = today + timedelta(days=2 + draw.below("soon", 9))
    router = max(rendezvous + timedelta(days=2), today + timedelta(days=1 + draw.below("soon", 9)))
    if is_installed(state):
        router = ordered + timedelta(days=codes[-1][0] - 1)
    cancelling = kind is Kind.CANCELLATION
    return Course(
        kind, reference, article, codes, state, ordered, contract,
        contract if cancelling else contract - timedelta(days=7) if chance % 2 else None,
        router if planned and not cancelling else None,
        rendezvous if planned and not cancelling else None,
        draw.one("moved", (0, 0, 6, 13)) if planned and linked is None else 0,
    )  # fmt: skip


def _line(link: Link, course: Course) -> OrderLine:
    code = course.codes[-1][1]
    label = LABELS[code]
    return OrderLine(
        **owner_of(link), reference=course.reference, kind=course.kind, article=course.article,
        contract=course.contract, wanted=course.wanted, router=course.router, link=course.link,
        state=course.state, code=code, production_label=label, ordered=course.ordered,
        installed=is_installed(course.state),
        words=line_words(course.reference, course.article, course.state, code, label),
    )  # fmt: skip


def _changes(course: Course, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what happened to an order: codes one after the other, appointments put off."""
    before = None
    for days, code in course.codes:
        at = moment(course.ordered + timedelta(days=days), 10, now)
        yield {"at": at, "field": "code", "before": before, "after": code}
        before = code
    last = course.ordered + timedelta(days=course.codes[-1][0])
    if course.moved and course.link and course.router:
        for field, day in (("link", course.link), ("router", course.router)):
            planned = (day - timedelta(days=course.moved)).isoformat()
            at = moment(last, 9, now)
            yield {"at": at, "field": field, "before": None, "after": planned}
            at = moment(last + timedelta(days=1), 16, now)
            yield {"at": at, "field": field, "before": planned, "after": day.isoformat()}
    if course.state != "PRODUCTION EN COURS":
        at = moment(last, 11, now)
        yield {"at": at, "field": "state", "before": "PRODUCTION EN COURS", "after": course.state}


def _dialogue(link: Link, course: Course, draw: Draw, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what was said about an order; most of them have nothing to say."""
    talk = DIALOGUES[course.kind] if draw.below("talk", 2) == 0 else ()
    for n, (from_operator, text) in enumerate(talk):
        at = moment(course.ordered + timedelta(days=1 + n), 9 + 2 * n, now)
        name = draw.one("manager", MANAGERS) if from_operator else (link.site.name, "client")
        yield {
            "at": at, "author": name[1], "name": name[0], "from_operator": from_operator,
            "text": text,
        }  # fmt: skip


def _ending(link: Link, course: Course, one: Subscription, draw: Draw, now: datetime) -> Any:
    """Return the request that an order to cancel answers."""
    return CancellationRequest(
        **owner_of(link), subscription=one, wanted=course.contract, reason=draw.one("why", REASONS),
        decision=Decision.CONFIRMED, asked_at=moment(course.ordered, 9, now), asked_by="le client",
        decided_at=moment(course.ordered + timedelta(days=1), 15, now), decided_by=OPERATOR,
        answer="Résiliation enregistrée.",
    )  # fmt: skip


def moment(day: date, hour: int, now: datetime) -> datetime:
    """Return a time of a day, never later than now."""
    return min(datetime.combine(day, time(hour, 12), tzinfo=now.tzinfo), now)
