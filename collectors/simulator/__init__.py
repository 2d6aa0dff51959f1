"""Routers that do not exist and answer real SNMP on loopback; the demo is built on them."""
