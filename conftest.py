"""The fixtures of ``core.testing`` serve every test of the repository."""

pytest_plugins = ["core.testing.fixtures"]
