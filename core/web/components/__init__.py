"""The pieces pages are made of. Rubrics take them from ``core.api``."""

from core.web.components.attributes import attributes
from core.web.components.chart import traffic_chart, traffic_legend
from core.web.components.curves import (
    Axis,
    Band,
    Curve,
    Level,
    curves_figure,
    curves_plot,
    gap_bands,
)
from core.web.components.figures import spark, traffic_strip
from core.web.components.filters import choice_filter, date_filter, filters, text_filter
from core.web.components.frames import (
    Chip,
    card,
    chips,
    countdown,
    empty_state,
    error_body,
    error_card,
    export_menu,
    go_to,
    icon,
    live,
    note,
    page_head,
    place_count,
    push,
    running,
    search_form,
    segmented,
    sort_form,
)
from core.web.components.jobs import job_list, press
from core.web.components.led import led, mark, missing, state_tag, state_text
from core.web.components.map import map_fresh, status_map
from core.web.components.map_data import map_news
from core.web.components.table import Column, Table, page_count, table_foot
from core.web.components.tokens import chart_template, tokens

__all__ = [
    "Axis",
    "Band",
    "Chip",
    "Column",
    "Curve",
    "Level",
    "Table",
    "attributes",
    "card",
    "chart_template",
    "chips",
    "choice_filter",
    "countdown",
    "curves_figure",
    "curves_plot",
    "date_filter",
    "empty_state",
    "error_body",
    "error_card",
    "export_menu",
    "filters",
    "gap_bands",
    "go_to",
    "icon",
    "job_list",
    "led",
    "live",
    "map_fresh",
    "map_news",
    "mark",
    "missing",
    "note",
    "page_count",
    "page_head",
    "place_count",
    "press",
    "push",
    "running",
    "search_form",
    "segmented",
    "sort_form",
    "spark",
    "state_tag",
    "state_text",
    "status_map",
    "table_foot",
    "text_filter",
    "tokens",
    "traffic_chart",
    "traffic_legend",
    "traffic_strip",
]
