"""Mails leave when a server takes them, and wait when none does."""

from __future__ import annotations

import socketserver
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, mail
from core.testing.fixtures import SAME_SITE
from core.web.app import create_app


class _Smtp(socketserver.StreamRequestHandler):
    """The least of RFC 5321 that takes a mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        data = False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            if data:
                if line == ".":
                    data = False
                    self.wfile.write(b"250 kept\r\n")
                else:
                    self.server.lines.append(line)  # type: ignore[attr-defined]  # set below
                continue
            word = line.split(" ")[0].upper()
            data = word == "DATA"
            answer = {"DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")
            self.wfile.write(answer)
            if word == "QUIT":
                return


@pytest.fixture
def smtp():
    """A mail server on loopback; ``smtp.lines`` is what it was given."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.lines = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def with_mail(filled):
    def configure(port: int) -> None:
        settings = filled.config.mail.model_copy(update={"host": "127.0.0.1", "port": port})
        filled.config = filled.config.model_copy(update={"mail": settings})

    return configure


def send(host, later: timedelta = timedelta()) -> int:
    with Session(host.engine) as session:
        return mail.send_due(session, host.vault, host.config, clock.now() + later)


def ask(host, email: str) -> str:
    client = create_app(host).test_client()
    headers = {**SAME_SITE, "Host": "evil.example"}
    return client.post("/mot-de-passe", data={"email": email}, headers=headers).text


def test_a_forgotten_password_brings_a_link_to_the_public_address(filled, smtp, with_mail):
    with_mail(smtp.server_address[1])
    said = ask(filled, "alice@a.example")
    assert send(filled) == 1
    text = "\n".join(smtp.lines)
    assert "To: alice@a.example" in text
    assert "http://127.0.0.1:8050/mot-de-passe/" in text
    assert "evil.example" not in text
    assert ask(filled, "nobody@a.example").replace("nobody", "alice") == said
    assert send(filled) == 0


def test_a_mail_that_finds_no_server_waits_and_goes_later(filled, smtp, with_mail):
    with_mail(1)
    ask(filled, "alice@a.example")
    assert send(filled) == 0
    with_mail(smtp.server_address[1])
    assert send(filled) == 0, "not before its time"
    assert send(filled, timedelta(minutes=3)) == 1


def test_the_link_in_a_waiting_mail_cannot_be_read_in_the_database(filled, with_mail):
    with_mail(1)
    ask(filled, "alice@a.example")
    with Session(filled.engine) as session:
        body = session.scalars(sa.select(mail.Mail.body)).one()
    assert "mot-de-passe" not in body


def test_without_a_mail_server_the_page_says_whom_to_ask(filled):
    client = create_app(filled).test_client()
    page = client.get("/mot-de-passe").text
    assert "support" in page
    assert client.post("/mot-de-passe", data={}, headers=SAME_SITE).status_code == 404
