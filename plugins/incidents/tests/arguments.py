"""What the callbacks of incidents may be sent, for the contract: nothing that would be kept."""

from typing import Any

PATHS = [
    "/supervision/carte", "/incidents/@", "/incidents", "/incidents/engagements",
    "/incidents/travaux", "/incidents/coupures",
]  # fmt: skip
SEARCHES = [
    "?link=@", "?link=@&encore=oui", "?onglet=description", "?onglet=informations",
    "?etat=tous&q=@", "?liaison=@", "?annee=oui", "?vue=toutes", "?vue=toutes&q=@&duree=5",
]  # fmt: skip
PARTS = {"ticket": "@", "file": "1"}
VALUES: dict[str, list[Any]] = {
    "incidents-tick.n_intervals": [1],
    "incidents-version.data": [None, ["@", "@"]],
    "incidents-open.data": [{"link": "@", "impact": "?"}, {"link": 1}, "@"],
    "ticket-say.data": [
        {"ticket": "@", "do": "comment", "text": " "},
        {"ticket": "@", "do": "clos", "version": -1},
        {"ticket": "@", "do": "@"},
        "@",
    ],
    "ticket-staff.data": [{"ticket": "@", "do": "note", "text": " "}, "@"],
    "works-do.data": [{"do": "cancel", "work": "@"}, "@"],
    "terms-save.data": [{"code": "@", "label": ""}, "@"],
    "ticket-tick.n_intervals": [1],
    "ticket-changed.data": [None],
    "ticket-staff-done.data": [None],
    "ticket-files.data": [None],
    "ticket-number.data": ["@", 1, None],
    "ticket-version.data": [None, ["@"], [0, 0, 0, "@"]],
}
