"""« Consommations datas » by hand: each period, the file beside the screen, zoom, way back."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from core import clock, formats
from core.network.inventory import Link
from core.network.metrics import Volume
from core.testing.files import csv_rows

from .conftest import Portal, until
from .test_accessibility import faults

ALICE = "alice@a.example"
DATAS = "/consommations"
MAIN, BACKUP = "CANARI-A-10-000", "CANARI-A-10-001"
THIN = "\u202f"


@pytest.fixture
def link(web: Portal, page: Page, sign_in) -> Page:
    def is_over() -> bool:  # a curve ends with the last whole minute
        newest = max(web.host.metrics.freshness().values())
        return newest < int(time.time()) // 60 * 60

    until(is_over, 70, "the minute of the last measure")
    sign_in(web, ALICE, f"{DATAS}?liaison={MAIN}")
    expect(page.locator("#datas-chart .main-svg").first).to_be_visible()
    return page


def carried(web: Portal, *references: str) -> Volume:
    """Return what the store says that links carried: the collectors of other tests add to it."""
    with Session(web.host.engine) as session:
        links = session.scalars(sa.select(Link).where(Link.reference.in_(references))).all()
    found = web.host.metrics.volumes(links, clock.now() - timedelta(days=1), clock.now()).values()
    ins, outs = sum(one.in_octets for one in found), sum(one.out_octets for one in found)
    return Volume(ins, outs, sum(one.covered for one in found), 86_400.0)


def plain(text: str) -> str:
    return text.replace(THIN, " ").replace("\xa0", " ")


def figure(page: Page, name: str) -> str:
    """Return what stands under a name in the figures of the curve."""
    cell = page.locator("#datas-curve .stats > div", has_text=name)
    return plain(cell.locator("dd").inner_text())


def saved(page: Page) -> list[list[str]]:
    """Return the rows of the CSV file that the page offers."""
    menu = page.locator("#datas-export")
    menu.get_by_text("Exporter").click()
    with page.expect_download() as download:
        menu.get_by_role("link", name="CSV pour Excel").click()
    return csv_rows(Path(download.value.path()).read_bytes())


PERIODS = [
    ("Dernières 4H", "4h", "un point par minute"),
    ("Dernière semaine", "semaine", "un point toutes les 30 min"),
    ("Dernier mois", "mois", "un point toutes les 2 h"),
    ("Derniers 6 mois", "6mois", "un point toutes les 12 h"),
    ("Dernière année", "annee", "un point par jour"),
]


def test_each_period_is_a_click_and_stands_in_the_address(web: Portal, link: Page):
    volume = plain(formats.octets(carried(web, MAIN).in_octets))
    curve = link.locator("#datas-curve")
    expect(curve).to_contain_text("un point toutes les 5 min")
    for name, key, each in PERIODS:
        link.get_by_role("link", name=name).click()
        expect(curve).to_contain_text(each)
        expect(link).to_have_url(re.compile(f"periode={key}"))
        assert volume in figure(link, "Volume"), (
            "each period holds the two hours that were measured"
        )
    for _name, _key, each in reversed(PERIODS[:-1]):
        link.go_back()
        expect(curve).to_contain_text(each)
    link.go_back()
    expect(curve).to_contain_text("un point toutes les 5 min")
    expect(link.get_by_role("link", name="Dernières 24H")).to_have_attribute("aria-current", "true")


def test_the_file_holds_what_the_screen_shows(web: Portal, link: Page):
    volume = carried(web, MAIN)
    rows = saved(link)
    head, lines = rows[0], rows[1:]
    ins, outs = (head.index(f"Octets {way}") for way in ("entrants", "sortants"))
    assert sum(int(line[ins] or 0) for line in lines) == volume.in_octets
    assert sum(int(line[outs] or 0) for line in lines) == volume.out_octets
    assert plain(formats.octets(volume.in_octets)) in figure(link, "Volume")
    assert plain(formats.octets(volume.out_octets)) in figure(link, "Volume")
    seconds = sum(float(line[head.index("Secondes mesurées")].replace(",", ".")) for line in lines)
    assert seconds == pytest.approx(volume.covered, abs=1)
    drawn = link.evaluate(
        "document.querySelector('#datas-chart .js-plotly-plot').calcdata[0].length"
    )
    assert abs(drawn - len(lines)) <= 1, "a line for each point"


LAST = """() => {
    const [points] = document.querySelector("#datas-chart .js-plotly-plot").calcdata;
    const last = points.filter((point) => Number.isFinite(point.y)).at(-1);
    return `${last.x} ${last.y}`;
}"""
HURRY = """
const every = setInterval;
window.setInterval = (action, ms) => every(action, ms >= 10000 ? ms / 10 : ms);
"""


def test_each_minute_brings_its_point_and_the_page_stays_as_it_is(portal: Portal, page, sign_in):
    """The collector measures, the curve grows; what one reads and where one points stay."""
    page.add_init_script(HURRY)
    sign_in(portal, ALICE, f"{DATAS}?liaison={MAIN}&periode=4h")
    expect(page.locator("#datas-chart .main-svg").first).to_be_visible()
    kept = "#datas-chart .js-plotly-plot", "#datas-traffic h2", "#datas-traffic", "#datas-search"
    for place in kept:
        page.locator(place).first.evaluate("place => { place.kept = true; }")
    page.evaluate("window.scrollTo(0, 120)")
    title, before = page.locator("#datas-curve h3"), page.evaluate(LAST)
    until(lambda: page.evaluate(LAST) != before, 130, "the point of a minute")
    expect(title).to_contain_text("un point par minute")
    for place in kept:
        assert page.locator(place).first.evaluate("place => place.kept"), place
    assert page.evaluate("window.scrollY") == 120


def test_two_moments_of_ones_own_are_applied_kept_and_refused(link: Page):
    link.fill("#datas-du", "2026-01-05T08:00")
    link.fill("#datas-au", "2026-01-05T12:00")
    link.get_by_role("button", name="Valider").click()
    expect(link.locator("#datas-curve")).to_contain_text("Aucune mesure sur cette période")
    expect(link).to_have_url(re.compile("periode=perso.*du=2026-01-05T08"))
    link.reload()
    expect(link.locator("#datas-du")).to_have_value("2026-01-05T08:00")
    link.fill("#datas-au", "2026-01-04T12:00")
    link.get_by_role("button", name="Valider").click()
    expect(link.get_by_role("alert")).to_contain_text("doit venir après son début")
    link.go_back()
    expect(link.locator("#datas-curve")).to_contain_text("Aucune mesure sur cette période")


def test_drawing_over_the_chart_loads_finer_points_and_the_way_back_undoes_it(link: Page):
    link.locator("#datas-chart").scroll_into_view_if_needed()
    box = link.locator("#datas-chart .nsewdrag").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    link.mouse.move(box["x"] + box["width"] * 0.86, y)
    link.mouse.down()
    link.mouse.move(box["x"] + box["width"] * 0.99, y, steps=4)
    link.mouse.up()
    expect(link.locator("#datas-curve")).to_contain_text("un point par minute")
    expect(link).to_have_url(re.compile("periode=perso"))
    expect(link.get_by_role("link", name="Personnalisée")).to_have_attribute("aria-current", "true")
    link.go_back()
    expect(link.locator("#datas-curve")).to_contain_text("un point toutes les 5 min")


def test_octets_comparison_picture_and_the_backup_are_one_click_each(web: Portal, link: Page):
    volume = carried(web, MAIN)
    link.get_by_role("link", name="octets").click()
    expect(link.locator("#datas-curve")).to_contain_text("Débit en octets/s")
    mean = formats.octet_rate(volume.in_octets * 8 / volume.covered)
    assert plain(mean) in figure(link, "Moyenne")
    link.get_by_role("link", name="Comparer à la période précédente").click()
    expect(link.locator("#datas-curve .legend")).to_contain_text("Période précédente")
    with link.expect_download() as download:
        link.get_by_role("button", name="Image").click()
    assert download.value.suggested_filename == f"Trafic {MAIN}.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    link.locator("#datas-traffic").get_by_role("link", name="Secondaire").click()
    expect(link.get_by_role("heading", name=f"Trafic sur le lien {BACKUP}")).to_be_visible()
    expect(link).to_have_url(re.compile("unite=octets"))


def test_a_row_of_the_list_opens_its_curve_and_a_site_the_sum_of_its_links(web: Portal, link: Page):
    link.fill("#datas-search", "site 20")
    rows = link.locator("#datas-list tbody tr")
    expect(rows).to_have_count(1)
    rows.first.get_by_role("link").first.click()
    expect(link.get_by_role("heading", name="Trafic sur le lien CANARI-A-20-000")).to_be_visible()
    link.fill("#datas-search", "")
    expect(rows).to_have_count(4)
    link.get_by_role("link", name="Par site").click()
    expect(rows).to_have_count(3)
    rows.first.get_by_role("link").first.click()
    expect(link.get_by_role("heading", name="Trafic du site CANARI-A site 10")).to_be_visible()
    volume = carried(web, MAIN, BACKUP).in_octets
    assert plain(formats.octets(volume)) in figure(link, "Volume")


def test_a_class_of_service_is_shown_alone(link: Page):
    link.locator("#datas-qos").get_by_role("link", name="CANARI-A-VOIX").click()
    expect(link.locator("#datas-qos")).to_contain_text("Classe CANARI-A-VOIX")
    expect(link.locator("#datas-class .main-svg").first).to_be_visible()
    link.go_back()
    expect(link.locator("#datas-classes .main-svg").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_sheet_has_no_serious_fault_on_a_phone(web: Portal, browser, theme: str):
    context = browser.new_context(
        color_scheme=theme, viewport={"width": 390, "height": 844}, bypass_csp=True
    )
    page = context.new_page()
    page.goto(f"{web.url}/connexion?next={DATAS}?liaison={MAIN}")
    page.fill("#email", ALICE)
    page.fill("#password", "sept chevaux bleus")
    page.click("button[type=submit]")
    expect(page.locator("#datas-chart .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []
    context.close()
