"""What of an incident counts, worked out by hand, and against a count minute by minute.

Times in the table are those of a watch in Paris, « 24/11 08:24 », in 2026 unless they say so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.incidents.hours import ALWAYS, ServiceHours, Span, lasting, public_holidays
from plugins.incidents.life import Stop
from plugins.incidents.profiles import BUSINESS, PROFILES, Profile
from plugins.incidents.sla import Counted, Incident, Pause, due, figures, parts, spent

PARIS = ZoneInfo("Europe/Paris")
FAR = datetime(2028, 1, 1, tzinfo=UTC)
ROUND, OFFICE = PROFILES["gtr4-24x7"], PROFILES["gtr4-ho"]


def at(text: str) -> datetime:
    """Return « 24/11 08:24 » as UTC; « + » picks the second of two such hours."""
    day, clock = text.rstrip("+").split()
    day = day if day.count("/") == 2 else f"{day}/2026"
    local = datetime.strptime(f"{day} {clock}", "%d/%m/%Y %H:%M").replace(tzinfo=PARIS)
    return local.replace(fold=int(text.endswith("+"))).astimezone(UTC)


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


def pause(start: str, end: str, reason: Stop = Stop.CUSTOMER) -> Pause:
    return Pause(at(start), at(end), reason)


def minutes(hours: int, more: int = 0) -> timedelta:
    return timedelta(hours=hours, minutes=more)


REOPENED = Stop.RESTORED
# name, profile, opened, resolved, pauses, works, what counts
CASES: list[tuple[str, Profile, str, str, list[Pause], list[Span], timedelta]] = [
    ("around the clock, all of it counts", ROUND, "24/11 08:24", "24/11 11:30", [], [],
     minutes(3, 6)),
    ("a wait for the customer does not count", ROUND, "24/11 08:24", "24/11 11:30",
     [pause("24/11 08:49", "24/11 09:34")], [], minutes(2, 21)),
    ("two waits are both left out", ROUND, "24/11 08:00", "24/11 12:00",
     [pause("24/11 08:30", "24/11 09:00"), pause("24/11 10:00", "24/11 10:20")], [],
     minutes(3, 10)),
    ("waits that overlap are left out once", ROUND, "24/11 08:00", "24/11 12:00",
     [pause("24/11 09:00", "24/11 10:00"), pause("24/11 09:30", "24/11 10:30")], [],
     minutes(2, 30)),
    ("planned works do not count", ROUND, "24/11 21:00", "25/11 03:00", [],
     [span("24/11 22:00", "25/11 02:00")], minutes(2)),
    ("works that overlap are left out once", ROUND, "24/11 21:00", "25/11 03:00", [],
     [span("24/11 22:00", "25/11 00:30"), span("25/11 00:00", "25/11 02:00")], minutes(2)),
    ("works and a wait at once are left out once", ROUND, "24/11 21:00", "25/11 03:00",
     [pause("24/11 23:00", "25/11 01:00")], [span("24/11 22:00", "25/11 00:00")], minutes(3)),
    ("works before and after change nothing", ROUND, "24/11 08:00", "24/11 09:00", [],
     [span("24/11 06:00", "24/11 08:00"), span("24/11 09:00", "24/11 10:00")], minutes(1)),
    ("works over the whole of it leave nothing", ROUND, "24/11 08:00", "24/11 09:00", [],
     [span("23/11 06:00", "25/11 08:00")], minutes(0)),
    ("what was restored before a re-opening does not count", ROUND, "24/11 08:00", "24/11 15:00",
     [pause("24/11 10:00", "24/11 14:00", REOPENED)], [], minutes(3)),
    ("a wait, then a re-opening", ROUND, "24/11 08:00", "24/11 15:00",
     [pause("24/11 08:30", "24/11 09:00"), pause("24/11 10:00", "24/11 14:00", REOPENED)], [],
     minutes(2, 30)),
    ("the hour that spring skips lasted nothing", ROUND, "29/03 01:30", "29/03 03:30", [], [],
     minutes(1)),
    ("the hour that autumn repeats lasted twice", ROUND, "25/10 01:30", "25/10 03:30", [], [],
     minutes(3)),
    ("from the first to the second 02:30 of autumn", ROUND, "25/10 02:30", "25/10 02:30+", [], [],
     minutes(1)),
    ("office hours: within one day", OFFICE, "24/11 09:00", "24/11 11:30", [], [], minutes(2, 30)),
    ("office hours: before opening", OFFICE, "24/11 06:00", "24/11 09:00", [], [], minutes(1)),
    ("office hours: after closing", OFFICE, "24/11 17:00", "24/11 22:00", [], [], minutes(1)),
    ("office hours: by night alone", OFFICE, "24/11 19:00", "25/11 07:00", [], [], minutes(0)),
    ("office hours: over a night", OFFICE, "24/11 17:00", "25/11 09:00", [], [], minutes(2)),
    ("office hours: over a week-end", OFFICE, "27/11 17:00", "30/11 09:00", [], [], minutes(2)),
    ("office hours: a week is five days", OFFICE, "23/11 00:00", "30/11 00:00", [], [],
     minutes(50)),
    ("office hours: the 11th of November is none", OFFICE, "10/11 17:00", "12/11 09:00", [], [],
     minutes(2)),
    ("office hours: Easter Monday moves, and is none", OFFICE, "03/04 17:00", "07/04 09:00", [], [],
     minutes(2)),
    ("office hours: Ascension Thursday is none", OFFICE, "13/05 17:00", "15/05 09:00", [], [],
     minutes(2)),
    ("office hours: Christmas, then New Year's Day", OFFICE, "24/12 17:00", "04/01/2027 09:00", [],
     [], minutes(1 + 4 * 10 + 1)),
    ("office hours: a wait by night changes nothing", OFFICE, "24/11 17:00", "25/11 09:00",
     [pause("24/11 20:00", "25/11 06:00")], [], minutes(2)),
    ("office hours: a wait into the morning", OFFICE, "24/11 17:00", "25/11 10:00",
     [pause("24/11 20:00", "25/11 08:30")], [], minutes(2, 30)),
    ("office hours: the Sunday of spring changes no office hour", OFFICE, "27/03 17:00",
     "30/03 09:00", [], [], minutes(2)),
    ("office hours: works across closing time", OFFICE, "24/11 16:00", "25/11 09:00", [],
     [span("24/11 17:30", "25/11 08:30")], minutes(2)),
    ("opened and resolved at once", ROUND, "24/11 08:00", "24/11 08:00", [], [], minutes(0)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_what_counts_of_an_incident_is_what_one_works_out_by_hand(case) -> None:
    _name, profile, opened, resolved, pauses, works, expected = case
    incident = Incident("1", at(opened), at(resolved), tuple(pauses))
    assert spent(incident, profile, PARIS, works, FAR) == expected
    told = parts(incident, profile, PARIS, works, FAR)
    assert lasting(Span(p.start, p.end) for p in told) == at(resolved) - at(opened)


def test_nothing_counts_of_what_is_not_due_to_the_operator() -> None:
    incident = Incident("1", at("24/11 08:00"), at("24/11 12:00"), excluded=True)
    (part,) = parts(incident, ROUND, PARIS, [], FAR)
    assert part.what is Counted.EXCLUDED


DUE: list[tuple[str, Profile, str, list[Pause], list[Span], str | None]] = [
    ("four hours later", ROUND, "24/11 09:09", [], [], "24/11 13:09"),
    ("later by what was waited", ROUND, "24/11 08:24", [pause("24/11 08:49", "24/11 09:34")], [],
     "24/11 13:09"),
    ("later by works to come", ROUND, "24/11 20:00", [], [span("24/11 22:00", "25/11 02:00")],
     "25/11 04:00"),
    ("the next morning in office hours", OFFICE, "24/11 16:00", [], [], "25/11 10:00"),
    ("after the week-end in office hours", OFFICE, "27/11 16:00", [], [], "30/11 10:00"),
    ("after the 11th of November", OFFICE, "10/11 15:00", [], [], "12/11 09:00"),
    ("an hour early by the clock of autumn", ROUND, "25/10 00:30", [], [], "25/10 03:30"),
    ("unknown while the clock stands", ROUND, "24/11 08:00",
     [Pause(at("24/11 08:30"), None)], [], None),
]  # fmt: skip


@pytest.mark.parametrize("case", DUE, ids=[case[0] for case in DUE])
def test_a_ticket_is_due_when_its_time_is_used_up(case) -> None:
    _name, profile, opened, pauses, works, expected = case
    incident = Incident("1", at(opened), None, tuple(pauses))
    found = due(incident, profile, PARIS, works, at(opened) + minutes(0, 1))
    assert found == (at(expected) if expected else None)


NOVEMBER = span("01/11 00:00", "01/12 00:00")


def month(incidents, profile=ROUND, works=(), now=FAR, period=NOVEMBER):
    return figures(incidents, profile, PARIS, works, period, now)


def test_a_month_without_incident_is_wholly_available() -> None:
    told = month([])
    assert (told.availability, told.incidents, told.penalty) == (1.0, 0, 0.0)
    assert told.service == timedelta(days=30)


def test_two_tickets_on_the_same_cut_count_once() -> None:
    told = month(
        [
            Incident("1", at("10/11 08:00"), at("10/11 10:00")),
            Incident("2", at("10/11 09:00"), at("10/11 11:00")),
        ]
    )
    assert (told.down, told.incidents, told.restored) == (minutes(3), 2, 2)
    assert told.availability == 1 - 3 / 720


def test_only_cuts_lower_the_availability_but_all_have_a_time_to_restore() -> None:
    told = month([Incident("1", at("10/11 08:00"), at("10/11 14:00"), cuts=False)])
    assert (told.down, told.late, told.longest, told.excess) == (
        timedelta(), 1, minutes(6), minutes(2),
    )  # fmt: skip
    assert told.penalty == 0.05


def test_an_incident_over_two_months_is_cut_at_midnight_and_late_once() -> None:
    one = Incident("1", at("30/11 22:00"), at("01/12 04:00"))
    november = month([one])
    december = month([one], period=span("01/12 00:00", "01/01/2027 00:00"))
    assert (november.down, december.down) == (minutes(2), minutes(4))
    assert (november.late, december.late) == (0, 1)
    assert (november.restored, december.restored) == (0, 1)


def test_an_open_incident_counts_up_to_now_in_a_month_that_is_not_over() -> None:
    told = month([Incident("1", at("10/11 08:00"))], now=at("10/11 13:00"))
    assert (told.down, told.late, told.restored) == (minutes(5), 1, 0)
    assert told.service == at("10/11 13:00") - at("01/11 00:00")


def test_penalties_follow_the_bands_of_the_contract() -> None:
    assert ROUND.penalty(1.0, timedelta()) == 0
    assert ROUND.penalty(0.9985, timedelta()) == 0, "what is exactly at a threshold keeps it"
    assert ROUND.penalty(0.9984, timedelta()) == 0.05
    assert ROUND.penalty(0.994, timedelta()) == 0.10
    assert ROUND.penalty(1.0, minutes(3)) == 0.10
    assert ROUND.penalty(0.98, minutes(0, 1)) == 0.20


def test_the_holidays_are_the_eleven_of_the_code_du_travail() -> None:
    assert len(public_holidays(2026)) == 11
    assert {date(2026, 5, 8), date(2026, 5, 25), date(2026, 7, 14)} <= public_holidays(2026)


BASE = at("26/03 00:00")
AROUND = (at("26/03 00:00"), at("22/10 00:00"), at("08/11 00:00"), at("23/12 00:00"))


@st.composite
def _incidents(draw: st.DrawFn) -> tuple[Incident, list[Span]]:
    base = draw(st.sampled_from(AROUND))

    def moment(most: int) -> datetime:
        return base + timedelta(minutes=draw(st.integers(0, most)))

    def spans(count: int) -> list[Span]:
        found = []
        for _ in range(draw(st.integers(0, count))):
            start = moment(6 * 1440)
            found.append(Span(start, start + timedelta(minutes=draw(st.integers(0, 1500)))))
        return found

    start = moment(3 * 1440)
    end = start + timedelta(minutes=draw(st.integers(0, 4 * 1440)))
    reasons = st.sampled_from(list(Stop))
    pauses = tuple(Pause(one.start, one.end, draw(reasons)) for one in spans(3))
    return Incident("1", start, end, pauses), spans(2)


def _counts(minute: datetime, hours: ServiceHours, incident: Incident, works: list[Span]) -> bool:
    """Tell whether a minute counts, by looking at a watch and at a calendar."""
    if any(p.start <= minute < (p.end or FAR) for p in incident.pauses):
        return False
    if any(work.start <= minute < work.end for work in works):
        return False
    if hours is ALWAYS:
        return True
    local = minute.astimezone(PARIS)
    closed = local.weekday() > 4 or local.date() in public_holidays(local.year)
    return not closed and 8 <= local.hour < 18


@settings(max_examples=120, deadline=None)
@given(_incidents(), st.sampled_from([ROUND, OFFICE]))
def test_what_counts_is_the_count_of_the_minutes_that_count(drawn, profile) -> None:
    incident, works = drawn
    assert incident.end is not None
    length = int((incident.end - incident.start).total_seconds()) // 60
    every = (incident.start + timedelta(minutes=n) for n in range(length))
    counted = sum(_counts(minute, profile.hours, incident, works) for minute in every)
    assert spent(incident, profile, PARIS, works, FAR) == timedelta(minutes=counted)
    told = parts(incident, profile, PARIS, works, FAR)
    for before, after in pairwise(told):
        assert before.end == after.start
    assert BUSINESS is OFFICE.hours


@settings(max_examples=60, deadline=None)
@given(_incidents(), st.sampled_from([ROUND, OFFICE]))
def test_at_the_time_it_is_due_exactly_the_time_to_restore_is_spent(drawn, profile) -> None:
    incident, works = drawn
    running = Incident("1", incident.start, None, incident.pauses)
    found = due(running, profile, PARIS, works, incident.start)
    assert found is not None
    until = Incident("1", incident.start, found, incident.pauses)
    assert spent(until, profile, PARIS, works, FAR) == profile.restore
