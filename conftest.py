"""The fixtures of ``core.testing`` serve every test of the repository."""

import subprocess
from pathlib import Path

from hypothesis import settings

pytest_plugins = ["core.testing.fixtures"]

# No test asserts a time: other work on the machine is no fault of what is tested.
settings.register_profile("balise", deadline=None)
settings.load_profile("balise")


def pytest_configure() -> None:
    """Compile the translations: a test never sees those of an earlier day."""
    subprocess.run([Path(__file__).parent / "scripts" / "compile-words.sh"], check=True)
