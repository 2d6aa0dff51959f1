"""What the callbacks of users may be sent, for ``test_tenants``: nothing that would be kept.

Numbers are those of accounts and sites of customer A, or unknown ones.
"""

SEARCHES = ["?q=@", "?supprimer=1", "?client=1", "?etat=supprime&rubrique=factures:read"]
DRAFT = {
    "id": 1, "version": 1, "customer": 1, "family_name": "Vidal", "given_name": "Claire",
    "email": "alice@a.example", "permissions": ["supervision:read"], "scope": {"sites": [1]},
}  # fmt: skip
VALUES = {
    "users-draft.data": [
        {**DRAFT, "do": "see"}, {**DRAFT, "do": "save"}, {**DRAFT, "do": "see", "id": None},
        {"do": "save", "scope": "@", "permissions": {"@": 1}}, "@",
    ],
    "users-account.data": [
        {"do": "disable", "id": 1, "version": 1}, {"do": "delete", "id": 1, "version": 1},
        {"do": "invite", "id": 1}, {"do": "@"}, "@",
    ],
    "users-find.value": ["@", ""],
    "users-sites-page.data": [None, {"page": 2, "q": "@"}, "@"],
    "users-whose.data": [1, "@"],
}  # fmt: skip
