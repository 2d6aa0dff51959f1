"""Classes of service and probes by the same rules: from the router's answer to what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from collectors import extras, oids
from collectors.snmp import Kind, Varbind
from collectors.tests.routers import Rows, echo, interface, policy
from collectors.tests.scenes import T0, UPTIME, Scene
from core.host import Host

IN_COS = "WAN-OUT/class-default/COS/"


@pytest.fixture
def scene(host: Host) -> Iterator[Scene]:
    yield Scene(host)
    host.metrics.close()


def line(octets: int) -> Rows:
    """The interface of the link, a line of 20 Mbit/s."""
    return interface(4, "Gi0/1", octets=octets)


# -- classes of service


def cos(minute: int, base: int = 16) -> Rows:
    """A nested policy after so many minutes: voice 600 octets a minute, the rest 6,000."""
    sent = {"VOIX": 600 * minute, "class-default": 6_000 * minute}
    return policy(4, sent, base=base, parent="class-default", drops=200 * minute)


def known(scene: Scene, minute: int = 0) -> None:
    """Let the classes be found at a first visit, and the inventory be taken up."""
    scene.poll(minute - 1, line(0), cos(minute - 1))
    scene.look()
    scene.poll(minute, line(0), cos(minute))


def test_classes_are_found_by_the_collector_itself_and_then_measured(scene: Scene) -> None:
    known(scene, 1)
    scene.poll(2, line(0), cos(2))
    assert scene.sent() == {
        f"{IN_COS}VOIX": [600], f"{IN_COS}class-default": [6_000], "WAN-OUT/class-default": [6_600],
    }  # fmt: skip
    (voice,) = scene.class_samples()[f"{IN_COS}VOIX"]
    assert (voice.seconds, voice.offered_octets) == (60, 800)
    assert (voice.dropped_octets, voice.dropped_packets) == (200, 2)
    parents = {c.path: c.parent_id for c in scene.classes()}
    assert parents[f"{IN_COS}VOIX"] == next(
        c.id for c in scene.classes() if c.path == "WAN-OUT/class-default"
    )


def test_a_parent_class_contains_its_children(scene: Scene) -> None:
    known(scene, 1)
    for minute in range(2, 5):
        scene.poll(minute, line(0), cos(minute))
    sent = scene.sent()
    children = zip(sent[f"{IN_COS}VOIX"], sent[f"{IN_COS}class-default"], strict=True)
    assert sent["WAN-OUT/class-default"] == [sum(pair) for pair in children] != []


def test_a_reboot_renumbers_the_policies_and_the_classes_go_on_under_their_names(
    scene: Scene,
) -> None:
    """VOIX was object 22 of policy 16, and is 26 of 20 now: where VOIX was there is another."""
    known(scene, 1)
    scene.poll(2, line(0), cos(2))
    names = [c.path for c in scene.classes()]
    for minute in range(3, 6):
        uptime = (minute - 3) * 6_000 + 2_000
        scene.poll(minute, line(0), cos(minute, base=20), uptime=uptime)
    assert scene.sent()[f"{IN_COS}VOIX"] == [600, 600, 600]
    assert [s.at for s in scene.class_samples()[f"{IN_COS}VOIX"]] == [
        int(T0) + 60 * minute for minute in (2, 4, 5)
    ]
    assert [c.path for c in scene.classes()] == names
    assert scene.gaps == {"reboot": 4}, "the link and its three classes, once each"


def test_a_policy_put_on_anew_is_found_again_by_name(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "LOOK_AGAIN", 0.0)
    known(scene, 1)
    scene.poll(2, line(0), cos(2))
    scene.poll(3, line(0), cos(3, base=90))
    for minute in (4, 5):
        scene.poll(minute, line(0), cos(minute, base=90))
    assert [s.at for s in scene.class_samples()[f"{IN_COS}VOIX"]] == [
        int(T0) + 60 * minute for minute in (2, 5)
    ]


def test_a_renumbered_interface_keeps_its_classes(scene: Scene) -> None:
    """Gi0/1 is 9 now and its policy 90; what was its policy is that of another interface."""
    known(scene, 1)
    moved = {k: v._replace(text="9") for k, v in cos(2, base=90).items() if ".1.1.1.4.90" in k}
    for minute in (2, 3):
        scene.poll(
            minute, interface(9, "Gi0/1"), line(0) | interface(4, "Gi0/7"),
            policy(4, {"VOIX": 10**6 * minute}, parent="class-default"),
            cos(minute, base=90) | moved,
        )  # fmt: skip
    assert scene.sent()[f"{IN_COS}VOIX"] == [600, 600]


def test_classes_go_on_when_the_clock_is_set_back(scene: Scene) -> None:
    known(scene, 1)
    for minute in (2, 3, 4):
        scene.poll(minute, line(0), cos(minute), run=1, clock=-3_600)
    assert scene.sent()[f"{IN_COS}VOIX"] == [600, 600]
    assert scene.gaps == {"clock": 4}


def test_a_class_whose_poll_failed_has_a_gap(scene: Scene) -> None:
    known(scene, 1)
    scene.fail(2)
    for minute in (3, 4):
        scene.poll(minute, line(0), cos(minute))
    assert scene.sent()[f"{IN_COS}VOIX"] == [600]
    assert scene.gaps == {"too_long": 4}


# -- probes


def run(minute: float, rtt: int = 12, sense: int = 1) -> Rows:
    """A probe whose latest run ended ``minute`` minutes after T0."""
    return echo(7, "L1", UPTIME + round(minute * 6_000), rtt, sense)


def test_a_run_read_twice_is_one_sample(scene: Scene) -> None:
    """It runs every two minutes and is read every minute, now and then over a slow network."""
    scene.poll(0, line(0), run(-0.5))
    scene.look()
    for minute, ended, late in ((1, -0.5, 0), (2, 1.5, 0), (3, 1.5, 1.4), (4, 3.5, 0), (5, 3.5, 1)):
        scene.poll(minute, line(0), run(ended, rtt=10 * minute), clock=late)
    assert scene.probe().tag == "L1"
    assert [((s.at - T0) / 60, s.rtt_ms) for s in scene.runs()] == [(1.5, 20), (3.5, 40)]


def test_a_restart_of_the_collector_does_not_count_a_run_again(scene: Scene) -> None:
    scene.poll(0, line(0), run(-0.5))
    scene.look()
    scene.poll(1, line(0), run(0.5))
    scene.poll(2, line(0), run(1.5))
    scene.restart()
    scene.poll(2.2, line(0), run(1.5))
    scene.poll(3, line(0), run(2.5))
    assert [(s.at - T0) / 60 for s in scene.runs()] == [1.5, 2.5]


def test_a_run_that_no_answer_came_back_to_is_a_loss_and_no_delay(scene: Scene) -> None:
    scene.poll(0, line(0), run(-0.5))
    scene.look()
    scene.poll(1, line(0), run(0.5))
    scene.poll(2, line(0), run(1.5, sense=4))
    assert [(s.sent, s.lost, s.rtt_ms) for s in scene.runs()] == [(1, 1, None)]


Probing = Callable[[float], Rows]
UDP_JITTER = "9"
JITTER_RUN = (
    oids.RTT_MON_LATEST_JITTER_OPER_NUM_OF_RTT,
    oids.RTT_MON_LATEST_JITTER_OPER_RTT_SUM,
    oids.RTT_MON_LATEST_JITTER_OPER_AVG_JITTER,
    oids.RTT_MON_LATEST_JITTER_OPER_PACKET_LOSS_SD,
    oids.RTT_MON_LATEST_JITTER_OPER_PACKET_LOSS_DS,
    oids.RTT_MON_LATEST_JITTER_OPER_PACKET_MIA,
)


def jitter_run(minute: float, back: int, jitter: int) -> Rows:
    """A jitter operation of 100 packets of 12 ms, ``back`` of which came back."""
    values = zip(JITTER_RUN, (back, 12 * back, jitter, 100 - back, 0, 0), strict=True)
    kind = {f"{oids.RTT_MON_CTRL_ADMIN_RTT_TYPE}.7": Varbind(Kind.INTEGER, UDP_JITTER)}
    return run(minute) | kind | {f"{c}.7": Varbind(Kind.GAUGE, str(v)) for c, v in values}


@pytest.mark.parametrize(
    ("reason", "bad", "well"),
    [
        ("delay", lambda minute: run(minute, rtt=900), run),
        ("loss", lambda minute: run(minute, sense=4), run),
        ("loss", lambda minute: jitter_run(minute, 97, 3), lambda m: jitter_run(m, 100, 3)),
        ("jitter", lambda minute: jitter_run(minute, 100, 51), lambda m: jitter_run(m, 100, 3)),
    ],
    ids=["delay", "lost echoes", "loss", "jitter"],
)
def test_a_line_whose_probes_are_beyond_a_threshold_is_degraded_and_recovers(
    scene: Scene, reason: str, bad: Probing, well: Probing
) -> None:
    """300 ms, 2 % of loss, 50 ms of jitter: two measures of three, then three in a row."""
    scene.poll(0, line(0), well(-0.5))
    scene.look()
    for minute in range(1, 5):
        scene.poll(minute, line(0), bad(minute - 0.5))
    assert scene.state() == ("degraded", reason, 3)
    for minute in range(5, 8):
        assert scene.state()[0] == "degraded"
        scene.poll(minute, line(0), well(minute - 0.5))
    assert scene.state() == ("up", "", 7)
