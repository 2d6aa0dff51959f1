"""Loading the demo: the plan into the database, its year into the metric store."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from collectors.simulator import demo_history as history
from collectors.simulator import demo_plan as plan
from collectors.simulator import demo_works
from collectors.simulator.control import Conditions, Control
from collectors.simulator.demo_accounts import create_accounts, create_wall
from collectors.simulator.demo_rows import Network, Unit, network_of, state_changes
from collectors.simulator.fleet import save_fleet
from collectors.simulator.model import DeviceSpec
from core.db import Customer
from core.files import FileStore
from core.network.inventory import Link, StateChange
from core.network.metrics import Sample
from core.network.metrics.sqlite import SqliteMetricStore
from core.network.status import State
from core.rubric import Demo
from core.secrets import Vault

DAY, FIVE = history.DAY, history.FIVE
FINE_DAYS = 35
"""Days of five-minute rows; hours and days go back a year."""
PORT = 16_100
RECENT = timedelta(days=100)
"""How far back rubrics are told what befell the links."""
_GROUP = 60
"""Links whose history is computed and written together: bounds memory and transactions."""


class DemoError(Exception):
    """The demo cannot be loaded; the message says why, to a person."""


def load(
    engine: sa.Engine,
    vault: Vault,
    store: SqliteMetricStore,
    folder: Path,
    now: datetime,
    sites: int = 400,
    port: int = PORT,
    progress: Callable[[str], None] = lambda _: None,
    rubrics: Sequence[Callable[[Demo], Iterable[Any]]] = (),
    files: FileStore | None = None,
) -> None:
    """Fill an empty database and its measures; ``folder`` gets accounts and the simulated fleet.

    ``sites`` is the size of the large customer; ``rubrics`` answer the rows of their own. Raises
    ``DemoError`` when the database holds something already. What is killed in the middle can be
    started again: the database is last.
    """
    with Session(engine) as session:
        if session.scalar(sa.select(sa.func.count()).select_from(Customer)):
            raise DemoError("La base n'est pas vide : la démonstration n'y est pas chargée.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    upto = int(now.timestamp()) // FIVE * FIVE
    network = network_of(plan.customers(sites), vault, port, now)
    demo_works.announce(network, now)
    progress("une année de mesures…")
    _write_measures(store, network, upto)
    _write_tail(store, network, upto, int(now.timestamp()))
    progress("inventaire, historique des états et comptes…")
    with Session(engine) as session:
        for model, rows in network.rows.items():
            session.execute(sa.insert(model), rows)
        session.execute(sa.insert(StateChange), list(state_changes(network, now)))
        accounts = create_accounts(session, plan.customers(sites), now)
        wall = create_wall(session, now)
        session.flush()
        _fill_rubrics(session, vault, now, rubrics, files or FileStore(folder.parent / "files"))
        save_fleet(folder / "fleet.json", list(network.devices.values()))
        _start_troubles(Control(folder / "control.json"), network)
        (folder / "counters.json").unlink(missing_ok=True)
        write_private(folder / "accounts.json", json.dumps(accounts, ensure_ascii=False, indent=1))
        write_private(folder / "wall.json", json.dumps({"token": wall}))
        session.commit()
    store.mark_read(
        {
            link: int(now.timestamp())
            for unit in network.units
            for link, episodes in zip(unit.link_ids, unit.episodes, strict=True)
            if episodes.at(now.timestamp()).state is not State.UNKNOWN
        }
    )


def _fill_rubrics(
    session: Session,
    vault: Vault,
    now: datetime,
    rubrics: Sequence[Callable[[Demo], Iterable[Any]]],
    files: FileStore,
) -> None:
    """Add what the rubrics show of this network."""
    query = sa.select(Link).options(
        joinedload(Link.site), joinedload(Link.service), joinedload(Link.device)
    )
    links = session.scalars(query.order_by(Link.id)).unique().all()
    late = sa.select(StateChange).where(
        StateChange.link_id.is_not(None), StateChange.at > now - RECENT
    )
    changes = session.scalars(late.order_by(StateChange.at, StateChange.id)).all()
    for fill in rubrics:
        session.add_all(fill(Demo(links, now, vault.seal, files.keep, changes)))
        session.flush()


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone reads."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _start_troubles(control: Control, network: Network) -> None:
    """Let the simulator start where the history ends."""
    control.path.unlink(missing_ok=True)
    devices = {i.reference: name for name, d in network.devices.items() for i in d.interfaces}
    for reference, trouble in network.troubles.items():
        match trouble:
            case "down":
                control.down([reference])
            case "flapping":
                control.flap([reference])
            case _:
                control.silence([devices[reference]])


def _groups(network: Network) -> Iterator[list[Unit]]:
    """Services together, about ``_GROUP`` links at a time: a backup stays with its main link."""
    group: list[Unit] = []
    for unit in network.units:
        group.append(unit)
        if sum(len(u.link_ids) for u in group) >= _GROUP:
            yield group
            group = []
    if group:
        yield group


def _write_measures(store: SqliteMetricStore, network: Network, upto: int) -> None:
    fine_from = (upto - FINE_DAYS * DAY) // DAY * DAY
    every: list[int] = []
    for group in _groups(network):
        links = [link for unit in group for link in unit.link_ids]
        interfaces = [i for unit in group for i in unit.interfaces]
        episodes = [e for unit in group for e in unit.episodes]
        five, near, far, hours = history.year(interfaces, episodes, fine_from, upto)
        store.load("5m", history.rows(links, five, 5), fold_before=upto // DAY * DAY - DAY)
        for i, link in enumerate(links):  # by link, so that each table is written in its order
            part = slice(i, i + 1)
            of = _only(five, part)
            counts, peaks = 5 * of.measured(3_600), of.peaks(3_600)
            store.load(
                "hour",
                (
                    *history.rows([link], _only(far, part), 60),
                    *history.rows([link], _only(near, part), counts, peaks),
                ),
            )
        store.load("day", history.rows(links, hours.by(DAY), 1_440, hours.peaks(DAY)))
        every += links
    store.loaded(every, fine_from, upto)


def _write_tail(store: SqliteMetricStore, network: Network, upto: int, now: int) -> None:
    """Write the minutes of the slot in hand as samples, so that the join shows no gap."""
    if now <= upto:
        return
    for group in _groups(network):
        links = [link for unit in group for link in unit.link_ids]
        part = history.carried(
            [i for unit in group for i in unit.interfaces],
            [e for unit in group for e in unit.episodes],
            np.array([upto]),
            FIVE,
        )
        share = (now - upto) / FIVE
        store.record(
            Sample(
                link, now, float(now - upto),
                int(part.into[i, 0] * share), int(part.out[i, 0] * share),
            )
            for i, link in enumerate(links)
            if part.seconds[i, 0] > 0
        )  # fmt: skip


def _only(whole: history.Carried, part: slice) -> history.Carried:
    return history.Carried(
        whole.starts, whole.size, whole.seconds[part], whole.into[part], whole.out[part]
    )


def fill_hole(
    store: SqliteMetricStore,
    devices: Sequence[DeviceSpec],
    ids: Mapping[str, int],
    conditions: Conditions,
    now: datetime,
) -> float:
    """Generate the five-minute rows missing since the demo last ran; return the hole's seconds.

    ``ids`` gives the link of each reference. The ``conditions`` that stand are taken to have
    stood all along. Holes under a quarter of an hour stay: they are true.
    """
    since, upto = int(store.rolled_to().timestamp()), int(now.timestamp()) // FIVE * FIVE
    if upto - since < 15 * 60:
        return 0.0
    since = max(since, (upto - FINE_DAYS * DAY) // DAY * DAY)
    interfaces, episodes = [], []
    whole: history.Spans = [(float(since), float(upto))]
    for device in devices:
        silent = whole if conditions.is_silent(device.name, since) else []
        for interface in device.interfaces:
            if interface.reference in ids:
                down = [] if conditions.link_is_up(interface.reference, since) else whole
                interfaces.append(interface)
                episodes.append(history.Episodes(down, silent))
    # A backup may stand on another router than its main link: all together, a day at a time.
    for start in range(since, upto, DAY):
        starts = np.arange(start, min(start + DAY, upto), FIVE)
        part = history.carried(interfaces, episodes, starts, FIVE)
        store.load("5m", history.rows([ids[i.reference] for i in interfaces], part, 5))
    store.loaded(ids.values(), None, upto, rolled=False)
    store.roll_up(now)
    return float(upto - since)
