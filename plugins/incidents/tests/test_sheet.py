"""The sheet of commitments on paper: every link, every interval of its figures, pages counted."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from core.host import Host
from core.testing.context import context_of
from core.testing.world import NOW
from plugins.incidents.downloads import commitments_on_paper
from plugins.incidents.months import month_span, sheet_of
from plugins.incidents.tests import crowd

ALICE = "alice@a.example"


def pages(body: object) -> list[str]:
    assert isinstance(body, bytes)
    return [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]


def test_each_figure_on_paper_stands_with_the_intervals_that_make_it_up(filled: Host) -> None:
    with context_of(filled, ALICE, query={"mois": f"{NOW:%Y-%m}"}) as ctx:
        document = commitments_on_paper(ctx)
        rows = sheet_of(ctx, month_span(ctx, NOW.year, NOW.month))
        said = "\n".join(pages(document.body))
    assert document.name == f"Engagements {NOW:%Y-%m}.pdf"
    intervals = [part for row in rows for part in row.figures.evidence]
    assert intervals
    assert len(re.findall(r"Ticket CANARI-A", said)) == len(intervals)
    for row in rows:
        assert row.reference in said
    for words in (
        "Disponibilité",
        "en attente client",
        "Mesurée (technique)",
        "CANARI-A société 1",
    ):
        assert words in said, "accents and all"


def test_every_page_says_of_how_many_it_is_and_repeats_its_head(host: Host) -> None:
    crowd.fill(host, links=60, tickets=400, days=60)
    with context_of(host, crowd.MANY, query={"mois": f"{NOW:%Y-%m}"}) as ctx:
        told = pages(commitments_on_paper(ctx).body)
    assert len(told) > 3
    for number, page in enumerate(told, start=1):
        assert f"{number} / {len(told)}" in page
        assert "N° de référence (CLS)" in page or "interrompues sur" in page


def test_commitments_are_the_same_whatever_time_zone_their_reader_chose(filled: Host) -> None:
    with context_of(filled, ALICE) as ctx:
        far = replace(ctx, zone=ZoneInfo("Pacific/Auckland"), customer_zone=ctx.zone)
        here, there = (month_span(one, NOW.year, NOW.month) for one in (ctx, far))
        assert here == there
        assert sheet_of(ctx, here) == sheet_of(far, there)
