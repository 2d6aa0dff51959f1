"""axe-core (WCAG 2.2 AA) finds nothing critical or serious, light and dark, French and English."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def faults(page: Page) -> list[str]:
    """Return what axe finds critical or serious on the page as it stands."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in ("critical", "serious")
        for node in fault["nodes"]
        if not _is_pin(fault["id"], node["html"])
    ]


def _is_pin(rule: str, html: str) -> bool:
    """Tell a mark of the map that another one is near to.

    WCAG 2.5.8 leaves the size of targets free where the place of each is essential, as of pins on
    a map, and where the page has another way to the same: the table beside it.
    """
    return rule == "target-size" and "leaflet-marker-icon" in html


@pytest.mark.parametrize(("theme", "language"), [("light", "fr"), ("dark", "en")])
def test_the_sign_in_page_has_no_serious_fault(web, browser, theme, language):
    """The others are looked at in ``test_pages``, where each is loaded once for all there is to
    say of it.
    """
    context = browser.new_context(color_scheme=theme, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{web.url}/langue/{language}?next=/connexion")
    assert faults(page) == []
    context.close()
