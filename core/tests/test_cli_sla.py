"""``balise sla``: the figures of a month from the shell, each with the intervals behind it."""

from __future__ import annotations

import json

from click.testing import CliRunner

from core.cli import main
from core.host import Host
from core.testing.files import text_inside
from core.testing.world import NOW

MONTH = f"{NOW:%Y-%m}"


def run(host: Host, *arguments: str):
    environ = {"BALISE_STORAGE_DATA": str(host.config.data)}
    return CliRunner(env=environ).invoke(main, ["sla", *arguments])


def test_the_figures_of_a_customer_are_told_with_every_interval(filled: Host, tmp_path) -> None:
    output = tmp_path / "sla.xlsx"
    reply = run(filled, "--customer", "CANARI-A-num", "--month", MONTH, "--json",
                "--output", str(output))  # fmt: skip
    assert reply.exit_code == 0, reply.output
    told = json.loads(reply.stdout)
    assert (told["customer"], told["month"]) == ("CANARI-A client", MONTH)
    assert "CANARI-B" not in reply.stdout
    one = next(link for link in told["links"] if link["reference"] == "CANARI-A-10-001")
    counted = [x for x in one["intervals"] if x["what"] == "compte"]
    assert one["incidents"] == 1
    assert counted
    assert output.read_bytes().startswith(b"PK")


def test_the_sheet_is_written_as_a_pdf_too(filled: Host, tmp_path) -> None:
    output = tmp_path / "sla.pdf"
    reply = run(filled, "--customer", "CANARI-A-num", "--month", MONTH, "--output", str(output))
    assert reply.exit_code == 0, reply.output
    said = text_inside(output.read_bytes())
    assert "CANARI-A-10-001" in said
    assert "CANARI-B" not in said


def test_what_cannot_be_worked_out_is_refused_in_words(filled: Host) -> None:
    ahead = run(filled, "--customer", "CANARI-A-num", "--month", "2090-01")
    assert (ahead.exit_code, "n’est pas commencé" in ahead.output) == (1, True)
    assert run(filled, "--customer", "personne", "--month", MONTH).exit_code == 1
    assert run(filled, "--customer", "CANARI-A-num", "--month", "octobre").exit_code == 2
    wrong = run(filled, "--customer", "CANARI-A-num", "--month", MONTH, "--output", "a.doc")
    assert wrong.exit_code == 2
