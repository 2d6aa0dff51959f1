"""What the callbacks of consommations may be sent, for the contract: none of it is good."""

from typing import Any

PARTS: dict[str, str] = {}
PATHS = ["/consommations"]
SEARCHES = [
    "?liaison=@&periode=annee&comparer=oui&unite=octets",
    "?liaison=@&periode=perso&du=2026-01-01T00:00&au=2025-01-01T00:00",
    "?vue=sites&site=1&q=@",
    "?vue=societes&societe=1&periode=semaine",
]
VALUES: dict[str, list[Any]] = {
    "consommations-link.value": ["@"],
    "consommations-tick.n_intervals": [1],
    "consommations-version.data": [[["@", "trafic", "@"], "@", 0], None],
    **{f"datas-{of}.data": [None] for of in ("listed", "shown", "newest", "panel-version")},
    "datas-tick.n_intervals": [1],
    "consommations-order.data": [{"month": "@", "form": "csv"}, {"month": "2026-01", "form": "@"}],
    "consommations-act.data": [{"job": 1, "do": "cancel"}, {"job": "@", "do": "delete"}],
    "consommations-jobs-tick.n_intervals": [1],
    "consommations-ordered.data": [1, "@"],
    "consommations-acted.data": [None],
    "consommations-seen.data": [None, "@"],
}
