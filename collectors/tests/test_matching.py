"""Which interface, classes and probes belong to which link."""

from __future__ import annotations

import pytest

from collectors.discovery import Found, FoundInterface
from collectors.matching import Declared, Matched, match
from collectors.probes import FoundProbe
from collectors.qos import FoundClass
from core.network.measured import Direction, ProbeKind

FIBRE, SDSL = "C7278-00006-001", "C7278-00006-002"


def interface(index: int, name: str | None, alias: str = "", descr: str = "") -> FoundInterface:
    return FoundInterface(index, name, alias, descr, 1, 1, None, 64)


def link(
    link_id: int,
    reference: str,
    if_name: str | None = None,
    if_index: int | None = None,
    main: bool = True,
) -> Declared:
    return Declared(link_id, reference, if_name, if_index, main)


def matched(interfaces: list[FoundInterface], *links: Declared) -> Matched:
    return match(Found(interfaces=interfaces), links)


def places(result: Matched) -> dict[int, int]:
    return {link_id: place.index for link_id, place in result.places.items()}


@pytest.mark.parametrize(
    "alias",
    [FIBRE, f"WAN FTTO {FIBRE} RODEZ", f"wan_{FIBRE.lower()}_rodez", f"[{FIBRE}]", f"x-{FIBRE}."],
)
def test_a_link_is_where_its_reference_is_written(alias: str) -> None:
    found = [interface(1, "Gi0/0"), interface(2, "Gi0/1", alias)]
    assert places(matched(found, link(7, FIBRE))) == {7: 2}


@pytest.mark.parametrize("alias", [f"{FIBRE}0", f"X{FIBRE}", "C7278-00006", "", "C7278 00006 001"])
def test_a_reference_is_a_whole_word(alias: str) -> None:
    result = matched([interface(2, "Gi0/1", alias)], link(7, FIBRE))
    assert result.places == {}
    assert result.problems == [f"{FIBRE} : écrite sur aucune interface"]


def test_the_longest_reference_wins_over_one_that_is_part_of_it() -> None:
    found = [interface(1, "Gi0/0", "WAN C7278-001"), interface(2, "Gi0/1", "WAN C7278")]
    result = matched(found, link(7, "C7278"), link(8, "C7278-001"))
    assert places(result) == {7: 2, 8: 1}
    assert result.problems == []


def test_an_interface_that_names_two_links_is_reported_and_taken_by_none() -> None:
    result = matched([interface(1, "Gi0/0", f"{FIBRE} + {SDSL}")], link(7, FIBRE), link(8, SDSL))
    assert result.places == {}
    assert f"Gi0/0 : sa description nomme plusieurs liaisons ({FIBRE}, {SDSL})" in result.problems


def test_a_reference_on_two_interfaces_is_reported_and_the_declared_one_stays() -> None:
    found = [interface(1, "Gi0/0", FIBRE), interface(2, "Gi0/0.100", FIBRE)]
    result = matched(found, link(7, FIBRE, "Gi0/0.100"))
    assert places(result) == {7: 2}
    assert result.problems == [f"{FIBRE} : écrite sur plusieurs interfaces (Gi0/0, Gi0/0.100)"]


def test_a_link_whose_reference_is_nowhere_is_where_it_is_declared() -> None:
    found = [interface(1, "Gi0/0"), interface(2, "Gi0/1")]
    assert places(matched(found, link(7, FIBRE, "Gi0/1"), link(8, SDSL, None, 1))) == {7: 2, 8: 1}


def test_a_link_declared_by_name_follows_it_to_another_index() -> None:
    found = [interface(5, "Gi0/0"), interface(1, "Gi0/1")]
    assert places(matched(found, link(7, FIBRE, "Gi0/0", 1))) == {7: 5}


def test_an_interface_may_be_declared_by_its_ifdescr() -> None:
    found = [interface(5, "Gi0/0", descr="GigabitEthernet0/0")]
    assert places(matched(found, link(7, FIBRE, "GigabitEthernet0/0"))) == {7: 5}
    without_ifxtable = [interface(5, None, descr="Ethernet0")]
    assert places(matched(without_ifxtable, link(7, FIBRE, "Ethernet0"))) == {7: 5}


def test_a_declared_name_that_is_gone_is_not_replaced_by_its_old_index() -> None:
    """The index is another interface's now: better no figures than a neighbour's."""
    result = matched([interface(1, "Gi0/1")], link(7, FIBRE, "Gi0/0", 1))
    assert result.places == {}
    assert result.problems == [f"{FIBRE} : l'interface Gi0/0 n'existe pas"]


def test_an_interface_belongs_to_the_link_whose_reference_it_bears() -> None:
    found = [interface(1, "Gi0/0", SDSL)]
    result = matched(found, link(7, FIBRE, None, 1), link(8, SDSL))
    assert places(result) == {8: 1}
    assert result.problems == [f"{FIBRE} : Gi0/0 est celle de {SDSL}"]


def test_classes_go_to_the_link_of_their_interface_parents_first() -> None:
    def cos(if_index: int, path: str, parent: str | None = None) -> FoundClass:
        name = path.rsplit("/", maxsplit=1)[-1]
        return FoundClass(if_index, Direction.OUT, path, name, parent, 1, 2, "P")

    found = Found(
        interfaces=[interface(1, "Gi0/0", FIBRE), interface(2, "Gi0/1")],
        classes=[cos(1, "P/C/Q/D", "P/C"), cos(1, "P/C"), cos(2, "P/C")],
    )
    result = match(found, [link(7, FIBRE)])
    assert [(link_id, c.path) for link_id, c in result.classes] == [(7, "P/C"), (7, "P/C/Q/D")]


def probe(number: int, tag: str) -> FoundProbe:
    return FoundProbe(number, ProbeKind.ECHO, tag)


def test_a_probe_goes_to_the_link_its_tag_names_else_to_the_only_main_link() -> None:
    found = Found(probes=[probe(1, f"vers {SDSL}"), probe(2, "siege")])
    result = match(found, [link(7, FIBRE), link(8, SDSL, main=False)])
    assert [(link_id, p.number) for link_id, p in result.probes] == [(8, 1), (7, 2)]


def test_a_probe_of_two_possible_links_goes_to_none_and_is_reported() -> None:
    links = [link(7, FIBRE), link(8, SDSL)]
    result = match(Found(probes=[probe(1, "siege"), probe(2, f"{FIBRE} {SDSL}")]), links)
    assert result.probes == []
    assert [p for p in result.problems if p.startswith("sonde 1 « siege »")]
    assert [p for p in result.problems if p.startswith("sonde 2 ")]
