"""Lists of services in the order of a column: the same whether sorted anew or kept up to date."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.status import Reason, State, Status
from core.network.views import Order, ServiceView, natural

COMMUNES = st.sampled_from(["Rodez", "rodez", "Agence 2", "Agence 10", "", None])
STATES = st.sampled_from(list(State))
LISTS = st.dictionaries(st.integers(0, 30), st.tuples(COMMUNES, STATES), max_size=25)


def view(id_: int, commune: str | None, state: State) -> ServiceView:
    status = Status(state, Reason.NONE)
    return ServiceView(
        id_, "Société", f"Site {id_ % 7}", id_, commune, None, status, None, None, None
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
    kept = nothing.with_([], views(before)).with_({*gone, *changed}, views(changed))
    after = {id_: what for id_, what in before.items() if id_ not in gone} | dict(changed)
    many = views(after) + [view(100 + n, "zz", State.UP) for n in range(70)]
    anew = nothing.with_([], many).with_(range(100, 170), [])
    assert [service.id for service in kept.services] == [service.id for service in anew.services]
    communes = [service.commune for service in kept.services]
    with_it = [commune for commune in communes if commune]
    assert communes[len(with_it) :] == [one for one in communes if not one]
    assert with_it == sorted(with_it, key=natural, reverse=descending)
