"""The net-snmp library below easysnmp: what must be set, opened and closed by hand.

Measured on easysnmp 0.2.6 with net-snmp 5.9.3:

* the OID output format is one global of the process, which easysnmp saves and restores around
  each request: two threads leave it wrong. It is pinned once.
* easysnmp's destructor of a session compares its user with every SNMPv3 user: dropping a v2c
  session once a v3 user exists, or a v3 session that never had an answer, is a segmentation
  fault. Its destructor is taken away, and sessions are closed here.
* net-snmp keeps SNMPv3 users, with their keys, by engine and name: a new password for the same
  user is ignored until the old user is removed.
* it says « Authentication failed » of an answer to an SNMPv3 user without privacy, and takes it
  (so does Debian's ``snmpget``): only privacy makes sure who answers. gufo-snmp has our guard.
* an unconnected socket takes answers from any source and never hears « port unreachable ».
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import stat
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

from easysnmp import Session, interface

_LIBRARY_ID, _OID_OUTPUT_FORMAT, _NUMERIC = 0, 4, 4


class _Transport(ctypes.Structure):
    """The head of ``netsnmp_transport`` (net-snmp/library/snmp_transport.h, 5.7 to 5.9)."""

    _fields_ = (
        ("domain", ctypes.c_void_p),
        ("domain_length", ctypes.c_int),
        ("local", ctypes.c_void_p),
        ("local_length", ctypes.c_int),
        ("remote", ctypes.c_void_p),
        ("remote_length", ctypes.c_int),
        ("sock", ctypes.c_int),
    )


def _linked_library() -> str:
    """Return the path of the libnetsnmp that the extension is really linked to."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.rpartition(" ")[2]
        if Path(path).name.startswith("libnetsnmp.so"):
            return path
    raise ImportError("easysnmp is loaded but libnetsnmp is not: rebuild easysnmp")


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(_linked_library())
    library.netsnmp_ds_set_int(_LIBRARY_ID, _OID_OUTPUT_FORMAT, _NUMERIC)
    for name, result, *arguments in (
        ("snmp_sess_close", ctypes.c_int, ctypes.c_void_p),
        ("snmp_sess_transport", ctypes.c_void_p, ctypes.c_void_p),
        ("usm_get_user", ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p),
        ("usm_remove_user", ctypes.c_void_p, ctypes.c_void_p),
        ("usm_free_user", ctypes.c_void_p, ctypes.c_void_p),
    ):
        function = getattr(library, str(name))
        function.restype, function.argtypes = result, arguments
    return library


_library = _load()
_python = ctypes.pythonapi
_python.PyCapsule_GetPointer.restype = ctypes.c_void_p
_python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_python.PyCapsule_SetDestructor.argtypes = [ctypes.py_object, ctypes.c_void_p]
_c = ctypes.CDLL(None)
_c.free.argtypes = [ctypes.c_void_p]
_c.connect.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32]


class LightSession:
    """What easysnmp's C code reads and writes on a session, without the thirty attributes of its
    own class: opened for one question, that class costs as much as the question.
    """

    __slots__ = ("error_index", "error_number", "error_string", "sess_ptr", "version")
    use_long_names = use_enums = use_sprint_value = best_guess = retry_no_such = 0
    use_numeric = 1

    def __init__(self, version: int, sess_ptr: Any) -> None:
        self.version = version
        self.sess_ptr = sess_ptr
        self.error_string = ""
        self.error_number = self.error_index = 0


AnySession: TypeAlias = Session | LightSession
S = TypeVar("S", Session, LightSession)


def open_session(
    address: str, port: int, version: int, community: str, timeout: float
) -> LightSession:
    """Return a session of SNMP v1 or v2c that only ``close_session`` may end, bound to its agent.

    Its socket is connected, so that the kernel drops answers from other sources and reports a
    closed port at once. ``timeout`` is in seconds, for one try. Raises what easysnmp raises.
    """
    micros = int(timeout * 1_000_000)
    pointer = interface.session(version, community, f"{address}:{port}", 0, 0, micros)
    return _bound(LightSession(version, pointer))


def open_session_v3(address: str, port: int, **settings: Any) -> Session:
    """Return the same of SNMPv3."""
    return _bound(Session(address, remote_port=port, version=3, use_numeric=True, **settings))


def _bound(session: S) -> S:
    _python.PyCapsule_SetDestructor(session.sess_ptr, None)
    with contextlib.suppress(OSError):
        _connect(_handle(session))
    return session


def close_session(session: AnySession) -> None:
    """Close a session. Nobody may use it any more."""
    context = _python.PyCapsule_GetPointer(session.sess_ptr, None)
    _library.snmp_sess_close(_handle(session))
    session.sess_ptr = None
    _c.free(context)


def forget_user(engine_id: bytes, user: str) -> None:
    """Remove an SNMPv3 user of an engine from the library, so that its next keys are taken.

    No SNMPv3 request may be under way.
    """
    found = _library.usm_get_user(engine_id, len(engine_id), user.encode("latin-1"))
    if found:
        _library.usm_remove_user(found)
        _library.usm_free_user(found)


def _handle(session: AnySession) -> int:
    """Return the session's pointer in the library: the first word of easysnmp's own context."""
    context = cast(int, _python.PyCapsule_GetPointer(session.sess_ptr, None))
    return cast(int, ctypes.c_void_p.from_address(context).value)


def _connect(handle: int) -> None:
    transport = _Transport.from_address(_library.snmp_sess_transport(handle))
    if _is_as_known(transport):
        _c.connect(transport.sock, transport.remote, transport.remote_length)


_seen: set[bool] = set()


def _is_as_known(transport: _Transport) -> bool:
    """Tell whether the library keeps its socket and the address where we think: looked at once."""
    if not _seen:
        _seen.add(
            transport.sock > 2
            and stat.S_ISSOCK(os.fstat(transport.sock).st_mode)
            and bool(transport.remote)
            and 16 <= transport.remote_length <= 128
            and ctypes.c_ushort.from_address(transport.remote).value == socket.AF_INET
        )
    return True in _seen
