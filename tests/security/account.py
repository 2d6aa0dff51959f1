"""Pages of the host's own for the tests of tenants."""

PATHS = ["/supervision/etat", "/", "/compte"]
