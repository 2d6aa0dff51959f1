"""The plan of the demo: its customers, its sites, where they stand."""

from __future__ import annotations

from collectors.simulator.demo_plan import causses, customers, hexagone


def test_the_demo_is_as_large_as_promised() -> None:
    """Three customers, 24 services on 23 sites for the first, 400 sites for the large one."""
    plans = customers()
    assert [len(plan.sites) for plan in plans] == [23, 42, 400]
    assert sum(len(site.services) for site in causses().sites) == 24
    links = [link for p in plans for s in p.sites for v in s.services for link in v.links]
    references = {link.reference for link in links}
    assert 570 <= len(links) == len(references) <= 630
    assert {plan.name for plan in plans} == {
        "Causses Agroalimentaire", "Santé Littoral", "Mobilier Hexagone",
    }  # fmt: skip
    for plan in plans:
        assert len({site.name for site in plan.sites}) == len(plan.sites)


def test_every_site_stands_in_france_corsica_and_overseas_included() -> None:
    boxes = {
        "": (42.2, 51.2, -5.3, 8.3), "2A": (41.3, 43.1, 8.5, 9.6), "2B": (41.3, 43.1, 8.5, 9.6),
        "971": (15.8, 16.6, -61.9, -60.9), "972": (14.3, 15.0, -61.3, -60.7),
        "973": (2.0, 6.0, -54.7, -51.5), "974": (-21.5, -20.8, 55.1, 55.9),
        "976": (-13.1, -12.6, 44.9, 45.4),
    }  # fmt: skip
    seen = set()
    for site in hexagone().sites:
        department = site.commune.department
        south, north, west, east = boxes.get(department, boxes[""])
        assert south < site.latitude < north, site
        assert west < site.longitude < east, site
        assert len(site.commune.postal_code) == 5
        seen.add(department)
    assert {"2A", "2B", "971", "972", "973", "974", "976"} <= seen
