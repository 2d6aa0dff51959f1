"""« Aide »: what the LEDs say, by the thresholds of this installation."""

from __future__ import annotations

from core.config import Quality
from core.host import Host
from core.testing.context import context_of, words
from core.web.own_pages import pages


def test_help_tells_what_degrades_a_link_with_the_thresholds_in_use(shared_world: Host) -> None:
    rules: Quality = shared_world.config.quality
    (page,) = (page for page in pages(shared_world) if page.path == "/aide")
    with context_of(shared_world, "alice@a.example") as ctx:
        text = words(page.layout(ctx))
    assert f"changé d'état {rules.flaps} fois en {rules.flap_minutes} minutes" in text
    assert "Plus de 2,0" in text
    assert "dépasse 300 ms" in text
    for reason in ("Instable", "Pertes de paquets", "Erreurs de transmission", "Délai élevé"):
        assert reason in text
