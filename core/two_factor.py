"""The second step of a sign-in: codes by the clock (TOTP, RFC 6238) and recovery codes.

The secret is sealed by the vault; of a recovery code the table holds a keyed digest, so that a copy
of the database gives neither. A code is good once, in its step of 30 seconds or the one beside it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import pyotp
import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import sessions, throttle
from core.accounts import Account, people
from core.db import Customer, Internal
from core.secrets import SecretError, Vault

if TYPE_CHECKING:
    from core.config import Config

log = structlog.get_logger("balise.two_factor")

STEP = 30
"""Seconds that a code lasts."""
SKEW = 1
"""Steps by which a clock may be off, either way."""
FAR = 20
"""Steps within which a code shows how far off a clock is: ten minutes."""
OFFER = timedelta(hours=1)
"""How long a new secret waits for its first code."""
RECOVERY_CODES = 10
_ALIKE = str.maketrans("018", "OIB")
"""Digits that are in no recovery code, and the letters that they are read for."""


class Proof(StrEnum):
    """What a code that was given turned out to be."""

    CODE = "code"
    RECOVERY = "recovery code"
    REPLAYED = "replayed"
    WRONG = "wrong"

    @property
    def good(self) -> bool:
        return self in (Proof.CODE, Proof.RECOVERY)


class SecondFactor(Internal):
    """The authenticator application of an account, and the secret offered to the next one."""

    __tablename__ = "second_factor"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str | None]
    since: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    """The step of the last code that was taken: no earlier one is good any more."""
    offered: Mapped[str | None]
    offered_at: Mapped[datetime | None]


class RecoveryCode(Internal):
    """A recovery code that was not used yet."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str]


class SecondFactorRule(Internal):
    """A customer whose people may not sign in without a second step."""

    __tablename__ = "second_factor_rule"

    customer_id: Mapped[int] = mapped_column(
        sa.ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account is with its second step."""

    since: datetime | None
    """When it was turned on, None when it is not."""
    codes_left: int
    required: bool


def standing(session: Session, config: Config, account: Account) -> Standing:
    """Return where an account is with its second step."""
    factor = session.get(SecondFactor, account.id)
    left = sa.select(sa.func.count()).where(RecoveryCode.account_id == account.id)
    since = factor.since if factor and factor.secret else None
    return Standing(since, session.scalar(left) or 0, is_required(session, config, account))


def enabled(session: Session, account_id: int) -> bool:
    """Tell whether the account gives a code when it signs in."""
    factor = session.get(SecondFactor, account_id)
    return factor is not None and factor.secret is not None


def is_required(session: Session, config: Config, account: Account) -> bool:
    """Tell whether the account may not sign in without a second step: its customer asks for it,
    or, for the operator's staff, ``web.staff_two_factor``.
    """
    if account.customer_id is None:
        return config.web.staff_two_factor
    return customer_requires(session, account.customer_id)


def customer_requires(session: Session, customer_id: int) -> bool:
    """Tell whether the people of a customer must have a second step."""
    return session.get(SecondFactorRule, customer_id) is not None


def offer(session: Session, vault: Vault, account_id: int, now: datetime) -> None:
    """Make a new secret for the account's application; one in use stays until it is confirmed."""
    factor = session.get(SecondFactor, account_id) or SecondFactor(account_id=account_id)
    factor.offered, factor.offered_at = vault.seal(pyotp.random_base32(32)), now
    session.add(factor)
    session.flush()


def offered(session: Session, vault: Vault, account_id: int, now: datetime) -> str | None:
    """Return the secret (base32) that waits for its first code, None without one."""
    factor = session.get(SecondFactor, account_id)
    if factor is None or factor.offered is None or factor.offered_at is None:
        return None
    return _opened(vault, factor.offered) if now - factor.offered_at < OFFER else None


def _opened(vault: Vault, sealed: str) -> str | None:
    try:
        return vault.open(sealed)
    except SecretError:
        log.error("the secret of a second step does not open: was the secret key changed?")
        return None


def confirm(
    session: Session, vault: Vault, account_id: int, code: str, now: datetime
) -> Sequence[str] | None:
    """Turn the second step on with the offered secret and its first code.

    Return new recovery codes, told this once; None when the code is not that of the secret.
    """
    secret = offered(session, vault, account_id, now)
    step = _step_of(secret, code, now) if secret else None
    if step is None:
        return None
    factor = session.get_one(SecondFactor, account_id)
    factor.secret, factor.since, factor.last_step = factor.offered, now, step
    factor.offered = factor.offered_at = None
    return new_codes(session, vault, account_id)


def new_codes(session: Session, vault: Vault, account_id: int) -> Sequence[str]:
    """Return new recovery codes « ABCD-EFGH-JKLM »; those before stop working."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [
        base64.b32encode(secrets.token_bytes(10)).decode()[:12] for _n in range(RECOVERY_CODES)
    ]
    kept = [RecoveryCode(account_id=account_id, code=vault.digest(code)) for code in codes]
    session.add_all(kept)
    session.flush()
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def prove(
    session: Session, vault: Vault, account_id: int, code: str, address: str, now: datetime
) -> Proof:
    """Take a code of the application or a recovery code, once, and commit.

    Two requests that bring the same code at once: one of them is told it was replayed. Raises
    ``Throttled`` after too many failures of the account, whose password counts apart, or from this
    network address.
    """
    keys = {"email": failure_key(account_id), "address": f"address:{address}"}
    throttle.check(session, keys, now)
    proof = _take(session, vault, account_id, code, now)
    if proof.good:
        throttle.forgive(session, keys["email"])
    else:
        throttle.count(session, keys, now)
    session.commit()
    return proof


def failure_key(account_id: int) -> str:
    """Return what the failures of an account's codes are counted under."""
    return f"code:{account_id}"


def _take(session: Session, vault: Vault, account_id: int, code: str, now: datetime) -> Proof:
    factor = session.get(SecondFactor, account_id)
    if factor is None or factor.secret is None:
        return Proof.WRONG
    secret = _opened(vault, factor.secret)
    step = _step_of(secret, code, now) if secret else None
    if step is not None:
        taken = session.execute(
            sa.update(SecondFactor)
            .where(SecondFactor.account_id == account_id, SecondFactor.last_step < step)
            .values(last_step=step)
        )
        return Proof.CODE if _changed(taken) else Proof.REPLAYED
    plain = "".join(c for c in code.upper() if c.isalnum()).translate(_ALIKE)
    used = session.execute(
        sa.delete(RecoveryCode).where(
            RecoveryCode.account_id == account_id, RecoveryCode.code == vault.digest(plain)
        )
    )
    return Proof.RECOVERY if _changed(used) else Proof.WRONG


def _changed(result: sa.Result[tuple[()]]) -> bool:
    return isinstance(result, sa.CursorResult) and result.rowcount == 1


def _step_of(secret: str, code: str, now: datetime, skew: int = SKEW) -> int | None:
    """Return the step whose code this is, the nearest to now; None for a code of none."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    steps = sorted(range(here - skew, here + skew + 1), key=lambda step: abs(step - here))
    same = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), digits)]
    return same[0] if same else None


def clock_error(secret: str, code: str, now: datetime) -> timedelta | None:
    """Return how far ahead the clock that made this code is, None when it is not the clock.

    For who enrols, and has the secret before them: at a sign-in it would tell codes to come.
    """
    step = _step_of(secret, code, now, FAR)
    return timedelta(seconds=step * STEP - int(now.timestamp())) if step is not None else None


def address(secret: str, email: str, issuer: str) -> str:
    """Return what the QR code says (« otpauth://totp/… »)."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer.replace(":", " "))


def turn_off(session: Session, account_id: int) -> bool:
    """Forget the application and the recovery codes of an account; tell whether it had one."""
    had = enabled(session, account_id)
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.execute(sa.delete(SecondFactor).where(SecondFactor.account_id == account_id))
    return had


def require(session: Session, customer: Customer, needed: bool, now: datetime) -> int:
    """Ask, or no longer, a second step of every account of a customer; the caller commits.

    Who has none is signed out, and sets it up at the next sign-in; returns how many have none.
    """
    session.execute(sa.delete(SecondFactorRule).where(SecondFactorRule.customer_id == customer.id))
    if needed:
        session.add(SecondFactorRule(customer_id=customer.id))
    enrolled = sa.select(SecondFactor.account_id).where(SecondFactor.secret.is_not(None))
    without = people().where(Account.customer_id == customer.id, Account.id.not_in(enrolled))
    found = session.scalars(without).all()
    if needed:
        for account in found:
            sessions.end_all(session, account.id, now)
    return len(found)
