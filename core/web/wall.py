"""The wall display: one plain page, then a small JSON that it asks for every few seconds.

No cookie, no session, no Dash: the token in the address is the key, and it opens these two
addresses alone. One that is revoked, expired or made up is answered exactly like any other.
"""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from sqlalchemy.orm import Session

from core import formats, i18n, throttle, walls
from core.host import Host
from core.network.live import service_views
from core.network.status import State
from core.rubric import Context, Person
from core.scenes import Scene
from core.web import door, errors, wall_drawing
from core.web.templates import ASSETS
from core.web.words import STATES, state_word

log = structlog.get_logger("balise.wall")

OPEN, STATE = "wall", "wall_state"
PER_SECOND, BURST = 4.0, 120.0
"""Requests that one wall may make of one process, on all the screens that show it together."""
FILES = ("lazy/wall.js", "lazy/wall-draw.js", "20-tokens.css", "40-product.css", "42-wall.css")


class Bucket:
    """Requests counted by wall, in this process: ``PER_SECOND``, and ``BURST`` at once."""

    def __init__(self) -> None:
        self._left: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, wall: int, at: float) -> bool:
        """Take one request of a wall at a time (seconds, steady); tell whether it may be served."""
        with self._lock:
            left, before = self._left.get(wall, (BURST, at))
            left = min(BURST, left + (at - before) * PER_SECOND)
            self._left[wall] = (max(0.0, left - 1), at)
            return left >= 1


def install(server: Flask, host: Host, rules: door.Rules) -> None:
    """Add ``/mur/TOKEN`` and what its page asks for; both are behind the guard of tokens."""
    wall = _Wall(host)
    server.add_url_rule("/mur/<token>", OPEN, wall.show, methods=["GET"])
    server.add_url_rule("/mur/<token>/etat", STATE, wall.tell, methods=["GET"])
    rules.guards |= dict.fromkeys((OPEN, STATE), wall.guard)


def version() -> str:
    """Return a digest of what a wall's page is made of: another one makes the page load anew."""
    found = hashlib.blake2b(digest_size=8)
    for path in (*(ASSETS / name for name in FILES), Path(__file__).parent / "templates/mur.html"):
        found.update(path.read_bytes())
    return found.hexdigest()


class _Wall:
    def __init__(self, host: Host) -> None:
        self._host = host
        self._version = version()
        self._bucket = Bucket()

    def guard(self) -> Response | None:
        """Decide on a request by its token; a good one gives ``g.ctx`` the wall's own scope."""
        token = (request.view_args or {})["token"]
        screen = walls.find(self._host.engine, token, g.now)
        if screen is None:
            return self._unknown()
        i18n.speak(screen.language or self._host.config.display.language)
        if not self._bucket.take(screen.id, time.monotonic()):
            return errors.answer(429)
        g.screen = screen
        who = Person(screen.account_id, f"mur {screen.id}", screen.name)
        g.ctx = door.context(self._host, who, screen.granted, screen.timezone)
        return None

    def _unknown(self) -> Response:
        """Answer a token that opens nothing: the same whatever it is, slower and slower."""
        i18n.speak(self._host.config.display.language)
        keys = {"address": f"wall-from:{request.remote_addr or '?'}"}
        with Session(self._host.engine) as session:
            try:
                throttle.check(session, keys, g.now)
            except throttle.Throttled as error:
                answer = errors.answer(429)
                answer.headers["Retry-After"] = str(error.wait)
                return answer
            throttle.count(session, keys, g.now)
            session.commit()
        log.warning("wall unknown", address=request.remote_addr, reference=g.reference)
        if request.endpoint == STATE:
            return errors.answer(404)
        return make_response(render_template("mur_inconnu.html", reference=g.reference), 404)

    def show(self, token: str) -> str:
        """Return the page: its places are written once, the script fills them.

        The guard has read the token already, here and below.
        """
        return render_template(
            "mur.html",
            version=self._version,
            screen=g.screen,
            zone=g.ctx.zone.key,
            poll=g.ctx.refresh_seconds,
            stale=g.ctx.stale_after,
            places=wall_drawing,
            words={words.css: state_word(state) for state, words in STATES.items()},
        )

    def tell(self, token: str) -> Response:
        """Return the state as JSON, 304 when it is the one that the page has.

        Times of measures change all the while and go in headers, so that 304 tells them too.
        """
        ctx: Context = g.ctx
        body, read_at = self._state(ctx)
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        tag = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        # Compression writes its name behind the tag: « tag:zstd ».
        known = request.headers.get("If-None-Match", "").strip('"').partition(":")[0]
        if known == tag:
            response = Response(status=304)
        else:
            response = Response(text, content_type="application/json")
        response.set_etag(tag)
        newest = max(ctx.metrics.freshness().values(), default=0)
        response.headers["X-Balise-Now"] = f"{ctx.now.timestamp():.3f}"
        response.headers["X-Balise-Read"] = str(read_at)
        response.headers["X-Balise-Collected"] = str(newest)
        return response

    def _state(self, ctx: Context) -> tuple[dict[str, Any], int]:
        """Return what the wall shows, and when its newest measure was taken (0: never)."""
        seen = service_views(ctx)
        counts = seen.counts()
        scenes = walls.scenes_of(ctx, g.screen.scenes)
        asked = request.args.get("scene", "")
        id_ = asked if asked in scenes else next(iter(scenes), "")
        body = {
            "version": self._version,
            "where": _where(seen.sites()),
            "empty": not seen.services,
            "counts": wall_drawing.counters(counts),
            "down": sorted(s.id for s in seen.services if s.state is State.DOWN),
            "scenes": [[known, scene.label] for known, scene in scenes.items()],
            "scene": {"id": id_, **_content(ctx, id_, scenes.get(id_))},
            "seconds": g.screen.seconds,
            "flash": g.screen.flash,
            "sound": g.screen.sound,
        }
        return body, int(seen.read_at.timestamp()) if seen.read_at else 0


def _where(sites: int) -> str:
    return i18n.ngettext("%(count)s site", "%(count)s sites", sites, count=formats.number(sites))


def _content(ctx: Context, id_: str, scene: Scene | None) -> dict[str, Any]:
    """Return what a scene draws; a rubric that raises costs its own scene only."""
    if scene is None:
        return {"kind": "none"}
    try:
        return wall_drawing.drawn(scene.data())
    except (Exception, SystemExit):
        log.exception("scene failed", scene=id_, reference=ctx.reference)
        return {"kind": "failed", "title": scene.label}
