"""Bringing data in from back offices: a file, what it changes, one transaction, a report."""
