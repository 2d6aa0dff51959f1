"""How the documentation is built: `make docs`, without a warning."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

project = "Balise"
author = "Balise"
release = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]["version"]
extensions = ["myst_parser", "reference"]
exclude_patterns = ["_ext"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
# Python where it can be read so, plain text without a warning where it cannot.
highlight_language = "default"
html_theme = "furo"
html_title = f"Balise {release}"
html_theme_options = {
    "light_css_variables": {"font-stack": "Inter, system-ui, sans-serif"},
    "source_directory": "docs/",
}
html_show_copyright = False
html_copy_source = False
