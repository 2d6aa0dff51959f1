"""Files kept by their hash: nothing leads out of the folder, nothing altered is given."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core.files import FileGone, FileStore, key_of

BODY = b"une facture"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def test_what_was_kept_is_given_back_and_kept_once(store: FileStore) -> None:
    key = store.keep(BODY)
    assert store.keep(BODY) == key
    assert store.read(key) == BODY
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 1
    assert store.path(key).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "/etc/passwd", "a" * 63, "A" * 64, "a" * 63 + "\0", "a" * 65]
)
def test_what_is_no_key_leads_nowhere(store: FileStore, key: str) -> None:
    with pytest.raises(FileGone):
        store.read(key)


def test_a_link_in_the_place_of_a_file_is_not_followed(store: FileStore, tmp_path: Path) -> None:
    key = store.keep(BODY)
    outside = tmp_path / "dehors"
    outside.write_bytes(BODY)
    store.path(key).unlink()
    store.path(key).symlink_to(outside)
    with pytest.raises(FileGone):
        store.read(key)


def test_a_pipe_in_the_place_of_a_file_does_not_hold_the_reader(store: FileStore) -> None:
    key = store.keep(BODY)
    store.path(key).unlink()
    os.mkfifo(store.path(key))
    with pytest.raises(FileGone):
        store.read(key)


def test_a_file_that_was_altered_or_removed_is_gone(store: FileStore) -> None:
    key = store.keep(BODY)
    store.path(key).write_bytes(b"une autre")
    with pytest.raises(FileGone):
        store.read(key)
    assert store.keep(BODY) == key
    assert store.read(key) == BODY
    store.path(key).unlink()
    with pytest.raises(FileGone):
        store.read(key)


def test_a_full_disk_leaves_nothing(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.keep(BODY)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_a_file_is_taken_from_another_store(store: FileStore, tmp_path: Path) -> None:
    other = FileStore(tmp_path / "autre")
    key = other.keep(BODY)
    store.take(key, other)
    assert store.read(key) == BODY
    with pytest.raises(FileGone):
        other.read(key)
    store.take(key_of(BODY), other)  # it is here already
