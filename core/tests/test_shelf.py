"""Files on the shelf: whole or not there, known by what is in them and by nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.shelf import Shelf


def test_a_file_comes_back_as_it_was_and_is_kept_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "files")
    digest = shelf.put(b"une photo")
    assert digest == hashlib.sha256(b"une photo").hexdigest() == shelf.put(b"une photo")
    assert shelf.get(digest) == b"une photo"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [digest]


@pytest.mark.parametrize("name", ["", "../../secret.key", "a" * 63, "A" * 64, "0" * 64])
def test_what_is_no_digest_or_unknown_is_not_there(tmp_path: Path, name: str) -> None:
    assert Shelf(tmp_path).get(name) is None


def test_a_file_that_was_altered_on_disk_is_not_given_back(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    digest = shelf.put(b"une photo")
    (tmp_path / digest[:2] / digest).write_bytes(b"autre chose")
    assert shelf.get(digest) is None
