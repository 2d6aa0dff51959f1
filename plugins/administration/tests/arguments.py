"""What the callbacks of administration may be sent, for the contract: nothing that would be kept.

Numbers are those of accounts and sites of customer A, in a version that nobody has, or unknown
ones: an administrator would change them.
"""

from typing import Any

PARTS = {"number": "1", "id": "1", "customer_id": "1"}
PATHS = ["/administration/utilisateurs", "/administration/journal"]
SEARCHES = [
    *("?q=@", "?supprimer=1", "?client=1", "?etat=supprime&rubrique=factures:read"),
    *("?objet=@", "?qui=@&vue=agir", "?ligne=1&client=1", "?client=2&ligne=2"),
]
DRAFT = {
    "id": 1, "version": 0, "customer": 1, "family_name": "Vidal", "given_name": "Claire",
    "email": "alice@a.example", "permissions": ["supervision:read"], "scope": {"sites": [1]},
}  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "users-draft.data": [
        {**DRAFT, "do": "see"}, {**DRAFT, "do": "save"}, {**DRAFT, "do": "see", "id": None},
        {"do": "save", "scope": "@", "permissions": {"@": 1}}, "@",
    ],
    "users-account.data": [
        {"do": "disable", "id": 1, "version": 0}, {"do": "delete", "id": 1, "version": 0},
        {"do": "invite", "id": 99_999}, {"do": "@"}, "@",
    ],
    "users-find.value": ["@", ""],
    "users-sites-page.data": [None, {"page": 2, "q": "@"}, "@"],
    "users-whose.data": [1, "@"],
    "customers-new.data": [{"name": "", "number": "@", "timezone": "Europe/Paris", "press": 1}],
    "customers-change.data": [
        {"do": what, "press": 1} for what in ("disable", "rubrics", "change")
    ],
    "customers-rubrics.value": [["supervision"]],
    "customers-id.data": [99_999],
}  # fmt: skip
