"""Monthly reports: exact figures, civil months, whose links they hold."""

from __future__ import annotations

import io
import math
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.api import Brand, JobError, Link, Run, Site, civil_month
from core.host import Host
from core.network.metrics import Sample
from core.testing.context import context_of
from core.testing.files import csv_rows
from plugins.consommations.report_jobs import report
from plugins.consommations.reporting import Asked, Month, last_months

PARIS = ZoneInfo("Europe/Paris")
ALICE = "alice@a.example"
NOW = datetime(2026, 11, 5, 12, 3, tzinfo=UTC)
MAIN, BACKUP, SECOND, OTHER = (f"CANARI-A-{n}" for n in ("10-000", "10-001", "11-000", "20-000"))
OCTOBER = civil_month(2026, 10, PARIS)
"""With the hour that comes twice: 8,940 slots."""


def made(host: Host, month: str, form: str = "csv", who: str = ALICE, now: datetime = NOW) -> bytes:
    """Return the file of a report."""
    file = io.BytesIO()
    with context_of(host, who, now=now) as ctx:
        report(
            ctx, Run(file, Brand("Opérateur", "Extranet"), lambda _: None), month=month, form=form
        )
    return file.getvalue()


def told(
    host: Host, month: str, who: str = ALICE, now: datetime = NOW
) -> dict[str, dict[str, str]]:
    """Return the rows of the CSV of a month, {reference: {head: value}}."""
    head, *rows = csv_rows(made(host, month, "csv", who, now))
    return {row[3]: dict(zip(head, row, strict=True)) for row in rows}


def link_id(host: Host, reference: str) -> int:
    with Session(host.engine) as session:
        return session.scalars(sa.select(Link.id).where(Link.reference == reference)).one()


def counters(start: datetime, end: datetime, seed: int) -> Iterator[tuple[int, int, int]]:
    """Yield (second, octets in, octets out): counters of a router read about every five minutes."""
    draw = np.random.default_rng(seed)
    at, low = int(start.timestamp()) - 300, np.array([0, 0], dtype=np.int64)
    while at <= end.timestamp() + 300:
        yield at, int(low[0]), int(low[1])
        busy = 1 + math.sin(at / 86_400 * 2 * math.pi) + draw.random()
        low = low + (draw.random(2) * busy * 10**9).astype(np.int64)
        at += 300


def record(host: Host, reference: str, read: list[tuple[int, int, int]]) -> list[Sample]:
    """Keep what lies between readings of counters, as the collector would; return the samples."""
    id_ = link_id(host, reference)
    samples = [
        Sample(id_, at, float(at - before), into - a, out - b)
        for (before, a, b), (at, into, out) in pairwise(read)
    ]
    host.metrics.record(samples)
    host.metrics.roll_up(NOW)
    return samples


def nearest_rank(values: list[float]) -> float:
    return sorted(values)[math.ceil(round(0.95 * len(values), 9)) - 1]


def test_volumes_are_the_difference_of_the_counters_to_the_last_octet(filled: Host) -> None:
    start, end = OCTOBER
    read = list(counters(start, end, seed=1))
    record(filled, MAIN, read)
    at = {second: (into, out) for second, into, out in read}
    first, last = at[int(start.timestamp())], at[int(end.timestamp())]
    row = told(filled, "2026-10")[MAIN]
    assert int(row["Volume entrant (octets)"]) == last[0] - first[0]
    assert int(row["Volume sortant (octets)"]) == last[1] - first[1]
    assert row["Créneaux mesurés"] == "8940", "31 days and one hour"
    assert (row["Créneaux manquants"], row["Mesures présentes (%)"]) == ("0", "100,0")
    assert (row["Début"], row["Fin"]) == ("01/10/2026 00:00", "01/11/2026 00:00")
    assert row["Données arrêtées au"] == "05/11/2026 13:03"


def test_rates_are_those_of_a_computation_by_hand_with_gaps(filled: Host) -> None:
    start, end = OCTOBER
    read = [r for n, r in enumerate(counters(start, end, seed=2)) if not 500 <= n < 812]
    samples = record(filled, MAIN, read)
    inside = [s for s in samples if start.timestamp() < s.at <= end.timestamp()]
    short = [s for s in inside if s.seconds == 300]
    # One reading spans the gap: its octets count in the slot of its end, as a reading of that slot.
    slots = {(s.at - 1) // 300: s for s in inside}
    row = told(filled, "2026-10")[MAIN]
    assert len(short) == len(inside) - 1
    seconds = sum(s.seconds for s in inside)
    for name, of in (("entrant", "in_octets"), ("sortant", "out_octets")):
        octets = sum(getattr(s, of) for s in inside)
        means = [getattr(s, of) * 8 / s.seconds for s in slots.values()]
        assert int(row[f"Volume {name} (octets)"]) == octets
        assert int(row[f"Débit moyen {name} (bit/s)"]) == round(octets * 8 / seconds)
        assert int(row[f"Débit de pointe {name} (bit/s)"]) == round(max(means))
        assert int(row[f"95e centile {name} (bit/s)"]) == round(nearest_rank(means))
    assert int(row["Créneaux mesurés"]) == len(slots) == 8940 - 312


def test_the_percentile_is_that_of_rrdtool_at_full_resolution(filled: Host, tmp_path: Path) -> None:
    start, end = OCTOBER
    samples = record(filled, MAIN, list(counters(start, end, seed=3)))
    path, first = str(tmp_path / "one.rrd"), int(start.timestamp())
    create = ["rrdtool", "create", path, "--start", str(first - 300), "--step", "300"]
    subprocess.run([*create, "DS:in:GAUGE:600:0:U", "RRA:AVERAGE:0.5:1:10000"], check=True)
    values = [f"{s.at}:{s.in_octets * 8 / 300!r}" for s in samples]
    for n in range(0, len(values), 1000):
        subprocess.run(["rrdtool", "update", path, *values[n : n + 1000]], check=True)
    # As wide as there are slots: nothing is consolidated. Its rank, round(0.95 (n - 1)) from
    # zero, and ours, ceil(0.95 n) from one, are the same one for 8,940 values.
    graph = ["rrdtool", "graph", str(tmp_path / "x.png"), "--width", "8940"]
    period = ["--start", str(first), "--end", str(int(end.timestamp()))]
    lines = [f"DEF:in={path}:in:AVERAGE", "VDEF:p=in,95,PERCENTNAN", "PRINT:p:%.4lf"]
    done = subprocess.run([*graph, *period, *lines], check=True, capture_output=True, text=True)
    theirs = float(done.stdout.split()[-1].replace(",", "."))
    ours = int(told(filled, "2026-10")[MAIN]["95e centile entrant (bit/s)"])
    assert ours == pytest.approx(theirs, abs=0.51)


@pytest.mark.parametrize(
    ("month", "slots"), [("2026-03", 8916), ("2026-10", 8940), ("2026-09", 8640)]
)
def test_a_month_is_civil_with_the_hour_that_is_lost_or_comes_twice(filled, month, slots):
    start, _end = civil_month(int(month[:4]), int(month[5:]), PARIS)
    at = int(start.timestamp())
    record(filled, MAIN, [(at, 0, 0), (at + 300, 1000, 10)])
    row = told(filled, month)[MAIN]
    assert int(row["Créneaux mesurés"]) + int(row["Créneaux manquants"]) == slots
    assert row["Volume entrant (octets)"] == "1000"


def test_a_link_that_began_in_the_month_says_how_much_of_it_is_known(filled: Host) -> None:
    middle = datetime(2026, 10, 16, 22, tzinfo=UTC)
    record(filled, MAIN, [r for r in counters(*OCTOBER, seed=4) if r[0] >= middle.timestamp()])
    rows = told(filled, "2026-10")
    row = rows[MAIN]
    after = (OCTOBER[1] - middle).total_seconds() / 300
    assert int(row["Créneaux mesurés"]) == after
    assert int(row["Créneaux manquants"]) == 8940 - after
    unmeasured = rows[SECOND]
    for head in unmeasured:
        if "octets" in head or ("bit/s" in head and "souscrit" not in head):
            assert unmeasured[head] == "", "what was not measured is not zero"
    assert unmeasured["Créneaux mesurés"] == "0"


def test_a_link_that_moved_stands_where_it_is_now_with_its_whole_month(filled: Host) -> None:
    record(filled, SECOND, list(counters(*OCTOBER, seed=5)))
    before = told(filled, "2026-10")[SECOND]
    with Session(filled.engine) as session:
        link = session.scalars(sa.select(Link).where(Link.reference == SECOND)).one()
        site = session.scalars(sa.select(Site).where(Site.name == "CANARI-A site 20")).one()
        for row in (link, link.service, link.device):
            assert row
            row.company_id, row.site_id = site.company_id, site.id
        session.commit()
    after = told(filled, "2026-10")[SECOND]
    assert (before["Société"], after["Société"]) == ("CANARI-A société 1", "CANARI-A société 2")
    assert after["Site"] == "CANARI-A site 20"
    volume = "Volume entrant (octets)"
    assert after[volume] == before[volume] != ""


def test_the_month_that_is_not_over_ends_at_the_last_whole_five_minutes(filled: Host) -> None:
    at = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp())
    record(filled, MAIN, [(at, 0, 0), (at + 300, 1000, 10)])
    row = told(filled, "2026-11")[MAIN]
    assert row["Fin"] == "05/11/2026 13:00"
    assert int(row["Créneaux mesurés"]) + int(row["Créneaux manquants"]) == (4 * 24 + 13) * 12


@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("2026-13", "pas un mois"), ("2026-00", "pas un mois"), ("1999-12", "pas un mois"),
        ("9999-12", "pas un mois"),
        ("10/2026", "pas un mois"), ("", "pas un mois"), ("٢٠٢٦-10", "pas un mois"),
        (None, "pas un mois"), (["2026-10"], "pas un mois"),
        ("2026-12", "pas commencé"), ("9998-01", "pas commencé"),
        ("2019-03", "Aucune mesure"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "zip"])
def test_a_month_that_makes_no_sense_is_refused_in_words(filled, month, words, form):
    with pytest.raises(JobError, match=words):
        made(filled, month, form)


def test_a_format_nobody_knows_and_a_scope_without_links_are_refused_in_words(filled: Host) -> None:
    with pytest.raises(JobError, match="format"):
        made(filled, "2026-10", "pdf")
    with pytest.raises(JobError, match="Aucune liaison"):
        made(filled, "2026-10", who="noscope@a.example")


@pytest.mark.parametrize("form", ["csv", "xlsx", "zip"])
def test_a_report_holds_the_links_of_its_owner_and_no_others(filled, form):
    from core.testing.files import text_inside

    for reference in (MAIN, OTHER):
        record(filled, reference, list(counters(OCTOBER[0], OCTOBER[0], seed=6)))
    mine = text_inside(made(filled, "2026-10", form))
    assert MAIN in mine
    assert OTHER in mine
    one = text_inside(made(filled, "2026-10", form, who="onesite@a.example"))
    assert MAIN in one
    for secret in ("CANARI-A-20", "CANARI-A-11", "société 2", "CANARI-B"):
        assert secret not in one
    with pytest.raises(JobError, match="Aucune mesure"):
        made(filled, "2026-10", form, who="bob@b.example")


def test_a_name_is_never_a_formula(filled: Host) -> None:
    record(filled, MAIN, list(counters(OCTOBER[0], OCTOBER[0], seed=7)))
    with filled.engine.begin() as connection:
        connection.execute(sa.update(Site).values(name="=HYPERLINK(1)"))
    assert told(filled, "2026-10")[MAIN]["Site"] == "'=HYPERLINK(1)"


def test_the_last_three_months_are_those_that_are_over_in_the_zone() -> None:
    eve = datetime(2026, 1, 31, 22, 59, tzinfo=UTC)  # 23:59 in Paris
    assert [m.label for m in last_months(eve, PARIS)] == ["12/2025", "11/2025", "10/2025"]
    past = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
    assert [m.label for m in last_months(past, PARIS)] == ["01/2026", "12/2025", "11/2025"]
    assert Month.of("2026-10") == Month(2026, 10)
    assert Asked.of("2026-10", NOW, PARIS).over
    assert not Asked.of("2026-11", NOW, PARIS).over
