"""What the assets promise in a real browser: addresses, rows, theme, menu, failures told."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import ALICE, MAIN, REACTION, ROWS, SERVICES, Portal

CALLBACKS = "**/_dash-update-component**"


def test_a_click_anywhere_on_a_row_opens_it_and_its_address_can_be_kept(services: Page):
    services.locator(ROWS, has_text="site 10").locator("td").nth(3).click()
    expect(services).to_have_url(re.compile(f"service={MAIN}"))
    expect(services.locator("#supervision-panel")).to_contain_text("Informations administratives")
    services.reload()
    expect(services.locator("#supervision-panel")).to_contain_text(MAIN)
    expect(services.locator(f"{ROWS}[aria-selected=true]")).to_contain_text("site 10")


def test_a_row_opens_from_the_keyboard(services: Page):
    services.locator(ROWS, has_text="site 10").get_by_role("link").first.focus()
    services.keyboard.press("Enter")
    expect(services.locator("#supervision-panel")).to_contain_text(MAIN)


def test_searching_changes_the_address_and_the_way_back_undoes_it(services: Page):
    services.fill("#supervision-search", "SITE 11")
    expect(services.locator(ROWS)).to_have_count(1)
    expect(services).to_have_url(re.compile(r"q=SITE\+11"))
    services.fill("#supervision-search", "nulle part")
    services.get_by_text("Effacer les filtres").click()
    expect(services.locator(ROWS)).to_have_count(3)
    expect(services.locator("#supervision-search")).to_have_value("")
    services.go_back()
    expect(services.locator("#supervision-search")).to_have_value("nulle part")


def test_a_chart_is_drawn_anew_in_the_colours_of_the_other_theme(services: Page):
    services.goto(f"{services.url}?service={MAIN}")
    line = services.locator(".js-plotly-plot .scatterlayer .trace .js-line").first
    expect(line).to_be_attached(timeout=15000)
    light = line.evaluate("e => getComputedStyle(e).stroke")
    services.get_by_label("Thème clair ou sombre").click()
    expect(services.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(line).not_to_have_css("stroke", light)
    services.reload()
    expect(services.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_plotly_is_the_small_one_and_comes_only_with_a_chart(web: Portal, page: Page, sign_in):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(web, ALICE, SERVICES)
    expect(page.locator(ROWS)).to_have_count(3)
    assert not [url for url in asked if "plotly" in url and "locale" not in url]
    page.goto(f"{web.url}{SERVICES}?service={MAIN}")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_attached(timeout=15000)
    assert [url.partition("?")[0] for url in asked if "plotly" in url and ".min.js" in url] == [
        f"{web.url}/assets/lazy/plotly-basic.min.js"
    ]


def test_on_a_phone_the_menu_opens_and_closes_and_nothing_is_wider(services: Page):
    services.set_viewport_size({"width": 390, "height": 844})
    services.goto(f"{services.url}?service={MAIN}")
    expect(services.locator("#supervision-panel")).to_be_visible()
    assert services.evaluate("document.documentElement.scrollWidth") <= 390
    button = services.get_by_role("button", name="Menu")
    button.click()
    expect(services.locator("nav.menu")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    services.keyboard.press("Escape")
    expect(services.locator("nav.menu")).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    services.locator("nav.menu").get_by_text("Accueil").click()
    expect(services.locator("nav.menu")).to_be_hidden()


def test_a_failed_action_gives_its_reference_until_the_next_success(
    services: Page, wrong: list[str]
):
    reply = {"status": 500, "headers": {"X-Request-Id": "7f3a0142"}, "body": "{}"}
    services.route(CALLBACKS, lambda route: route.fulfill(**reply))
    services.locator(".chip").first.click()
    expect(services.locator(".banner")).to_contain_text("référence 7f3a0142")
    services.unroute(CALLBACKS)
    services.locator(".chip").nth(1).click()
    expect(services.locator(".banner")).to_have_count(0)
    wrong.clear()  # the console tells the failures that were asked for


def test_a_lost_server_is_said_until_it_answers_again(services: Page, wrong: list[str]):
    services.route(CALLBACKS, lambda route: route.abort())
    services.locator(".chip").first.click()
    expect(services.locator(".banner")).to_contain_text("Connexion au serveur perdue")
    services.unroute(CALLBACKS)
    expect(services.locator(".banner")).to_have_count(0, timeout=10000)
    wrong.clear()  # as above


def test_an_ended_session_leads_to_sign_in_and_back(web: Portal, services: Page, wrong: list[str]):
    services.context.clear_cookies()
    services.locator(".chip").nth(2).click()
    expect(services).to_have_url(re.compile(r"/connexion\?expiree=1&next="))
    expect(services.get_by_role("status")).to_contain_text("Votre session a expiré")
    wrong.clear()  # the 401 itself
    services.fill("#email", ALICE)
    services.fill("#password", "sept chevaux bleus")
    services.click("button[type=submit]")
    expect(services).to_have_url(f"{web.url}{SERVICES}?etat=down")


def test_a_page_out_of_sight_asks_nothing_and_asks_at_once_when_seen(services: Page):
    asked: list[str] = []
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    services.clock.install()
    services.goto(services.url)
    expect(services.locator(ROWS)).to_have_count(3)
    services.evaluate(hide, True)
    services.clock.run_for(1000)
    services.on("request", lambda request: asked.append(request.url))
    services.clock.run_for(600_000)
    assert not asked
    with services.expect_request(CALLBACKS):
        services.evaluate(hide, False)
    services.clock.run_for(15_000)
    expect(services.locator("html")).not_to_have_attribute("data-stale", "")


def test_a_table_drawn_anew_keeps_ones_place_and_the_focus(services: Page):
    services.add_style_tag(content=".table-scroll { max-height: 76px !important; }")
    top = "document.querySelector('.table-scroll').scrollTop"
    link = services.locator(ROWS).nth(2).get_by_role("link").first
    link.focus()
    services.keyboard.press("Enter")
    kept = services.evaluate(top)
    expect(services.locator(f"{ROWS}[aria-selected=true]")).to_have_count(1)
    assert kept > 0
    assert services.evaluate(top) == kept
    expect(link).to_be_focused()


def test_leds_turn_grey_when_the_server_is_lost_and_come_back(
    portal: Portal, services: Page, wrong: list[str]
):
    """A page that hears nothing must not go on saying that all is well."""
    expect(services.locator(f"{ROWS} .led-up").first).to_be_visible(timeout=REACTION)
    services.clock.install()
    services.goto(services.url)
    expect(services.locator(ROWS)).to_have_count(3)
    led = services.locator(f"{ROWS} .led-up").first
    green = led.evaluate("e => getComputedStyle(e).backgroundColor")
    services.route(CALLBACKS, lambda route: route.abort())
    services.route("**/healthz", lambda route: route.abort())
    services.wait_for_timeout(500)  # what was asked before is answered: it sets the page's clock
    services.clock.run_for(600_000)
    expect(services.locator("html")).to_have_attribute("data-stale", "")
    expect(services.locator("#supervision-fresh")).to_contain_text(
        re.compile(r"^Mesures vieilles de \d+\smin$"), use_inner_text=True
    )
    expect(led).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    band, head = (
        services.locator(".banner").bounding_box(),
        services.locator(".head").bounding_box(),
    )
    assert band
    assert head
    assert head["y"] >= band["y"] + band["height"] - 1, "the banner covers nothing"
    services.unroute(CALLBACKS)
    services.unroute("**/healthz")
    services.clock.run_for(15_000)
    expect(services.locator("html")).not_to_have_attribute("data-stale", "")
    expect(led).to_have_css("background-color", green)
    expect(services.locator(".banner")).to_have_count(0)
    wrong.clear()  # the console tells the failures that were asked for


@pytest.mark.parametrize("width", [390, 768, 1024, 1279, 1280, 1440])
def test_company_site_and_references_can_be_read_at_every_width(services: Page, width: int):
    services.set_viewport_size({"width": width, "height": 900})
    services.goto(f"{services.url}?service={MAIN}")
    first = services.locator(ROWS, has_text="site 10")
    assert services.evaluate("document.documentElement.scrollWidth") <= width
    if width < 1280:
        expect(first.locator(".cell-phone")).to_be_visible()
        lines = first.locator(".piece").evaluate_all(
            "all => all.map(e => e.getClientRects().length)"
        )
        assert set(lines) == {1}, "a piece of a line is never broken"
    else:
        for place in (1, 2):
            box = first.locator("td").nth(place).bounding_box()
            assert box
            assert box["width"] >= 100
        for place in (5, 7):
            cell = first.locator("td").nth(place)
            assert cell.evaluate("e => e.scrollWidth <= e.clientWidth"), "a reference is never cut"


@pytest.mark.parametrize("size", [(390, 700), (1440, 500)])
def test_what_a_row_opens_comes_into_view_below_the_header(services: Page, size: tuple[int, int]):
    width, height = size
    services.set_viewport_size({"width": width, "height": height})
    services.emulate_media(reduced_motion="reduce")
    services.locator(ROWS, has_text="site 10").get_by_role("link").locator("visible=true").click()
    title = services.get_by_role("heading", name="Informations administratives · CANARI-A site 10")
    expect(title).to_be_in_viewport()
    head = services.locator(".head").bounding_box()
    assert head
    services.wait_for_function(
        "y => document.querySelector('#supervision-panel').getBoundingClientRect().top >= y"
        " && document.querySelector('#supervision-panel').getBoundingClientRect().top < y + 40",
        arg=head["y"] + head["height"],
    )
    name = services.locator("#supervision-panel").get_attribute("aria-labelledby")
    expect(services.locator(f"#{name}")).to_have_count(1)


def test_the_link_and_the_history_one_chose_are_kept_by_the_address(services: Page):
    services.goto(f"{services.url}?service={MAIN}")
    panel = services.locator("#supervision-panel")
    panel.get_by_role("link", name="Secondaire", exact=True).click()
    expect(panel).to_contain_text("Liaison secondaire : CANARI-A")
    expect(services).to_have_url(re.compile(f"service={MAIN}.*liaison=CANARI-A-10-001"))
    services.reload()
    expect(panel).to_contain_text("Liaison secondaire : CANARI-A")
    panel.get_by_role("link", name="Historique des statuts").click()
    expect(panel).to_contain_text("90 derniers jours")  # the other tab has a « Principale » too
    panel.get_by_role("link", name="Principale", exact=True).click()
    expect(services).to_have_url(re.compile("historique=main"))
    services.reload()
    expect(panel.locator("a[aria-current=true]", has_text="Principale")).to_be_visible()
    services.locator(ROWS, has_text="site 11").locator("td").nth(3).click()
    expect(services).not_to_have_url(re.compile("historique=|liaison="))


def test_a_chart_hears_its_clock(services: Page):
    """The tab asks whether there is a new point; without one, the chart stays as it is."""
    services.clock.install()
    services.goto(f"{services.url}?service={MAIN}")
    expect(services.locator(".js-plotly-plot .main-svg").first).to_be_attached(timeout=15000)
    expect(services.locator(".plot-waits")).to_be_hidden()
    plot = services.locator(".plot").bounding_box()
    assert plot
    for label in services.locator(".plot .annotation").all():
        box = label.bounding_box()
        assert box
        assert box["x"] >= plot["x"]
        assert box["x"] + box["width"] <= plot["x"] + plot["width"], "labels stay inside"
    with services.expect_response(
        lambda answer: "consommations-traffic" in (answer.request.post_data or "")
    ) as heard:
        services.clock.run_for(61_000)
    assert heard.value.ok


def test_before_the_frame_there_are_grey_bars_and_no_english(services: Page):
    services.route("**/_dash-layout", lambda _route: None)  # never answers
    services.goto(services.url)
    waits = services.locator("._dash-loading")
    expect(waits).to_be_attached()
    expect(waits).to_be_hidden()
    services.wait_for_function(
        "() => getComputedStyle(document.querySelector('._dash-loading'), '::before').opacity"
        " === '1'"
    )
