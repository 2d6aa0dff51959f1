"""Who may ask a rubric what, and what each sees: four of the checks of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from core.access import Permission
from core.exports import KINDS
from core.testing.fixtures import PAGE, SAME_SITE
from core.testing.replay import (
    A_LINK,
    A_OTHER_LINK,
    OF_OTHER_SITES,
    UNKNOWN,
    concrete,
    ids_in,
    said_of,
)
from core.testing.subject import (
    ADMINS,
    EMPTY,
    NOBODY,
    ONE_SITE,
    OTHER,
    OWNER,
    STAFF,
    WITHOUT,
    Said,
    Subject,
)

CANARY, OTHERS_CANARY = "CANARI-A", "CANARI-B"


def doors(subject: Subject) -> list[str]:
    """Nobody, a user without the rubric, one who has it, at each page, callback, file and tab."""
    return [
        *_pages(subject),
        *_callbacks(subject),
        *_downloads(subject),
        *_uploads(subject),
        *_hooks(subject),
    ]


def _pages(subject: Subject) -> Iterator[str]:
    yield from _failures(subject.pages(OWNER))
    for page in subject.rubric.pages:
        path = concrete(page.path, subject.arguments.parts)

        def status(who: str, path: str = path) -> int:
            return subject.client(who).get(path, headers=PAGE).status_code

        expected = {NOBODY: 302, WITHOUT: 403, STAFF: 200}
        expected |= _allowed(page.permission, 200)
        yield from _differing(f"page {page.path}", expected, status)


def _callbacks(subject: Subject) -> Iterator[str]:
    for output, permission in subject.callbacks():
        refused = {NOBODY: 401, WITHOUT: 403} | _refused(permission)
        for who, expected in refused.items():
            for said in subject.called(who, output, by=who):
                if said.status != expected:
                    yield f"{said.what}: {who} gets {said.status}, not {expected}"
        if permission.staff:
            yield from _failures(subject.called(STAFF, output))
    yield from _failures(subject.everything(OWNER))


def _downloads(subject: Subject) -> Iterator[str]:
    for one in subject.rubric.downloads:
        for kind in one.kinds or KINDS:
            path = f"{concrete(one.path, subject.arguments.parts)}.{kind}"

            def status(who: str, path: str = path) -> int:
                with subject.client(who).get(path) as reply:
                    return reply.status_code

            expected = {NOBODY: 401, WITHOUT: 403}
            expected |= _refused(one.permission)
            yield from _differing(f"file {one.path}.{kind}", expected, status)


def _uploads(subject: Subject) -> Iterator[str]:
    headers = {**SAME_SITE, "X-File-Name": "a.txt"}
    for one in subject.rubric.uploads:
        path = concrete(one.path, subject.arguments.parts)
        unknown = concrete(one.path, subject.arguments.parts, UNKNOWN)

        def sent(who: str, to: str = path) -> tuple[int, bytes]:
            reply = subject.client(who).post(to, data=b"<svg/onload=1>", headers=headers)
            return reply.status_code, reply.data

        expected = {NOBODY: 401, WITHOUT: 403}
        expected |= _refused(one.permission)
        statuses = {who: sent(who)[0] for who in expected}
        yield from _differing(f"upload {one.path}", expected, statuses.__getitem__)
        if sent(OTHER) != sent(OTHER, unknown):
            yield f"upload {one.path}: a row of another customer is told from an unknown one"
        foreign = {"Sec-Fetch-Site": "cross-site"}
        if subject.client(OWNER).post(path, headers=foreign).status_code != 403:
            yield f"upload {one.path}: another site may send files"


def _hooks(subject: Subject) -> Iterator[str]:
    yield from _failures(subject.answered(OWNER))
    yield from (f"{said.what}: answers without the rubric" for said in subject.answered(WITHOUT))


def other_tenant(subject: Subject) -> list[str]:
    """What belongs to A is for B as what does not exist, in each answer and each id in it."""
    found = []
    unknown = subject.everything(OTHER, UNKNOWN)
    for theirs, none in zip(subject.everything(OTHER), unknown, strict=True):
        if CANARY in theirs.text.replace(A_LINK, "@"):
            found.append(f"{theirs.what}: shows {_around(theirs.text.replace(A_LINK, '@'))}")
        elif theirs.failed:
            found.append(f"{theirs.what}: fails ({theirs.status})")
        elif theirs.what.startswith("file"):
            continue  # its octets tell the time at which it was made
        elif said_of(theirs.text, A_LINK) != said_of(none.text, UNKNOWN):
            found.append(f"{theirs.what}: a row of another customer is told from an unknown one")
    found += [
        f"{said.what}: shows {_around(said.text)}"
        for said in subject.answered(OTHER)
        if CANARY in said.text
    ]
    own = " ".join(said.text for said in (*subject.everything(OWNER), *subject.answered(OWNER)))
    if CANARY not in own.replace(A_LINK, "@"):
        found.append(
            "nothing is proved: its owner sees no row either. Fill some in tests/world.py, and "
            "say in « parts », « searches » or « values » how to reach them"
        )
    return found


def one_site(subject: Subject) -> list[str]:
    """Who has one site sees nothing of the others of the same customer."""
    said = (*subject.everything(ONE_SITE, A_OTHER_LINK), *subject.answered(ONE_SITE))
    found = []
    for one in said:
        text = one.text.replace(A_OTHER_LINK, "@")
        seen = [secret for secret in OF_OTHER_SITES if secret in text]
        if seen:
            found.append(f"{one.what}: shows {', '.join(seen)}")
        elif one.failed:
            found.append(f"{one.what}: fails ({one.status})")
    return found


def empty_tenant(subject: Subject) -> list[str]:
    """Who has no row yet gets pages that say so, and no error."""
    found = [
        f"{said.what}: is blank without any row; see empty_state()"
        for said in subject.pages(EMPTY)
        if said.status == 200 and not said.failed and not _words(said.text)
    ]
    for said in (*subject.everything(EMPTY), *subject.answered(EMPTY)):
        if said.failed:
            found.append(f"{said.what}: fails ({said.status}) without any row")
        elif CANARY in said.text.replace(A_LINK, "@") or OTHERS_CANARY in said.text:
            found.append(f"{said.what}: shows rows to who has none")
    return list(dict.fromkeys(found))


def _words(text: str) -> bool:
    """Tell whether the body of a page, as the router answers it, has any word."""
    body = json.loads(text).get("response", {}).get("host-page", {}).get("children")
    said = json.dumps(body, ensure_ascii=False) if body else ""
    return '"children": "' in said or '"children": ["' in said or bool(list(ids_in(body)))


def _refused(permission: Permission) -> dict[str, int]:
    """Return who is refused what this permission opens, though every right was granted to them."""
    several = [OWNER] if permission.staff or permission.admin else []
    several += [ADMINS[OWNER]] if permission.staff else []
    return dict.fromkeys(several, 403)


def _allowed(permission: Permission, code: int) -> dict[str, int]:
    """Return what the owner of rows gets: ``code``, or a refusal where it is not for them."""
    who = ADMINS[OWNER] if permission.admin else OWNER
    return {who: code} | _refused(permission)


def _differing(what: str, expected: dict[str, int], status: Callable[[str], int]) -> Iterator[str]:
    for who, code in expected.items():
        got = status(who)
        if got != code:
            yield f"{what}: {who} gets {got}, not {code}"


def _failures(several: Iterable[Said]) -> Iterator[str]:
    for said in several:
        if said.failed:
            yield f"{said.what}: fails ({said.status}) for who may ask it"
        elif said.status not in (200, 204, 404):
            yield f"{said.what}: answers {said.status} to who may ask it"


def _around(text: str) -> str:
    at = text.index(CANARY)
    return repr(text[max(0, at - 30) : at + 40])
