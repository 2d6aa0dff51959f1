"""The planned works of the demo belong to its outages and to the days to come."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.simulator import demo_plan as plan
from collectors.simulator import demo_works
from collectors.simulator.demo_rows import network_of, state_changes
from core.network.status import State
from core.network.works import PlannedWork
from core.secrets import Vault

NOW = datetime(2026, 11, 24, 10, 42, 6, tzinfo=UTC)


def test_works_go_on_where_a_link_flaps_some_outages_were_announced_some_are_to_come() -> None:
    network = network_of(plan.customers(40), Vault("k" * 32), 16_000, NOW)
    demo_works.announce(network, NOW)
    works = network.rows[PlannedWork]
    past = [work for work in works if work["ends"] < NOW]
    assert past
    assert any(work["starts"] > NOW for work in works)
    going_on = {work["link_id"] for work in works if work["starts"] < NOW < work["ends"]}
    flapping = {
        unit.link_ids[0]
        for unit in network.units
        if network.troubles.get(unit.interfaces[0].reference) == "flapping"
    }
    assert going_on == flapping != set()
    cuts = [
        (change["link_id"], change["at"])
        for change in state_changes(network, NOW)
        if change["state"] is State.DOWN
    ]
    for work in past:
        assert any(
            link == work["link_id"] and work["starts"] < at < work["ends"] for link, at in cuts
        )
