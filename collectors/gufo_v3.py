"""SNMPv3 by gufo-snmp, with a guard before it: gufo-snmp itself believes any digest.

gufo-snmp talks to one end of a pair of sockets; what comes from the agent is passed on at the
other end, one message at a time, once its digest is right (RFC 3414, 6.3.2; RFC 7860, 4.2.2).
"""

from __future__ import annotations

import contextlib
import hmac
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from gufo.snmp import _fast, user

from collectors import engines
from collectors.gufo import GufoConnection
from collectors.lines import v3_passwords
from collectors.snmp import Failed, Outcome, Target, Varbind

IDLE = 100.0
"""Seconds after which the agent's clock is asked again: it refuses one 150 s late (RFC 3414)."""
_LARGEST = 65_535
_AUTH = {
    "MD5": (user.Md5Key, "md5", 12),
    "SHA": (user.Sha1Key, "sha1", 12),
    "SHA1": (user.Sha1Key, "sha1", 12),
    "SHA224": (user.Sha224Key, "sha224", 16),
    "SHA256": (user.Sha256Key, "sha256", 24),
    "SHA384": (user.Sha384Key, "sha384", 32),
    "SHA512": (user.Sha512Key, "sha512", 48),
}
"""Authentication protocols: gufo-snmp's word, hashlib's, and the octets of a digest."""
_PRIV = {
    "DES": user.DesKey,
    "AES": user.Aes128Key,
    "AES128": user.Aes128Key,
    "AES192": user.Aes192Key,
    "AES256": user.Aes256Key,
}
_USM_STATS = bytes((0x06, 0x0A, 0x2B, 6, 1, 6, 3, 15, 1, 1))
_REFUSALS = tuple(_USM_STATS + bytes((which, 0)) for which in (1, 3, 5))
"""usmStatsUnsupportedSecLevels, UnknownUserNames, WrongDigests: what a refused user is told."""


@dataclass(frozen=True, slots=True)
class Digest:
    """How the messages of one user of one engine are signed."""

    key: bytes
    name: str
    size: int

    def signs(self, message: bytes, header: engines.Header) -> bool:
        """Return whether the digest of a message is this user's."""
        start, end = header.digest
        if end - start != self.size:
            return False
        blank = message[:start] + bytes(self.size) + message[end:]
        right = hmac.digest(self.key, blank, self.name)[: self.size]
        return hmac.compare_digest(right, message[start:end])


def connected(target: Target, address: str) -> GufoV3:
    """Return a connection to an SNMPv3 agent. Raises ``Failed``, ``OSError``."""
    who, auth = _user(target)
    engine = engines.discover(address, target.port, target.timeout, 0)
    if engine is None:
        raise Failed(Outcome.TIMEOUT, "no SNMPv3 engine answers")
    sock = _fast.SnmpV3ClientSocket(
        f"{address}:{target.port}", engine, who.name,
        who.get_auth_alg(), who.get_auth_key(), who.get_priv_alg(), who.get_priv_key(), 0, 0, 0, 0,
    )  # fmt: skip
    digest = None
    if who.auth_key and auth:
        _, name, size = _AUTH[auth]
        alg = who.auth_key.AUTH_ALG
        master = _fast.get_master_key(alg, who.get_auth_key())
        digest = Digest(_fast.get_localized_key(alg, master, engine), name, size)
    return GufoV3(sock, (address, target.port), target.timeout, digest)


def _user(target: Target) -> tuple[user.User, str]:
    """Return gufo-snmp's user for SNMPv3 credentials, and its authentication protocol."""
    given = target.credentials
    name, auth, priv = v3_passwords(target)
    auth_by, priv_by = (
        (given.get(key) or usual).upper().replace("-", "")
        for key, usual in (("auth_protocol", "SHA"), ("priv_protocol", "AES"))
    )
    if (auth and auth_by not in _AUTH) or (priv and priv_by not in _PRIV):
        raise Failed(Outcome.BAD_TARGET, "an SNMPv3 protocol that gufo-snmp does not know")
    auth_key = _AUTH[auth_by][0](auth.encode()) if auth else None
    priv_key = _PRIV[priv_by](priv.encode()) if priv else None
    return user.User(name, auth_key=auth_key, priv_key=priv_key), auth_by if auth else ""


class GufoV3(GufoConnection):
    """A connection of SNMPv3; ``digest`` None for a user without authentication."""

    def __init__(
        self,
        sock: _fast.SnmpV3ClientSocket,
        place: tuple[str, int],
        timeout: float,
        digest: Digest | None,
    ) -> None:
        self._digest = digest
        self._v3 = sock
        self._heard = float("-inf")
        self._number = 0
        self._outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._outside.setblocking(False)
        self._outside.connect(place)
        self._inside, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._inside.setblocking(False)
        end.setblocking(False)
        os.dup2(end.fileno(), sock.get_fd())  # gufo-snmp's own socket gives way to the pair
        end.close()
        super().__init__(sock, timeout, "3")

    def get(self, oids: Sequence[str]) -> list[Varbind]:
        self._keep_time()
        values = super().get(oids)
        self._heard = time.monotonic()
        return values

    def following(self, oid: str) -> list[tuple[str, Varbind]]:
        self._keep_time()
        rows = super().following(oid)
        self._heard = time.monotonic()
        return rows

    def close(self) -> None:
        self._outside.close()
        self._inside.close()

    def _keep_time(self) -> None:
        """Ask the agent's clock when it may have moved: at first, after silence, after a failure.

        A message that is not in the time of the agent gets no answer from it.
        """
        if self._digest and time.monotonic() - self._heard > IDLE:
            self._exchange(lambda _: self._v3.send_refresh(), None, self._v3.recv_refresh)
        self._heard = float("-inf")

    def _descriptor(self) -> int:
        return self._outside.fileno()

    def _pass_on(self) -> None:
        message = self._inside.recv(_LARGEST)
        self._number = engines.header(message).number
        with contextlib.suppress(ConnectionRefusedError):  # of the former question
            self._outside.send(message)
            return
        self._outside.send(message)

    def _admits(self) -> bool:
        message = self._outside.recv(_LARGEST)
        if self._digest:
            try:
                header = engines.header(message)
            except ValueError:
                return False
            if header.number != self._number:
                return False
            if not header.flags & 1:
                if any(refusal in message for refusal in _REFUSALS):
                    raise Failed(Outcome.AUTH, "the agent refuses the user or its password")
                return False
            if not self._digest.signs(message, header):
                return False
        self._inside.send(message)
        return True
