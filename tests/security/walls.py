"""What the callbacks of « Murs » may be sent, for ``test_tenants``."""

OF_WALLS = {
    "host-walls-tick.n_intervals": [1],
    "host-walls-made.data": [None],
    "host-walls-revoked.data": [None],
    "host-walls-revoke.n_clicks": [1],
    "host-walls-revoke.value": ["1"],
    "host-walls-customer.value": ["1"],
    "host-walls-find.value": ["@", ""],
    "host-walls-companies.value": [[1]],
    "host-walls-sites.value": [[1]],
    "host-walls-create.n_clicks": [1],
    "host-walls-name.value": ["Salle"],
    "host-walls-scenes.value": [["supervision.voyants"]],
    "host-walls-seconds.value": [20],
    "host-walls-expires.value": [""],
    "host-walls-alarms.value": [["flash"]],
}
