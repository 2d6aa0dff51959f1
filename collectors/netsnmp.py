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
* a session takes 16 kB, a descriptor, a local port and more time to open than a question, so one
  session asks many agents, one after the other. Each request is sent where ``netsnmp_transport``
  says; request ids follow one another in the whole process, so what an agent sent too much is
  taken out of the socket before another is asked.
* a call by ``ctypes.CDLL`` gives the GIL away, and takes it back after all who wait for it: the
  calls below take no time and keep it (``PyDLL``).
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import stat
import struct
from pathlib import Path
from typing import Any, TypeAlias, cast

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
        ("flags", ctypes.c_uint),
        ("data", ctypes.c_void_p),
        ("data_length", ctypes.c_int),
    )


def _linked_library() -> str:
    """Return the path of the libnetsnmp that the extension is really linked to."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.rpartition(" ")[2]
        if Path(path).name.startswith("libnetsnmp.so"):
            return path
    raise ImportError("easysnmp is loaded but libnetsnmp is not: rebuild easysnmp")


def _load() -> ctypes.PyDLL:
    library = ctypes.PyDLL(_linked_library())
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
_c = ctypes.PyDLL(None, use_errno=True)
_c.free.argtypes = [ctypes.c_void_p]
_c.connect.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32]
_c.recv.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_c.recv.restype = ctypes.c_ssize_t
_INET = struct.pack("=H", socket.AF_INET)
_Name = ctypes.c_char * 16
_nothing = ctypes.create_string_buffer(1)


class LightSession:
    """What easysnmp's C code reads and writes on a session, without the thirty attributes of its
    own class: opened for one question, that class costs as much as the question.
    """

    __slots__ = ("error_index", "error_number", "error_string", "sess_ptr", "transport", "version")
    use_long_names = use_enums = use_sprint_value = best_guess = retry_no_such = 0
    use_numeric = 1

    def __init__(self, version: int, sess_ptr: Any) -> None:
        self.version = version
        self.sess_ptr = sess_ptr
        self.transport = _transport(self)
        self.error_string = ""
        self.error_number = self.error_index = 0


_FLOOD = 1000
"""Messages taken out of a socket before its session is given up."""
AnySession: TypeAlias = Session | LightSession


def open_session(
    address: str, port: int, version: int, community: str, timeout: float
) -> LightSession:
    """Return a session of SNMP v1 or v2c that only ``close_session`` may end, bound to its agent.

    Its socket is connected, so that the kernel drops answers from other sources and reports a
    closed port at once. ``timeout`` is in seconds, for one try. Raises what easysnmp raises.
    """
    micros = int(timeout * 1_000_000)
    pointer = interface.session(version, community, f"{address}:{port}", 0, 0, micros)
    _python.PyCapsule_SetDestructor(pointer, None)
    session = LightSession(version, pointer)
    point_at(session, address, port)
    return session


def open_session_v3(address: str, port: int, **settings: Any) -> Session:
    """Return the same of SNMPv3."""
    session = Session(address, remote_port=port, version=3, use_numeric=True, **settings)
    _python.PyCapsule_SetDestructor(session.sess_ptr, None)
    _point_at(_transport(session), address, port)
    return session


def point_at(session: LightSession, address: str, port: int) -> bool:
    """Make a session ask another agent; return False when it cannot.

    Nothing that the agent before may still have sent is there any more, and the kernel lets none
    of it in.
    """
    return _point_at(session.transport, address, port)


def _point_at(transport: _Transport, address: str, port: int) -> bool:
    if not _is_as_known(transport):
        return False
    name = _INET + struct.pack("!H4s8x", port, socket.inet_aton(address))
    for place in (transport.data, transport.remote):
        _Name.from_address(place).raw = name
    if _c.connect(transport.sock, name, len(name)):
        return False
    for _ in range(_FLOOD):
        taken = _c.recv(transport.sock, _nothing, 1, socket.MSG_DONTWAIT)
        if taken < 0 and ctypes.get_errno() == errno.EAGAIN:
            return True
    return False


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


def _transport(session: AnySession) -> _Transport:
    return _Transport.from_address(_library.snmp_sess_transport(_handle(session)))


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
            and bool(transport.data)
            and transport.data_length > 16
            and ctypes.c_ushort.from_address(transport.data).value == socket.AF_INET
        )
    return True in _seen
