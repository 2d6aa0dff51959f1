"""« Reporting graphique »: pages that open from a disk, hostile names, nested classes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.api import Brand, Company, Direction, JobError, Link, Run, Site, TrafficClass
from core.host import Host
from core.network.metrics import ClassSample, Sample
from core.testing.context import context_of
from plugins.consommations.report_jobs import report

NOW = datetime(2026, 11, 5, 12, 3, tzinfo=UTC)
FIRST = int(datetime(2026, 10, 10, tzinfo=UTC).timestamp())
MAIN = "CANARI-A-10-000"
LOGO = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9z'/></svg>"
HOSTILE = "</td><script>alert(1)</script>\"'&<img src=x onerror=alert(2)> ../../etc/passwd"


class Page(HTMLParser):
    """A page as a browser would read it: tags, attributes, text; fails on a tag left open."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name in ("href", "src"):
                self.links.append(value)
        if tag not in ("meta", "link", "img", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


@pytest.fixture
def measured(filled: Host) -> Host:
    """An installation whose links have an hour of measures in October."""
    with Session(filled.engine) as session:
        ids = session.scalars(sa.select(Link.id)).all()
    filled.metrics.record(
        Sample(id_, FIRST + 300 * n, 300.0, 10_000_000 * n, 5_000_000 * n)
        for id_ in ids
        for n in range(1, 13)
    )
    filled.metrics.roll_up(NOW)
    return filled


def opened(host: Host, who: str = "alice@a.example", logo: bytes = LOGO) -> dict[str, str]:
    """Return the members of a report of October, by name."""
    file = io.BytesIO()
    run = Run(file, Brand("Opérateur <b>", "Extranet", logo, ".svg"), lambda _: None)
    with context_of(host, who, now=NOW) as ctx:
        report(ctx, run, month="2026-10", form="zip")
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def pages_of(members: dict[str, str]) -> Iterator[tuple[str, Page]]:
    for name, text in members.items():
        if name.endswith(".html"):
            yield name, Page(text)


def test_the_index_leads_to_a_page_a_link_and_every_page_back(measured: Host) -> None:
    members = opened(measured)
    index = Page(members["index.html"])
    leaves = [name for name in members if name.startswith("liaisons/")]
    assert sorted(set(index.links) & set(leaves)) == sorted(leaves)
    assert len(leaves) == 4
    for word in ("CANARI-A société 1", "CANARI-A site 20", "Reporting graphique 10/2026"):
        assert word in index.text
    for name in leaves:
        page = Page(members[name])
        assert "../index.html" in page.links
        assert "Données arrêtées au 05/11/2026 13:03" in page.text
        assert "Volume" in page.text
        assert "svg" in page.tags
    assert members["logo.svg"] == LOGO.decode()


def test_nothing_is_fetched_from_anywhere_and_there_is_no_script(measured: Host) -> None:
    members = opened(measured)
    for name, page in pages_of(members):
        for link in page.links:
            assert link == "data:," or re.fullmatch(r"(\.\./)?[\w./-]+", link), link
            target = link.removeprefix("../") if name.startswith("liaisons/") else link
            assert link == "data:," or target in members, (name, link)
        assert "script" not in page.tags
    assert "url(" not in members["style.css"]
    assert "@import" not in members["style.css"]


def test_names_from_outside_are_text_and_never_names_of_files(measured: Host) -> None:
    with Session(measured.engine) as session:
        session.execute(sa.update(Site).values(name=HOSTILE))
        session.execute(sa.update(Company).values(name=HOSTILE + "é" * 3000))
        for n, link in enumerate(session.scalars(sa.select(Link))):
            link.reference = ("../" * n) + "<b>" + "x" * 300
            link.designation = HOSTILE
        session.commit()
    members = opened(measured)
    leaves = [name for name in members if name.startswith("liaisons/")]
    assert len(set(leaves)) == 4
    assert all(re.fullmatch(r"liaisons/\d{5}(-[A-Za-z0-9-]{1,40})?\.html", name) for name in leaves)
    for _name, page in pages_of(members):
        assert "script" not in page.tags
        assert "b" not in page.tags[: page.tags.index("main")]
    assert HOSTILE in Page(members["index.html"]).text


def test_a_link_without_a_measure_has_a_page_that_says_so(measured: Host) -> None:
    with Session(measured.engine) as session:
        gone = session.scalars(sa.select(Link.id).where(Link.reference == MAIN)).one()
    connection = measured.metrics._connection()
    for table in ("traffic_raw", "traffic_5m", "traffic_hour", "traffic_day"):
        connection.execute(f"delete from {table} where link_id = {gone}")
    members = opened(measured)
    (page,) = [p for name, p in pages_of(members) if name.endswith(f"{MAIN}.html")]
    assert "Aucune mesure de cette liaison dans le mois" in page.text
    assert "svg" not in page.tags
    assert "N/A" in page.text


def test_classes_are_nested_and_a_parent_counts_its_children_to_the_octet(measured: Host) -> None:
    with Session(measured.engine) as session:
        link = session.scalars(sa.select(Link).where(Link.reference == MAIN)).one()
        session.execute(sa.delete(TrafficClass))
        of: dict[str, Any] = {
            "company_id": link.company_id,
            "site_id": link.site_id,
            "link_id": link.id,
        }
        of |= {"direction": Direction.OUT, "seen": NOW}
        parent = TrafficClass(**of, path="WAN/all", name="TOTAL <WAN>")
        session.add(parent)
        session.flush()
        children = [
            TrafficClass(**of, path=f"WAN/all/COS/{name}", name=name, parent_id=parent.id)
            for name in ("VOIX", "DONNEES")
        ]
        session.add_all(children)
        session.commit()
        ids = [one.id for one in (parent, *children)]
    sent = ((7_000_003, 500), (2_000_001, 100), (5_000_002, 400))
    measured.metrics.record_classes(
        ClassSample(id_, FIRST + 300 * n, 300.0, octets + lost, octets, lost, 1)
        for id_, (octets, lost) in zip(ids, sent, strict=True)
        for n in range(1, 13)
    )
    measured.metrics.roll_up(NOW)
    with context_of(measured, "alice@a.example", now=NOW) as ctx:
        classes = ctx.db.all(sa.select(TrafficClass).order_by(TrafficClass.id))
        start, end = (datetime(2026, 10, d, tzinfo=UTC) for d in (1, 31))
        volumes = ctx.metrics.class_volumes(classes, start, end)
    assert [volumes[i].sent_octets for i in ids] == [12 * octets for octets, _lost in sent]
    assert volumes[ids[0]].sent_octets == volumes[ids[1]].sent_octets + volumes[ids[2]].sent_octets
    assert volumes[ids[0]].dropped_octets == 12 * 500
    members = opened(measured)
    (text,) = [t for name, t in members.items() if name.endswith(f"{MAIN}.html")]
    page = Page(text)
    assert "Classes de service, sortant" in page.text
    places = [page.text.rindex(name) for name in ("TOTAL <WAN>", "VOIX", "DONNEES")]
    assert places == sorted(places)
    assert text.count('class="depth-1"') == 2
    assert text.count('class="cos cos-') == 2, "the parent is not stacked on its children"


def test_a_report_stops_where_its_owner_gave_up(measured: Host) -> None:
    seen: list[float] = []

    def tell(share: float) -> None:
        seen.append(share)
        if share > 0.5:
            raise JobError("given up")

    run = Run(io.BytesIO(), Brand("Opérateur", "Extranet"), tell)
    with context_of(measured, "alice@a.example", now=NOW) as ctx, pytest.raises(JobError):
        report(ctx, run, month="2026-10", form="zip")
    assert seen == sorted(seen)
    assert seen[-1] < 1
