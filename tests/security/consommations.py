"""What the callbacks of consommations may be sent, for ``test_tenants``: none of it is good."""

VALUES = {
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
