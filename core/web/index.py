"""The HTML page that Dash fills: in the user's language and theme, without version numbers."""

from __future__ import annotations

from typing import Any

from dash import Dash

from core import i18n
from core.web import packing
from core.web.templates import asset

INDEX = """<!doctype html>
<html lang="{language}" data-bs-theme="light" data-words="{words}">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{%title%}</title>
<script src="{theme}"></script>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
{%css%}
</head>
<body>
{%app_entry%}
<footer>
{%config%}
{%scripts%}
{%renderer%}
</footer>
</body>
</html>"""


class HostDash(Dash):
    """Dash with our own index page."""

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = super()._config()
        for told in ("dash_version", "python_version", "plotly_version", "ddk_version"):
            config[told] = None
        config["disable_version_check"] = True
        config["dash_version_url"] = None
        return config

    def interpolate_index(self, **values: Any) -> str:
        """Return the index page with the request's language."""
        page = INDEX.replace("{language}", i18n.language())
        page = page.replace("{theme}", asset("theme.js")).replace("{words}", packing.ADDRESS)
        for name, value in values.items():
            page = page.replace("{%" + name + "%}", value)
        return page
