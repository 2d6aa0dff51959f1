"""What fifty rubrics cost: the start, a question asked of all, one that hangs.

    python tests/performance/bench_rubrics.py

Ratios against a reference measured in the same run: importing fifty modules of the same size, and
calling fifty functions. In seconds of the processor, which other work on the machine does not
change; the delay is one of the clock. Targets: a start under 3 s, under 2 ms a question beyond
what the answers themselves cost, a delay of no more than the limit for a rubric that hangs.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from core import cli_new_rubric, config, migrate, secrets
from core.access import Permission
from core.answering import Answering
from core.answers import Card
from core.hookspecs import hookimpl
from core.host import Host
from core.registry import Found, Registry
from core.rubric import Rubric
from core.testing.context import context_of
from core.testing.world import fill

MANY = 50
START, QUESTION, LIMIT = 3.0, 2.0, 0.5
"""Seconds; milliseconds; seconds."""


def start(folder: Path) -> tuple[float, float]:
    """Return the seconds of loading fifty rubrics, and of plain imports of as many modules."""
    importlib.import_module("core.api")
    found = []
    for number in range(MANY):
        id = f"essai{number:02}"
        cli_new_rubric.write(folder / id, id, id.capitalize(), package=True)
        sys.path.insert(0, str(folder / id))
        name = f"balise_{id}.plugin"
        found.append(Found(name, "essai", partial(importlib.import_module, name), id))
    began = time.process_time()
    registry = Registry(found)
    took = time.process_time() - began
    assert len(registry.rubrics) == MANY, registry.failures
    plain = folder / "plain"
    plain.mkdir()
    sources = sorted((folder / "essai00" / "balise_essai00").glob("*.py"))
    for number in range(MANY):
        for path in sources:
            text = path.read_text().replace("'", "")
            (plain / f"plain{number}_{path.stem}.py").write_text(f"X = '''{text}'''\n")
    sys.path.insert(0, str(plain))
    importlib.invalidate_caches()
    began = time.process_time()
    for number in range(MANY):
        for path in sources:
            importlib.import_module(f"plain{number}_{path.stem}")
    return took, time.process_time() - began


def registry_of(*answers: Any, seconds: float) -> Registry:
    """Return rubrics that answer home cards so."""
    found = []
    for number, answer in enumerate(answers):
        id = f"r{number}"
        found.append(Found(id, "essai", partial(plugin_of, id, answer), id))
    return Registry(found, answering=Answering(seconds))


def plugin_of(id: str, answer: Any) -> ModuleType:
    """Return a rubric that answers home cards so."""

    def rubric() -> Rubric:
        return Rubric(id, "R", read=Permission(f"{id}:read", "Lire"))

    plugin = ModuleType(id)
    for name, function in {"rubric": rubric, "home_cards": answer}.items():
        setattr(plugin, name, hookimpl(function))
    return plugin


def question(ctx: Any) -> tuple[float, float]:
    """Return the milliseconds of asking fifty rubrics, and of calling their functions alone."""
    cards = [Card("Titre", "/", "corps")]

    def answer(ctx: Any) -> list[Card]:
        return cards

    registry = registry_of(*[answer] * MANY, seconds=5.0)
    asked, plain = [], []
    for _ in range(60):
        began = time.process_time()
        found = list(registry.ask("home_cards", ctx))
        asked.append(time.process_time() - began)
        began = time.process_time()
        for _n in range(MANY):
            answer(ctx)
        plain.append(time.process_time() - began)
        assert len(found) == MANY
        while ctx.db.others:
            ctx.db.others.pop().close()
    return statistics.median(asked) * 1000, statistics.median(plain) * 1000


def hanging(ctx: Any) -> list[float]:
    """Return the seconds of asking three rubrics of which one hangs, until it is left out."""
    event = threading.Event()

    def hangs(ctx: Any) -> list[Card]:
        event.wait()
        return []

    def answer(ctx: Any) -> list[Card]:
        return [Card("Titre", "/", "corps")]

    registry, took = registry_of(answer, hangs, answer, seconds=LIMIT), []
    for _ in range(3):
        began = time.perf_counter()
        assert len(list(registry.ask("home_cards", ctx))) == 2
        took.append(time.perf_counter() - began)
    event.set()
    return took


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        secrets.make_key(folder)
        host = Host(config.load(folder / "config.yaml", {"BALISE_STORAGE_DATA": name}))
        host.registry = Registry([])
        migrate.upgrade_every(host.engine, host.registry)
        fill(host)
        took, plain = start(folder)
        print(f"start with {MANY} rubrics: {took:.2f} s, {took / plain:.1f} × plain imports")
        with context_of(host, "alice@a.example") as own:
            ctx = replace(own, granted=frozenset(f"r{n}:read" for n in range(MANY)))
            asked, called = question(ctx)
            print(
                f"a question to {MANY} rubrics: {asked:.2f} ms, {called:.3f} ms in the answers: "
                f"{asked - called:.2f} ms of overhead"
            )
            delays = hanging(ctx)
        shown = ", ".join(f"{one / LIMIT:.2f}" for one in delays)
        print(f"a rubric that hangs delays by {shown} × its limit, then is left out")
        host.metrics.close()
        host.engine.dispose()
    good = took < START and asked - called < QUESTION and max(delays) < LIMIT * 1.5
    print("within its targets" if good else "OVER its targets")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
