"""A rubric that is a package of its own works on a Balise that came as a wheel."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.testing.laws import offences
from tests.architecture.repository import ROOT, files, python_files, read
from tests.wheel.conftest import Environment, build

VOIX = Path("examples/balise-voix")


@pytest.mark.timeout(600)  # all the tests of a package, in a Python of its own
def test_the_package_installs_beside_the_host_and_its_own_tests_pass_there(
    environment: Environment, tmp_path: Path
) -> None:
    source = tmp_path / "balise-voix"
    for path in files():
        if path.is_relative_to(VOIX):
            place = source / path.relative_to(VOIX)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, place)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with environment.package("balise-voix"):
        environment.install(build(source))
        environment.balise("init", cwd=elsewhere)
        assert _levels(environment, elsewhere)["rubric:voix"] == "ok"
        run = ["-m", "pytest", "-q", "-p", "no:dash", "-p", "no:cacheprovider", "-W", "error"]
        fixtures = ["-p", "core.testing.fixtures", "--import-mode=importlib"]
        told = environment.run(
            environment.command("python"), *run, *fixtures, "--pyargs", "balise_voix",
            cwd=elsewhere,
        )  # fmt: skip
        assert " passed" in told
        assert "skipped" not in told
    # Taken out again, with its tables still there: the portal goes on, and says whose they are.
    assert _levels(environment, elsewhere)["rubric:voix"] == "warning"


def _levels(environment: Environment, installation: Path) -> dict[str, str]:
    said = json.loads(environment.balise("check", "--json", cwd=installation))
    return {finding["subject"]: finding["level"] for finding in said["findings"]}


def test_the_package_keeps_the_laws_of_rubrics() -> None:
    modules = [path for path in python_files("examples") if "tests" not in path.parts]
    assert len(modules) > 10
    found = {str(path): offences(read(path)) for path in modules}
    assert {path: why for path, why in found.items() if why} == {}
    for path in modules:
        deep = [
            line
            for line in read(path).splitlines()
            if line.startswith(("from core.", "import core."))
        ]
        assert [line for line in deep if not line.startswith("from core.api import")] == [], path
