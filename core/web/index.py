"""The HTML page that Dash fills: in the user's language and theme, without version numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dash import Dash
from flask import g, has_request_context, request

from core import i18n
from core.web import bundle, packing
from core.web.templates import asset

INDEX = """<!doctype html>
<html lang="{language}" data-bs-theme="light"{chosen} data-words="{words}"{preview}>
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{%title%}</title>
<script src="{theme}"></script>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
{%css%}
<link rel="stylesheet" href="{styles}">
</head>
<body>
{%app_entry%}
<footer>
{%config%}
{%scripts%}
{%renderer%}
{charts}
</footer>
</body>
</html>"""


PLOTLY = "/assets/lazy/plotly-basic.min.js?v=4.1.1"
"""As ``60-charts.js`` asks for it."""
_POLYFILL = re.compile(r'<script src="[^"]*/polyfill@[^"]*"></script>\n?')
"""For browsers of 2017. What Dash needs of it, regeneratorRuntime, dbc brings too."""
_RENDERER = re.compile(r'<script src="[^"]*/dash_renderer\.')
"""Ours stand before it, after the libraries of components whose objects they take."""


class HostDash(Dash):
    """Dash with our own index page."""

    draws: Callable[[str], bool] = staticmethod(lambda _path: False)
    """``draws(path)``: whether a page there draws curves: it starts to load what draws them."""

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = super()._config()
        for told in ("dash_version", "python_version", "plotly_version", "ddk_version"):
            config[told] = None
        config["disable_version_check"] = True
        config["dash_version_url"] = None
        if has_request_context() and request.script_root:  # a preview asks below its own address
            config["requests_pathname_prefix"] = f"{request.script_root}/"
        return config

    def interpolate_index(self, **values: Any) -> str:
        """Return the index page with the request's language."""
        page = INDEX
        theme = g.person.theme if "person" in g else None
        for name, value in {
            "chosen": f' data-theme="{theme}"' if theme in ("light", "dark") else "",
            "language": i18n.language(),
            "words": packing.ADDRESS,
            "theme": asset("theme.js"),
            "styles": bundle.STYLES.address,
            "preview": " data-preview" if request.script_root else "",
            "charts": f'<script defer src="{PLOTLY}"></script>' if self.draws(request.path) else "",
        }.items():
            page = page.replace("{" + name + "}", value)
        ours = f'<script src="{bundle.SCRIPTS.address}"></script>'
        scripts = _POLYFILL.sub("", values["scripts"])
        values["scripts"] = _RENDERER.sub(lambda found: f"{ours}\n{found[0]}", scripts, count=1)
        for name, value in values.items():
            page = page.replace("{%" + name + "%}", value)
        return page
