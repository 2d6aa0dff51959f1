"""What the addresses and callbacks of supervision may be sent, for its contract."""

from typing import Any

from core.testing.world import NOW

PARTS: dict[str, str] = {}
PATHS = ["/supervision/etat"]
SEARCHES = [
    "?service=@&onglet=trafic&liaison=@",
    "?service=@&onglet=historique",
    f"?service=@&onglet=historique&historique=main&jour={NOW:%Y-%m-%d}",
    "?service=@&onglet=qos&sens=out",
    "?q=@",
    "?placer=@",
    "?site=1",
]
VALUES: dict[str, list[Any]] = {
    "supervision-tick.n_intervals": [1],
    "supervision-version.data": [None],
    "supervision-rows.data": [None, ["@"]],
    "supervision-chosen.data": [None],
    "supervision-gone.data": ["@", None],
    "supervision-panel-version.data": [None],
    "map-tick.n_intervals": [1],
    "map-version.data": [None, {"key": "@", "t": 0, "at": 0, "sum": 0, "runs": []}],
    "supervision-placed.data": [None],
    "supervision-placing.data": [None],
    "supervision-town.value": ["@", "limoges"],
    "supervision-place.n_clicks": [1],
    "supervision-choice.value": ["nowhere"],
}
