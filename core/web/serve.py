"""The web process: gunicorn around the application."""

from __future__ import annotations

import socket
from typing import Any

from gunicorn.app.base import BaseApplication

from core.host import Host
from core.web.app import create_app


class PortTaken(Exception):
    """Another program already listens where the web process should."""


def check_port(address: str, port: int) -> None:
    """Raise ``PortTaken`` when the address cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise PortTaken(f"{address}:{port} ({error.strerror})") from error


class _Server(BaseApplication):
    def __init__(self, host: Host) -> None:
        self._host = host
        super().__init__()

    def load_config(self) -> None:
        web = self._host.config.web
        settings: dict[str, Any] = {
            "bind": f"{web.host}:{web.port}",
            "workers": web.workers,
            "threads": web.threads,
            "worker_class": "gthread",
            "preload_app": True,  # one copy of the code in memory; connections are reopened below
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 15,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "proc_name": "balise-web",
            "control_socket_disable": True,
            "post_fork": self._reopen,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def _reopen(self, _server: object, _worker: object) -> None:
        """Drop the parent's connections: SQLite's must not be shared by two processes."""
        self._host.engine.dispose(close=False)

    def load(self) -> Any:
        return create_app(self._host)


def run(host: Host) -> None:
    """Serve until told to stop (SIGTERM)."""
    check_port(host.config.web.host, host.config.web.port)
    _Server(host).run()
