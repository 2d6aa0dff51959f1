"""OIDs the collector asks for, by their names in the MIBs."""

from __future__ import annotations

SYS_UPTIME = ".1.3.6.1.2.1.1.3.0"
"""SNMPv2-MIB sysUpTime, 1/100 s since the agent started (RFC 3418)."""

_IF_ENTRY = ".1.3.6.1.2.1.2.2.1"
_IF_X_ENTRY = ".1.3.6.1.2.1.31.1.1.1"

IF_DESCR = f"{_IF_ENTRY}.2"
IF_SPEED = f"{_IF_ENTRY}.5"
"""bit/s, full at 4294967295 (RFC 2863)."""
IF_ADMIN_STATUS = f"{_IF_ENTRY}.7"
IF_OPER_STATUS = f"{_IF_ENTRY}.8"
IF_LAST_CHANGE = f"{_IF_ENTRY}.9"
"""sysUpTime when the interface took its present state; 0 if that was before the agent started."""
IF_IN_OCTETS = f"{_IF_ENTRY}.10"
IF_OUT_OCTETS = f"{_IF_ENTRY}.16"

IF_NAME = f"{_IF_X_ENTRY}.1"
IF_HC_IN_OCTETS = f"{_IF_X_ENTRY}.6"
IF_HC_OUT_OCTETS = f"{_IF_X_ENTRY}.10"
IF_HIGH_SPEED = f"{_IF_X_ENTRY}.15"
"""Mbit/s, rounded: 2.3 Mbit/s reads 2."""
IF_COUNTER_DISCONTINUITY = f"{_IF_X_ENTRY}.19"
"""sysUpTime when the counters of the interface last lost their continuity."""
