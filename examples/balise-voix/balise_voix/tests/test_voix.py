"""What a customer sees of its phone lines, and what nobody else does."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from balise_voix.callbacks import follow
from balise_voix.demo import rows
from balise_voix.home import home_body
from balise_voix.links import site_tab
from balise_voix.models import CallDay, VoiceLine
from balise_voix.pages import phone_line, phone_lines
from balise_voix.queries import Asked, by_day, lines, of_site, totals
from balise_voix.scenes import lines as wall_lines
from balise_voix.tests.world import number_of
from core import i18n
from core.api import Demo, Link
from core.testing import crowd
from core.testing.context import context_of, words
from core.testing.fixtures import sign_in
from core.testing.world import NOW, PASSWORD

ALICE, BOB, ONE_SITE, NO_RIGHTS = (
    "alice@a.example",
    "bob@b.example",
    "onesite@a.example",
    "norights@a.example",
)


def test_a_customer_sees_its_lines_and_their_calls(filled):
    with context_of(filled, ALICE) as ctx:
        said = words(phone_lines(ctx))
        found, total = lines(ctx, Asked())
        assert total == len(found) == 3
        assert totals(ctx, [found[0].id])[found[0].id].calls == 30 * 14
    assert (
        "05\N{NO-BREAK SPACE}36\N{NO-BREAK SPACE}49\N{NO-BREAK SPACE}00\N{NO-BREAK SPACE}00" in said
    )
    assert "CANARI-A accueil" in said
    assert "CANARI-B" not in said


def test_a_line_of_another_customer_is_as_one_that_does_not_exist(filled):
    with context_of(filled, BOB) as ctx:
        assert words(phone_line(ctx, number_of("A", 0))) == words(phone_line(ctx, "0000000000"))
        assert "CANARI-B accueil" in words(phone_line(ctx, number_of("B", 0)))


def test_who_has_one_site_sees_its_lines_alone(filled):
    with context_of(filled, ONE_SITE) as ctx:
        assert lines(ctx, Asked())[1] == 1
        assert by_day(ctx)[0][0] == 10


def test_the_table_follows_what_is_typed_whatever_the_browser_says(filled):
    with context_of(filled, ALICE) as ctx:
        assert number_of("A", 1)[-2:] in words(follow(ctx, f"?q={number_of('A', 1)}")[0])
        assert "Aucune ligne ne correspond" in words(follow(ctx, "?q=rien de tel")[0])
        assert "CANARI-A" in words(follow(ctx, "?page=99999&type=rien")[0])
        assert "CANARI-A" in words(follow(ctx, {"page": 1})[0])


def test_a_service_tells_the_lines_of_its_site(filled):
    with context_of(filled, ALICE) as ctx:
        link = ctx.db.first(select(Link).order_by(Link.id))
        assert "420 appels" in words(site_tab(ctx, link))
        assert len(of_site(ctx, link.site_id)) == 1


def test_home_and_wall_tell_the_busiest_lines(filled):
    with context_of(filled, ALICE) as ctx:
        assert "1\N{NARROW NO-BREAK SPACE}260 appels" in words(home_body(ctx))
        bars = wall_lines(ctx).bars
        assert [bar.ratio for bar in bars] == [1.0] * 3
    with context_of(filled, "noscope@a.example") as ctx:
        assert "Aucun appel" in words(home_body(ctx))
        assert wall_lines(ctx).bars == []


def test_the_file_needs_its_own_right(shared_app, at_now):
    assert "CANARI-A" in sign_in(shared_app, ALICE, PASSWORD).get("/voix/export.csv").text
    assert sign_in(shared_app, NO_RIGHTS, PASSWORD).get("/voix/export.csv").status_code == 403


def test_it_speaks_english(filled):
    with context_of(filled, ALICE) as ctx, i18n.speaking("en"):
        said = words(phone_lines(ctx))
        assert "Phone lines" in said
        assert "SIP trunk" in said


def test_the_demonstration_has_lines_that_ring_nowhere_and_their_calls(host):
    crowd.fill(host, 10, NOW)
    with Session(host.engine) as session:
        links = session.scalars(select(Link)).all()
        demo = Demo(links, NOW, seal=str, keep=lambda _octets: "")
        session.add_all(rows(demo))
        session.commit()
        numbers = session.scalars(select(VoiceLine.number)).all()
        days = session.scalar(select(func.count(CallDay.id)))
    assert numbers
    assert all(number.startswith("053649") for number in numbers)
    assert days == 90 * len(numbers)
