"""Speed and size of « Consommations datas », beside ``rrdtool graph`` on the same year.

60 links with a year of five-minute samples, written as ``bench_metrics.py`` does; the curve of
each period is asked as a tick asks for it: store, figures, components, JSON, compression. Exits 1
when a budget is passed.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock
from core.api import Link
from core.host import Host
from core.network.metrics.sqlite import SqliteMetricStore
from core.testing.context import context_of
from core.testing.fixtures import SAME_SITE, sign_in
from core.web import packing
from core.web.app import create_app
from plugins.consommations.address import PERIODS, Asked, period_of
from plugins.consommations.callbacks import refresh_curve
from plugins.consommations.chosen import chosen
from plugins.consommations.listing import table
from plugins.consommations.measures import measured
from plugins.consommations.sheet import sheet

# A script finds what lies beside it; the other scripts are of the package of all tests.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.performance.bench_metrics import END, YEAR, fill, rrdtool  # see above
from tests.performance.bench_services import Figure, installation, median  # same
from tests.performance.cold_page import bare, ready  # same

NOW = datetime.fromtimestamp(END, UTC)
SITES = 30
WHO = "small@bench.example"
CURVE_MS, CURVE_BYTES, COMPANY_MS, PAGE_MS = 30, 60_000, 500, 1200
PARTS = (
    ("datas-head", "children"),
    ("datas-chart", "figure"),
    ("datas-plot", "className"),
    ("datas-strip", "children"),
    ("datas-remarks", "children"),
    ("datas-newest", "data"),
)


def body(search: str) -> dict[str, Any]:
    """Return what the browser sends each minute."""
    return {
        "output": f"..{'...'.join('.'.join(part) for part in PARTS)}..",
        "outputs": [{"id": id, "property": name} for id, name in PARTS],
        "inputs": [{"id": "datas-tick", "property": "n_intervals", "value": 1}],
        "state": [
            {"id": "host-url", "property": "search", "value": search},
            {"id": "datas-newest", "property": "data", "value": None},
        ],
        "changedPropIds": ["datas-tick.n_intervals"],
    }


def octets(client: FlaskClient, search: str) -> int:
    """Return how many octets the answer with a curve is, compressed."""
    headers = {**SAME_SITE, "Accept-Encoding": "zstd, gzip", packing.ASKED: packing.NAME}
    reply = client.post("/_dash-update-component", json=body(search), headers=headers)
    if reply.status_code != 200:
        raise SystemExit(f"a curve answers {reply.status_code}")
    return len(reply.get_data())


def curves(host: Host, app: Flask, reference: str) -> list[Figure]:
    """Measure the curve of a link over each period, with what it weighs, and the comparison."""
    found = []
    client = sign_in(app, WHO)
    with context_of(host, WHO, now=NOW) as ctx:
        for key in PERIODS:
            search = f"?liaison={reference}&periode={key}"
            taken = median(partial(refresh_curve, ctx, 1, search, None))
            found.append(Figure(f"curve, {key}", taken, "ms", CURVE_MS))
            found.append(Figure(f"curve, {key}", octets(client, search), "bytes", CURVE_BYTES))
        search = f"?liaison={reference}&periode=annee&comparer=oui"
        taken = median(lambda: refresh_curve(ctx, 1, search, None))
        found.append(Figure("curve, annee, with the year before", taken, "ms", CURVE_MS))
        asked = Asked(link=reference, period="annee")
        found.append(Figure("whole sheet, annee", median(lambda: sheet(ctx, asked)), "ms", 60))
        found.append(Figure("list, a page of links", median(lambda: table(ctx, Asked())), "ms", 60))
    return found


def company(host: Host, company_id: int) -> list[Figure]:
    """Measure the sum of the links of a company."""
    found = []
    with context_of(host, WHO, now=NOW) as ctx:
        of = chosen(ctx, Asked(company=company_id))
        links = of.links if of else []
        for key in ("24h", "annee"):
            period = period_of(ctx, Asked(period=key))
            taken = median(partial(measured, ctx, links, period), 5)
            found.append(Figure(f"sum of {len(links)} links, {key}", taken, "ms", COMPANY_MS))
    return found


def main() -> int:
    clock.now = lambda: NOW
    with tempfile.TemporaryDirectory() as folder:
        host = installation(Path(folder) / "all", [("small", SITES)])
        with context_of(host, WHO, now=NOW) as ctx:
            links = ctx.db.all(select(Link).order_by(Link.id))
            reference, company_id = links[0].reference, links[0].company_id
            ids = [link.id for link in links]
        store = host.metrics
        if not isinstance(store, SqliteMetricStore):
            raise SystemExit("the bench writes into the store that comes with Balise")
        print(f"filled   {len(ids)} links × {YEAR} days in {fill(store, ids, YEAR):.1f} s")
        app = create_app(host)
        figures = [*curves(host, app, reference), *company(host, company_id)]
        page = ready(app, f"/consommations?liaison={reference}", WHO)
        figures.append(Figure("whole page, empty browser", page, "ms", goal=PAGE_MS))
        for figure in figures:
            print(f"{figure}{'' if figure.fits else '  OVER'}")
        print(f"reference, one curve on a bare page of Dash: {ready(bare(), '/'):.0f} ms")
        theirs = rrdtool(store, Path(folder))
        for span, taken in theirs.items():
            print(f"reference, rrdtool graph, {span}: {taken:.2f} ms")
        if not theirs:
            print("rrdtool is not installed: no comparison")
    return 0 if all(figure.fits for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
