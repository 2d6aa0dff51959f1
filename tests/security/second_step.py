"""What tests of sign-ins do in two steps."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, mail, sessions, two_factor
from core.accounts import find
from core.audit import AuditEntry
from core.testing.fixtures import PAGE, SAME_SITE
from core.testing.world import PASSWORD

ALICE = "alice@a.example"
STEP = timedelta(seconds=two_factor.STEP)


def post(client, path, **form):
    return client.post(path, data=form, headers=SAME_SITE)


def code_of(secret, steps=0):
    """Return what an application shows now, or so many steps from now."""
    return pyotp.TOTP(secret).at(clock.now() + steps * STEP)


def enrol(client, path="/compte/double-authentification"):
    """Join an application; return its secret and the recovery codes told."""
    page = client.get(path).text
    secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
    told = post(client, path, code=code_of(secret))
    assert told.status_code == 200, told.text
    codes = re.findall(r"<li><code>([A-Z2-7-]{14})</code></li>", told.text)
    assert len(codes) == two_factor.RECOVERY_CODES
    return secret, codes


def first_step(app):
    client = app.test_client()
    reply = post(client, "/connexion", email=ALICE, password=PASSWORD, next="/aide")
    assert reply.location == "/connexion/code"
    return client


def is_in(client):
    return client.get("/", headers=PAGE).status_code == 200


def said(host):
    with Session(host.engine) as session:
        return [entry.action for entry in session.scalars(sa.select(AuditEntry))]


def subjects(host):
    with Session(host.engine) as session:
        return session.scalars(sa.select(mail.Mail.subject).order_by(mail.Mail.id)).all()


def account_of(host, email=ALICE):
    with Session(host.engine) as session:
        account = find(session, email)
        session.expunge_all()
        return account


def mails(host):
    """Return (recipient, subject, body) of the mails that wait."""
    with Session(host.engine) as session:
        query = sa.select(mail.Mail).order_by(mail.Mail.id)
        return [
            (one.recipient, one.subject, host.vault.open(one.body))
            for one in session.scalars(query)
        ]


def entries(host, action):
    with Session(host.engine) as session:
        query = sa.select(AuditEntry).where(AuditEntry.action == action)
        return [(entry.actor, entry.facts) for entry in session.scalars(query)]


def open_ids(host, email=ALICE):
    with Session(host.engine) as session:
        account = find(session, email)
        opened = sessions.open_sessions(session, account.id, host.limits, clock.now())
        return [one.id for one in opened]
