"""A rubric reaches rows, users and time through its ``ctx``, and in no other way."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.testing.laws import offences
from tests.architecture.repository import is_test, python_files, read

RUBRICS = [path for path in python_files("plugins") if not is_test(path)]


@pytest.mark.parametrize("path", RUBRICS, ids=str)
def test_rubrics_keep_the_law(path: Path) -> None:
    assert offences(read(path)) == []


@pytest.mark.parametrize("path", python_files("core", "collectors"), ids=str)
def test_nothing_renders_text_from_outside_as_markup(path: Path) -> None:
    assert [line for line in offences(read(path)) if "dangerously" in line] == []


@pytest.mark.parametrize(
    "source",
    [
        "Link.__table__.c.id",
        "from sqlalchemy import text",
        "import sqlalchemy as sa\nsa.text('select 1')",
        "from sqlalchemy import orm\norm.Session(engine)",
        "import dash\ndash.callback()",
        "from dash import callback",
        "on(x, background=True)",
        "from flask_login import current_user",
        "import flask",
        "from flask import request as r",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "from datetime import date as d\nd.today()",
        "import time\ntime.time()",
        "from time import time",
        "import sqlite3",
        "dcc.Markdown(x, dangerously_allow_html=True)",
    ],
)
def test_the_law_sees_what_it_forbids(source: str) -> None:
    assert offences(source)


def test_the_law_lets_ordinary_words_through() -> None:
    source = """
from datetime import datetime, timedelta
import sqlalchemy as sa
from dash import ctx as dash_ctx
from core.api import Callbacks
text = badge.text
since = ctx.now - timedelta(days=1)
midnight = datetime.combine(day, at)
rows = ctx.db.all(sa.select(Link))
style = {"background": "var(--ui-surface)"}
"""
    assert offences(source) == []
