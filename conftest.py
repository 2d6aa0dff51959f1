"""The fixtures of ``core.testing`` serve every test of the repository."""

import subprocess
from pathlib import Path

pytest_plugins = ["core.testing.fixtures"]


def pytest_configure() -> None:
    """Compile the translations: a test never sees those of an earlier day."""
    subprocess.run([Path(__file__).parent / "scripts" / "compile-words.sh"], check=True)
