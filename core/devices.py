"""Browsers an account signs in from: in words, and whether one is new.

Nothing readable is kept of them: a mark is the keyed digest of a random cookie, or of a browser and
the network it came from, so that clearing cookies at home does not make a browser new.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.accounts import find
from core.db import Internal
from core.i18n import _
from core.secrets import Vault

KEPT = timedelta(days=180)
"""How long a browser that does not come back stays known."""

_BROWSERS = (
    (r"Edg(A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)


class KnownDevice(Internal):
    """A mark of a browser that an account signed in from."""

    __tablename__ = "known_device"
    __table_args__ = (sa.UniqueConstraint("account_id", "mark"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    mark: Mapped[str]
    seen: Mapped[datetime]


def words(agent: str | None) -> str:
    """Return « Firefox sur Windows », as far as the browser tells."""
    text = agent or ""
    browser = next((name for pattern, name in _BROWSERS if re.search(pattern, text)), None)
    system = next((name for pattern, name in _SYSTEMS if re.search(pattern, text)), None)
    if browser and system:
        return _("%(browser)s sur %(system)s", browser=browser, system=system)
    return browser or system or _("Navigateur inconnu")


def is_phone(agent: str | None) -> bool:
    return bool(re.search(r"Mobi|Android|iPhone|iPad", agent or ""))


def new_cookie() -> str:
    return secrets.token_urlsafe(24)


def _network(address: str) -> str:
    """Return the network an address is of, as far as it says where one is: /24, or /48 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


def known(session: Session, vault: Vault, email: str, cookie: str | None) -> str:
    """Return the mark of a browser that an account signed in from, by its cookie; else ""."""
    account = find(session, email) if cookie else None
    if account is None or cookie is None:
        return ""
    mark = _cookie_mark(vault, account.id, cookie)
    query = sa.select(KnownDevice.mark).where(
        KnownDevice.account_id == account.id, KnownDevice.mark == mark
    )
    return session.scalar(query) or ""


def _cookie_mark(vault: Vault, account_id: int, cookie: str) -> str:
    return vault.digest(f"cookie {account_id} {cookie}")


def recognise(
    session: Session, vault: Vault, account_id: int, cookie: str, agent: str, address: str,
    now: datetime,
) -> bool:  # fmt: skip
    """Note the browser of a sign-in; tell whether it was known, or is the first of the account.

    The caller commits.
    """
    family = re.sub(r"[\d.]+", "", agent)
    marks = {
        _cookie_mark(vault, account_id, cookie),
        vault.digest(f"network {account_id} {_network(address)} {family}"),
    }
    mine = sa.select(KnownDevice).where(KnownDevice.account_id == account_id)
    again = session.scalars(mine.where(KnownDevice.mark.in_(marks))).all()
    first = session.scalar(mine.limit(1)) is None
    for device in again:
        device.seen = now
    missing = marks - {device.mark for device in again}
    session.add_all(KnownDevice(account_id=account_id, mark=mark, seen=now) for mark in missing)
    return bool(again) or first


def forget_old(session: Session, now: datetime) -> None:
    """Delete the browsers that did not come back, but for the last of each account, so that the
    next one is told to be new; the caller commits.
    """
    last = sa.select(sa.func.max(KnownDevice.id)).group_by(KnownDevice.account_id)
    session.execute(
        sa.delete(KnownDevice).where(KnownDevice.seen < now - KEPT, KnownDevice.id.not_in(last))
    )
