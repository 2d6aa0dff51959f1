"""What a rubric may not write, because the host could not vouch for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

MODULES = {
    "flask": "the request belongs to the door; what a rubric may know of it is in ctx",
    "flask_login": "take the user from ctx.user",
    "sqlite3": "a connection of one's own escapes the tenant's criteria; use ctx.db",
    "pickle": "what was stored can be altered; keep JSON",
}
DOTTED = {
    "sqlalchemy.text": "raw SQL escapes the tenant's criteria",
    "sqlalchemy.sql.text": "raw SQL escapes the tenant's criteria",
    "sqlalchemy.create_engine": "a connection of one's own escapes the tenant's criteria",
    "sqlalchemy.orm.Session": "a session of one's own escapes the tenant's criteria; use ctx.db",
    "dash.callback": "declare with Callbacks.on, which asks for a permission",
    "dash.clientside_callback": "the host loads browser code from assets",
    "dash.register_page": "declare with Pages.page, which asks for a permission",
    "datetime.datetime.now": "the time of the request is ctx.now",
    "datetime.datetime.utcnow": "the time of the request is ctx.now, and aware",
    "datetime.datetime.today": "the time of the request is ctx.now",
    "datetime.date.today": "the day of the request is ctx.now.astimezone(ctx.zone).date()",
    "time.time": "the time of the request is ctx.now",
}
CALLS = {
    "core.api.Scope": "the scope is the user's; only the host builds one",
    "core.api.Db": "rows are those of ctx.db; only the host opens them",
}
"""What may be named, for types, and not called."""
ATTRIBUTES = {
    "__table__": "a table without its model escapes the tenant's criteria",
    "current_user": "take the user from ctx.user",
}
KEYWORDS = {
    "background": "Dash shares a background result between users; use a job",
    "api_endpoint": "Dash would open a second door",
    "dangerously_allow_html": "text from outside is never markup",
}


def offences(source: str) -> list[str]:
    """Return each banned thing a module's source does, with its line and the reason."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    found = {
        (node.lineno, what, why)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt | ast.expr | ast.keyword)
        for what, why in _banned(node, names)
    }
    return [f"line {line}: {what}: {why}" for line, what, why in sorted(found)]


def strangers(source: str, package: str) -> list[str]:
    """Return each import of the host's or of another rubric's that is not for rubrics: they import
    ``core.api`` and their own package.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module or ""]
            if node.module in ("core", "plugins"):
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            first = module.partition(".")[0]
            own = f"{module}.".startswith(f"{package}.")
            if first in ("core", "plugins", "collectors") and module != "core.api" and not own:
                found.append(
                    f"line {node.lineno}: {module}: a rubric imports core.api and its own modules"
                )
    return found


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (local name, dotted name) of what the module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """Return the dotted name an expression stands for, imports followed, or None."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, names)
        return f"{owner}.{node.attr}" if owner else None
    return None


def _banned(node: ast.AST, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        modules = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{name}" for name in modules)]
        for module in modules:
            if module.split(".")[0] in MODULES:
                yield module.split(".")[0], MODULES[module.split(".")[0]]
            if module in DOTTED:
                yield module, DOTTED[module]
    elif isinstance(node, ast.Attribute):
        dotted = _dotted(node, names)
        if dotted in DOTTED:
            yield dotted, DOTTED[dotted]
        if node.attr in ATTRIBUTES:
            yield node.attr, ATTRIBUTES[node.attr]
    elif isinstance(node, ast.Call) and (called := _dotted(node.func, names)) in CALLS:
        yield f"{called}()", CALLS[called]
    elif isinstance(node, ast.keyword) and node.arg in KEYWORDS:
        yield f"{node.arg}=", KEYWORDS[node.arg]
