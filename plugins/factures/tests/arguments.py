"""What the callbacks of factures may be sent, for the contract: nothing that would be kept."""

from typing import Any

PARTS = {"reference": "@", "number": "@"}
PATHS = ["/factures", "/factures/@", "/factures/@/detail"]
SEARCHES = ["?mois=2026-10&q=@", "?societe=1&profondeur=2", "?q=@&page=2&min=1&max=9999"]
VALUES: dict[str, list[Any]] = {
    "factures-version.data": [None, ["@", "@"]],
    "factures-order.data": [{"month": "@", "form": "pdf"}, "@", {"month": "2026-10", "form": "@"}],
    "factures-act.data": [{"job": 99_999, "do": "cancel"}, "@"],
    "factures-tick.n_intervals": [1],
    "factures-ordered.data": [None],
    "factures-acted.data": [None],
    "factures-seen.data": [None, "@"],
}
