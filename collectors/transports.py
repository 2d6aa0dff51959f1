"""Which SNMP engine speaks: the one that ``collector.engine`` names, or the other one."""

from __future__ import annotations

import os
from importlib import import_module

import structlog

from collectors.lines import KEEP, Lines
from core.config import Collector, ConfigError

PORTS = 16_000
"""Local ports for kept connections: Linux gives 28,000 to all that run on a machine."""

log = structlog.get_logger("balise.collector")

ENGINES = {
    "easysnmp": ("collectors.easy", "EasyTransport"),
    "gufo": ("collectors.gufo", "GufoTransport"),
}


def make(settings: Collector) -> Lines:
    """Return the engine of ``collector.engine``, with its caps; the other when it does not load.

    Raises ``ConfigError`` when none does.
    """
    why: dict[str, str] = {}
    for name in sorted(ENGINES, key=lambda name: name != settings.engine):
        module, cls = ENGINES[name]
        try:
            engine: type[Lines] = getattr(import_module(module), cls)
        except (ImportError, OSError, AttributeError) as error:  # not there, or not for this libc
            why[name] = str(error)
            continue
        if why:
            log.warning(
                "another SNMP engine is used", engine=name, instead_of=settings.engine, why=why
            )
        processes = settings.processes or os.cpu_count() or 1
        return engine(settings.threads, settings.rate, min(KEEP, PORTS // processes))
    said = " ; ".join(f"{name} : {reason}" for name, reason in why.items())
    raise ConfigError(f"Aucun moteur SNMP ne se charge ({said}). Relancez « make setup ».")


def name_of(engine: Lines) -> str:
    """Return the name in ``ENGINES`` of an engine that speaks, which may not be the one asked."""
    return next(name for name, (_, cls) in ENGINES.items() if cls == type(engine).__name__)
