"""Files that no row names go; one that a row names never does."""

from __future__ import annotations

import os
from datetime import timedelta

from core import clock
from core.host import Host
from core.sweeping import sweep

LATER = timedelta(days=2)


def stored(host: Host) -> set[str]:
    return {path.name for path in host.config.files_path.rglob("*") if path.is_file()}


def test_no_file_of_any_rubric_is_swept(filled: Host) -> None:
    """Whatever rubrics keep stands in a column that the sweep knows."""
    before = stored(filled)
    assert len(before) > 5
    assert sweep(filled, clock.now() + LATER) == 0
    assert stored(filled) == before


def test_what_was_kept_again_is_young(filled: Host) -> None:
    key = filled.files.keep(b"a file")
    os.utime(filled.files.path(key), (0, 0))
    assert filled.files.keep(b"a file") == key
    assert sweep(filled, clock.now()) == 0
    assert filled.files.read(key) == b"a file"


def test_half_a_file_goes_too(filled: Host) -> None:
    half = filled.config.files_path / "ab" / "tmp123"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    assert sweep(filled, clock.now() + LATER) == 1
    assert not half.exists()


def test_another_database_loses_no_file(filled: Host) -> None:
    """A portal started on an empty database leaves the files of the right one alone."""
    for n in range(150):
        filled.files.keep(b"%d" % n)
    before = stored(filled)
    assert sweep(filled, clock.now() + LATER) == 0
    assert stored(filled) == before


def test_nothing_is_swept_where_nothing_was_kept(host: Host) -> None:
    assert sweep(host, clock.now() + LATER) == 0
