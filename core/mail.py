"""Mail to people: written in the database with what caused it, sent by ``balise work``."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.config import Config
from core.db import Internal
from core.secrets import SecretError, Vault

log = structlog.get_logger("balise.mail")

ATTEMPTS = 8
TIMEOUT = 20


class Mail(Internal):
    """A mail to send; ``body`` is encrypted, since it may hold a one-use link."""

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    created: Mapped[datetime]
    due: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent: Mapped[datetime | None]


def configured(config: Config) -> bool:
    return config.mail.host is not None


def write(
    session: Session, vault: Vault, recipient: str, subject: str, body: str, now: datetime
) -> None:
    """Put a mail in the queue; the caller commits.

    A subject is one line, whatever names stand in it: none of them can add a header.
    """
    line = " ".join(subject.split())
    session.add(
        Mail(recipient=recipient, subject=line, body=vault.seal(body), created=now, due=now)
    )


def send_due(session: Session, vault: Vault, config: Config, now: datetime) -> int:
    """Send what is due and return how many mails went; a failure waits longer each time."""
    due = session.scalars(
        sa.select(Mail).where(Mail.sent.is_(None), Mail.due <= now, Mail.attempts < ATTEMPTS)
    ).all()
    sent = 0
    host = config.mail.host
    if host is None:
        return 0
    for mail in due:
        mail.attempts += 1
        try:
            _deliver(host, config, mail.recipient, mail.subject, vault.open(mail.body))
            mail.sent, mail.body = now, ""
            sent += 1
        except (OSError, smtplib.SMTPException, SecretError, ValueError) as error:
            # ValueError: an address that is none. The mails after it go all the same.
            mail.due = now + timedelta(minutes=2**mail.attempts)
            log.warning("mail not sent", error=type(error).__name__, attempts=mail.attempts)
        session.commit()
    return sent


def _deliver(host: str, config: Config, recipient: str, subject: str, body: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = config.mail.sender, recipient, subject
    message.set_content(body)
    with smtplib.SMTP(host, config.mail.port, timeout=TIMEOUT) as server:
        if config.mail.starttls:
            server.starttls()
        if config.mail.user:
            server.login(config.mail.user, config.mail_password or "")
        server.send_message(message)
