"""What is made of a list of services is the same whether made anew or kept up to date."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.places import LiveSites
from core.network.status import Reason, State, Status
from core.network.views import Order, ServiceView, natural

COMMUNES = st.sampled_from(["Rodez", "rodez", "Agence 2", "Agence 10", "", None])
STATES = st.sampled_from(list(State))
LISTS = st.dictionaries(st.integers(0, 30), st.tuples(COMMUNES, STATES), max_size=25)


def view(id_: int, commune: str | None, state: State) -> ServiceView:
    status = Status(state, Reason.NONE)
    site = id_ % 7
    return ServiceView(
        id_, "Société", f"Site {site}", site, commune, None, 44.0, 2.0, status, None, None, None
    )


def views(said: Mapping[int, tuple[str | None, State]]) -> list[ServiceView]:
    return [view(id_, *what) for id_, what in said.items()]


@pytest.mark.parametrize("descending", [False, True])
@settings(max_examples=200)
@given(before=LISTS, changed=LISTS, gone=st.sets(st.integers(0, 30)))
def test_an_order_kept_up_to_date_is_the_one_sorted_anew(
    descending: bool,
    before: Mapping[int, tuple[str | None, State]],
    changed: Mapping[int, tuple[str | None, State]],
    gone: set[int],
) -> None:
    nothing = Order([], lambda service: service.commune, descending)
    lost = [one for one in views(before) if one.id in gone or one.id in changed]
    kept = nothing.with_([], views(before)).with_(lost, views(changed))
    after = {id_: what for id_, what in before.items() if id_ not in gone} | dict(changed)
    others = [view(100 + n, "zz", State.UP) for n in range(70)]
    anew = nothing.with_([], [*views(after), *others]).with_(others, [])
    assert [service.id for service in kept.services] == [service.id for service in anew.services]
    communes = [service.commune for service in kept.services]
    with_it = [commune for commune in communes if commune]
    assert communes[len(with_it) :] == [one for one in communes if not one]
    assert with_it == sorted(with_it, key=natural, reverse=descending)


@settings(max_examples=200)
@given(before=LISTS, changed=LISTS, gone=st.sets(st.integers(0, 30)))
def test_sites_kept_up_to_date_are_those_made_anew(
    before: Mapping[int, tuple[str | None, State]],
    changed: Mapping[int, tuple[str | None, State]],
    gone: set[int],
) -> None:
    lost = [one for one in views(before) if one.id in gone or one.id in changed]
    first = LiveSites([]).with_([], views(before))
    first.sum()
    kept = first.with_(lost, views(changed))
    after = {id_: what for id_, what in before.items() if id_ not in gone} | dict(changed)
    anew = LiveSites([]).with_([], sorted(views(after), key=lambda one: one.id))
    assert [site.services for site in kept.sites] == [site.services for site in anew.sites]
    assert (kept.key, kept.sum()) == (anew.key, anew.sum())
