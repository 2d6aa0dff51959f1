"""The command ``balise``: what it says and its exit status."""

from __future__ import annotations

import json
import socket
import sqlite3

import pytest
from click.testing import CliRunner

from core.cli import main


@pytest.fixture
def balise(tmp_path, monkeypatch):
    """``balise(*arguments)`` on an installation of its own."""
    for name in ("BALISE_PASSWORD", "BALISE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config.yaml"
    path.write_text("display: {language: fr}\n")

    def run(*arguments: str, **environ: str):
        return CliRunner().invoke(main, ["--config", str(path), *arguments], env=environ)

    run.folder = tmp_path
    return run


def test_init_makes_an_installation_and_can_be_repeated(balise):
    assert balise("init").exit_code == 0
    key = (balise.folder / "var" / "secret.key").read_text()
    assert (balise.folder / "var" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert balise("init").exit_code == 0
    assert (balise.folder / "var" / "secret.key").read_text() == key
    assert "Rien à faire" in balise("migrate").output


def test_a_typo_in_the_settings_stops_everything_with_the_nearest_name(balise):
    (balise.folder / "config.yaml").write_text("colector: {}\n")
    reply = balise("check")
    assert reply.exit_code == 1
    assert "Vouliez-vous dire « collector »" in reply.output


def test_wrong_use_is_2_and_failure_is_1(balise):
    balise("init")
    assert balise("no-such-command").exit_code == 2
    assert balise("user", "create", "a@b.fr").exit_code == 2
    assert balise("user", "create", "a@b.fr", "--customer", "nobody").exit_code == 1


def test_check_says_all_is_well_after_init_and_what_to_do_before(balise):
    before = json.loads(balise("check", "--json").stdout)
    assert not before["ok"]
    balise("init")
    after = json.loads(balise("check", "--json").stdout)
    assert after["ok"], after
    assert {"database", "collector", "rubric:supervision"} <= {
        finding["subject"] for finding in after["findings"]
    }


def test_a_database_of_a_newer_version_is_refused_and_left_alone(balise):
    balise("init")
    path = balise.folder / "var" / "balise.db"
    with sqlite3.connect(path) as database:
        database.execute("update alembic_version set version_num = 'from_the_future'")
    for command in ("migrate", "init", "serve", "up", "work"):
        reply = balise(command)
        assert reply.exit_code == 1
        assert "plus récente" in reply.output
    with sqlite3.connect(path) as database:
        assert database.execute("select version_num from alembic_version").fetchall() == [
            ("from_the_future",)
        ]


@pytest.mark.parametrize(
    ("url", "said"),
    [("nonsense", "ne se lit pas"), ("mysql+nodriver://localhost/b", "ne se lit pas")],
)
def test_a_database_that_cannot_be_opened_is_told_in_words(balise, url, said):
    reply = balise("check", BALISE_DATABASE_URL=url)
    assert reply.exit_code == 1
    assert said in reply.output


@pytest.mark.parametrize("command", ["serve", "up"])
def test_a_port_in_use_is_told(balise, command):
    balise("init")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        reply = balise(command, BALISE_WEB_PORT=port)
    assert reply.exit_code == 1
    assert port in reply.output
    assert "config.yaml" in reply.output


def test_a_weak_or_missing_secret_key_stops_the_start(balise):
    balise("init")
    for key in ("short", "a" * 40, "changeme"):
        reply = balise("serve", BALISE_SECRET_KEY=key)
        assert reply.exit_code == 1
        assert "clé secrète" in reply.output
    (balise.folder / "var" / "secret.key").unlink()
    assert "balise init" in balise("serve").output


def test_a_user_is_invited_or_gets_the_password_of_the_environment(balise):
    balise("init")
    invited = balise("user", "create", "Noc@Op.example", "--operator", "--json")
    assert json.loads(invited.stdout)["invitation"].startswith(
        "http://127.0.0.1:8050/mot-de-passe/"
    )
    weak = balise("user", "create", "b@op.example", "--operator", BALISE_PASSWORD="court")
    assert weak.exit_code == 1
    assert "12" in weak.output
    again = balise("user", "create", "noc@op.example", "--operator")
    assert again.exit_code == 1
    assert "déjà un compte" in again.output
    good = balise(
        "user",
        "create",
        "a@op.example",
        "--operator",
        "--admin",
        BALISE_PASSWORD="neuf grands chats gris",
    )
    assert good.exit_code == 0
    rows = {row["email"]: row for row in json.loads(balise("user", "list", "--json").stdout)}
    assert set(rows) == {"noc@op.example", "a@op.example"}
    assert rows["a@op.example"]["scope"] == [{"reach": "operator", "target": None}]


def test_a_permission_that_no_rubric_declares_is_refused_with_those_known(balise):
    balise("init")
    reply = balise("user", "create", "a@b.fr", "--operator", "--permission", "supervison:read")
    assert reply.exit_code == 2
    assert "supervision:read" in reply.output


def held(balise, email):
    rows = {row["email"]: row for row in json.loads(balise("user", "list", "--json").stdout)}
    return rows[email]["permissions"]


def test_rights_are_given_and_taken_one_by_one_or_by_rubric(balise):
    balise("init")
    balise("user", "create", "a@op.example", "--operator")
    given = balise("user", "grant", "A@op.example", "factures", "supervision:read")
    assert given.exit_code == 0
    assert held(balise, "a@op.example") == ["factures:read", "supervision:read"]
    assert "rien à changer" in balise("user", "grant", "a@op.example", "factures").output
    assert balise("user", "revoke", "a@op.example", "factures").exit_code == 0
    assert held(balise, "a@op.example") == ["supervision:read"]
    assert "permissions revoked" in balise("audit", "export").output


def test_a_right_that_is_not_there_or_not_for_a_customer_is_refused(balise, tmp_path):
    balise("init")
    (tmp_path / "clients.csv").write_text("N° client;Nom du client\nC1;Client\n")
    balise("import", "clients", str(tmp_path / "clients.csv"))
    assert balise("user", "create", "a@c1.example", "--customer", "C1").exit_code == 0
    wrong = balise("user", "grant", "a@c1.example", "facture")
    assert wrong.exit_code == 2
    assert "« factures »" in wrong.output
    assert balise("user", "grant", "b@c1.example", "factures").exit_code == 1
    staff = balise("user", "grant", "a@c1.example", "incidents:manage")
    assert staff.exit_code == 1
    assert "personnel de l'opérateur" in staff.output
    assert balise("user", "grant", "a@c1.example", "incidents").exit_code == 0
    assert held(balise, "a@c1.example") == ["incidents:read", "incidents:write"]


def test_the_settings_are_shown_without_secrets(balise):
    balise("init")
    shown = balise(
        "config",
        "show",
        BALISE_SECRET_KEY="s3cr3t-" * 8,
        BALISE_DATABASE_URL="postgresql://bal:hush@localhost/b",
        BALISE_MAIL_PASSWORD="hush2",
    ).output
    assert "s3cr3t" not in shown
    assert "hush" not in shown
    assert "postgresql://bal:***@localhost/b" in shown
