"""An installed Balise has all that its folder has."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.architecture.repository import PACKAGES, ROOT, files, is_test


def test_a_wheel_holds_every_file_of_the_product(tmp_path: Path) -> None:
    product = [path for path in files() if path.parts[0] in PACKAGES and not is_test(path)]
    # Compiled by the set-up, and no file of the repository.
    product += [path.with_suffix(".mo") for path in product if path.suffix == ".po"]
    for path in [*product, Path("pyproject.toml"), Path("README.md"), Path("LICENSE")]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    build = "import setuptools.build_meta as b; b.build_wheel('.')"
    subprocess.run([sys.executable, "-c", build], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {path.as_posix() for path in product} - packed == set()
    assert any(name.endswith("licenses/LICENSE") for name in packed)
