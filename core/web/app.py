"""Putting the application together, top to bottom."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import structlog
from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash import _callback as dash_globals
from dash._hooks import HooksManager
from flask import Flask, Response, abort, g, jsonify, request
from flask_compress import Compress
from flask_login import LoginManager
from werkzeug.middleware.proxy_fix import ProxyFix

from core import health, i18n
from core.access import IMPORTS, Permission
from core.breaker import LeftOut
from core.host import Host
from core.i18n import _
from core.registry import Failure
from core.rubric import Context, Rubric
from core.web import (
    account_forms,
    acting_pages,
    bundle,
    collection_page,
    compression,
    door,
    downloads,
    errors,
    guarded,
    headers,
    home,
    import_steps,
    imports_files,
    job_files,
    login,
    own_pages,
    packing,
    password_pages,
    preview,
    second_step,
    shell,
    two_factor_pages,
    uploads,
    wall,
    walls_page,
)
from core.web.bodies import Shape
from core.web.components import error_card
from core.web.index import HostDash
from core.web.left_out import absent_page, left_out_card
from core.web.router import HEALTH, HOME, WALLS, Pages, Refused
from core.web.templates import asset

log = structlog.get_logger("balise.web")

HERE = Path(__file__).parent
LARGEST_BODY = 2 * 1024 * 1024


def create_app(host: Host) -> Flask:
    """Return the WSGI application of an installation. Its database must have today's schema."""
    server = Flask("balise", template_folder=str(HERE / "templates"), static_folder=None)
    server.config.update(
        SECRET_KEY=None,  # nothing is kept in a signed cookie
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        **compression.SETTINGS,
    )
    if server.debug:
        raise RuntimeError("debug mode opens the machine to visitors: unset FLASK_DEBUG")
    if hops := host.config.web.proxy_hops:
        server.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask's own guide does
            server.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    Compress(server)  # first, so that it works last on each answer
    packing.install(server)
    preview.install(server)  # its policy is put over that of ``headers``, which works before
    rules = door.Rules()
    pages = Pages(own_pages.pages(host), host.registry)
    errors.install(server)
    door.install(server, host, rules, pages)  # before Dash, so that it runs first
    _templates(server, host)
    login.install(server, host, rules)
    second_step.install(server, host, rules)
    password_pages.install(server, host, rules)
    account_forms.install(server, host, rules)
    two_factor_pages.install(server, host, rules)
    wall.install(server, host, rules)
    _probes(server, host, rules)
    bundle.install(server, rules)
    downloads.install(server, host, rules)
    uploads.install(server, host, rules)
    job_files.install(server, rules)
    acting_pages.install(server, host, rules)
    imports_files.install(server, host, rules)
    dash = _dash(server, host, rules, pages)
    headers.install(server, host.config, dash.csp_hashes())
    _whoami(server)
    server.extensions["balise"] = rules, pages, dash  # for tests: what there is to try
    return server


def _templates(server: Flask, host: Host) -> None:
    @server.context_processor
    def known() -> dict[str, Any]:
        return {
            "operator": host.config.operator,
            "demo": host.config.demo,
            "language": i18n.language(),
            "languages": i18n.LANGUAGES,
            "_": i18n._,
            "asset": asset,
            "here": request.full_path.rstrip("?"),
        }


def _probes(server: Flask, host: Host, rules: door.Rules) -> None:
    @server.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @server.get("/readyz")
    def readyz() -> tuple[Response, int]:
        found = [health.check_database(host.engine)]
        if found[0].level == "ok":
            found.append(health.check_collector(host, g.now))
        ready = all(finding.level != "error" for finding in found)
        checks = {finding.subject: finding.level for finding in found}
        return jsonify(ready=ready, checks=checks), 200 if ready else 503

    rules.public |= {"healthz", "readyz"}


def _whoami(server: Flask) -> None:
    """Keep flask-login's ``current_user`` true, over our own session table and nothing else."""
    manager = LoginManager(server)
    manager.session_protection = None

    @manager.request_loader
    def load(_request: object) -> Any:
        return g.get("person")


def _dash(server: Flask, host: Host, rules: door.Rules, pages: Pages) -> Dash:
    # Packages that hook into Dash by entry point are not loaded.
    HooksManager._registered = True  # noqa: SLF001 - Dash has no public switch
    strays = [*dash_globals.GLOBAL_CALLBACK_LIST]
    for stray in strays:  # dash.callback() skips our declarations, and so has no permission
        host.registry.failures.append(
            Failure(stray["output"], "?", "dash.callback: declare it with Callbacks.on", part=True)
        )
        log.error("undeclared callback refused", output=stray["output"])
    dash_globals.GLOBAL_CALLBACK_LIST.clear()
    dash_globals.GLOBAL_CALLBACK_MAP.clear()
    dash = HostDash(
        "balise",
        server=server,
        assets_folder=str(HERE / "assets"),
        assets_ignore=r".",  # they are in two files: bundle.py
        assets_path_ignore=[r"lazy", r"licences", r"fonts"],
        use_pages=False,  # its registry is global and its validation layout leaks
        suppress_callback_exceptions=True,
        enable_mcp=False,
        update_title=None,
        title=host.config.operator.title,
        serve_locally=True,
        compress=False,
        use_async=False,
    )
    dash.layout = partial(_layout, host)
    dash.draws = pages.draws
    page = [
        Output("host-page", "children"),
        Output("host-menu", "children"),
        Output("host-title", "data"),
    ]
    _bind(
        dash,
        rules,
        HOME,
        partial(_route, host, pages),
        page,
        Input("host-url", "pathname"),
        State("host-url", "search"),
    )
    _bind(
        dash,
        rules,
        HOME,
        home.refresh,
        [Output("host-home-cards", "children"), Output("host-home-version", "data")],
        Input("host-home-tick", "n_intervals"),
        State("host-home-version", "data"),
        prevent_initial_call=True,
    )
    _bind(
        dash,
        rules,
        HEALTH,
        partial(collection_page.refresh, host),
        [Output(f"host-collect-{part}", "children") for part in collection_page.PARTS],
        Input("host-url", "search"),
        Input("host-collect-tick", "n_intervals"),
        State("host-url", "pathname"),
        prevent_initial_call=True,
    )
    for outputs, function, dependencies in walls_page.callbacks(host):
        _bind(dash, rules, WALLS, function, outputs, *dependencies, prevent_initial_call=True)
    for outputs, function, dependencies in import_steps.callbacks(host):
        _bind(dash, rules, IMPORTS, function, outputs, *dependencies, prevent_initial_call=True)
    dash.clientside_callback(
        ClientsideFunction("host", "arrived"),
        Output("host-announce", "children"),
        Input("host-title", "data"),
        prevent_initial_call=True,
    )
    dash.clientside_callback(
        ClientsideFunction("map", "take"),
        Output("map-version", "data"),
        Input("map-start", "data"),
        Input("map-news", "data"),
        State("map-words", "data"),
    )
    for rubric in list(host.registry.rubrics.values()):
        _bind_rubric(dash, rules, host, rubric)
    _filter_dependencies(server, rules)
    with server.test_request_context("/"):
        # Once, now: parallel first requests to a fresh process would race (plotly/dash #3971).
        dash._setup_server()  # noqa: SLF001 - Dash has no public name for it
    _refuse_unknown(dash, rules)
    return dash


def _layout(host: Host) -> html.Div:
    if "ctx" not in g:
        return html.Div()  # Dash looks at the layout once while it starts
    return shell.frame(g.ctx, host.config, host.registry)


def _route(host: Host, pages: Pages, ctx: Context, path: object, search: object) -> tuple[Any, ...]:
    """Return the page at ``path``, the menu with its entry marked, and the page's title."""
    here = path if isinstance(path, str) else "/"
    try:
        found = pages.find(here, ctx.granted)
    except Refused:
        abort(403)
    if found is None:
        gone = absent_page(ctx, host.registry, here)
        return gone, shell.menu(ctx, host.config, host.registry, here), _("Page introuvable")
    page, arguments = found
    try:
        with guarded.page(host, page, ctx):
            body = page.layout(door.with_query(ctx, search), **arguments)
    except LeftOut as left:
        body = left_out_card(left.seconds)
    except (Exception, SystemExit):  # this page only: the frame and the other rubrics stay
        log.exception("page failed", path=here, reference=ctx.reference)
        body = error_card(ctx.reference)
    title = f"{_(page.title)} · {host.config.operator.title}"
    return body, shell.menu(ctx, host.config, host.registry, here), title


def _bind(
    dash: Dash,
    rules: door.Rules,
    permission: Permission,
    function: Any,
    *dependencies: Any,
    **options: Any,
) -> str:
    """Register a callback with Dash, and its permission and shape with the door; return its name
    for both.
    """
    known = set(dash.callback_map)
    dash.callback(*dependencies, **options)(door.bound(function))
    new: str
    (new,) = set(dash.callback_map) - known
    rules.callbacks[new] = permission
    rules.shapes[new] = Shape.of(dash.callback_map[new], new)
    return new


def _bind_rubric(dash: Dash, rules: door.Rules, host: Host, rubric: Rubric) -> None:
    """Register a rubric's callbacks; one that Dash refuses leaves the others."""
    for part in rubric.callbacks:
        function = guarded.callback(host, rubric.id, part.function)
        try:
            name = _bind(dash, rules, part.permission, function, *part.dependencies, **part.options)
            rules.owners[name] = rubric.id
        except Exception as error:  # noqa: BLE001 - whatever a rubric made Dash say
            why = f"{type(error).__name__}: {error}"
            owner = host.registry.owners.get(rubric.id, rubric.id)
            failure = Failure(rubric.id, owner, f"callback refused: {why}", rubric.id, part=True)
            host.registry.failures.append(failure)
            log.error("callback refused", rubric=rubric.id, error=why)


def _filter_dependencies(server: Flask, rules: door.Rules) -> None:
    """Show each user only the callbacks it may call."""

    @server.after_request
    def narrow(response: Response) -> Response:
        if request.path == "/_dash-dependencies" and response.status_code == 200:
            allowed = [
                entry
                for entry in response.get_json()
                if entry["output"] not in rules.callbacks
                or rules.callbacks[entry["output"]].key in g.granted
            ]
            response.set_data(server.json.dumps(allowed))
        return response


def _refuse_unknown(dash: Dash, rules: door.Rules) -> None:
    """Refuse to start with a server callback that has no permission."""
    unknown = [
        output
        for output, entry in dash.callback_map.items()
        if output not in rules.callbacks and "callback" in entry
    ]
    if unknown:
        raise RuntimeError(f"callbacks without a permission: {', '.join(unknown)}")
