"""``balise metrics``: what it says, what it writes, its exit status."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from click.testing import CliRunner
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.cli import main
from core.db import Company, Customer
from core.network.inventory import Link, Service, Site
from core.network.metrics import backfill, readings

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
MARCH = datetime(2026, 2, 28, 23, 0, tzinfo=UTC)
"""Midnight in Paris."""
SLOTS_OF_MARCH = 31 * 288 - 12


@pytest.fixture
def balise(host, tmp_path):
    """``balise(*arguments)`` on an installation with the links A-1, A-2 (Paris) and B-1 (Tokyo)."""
    with Session(host.engine) as session, session.begin():
        for letter, zone, count in (("A", "Europe/Paris", 2), ("B", "Asia/Tokyo", 1)):
            company = Company(
                name=letter, customer=Customer(number=letter, name=letter, timezone=zone)
            )
            session.add(company)
            session.flush()
            site = Site(company_id=company.id, name="S")
            session.add(site)
            session.flush()
            place = {"company_id": company.id, "site_id": site.id}
            for number in range(1, count + 1):
                service = Service(**place)
                session.add(service)
                session.flush()
                session.add(
                    Link(
                        **place, reference=f"{letter}-{number}", designation="",
                        service_id=service.id, contract_in_bps=20_000_000,
                        contract_out_bps=2_000_000,
                    )
                )  # fmt: skip
    environ = {"BALISE_STORAGE_DATA": str(host.config.data), "BALISE_DISPLAY_LANGUAGE": "fr"}

    def run(*arguments):
        command = ["--config", str(host.config.path), "metrics", *map(str, arguments)]
        with time_machine.travel(NOW, tick=False):
            return CliRunner().invoke(main, command, env=environ)

    run.measures = host.config.measures_path
    yield run
    host.metrics.close()


@pytest.fixture
def write(tmp_path):
    """``write(rows)``: a file of (epoch seconds, in, out)."""

    def made(rows, name="history.csv", title="time,in,out"):
        path = tmp_path / name
        path.write_text("\n".join([title, *(",".join(map(str, row)) for row in rows)]) + "\n")
        return path

    return made


def month(octets=3_750, but=()):
    """Each five minutes of March: 100 bit/s in, 50 out; some slots missing."""
    start = int(MARCH.timestamp())
    return [(start + 300 * n, octets, octets // 2) for n in range(SLOTS_OF_MARCH) if n not in but]


def raw(path, table="traffic_raw"):
    with sqlite3.connect(path) as connection:
        found = connection.execute(f"select * from {table} order by 1, 2").fetchall()
    connection.close()
    return found


def test_a_month_brought_in_comes_out_in_its_report(balise, write):
    """March 2026 in Paris has 31 days less an hour: 8,916 slots."""
    rows = month(but={100, 101, 102})
    rows[0] = (rows[0][0], 37_500, 1_875)
    said = balise("load", "A-1", write(rows))
    assert said.exit_code == 0, said.output
    assert "8913 lignes lues" in said.output
    assert "1 (lignes absentes)" in said.output
    reply = balise("report", "A-1", "--month", "2026-03", "--json")
    told = json.loads(reply.stdout)
    octets = 8_912 * 3_750 + 37_500
    assert told["in_octets"] == octets
    assert told["out_octets"] == 8_913 * 1_875
    assert (told["slots"], told["present"], told["missing"]) == (8_916, 8_913, 3)
    assert told["covered_seconds"] == 8_913 * 300
    assert told["in_mean_bps"] == pytest.approx(octets * 8 / (8_913 * 300))
    assert (told["in_peak_bps"], told["in_p95_bps"], told["out_p95_bps"]) == (1_000, 100, 50)
    assert told["p95_bps"] == 100
    assert (told["start"], told["end"]) == (
        "2026-02-28T23:00:00+00:00", "2026-03-31T22:00:00+00:00",
    )  # fmt: skip
    assert (told["links"], told["zone"], told["complete"]) == (["A-1"], "Europe/Paris", True)
    words = balise("report", "A-1", "--month", "2026-03").output
    assert f"({octets} octets)" in words
    assert "8913 mesurés sur 8916" in words
    assert "3 manquants" in words


def test_the_same_file_twice_changes_nothing_and_says_so(balise, write):
    path = write(month())
    balise("load", "A-1", path)
    tables = ("traffic_5m", "traffic_sheet", "traffic_day")
    before = [raw(balise.measures, table) for table in tables]
    again = json.loads(balise("load", "A-1", path, "--json").stdout)
    assert (again["slots"], again["left"], again["loaded_in_octets"]) == (0, 8_916, 0)
    assert [raw(balise.measures, table) for table in tables] == before
    assert balise("verify").exit_code == 0


def test_one_false_row_refuses_the_whole_file_unless_told_otherwise(balise, write):
    rows = month()[:10]
    rows[4] = (rows[4][0], -5, 1)
    path = write(rows)
    refused = balise("load", "A-1", path)
    assert refused.exit_code == 1
    assert "Ligne 6, in : « -5 » est négatif" in refused.output
    assert "rien n'est chargé" in refused.output
    as_json = json.loads(balise("load", "A-1", path, "--json").stdout)
    assert (as_json["loaded"], as_json["bad"], as_json["problems"][0]["line"]) == (False, 1, 6)
    assert not balise.measures.exists() or raw(balise.measures, "measured") == []
    taken = json.loads(balise("load", "A-1", path, "--skip-bad", "--json").stdout)
    assert (taken["slots"], taken["bad"]) == (9, 1)


def test_false_rows_are_told_even_where_the_others_make_no_course(balise, write):
    path = write([("avant-hier", 1, 1), ("2026-03-10 00:05", 1, 1)])
    said = balise("load", "A-1", path).output
    assert "Ligne 2, time : « avant-hier »" in said
    assert "Une seule ligne" in balise("load", "A-1", path, "--skip-bad").output


def test_a_dry_run_writes_nothing(balise, write):
    said = balise("load", "A-1", write(month()), "--dry-run")
    assert "rien n'est écrit" in said.output
    told = json.loads(balise("report", "A-1", "--month", "2026-03", "--json").stdout)
    assert (told["present"], told["in_octets"], told["in_p95_bps"]) == (0, 0, None)


def test_counters_wrap_once_where_the_contract_allows_it(balise, write):
    """20 Mbit/s: 2^32 octets take half an hour, so a fall within five minutes is one wrap."""
    start, step = int(MARCH.timestamp()), 100_000_000
    rows = [(start + 300 * n, (2**32 - 10**8 + n * step) % 2**32, n) for n in range(5)]
    wrapped = json.loads(balise("load", "A-1", write(rows), "--counters32", "--json").stdout)
    assert (wrapped["in_octets"], wrapped["gaps"]) == (4 * step, {})
    slow = balise("load", "A-2", write(rows), "--counters32", "--speed", 1_000_000, "--json")
    assert json.loads(slow.stdout)["gaps"] == {"reset": 1, "too_fast": 3}
    wide = json.loads(balise("load", "A-2", write(rows), "--counters", "--json").stdout)
    assert wide["gaps"] == {"reset": 1}


def test_counters_given_as_octets_of_intervals_are_wondered_at(balise, write):
    start = int(MARCH.timestamp())
    grows = write([(start + 300 * n, 1_000 * n, 10 * n) for n in range(1, 200)])
    assert "donnez --counters" in balise("load", "A-1", grows, "--dry-run").stderr
    steady = write([(start + 300 * n, 1_000, 10) for n in range(1, 200)])
    assert balise("load", "A-1", steady, "--dry-run").stderr == ""


def test_64_bit_counters_may_show_more_than_was_sold(balise, write):
    """20 Mbit/s sold, 40 carried: a measure; only ``--speed`` says what the line cannot do."""
    path = write([(int(MARCH.timestamp()) + 300 * n, n * 1_500_000_000, n) for n in range(3)])
    told = json.loads(balise("load", "A-1", path, "--counters", "--json").stdout)
    assert (told["in_octets"], told["gaps"]) == (3_000_000_000, {})
    slow = balise("load", "A-2", path, "--counters", "--speed", 20_000_000, "--json")
    assert json.loads(slow.stdout)["gaps"] == {"too_fast": 2}


def test_local_times_are_those_of_the_customer_or_of_the_zone_given(balise, write):
    path = write([("2026-03-10 00:00", 1, 1), ("2026-03-10 00:05", 1, 1)])
    starts = [
        json.loads(balise("load", *more, path, "--dry-run", "--json").stdout)["start"]
        for more in (("A-1",), ("B-1",), ("A-1", "--zone", "UTC"))
    ]
    assert starts == [
        "2026-03-09T23:00:00+00:00", "2026-03-09T15:00:00+00:00", "2026-03-10T00:00:00+00:00",
    ]  # fmt: skip


def test_an_rrd_file_is_brought_in(balise, tmp_path):
    path, start = tmp_path / "routeur_traffic_in_12.rrd", int(MARCH.timestamp())
    subprocess.run(
        ["rrdtool", "create", path, "--start", str(start - 300), "--step", "300",
         "DS:traffic_in:COUNTER:600:0:U", "DS:traffic_out:COUNTER:600:0:U",
         "RRA:AVERAGE:0.5:1:600"],
        check=True,
    )  # fmt: skip
    polls = [f"{start + 300 * n}:{30_000 * n}:{15_000 * n}" for n in range(13)]
    subprocess.run(["rrdtool", "update", path, *polls], check=True)
    told = json.loads(balise("load", "A-1", path, "--rrd", "--json").stdout)
    assert (told["in_octets"], told["out_octets"], told["slots"]) == (360_000, 180_000, 12)
    refused = balise("load", "A-1", __file__, "--rrd")
    assert refused.exit_code == 1
    assert "rrdtool ne lit pas" in refused.output


def test_several_links_are_summed_slot_by_slot(balise, write):
    """What one of them misses is missing for the sum."""
    balise("load", "A-1", write(month()))
    balise("load", "A-2", write(month(octets=7_500, but={5})))
    told = json.loads(balise("report", "A-1", "A-2", "--month", "2026-03", "--json").stdout)
    assert told["in_octets"] == 8_916 * 3_750 + 8_915 * 7_500
    assert (told["in_p95_bps"], told["present"], told["missing"]) == (300, 8_915, 1)
    assert told["links"] == ["A-1", "A-2"]


def test_of_a_month_long_past_the_volumes_are_left_and_the_report_says_so(balise, write):
    start = int(datetime(2025, 1, 1, tzinfo=ZoneInfo("Europe/Paris")).timestamp())
    balise("load", "A-1", write([(start + 3_600 * n, 1_001, 7) for n in range(744)]))
    told = json.loads(balise("report", "A-1", "--month", "2025-01", "--json").stdout)
    assert (told["in_octets"], told["out_octets"]) == (744 * 1_001, 744 * 7)
    assert (told["covered_seconds"], told["present"], told["in_p95_bps"]) == (744 * 3_600, 0, None)
    assert "plus gardés" in balise("report", "A-1", "--month", "2025-01").output


def test_of_a_month_half_past_the_percentile_is_told_to_be_of_what_is_left(balise, write):
    """400 days before are 11 May 2025."""
    start = int(datetime(2025, 5, 1, tzinfo=ZoneInfo("Europe/Paris")).timestamp())
    balise("load", "A-1", write([(start + 3_600 * n, 900_000, 7) for n in range(744)]))
    said = balise("report", "A-1", "--month", "2025-05").output
    assert "Les plus anciens ne sont plus gardés" in said
    assert "plus gardés" not in balise("report", "A-1", "--month", "2025-06").output


def test_measures_that_stay_locked_are_told_and_nothing_is_loaded(balise, write, monkeypatch):
    def locked(*_):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(backfill, "load", locked)
    reply = balise("load", "A-1", write(month()))
    assert reply.exit_code == 1
    assert "database is locked" in reply.output
    assert raw(balise.measures, "measured") == []


def test_who_brought_history_in_stands_in_the_audit_log(balise, write, host):
    balise("load", "A-1", write(month()[:10]))
    with Session(host.engine) as session:
        (line,) = session.scalars(sa.select(AuditEntry))
    assert (line.action, line.target, line.facts["slots"]) == ("measures loaded", "A-1", 10)


def test_the_month_under_way_goes_up_to_now_and_says_so(balise, write):
    start = int(datetime(2026, 6, 1, tzinfo=ZoneInfo("Europe/Paris")).timestamp())
    now = int(NOW.timestamp())
    balise("load", "A-1", write([(at, 3_750, 0) for at in range(start, now, 300)]))
    told = json.loads(balise("report", "A-1", "--month", "2026-06", "--json").stdout)
    assert (told["complete"], told["missing"], told["end"]) == (False, 0, NOW.isoformat())
    assert "jusqu'au 15/06/2026 14:00:00" in balise("report", "A-1", "--month", "2026-06").output
    assert balise("report", "A-1", "--month", "2026-07").exit_code == 1


def test_a_roll_up_that_was_tampered_with_is_found_and_listed(balise, write):
    balise("load", "A-1", write(month()))
    assert balise("verify").output == "Tout concorde.\n"
    with sqlite3.connect(balise.measures) as connection:
        connection.execute("update traffic_hour set in_octets = in_octets + 1 where at % 86400 = 0")
    connection.close()
    reply = balise("verify", "--json")
    told = json.loads(reply.stdout)
    assert reply.exit_code == 1
    assert not told["ok"]
    assert {"level", "column", "expected", "found"} <= set(told["mismatches"][0])
    assert "in_octets" in balise("verify").output


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("load", "A-11", "{file}"), 1, "« A-1 »"),
        (("report", "X", "--month", "2026-03"), 1, "Aucune liaison"),
        (("report", "A-1", "--month", "2026-13"), 2, "AAAA-MM"),
        (("report", "A-1", "--month", "mars"), 2, "AAAA-MM"),
        (("report", "A-1", "B-1", "--month", "2026-03"), 2, "--zone"),
        (("report", "A-1", "--month", "2026-03", "--zone", "Europe/Pariss"), 2, "Europe/Paris"),
        (("load", "A-1", "{file}", "--counters", "--rrd"), 2, "excluent"),
        (("load", "A-1", "/nowhere.csv"), 2, "nowhere"),
        (("load", "A-1", "{file}", "--interval", "nan"), 2, "secondes"),
    ],
)
def test_wrong_use_is_told_with_what_to_do(balise, write, arguments, status, said):
    path = write(month()[:3])
    reply = balise(*(str(path) if word == "{file}" else word for word in arguments))
    assert reply.exit_code == status, reply.output
    assert said in reply.output


def test_a_file_of_too_many_rows_is_refused_before_anything_is_written(balise, write, monkeypatch):
    monkeypatch.setattr(readings, "MOST_ROWS", 100)
    reply = balise("load", "A-1", write(month()[:200]))
    assert reply.exit_code == 1
    assert "coupez le fichier" in reply.output


@pytest.mark.parametrize("words", [["metrics", "verify"], ["discover", "rodez"]])
def test_before_init_one_is_told_what_to_do(tmp_path, words):
    (tmp_path / "config.yaml").write_text("{}\n")
    command = ["--config", str(tmp_path / "config.yaml"), *words]
    reply = CliRunner().invoke(main, command, env={"BALISE_CONFIG": None})
    assert reply.exit_code == 1
    assert "base de données" in reply.output
