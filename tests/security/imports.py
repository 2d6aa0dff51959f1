"""What to send to the callbacks of imports, and which they are, for the test of tenants."""

from __future__ import annotations

OF_IMPORTS = {
    "host-import-act.data": [{"do": "write", "press": 1}, {"do": "abandon", "press": 2}],
    "host-import-acted.data": [None],
    "host-import-tick.n_intervals": [1],
    "host-import-version.data": [None],
}
CALLBACKS_OF_IMPORTS = (
    "host-import-acted.data",
    "..host-import-body.children...host-import-version.data..",
)
PARTS_OF_IMPORTS = {"what": "export", "name": "sites", "kind": "csv"}
