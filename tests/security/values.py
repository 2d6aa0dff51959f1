"""What routes, pages and callbacks are asked with: the arguments of customer A."""

from core.testing.world import NOW
from tests.security import commandes, consommations, factures, incidents, journal
from tests.security.imports import OF_IMPORTS, PARTS_OF_IMPORTS
from tests.security.walls import OF_WALLS

OF_RUBRICS = [*commandes.PATHS, *factures.PATHS, *incidents.PATHS]
A_LINK, A_OTHER_LINK = "CANARI-A-10-000", "CANARI-A-20-000"
UNKNOWN = "CANARI-Z-10-000"

PARTS = {
    "path": "supervision/etat",
    "token": "x" * 43,
    "code": "en",
    "package_name": "dash",
    "fingerprinted_path": "none.js",
    "filename": "none.css",
    "number": "1",
    "reference": A_LINK,
    "guide": "supervision",
    **PARTS_OF_IMPORTS,
    **incidents.PARTS,
    **journal.PARTS,
}
"""Parts of routes and of pages' addresses."""

VALUES = {
    "host-url.pathname": ["/supervision/etat", "/", "/compte", "/aide/supervision", *OF_RUBRICS],
    "host-url.search": [
        "?service=@&onglet=trafic&liaison=@",
        *(commandes.SEARCHES + factures.SEARCHES + incidents.SEARCHES + journal.SEARCHES),
        "?service=@&onglet=historique",
        f"?service=@&onglet=historique&historique=main&jour={NOW:%Y-%m-%d}",
        "?service=@&onglet=qos&sens=out",
        "?q=@",
        "",
        "?placer=@",
        *consommations.SEARCHES,
    ],
    "host-home-tick.n_intervals": [1],
    "host-home-version.data": [None],
    **{key: [1] for key in ("host-collect-tick.n_intervals", "supervision-tick.n_intervals")},
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
    **consommations.VALUES,
    **commandes.VALUES,
    **factures.VALUES,
    **OF_IMPORTS,
    **OF_WALLS,
    **incidents.VALUES,
    **journal.VALUES,
}
"""What to send for each input and state; « @ » stands for a reference of customer A."""
