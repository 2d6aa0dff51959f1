"""Links and their services: brought in, closed, refused."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.host import Host
from core.imports.runs import Imports
from core.network.inventory import Link, Service

LINKS = "CLS;N° client;Société;Site;Désignation;Type liaison;Liaison principale;Routeur"
pytestmark = pytest.mark.usefixtures("park")


def test_a_backup_is_brought_in_with_its_main_link(host: Host, bring: Any) -> None:
    bring("liaisons", LINKS, "C1-002;C1;Causses SAS;Rodez;ADSL;Secondaire;C1-001;r-rodez",
          "C1-001;C1;Causses SAS;Rodez;Fibre;Principale;;r-rodez")  # fmt: skip
    with Session(host.engine) as session:
        (service,) = session.scalars(sa.select(Service)).all()
        assert [link.reference for link in service.links] == ["C1-001", "C1-002"]
        assert {link.device and link.device.name for link in service.links} == {"r-rodez"}


def test_a_link_that_vanished_leaves_the_lists_with_its_service(host: Host, bring: Any) -> None:
    main = "C1-001;C1;Causses SAS;Rodez;Fibre;Principale;;"
    backup = "C1-002;C1;Causses SAS;Rodez;ADSL;Secondaire;C1-001;"
    other = "C2-001;C2;Littoral SA;Vannes;Fibre;Principale;;"

    def standing() -> Any:
        with Session(host.engine) as session:
            return tuple(
                session.scalar(sa.select(sa.func.count(m.id)).where(m.closed.is_(None)))
                for m in (Link, Service)
            )

    bring("liaisons", LINKS, main, backup, other)
    assert standing() == (3, 2)
    bring("liaisons", LINKS, main, other)
    assert standing() == (2, 2)
    bring("liaisons", LINKS, other)
    assert standing() == (1, 1)
    bring("liaisons", LINKS, main, backup, other)
    assert standing() == (3, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("X-1;C1;Causses SAS;Vannes;F;Principale;;", "ce site n'est pas à cette société"),
        ("X-1;C1;Causses SAS;Rodez;F;Secondaire;;", "nomme sa liaison principale"),
        ("X-1;C1;Causses SAS;Rodez;F;Secondaire;Y-9;", "liaison principale inconnue"),
        ("X-1;C1;Causses SAS;Rodez;F;Secondaire;L-1;", "a déjà une secondaire"),
        ("X-1;C1;Causses SAS;Albi;F;Secondaire;L-1;", "principale de ce site"),
        ("L-1;C1;Causses SAS;Albi;F;Principale;;", "un import ne la déplace pas"),
        ("L-1;C1;Causses SAS;Rodez;F;Secondaire;L-1;", "ne change pas le rôle"),
        ("X-1;C2;Littoral SA;Vannes;F;Principale;;r-rodez", "aucun routeur de ce nom"),
    ],
)
def test_a_link_that_cannot_be_is_rejected(host: Host, bring: Any, row: str, reason: str) -> None:
    bring("liaisons", LINKS, "L-1;C1;Causses SAS;Rodez;F;Principale;;",
          "L-2;C1;Causses SAS;Rodez;F;Secondaire;L-1;")  # fmt: skip
    done = bring("liaisons", LINKS, row, partial=True)
    assert done.counts["rejected"] == 1
    assert (
        reason in (Imports(host).place(Imports(host).lately(1)[0][0].id) / "rejets.csv").read_text()
    )
