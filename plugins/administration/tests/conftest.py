"""Administrators with rights of their own, and the portal as a browser asks it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.accounts import Account, AccountPermission
from core.db import ScopeGrant
from core.testing.fixtures import SAME_SITE, sign_in
from core.web.app import create_app

RIGHTS = ("supervision:read", "factures:read", "incidents:read", "incidents:write")
FORM = {
    "do": "save", "id": None, "version": None, "customer": None, "family_name": "Vidal",
    "given_name": "Claire", "email": "claire@a.example", "kind": "user", "expires": "",
    "permissions": ["supervision:read"], "scope": {"whole": True}, "profile": "", "press": 1,
}  # fmt: skip


class Said(NamedTuple):
    """An answer; its text as a reader sees it, not as JSON escapes it."""

    status_code: int
    headers: Any
    text: str


class Portal:
    """The portal of two customers, and what its database holds."""

    def __init__(self, host: Any, app: Any) -> None:
        self.host, self.app = host, app
        self._clients: dict[str, Any] = {}

    def browser(self, email: str) -> Any:
        if email not in self._clients:
            self._clients[email] = sign_in(self.app, email)
        return self._clients[email]

    def account(self, email: str):
        """Return an account with its rights as plain values, None when there is none."""
        with Session(self.host.engine) as session:
            found: Any = session.scalar(sa.select(Account).where(
                sa.or_(Account.email == email, Account.sought == email)))  # fmt: skip
            if found is not None:
                found.keys = {one.key for one in found.permissions}
                found.grants = {(one.reach, one.target_id) for one in found.scope}
            return found

    def give(self, email: str, keys: Any, scope: Any = None) -> None:
        with Session(self.host.engine) as session:
            account = session.scalars(sa.select(Account).where(Account.email == email)).one()
            account.permissions = [AccountPermission(key=key) for key in keys]
            if scope is not None:
                account.scope = []
                session.flush()
                account.scope = [ScopeGrant(reach=r, target_id=t) for r, t in scope]
            session.commit()

    def call(self, email, outputs, state, below="", **inputs):
        """Call a callback of these outputs; values are named « id.property »."""

        def put(values):
            named = ((*key.rsplit(".", 1), value) for key, value in values.items())
            return [{"id": id_, "property": p, "value": value} for id_, p, value in named]

        split = [dict(zip(("id", "property"), one.rsplit(".", 1), strict=True)) for one in outputs]
        several = len(outputs) > 1
        body = {
            "output": f"..{'...'.join(outputs)}.." if several else outputs[0],
            "outputs": split if several else split[0],
            "inputs": put(inputs), "state": put(state), "changedPropIds": list(inputs),
        }  # fmt: skip
        path = f"{below}/_dash-update-component"
        reply = self.browser(email).post(path, json=body, headers=SAME_SITE)
        text = json.dumps(reply.json, ensure_ascii=False) if reply.is_json else reply.text
        return Said(reply.status_code, reply.headers, text)

    def page(self, email, path, search="", below=""):
        """Return a page with the menu, as the frame asks for them."""
        outputs = ["host-page.children", "host-menu.children", "host-title.data"]
        state = {"host-url.search": search}
        return self.call(email, outputs, state, below, **{"host-url.pathname": path})

    def save(self, who, /, **changes):
        """Send the form, every value of it the browser's word."""
        wrong = (
            "family-name",
            "given-name",
            "email",
            "password",
            "expires",
            "permissions",
            "scope",
        )
        outputs = ["users-whole.children", "users-preview.children", "users-said.children",
                   *(f"users-{name}-wrong.children" for name in wrong)]  # fmt: skip
        return self.call(who, outputs, {}, **{"users-draft.data": {**FORM, **changes}})

    def act(self, email, **data):
        return self.call(email, ["users-account-said.children"], {}, **{"users-account.data": data})


@pytest.fixture
def portal(filled: Any, at_now: None) -> Portal:
    """Two customers whose administrators have all of theirs, and four rights."""
    found = Portal(filled, create_app(filled))
    for letter in "ab":
        found.give(f"admin@{letter}.example", RIGHTS)
    return found
