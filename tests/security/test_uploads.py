"""Files that people send: nobody, a user without the rubric, another customer, another site."""

from __future__ import annotations

from core.testing.fixtures import SAME_SITE
from tests.security import test_tenants
from tests.security.test_tenants import concrete
from tests.security.values import A_LINK, UNKNOWN

app, client_of = test_tenants.app, test_tenants.client_of


def uploads(app):
    rules, _pages, _dash = app.extensions["balise"]
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint in rules.uploads]


def test_a_file_is_taken_for_ones_own_rows_and_no_others(app, client_of):
    assert uploads(app)
    for rule in uploads(app):
        path, unknown = concrete(rule), concrete(rule).replace(A_LINK, UNKNOWN)
        headers = {**SAME_SITE, "X-File-Name": "a.txt"}

        def sent(name, to, headers=headers):
            return client_of(name).post(to, data=b"<svg/onload=1>", headers=headers)

        theirs, none = sent("bob@b.example", path), sent("bob@b.example", unknown)
        assert (theirs.status_code, theirs.data) == (none.status_code, none.data) != (204, b"")
        assert sent("norights@a.example", path).status_code == 403
        assert sent("nobody", path).status_code == 401
        assert sent("alice@a.example", path).data != theirs.data, "the control: the row is reached"
        other = client_of("alice@a.example").post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert other.status_code == 403
