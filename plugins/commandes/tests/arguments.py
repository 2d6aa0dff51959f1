"""What the callbacks of commandes may be sent, for the contract: nothing that would be kept."""

from typing import Any

PARTS = {"reference": "@", "number": "@"}
PATHS = ["/consommations", "/commandes/suivi", "/commandes/suivi/@", "/commandes/abonnements"]
SEARCHES = [
    "?abonnement=@&modifier=contact",
    "?abonnement=@&modifier=resiliation&vue=technologies&ouvert=tout",
    "?lieu=1&modifier=contact&ouvert=1",
]
VALUES: dict[str, list[Any]] = {
    "commandes-tick.n_intervals": [1],
    "commandes-version.data": [None, ["@", "@"]],
    "abonnements-listed.data": [None],
    "abonnements-shown.data": [None, ["@", "@", "@"]],
    **{f"abonnements-{done}.data": [None] for done in ("kept", "ended", "settled")},
    "abonnements-contact.data": [{"site": 1, "contact": 1, "name": ""}, {"site": "@"}, "@"],
    "abonnements-ask.data": [
        {"subscription": "@", "wanted": "@"}, {"withdraw": "@"}, {"subscription": 1}, "@",
    ],
    "abonnements-decide.data": [{"request": "@", "decision": "confirmee"}],
    "abonnements-radius.data": [{"subscription": "@"}, {"subscription": 1}, "@"],
    "commande-say.data": [{"reference": "@", "kind": "creation", "text": " "}, "@"],
    "commande-tick.n_intervals": [1],
    "commande-sent.data": [None],
    "commande-line.data": [["@", "creation", 0], "@", ["@", 1, "@"]],
    "commande-newest.data": [None],
}  # fmt: skip
