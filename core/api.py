"""Everything a rubric may import from the host. The rest of ``core`` can change."""

from core import formats
from core.access import Acting, OutOfScope, Permission, Scope
from core.answers import Action, Badge, Card, Explanation, Tab
from core.customer_lines import Administrator, CustomerLine
from core.customers import CustomerError, Customers
from core.datasets import (
    DataKind,
    Dataset,
    DatasetColumn,
    RowAction,
    RowChange,
    RowError,
    Standing,
)
from core.db import Company, Customer, Db, Owned, Shared
from core.exports import Document, Field, Sheet
from core.files import FileGone, FileStore
from core.hookspecs import hookimpl
from core.i18n import N_, _, language, ngettext
from core.imports.gathering import TABLES, Gathering
from core.imports.limits import FileError as ImportFileError
from core.imports.loading import LinkKey, Loading, Owner
from core.job_run import Brand, Run
from core.jobs import JobError, JobState, JobView
from core.journal import MOST_COUNTED, Journal, JournalLine, JournalSought
from core.network.days import (
    Availability,
    Change,
    Day,
    availability,
    civil_days,
    first_day,
    midnight,
    periods,
)
from core.network.inventory import Contact, Device, Link, LinkRole, Service, Site, StateChange
from core.network.live import (
    LinkView,
    LiveServices,
    ServiceView,
    fold,
    service_views,
    touched_since,
)
from core.network.measured import Direction, Probe, TrafficClass
from core.network.metrics import (
    ClassSeries,
    ClassVolume,
    MetricStore,
    Percentile,
    ProbeFigures,
    ProbeSeries,
    Report,
    Series,
    Slots,
    Volume,
)
from core.network.metrics.months import month as civil_month
from core.network.places import LiveSites, SiteView, Unplaced, check_place, site_views
from core.network.status import Reason, State, Status
from core.network.works import PlannedWork, during, works_between
from core.notices import Notices
from core.people.desk import People
from core.people.model import (
    Invited,
    User,
    UserDraft,
    UserLine,
    UserPage,
    UserQuery,
    UserRights,
    UserScope,
    UserState,
)
from core.people.names import UserError
from core.rubric import (
    Callbacks,
    Context,
    Demo,
    Downloads,
    Jobs,
    Page,
    Pages,
    Rubric,
)
from core.scenes import Bar, Bars, Board, Line, Lines, Places, Point, Scene, Tile
from core.uploads import Upload, Uploads
from core.web.components import (
    Axis,
    Band,
    Chip,
    Column,
    Curve,
    Level,
    Table,
    attributes,
    card,
    chips,
    choice_filter,
    countdown,
    curves_figure,
    curves_plot,
    date_filter,
    empty_state,
    error_card,
    export_menu,
    filters,
    gap_bands,
    go_to,
    icon,
    job_list,
    led,
    live,
    map_fresh,
    map_news,
    mark,
    missing,
    note,
    page_count,
    page_head,
    place_count,
    press,
    push,
    running,
    search_form,
    segmented,
    sort_form,
    spark,
    state_tag,
    state_text,
    status_map,
    table_foot,
    text_filter,
    tokens,
    traffic_chart,
    traffic_legend,
    traffic_strip,
)
from core.web.contributions import badge_tag, badges_of
from core.web.definitions import definition
from core.web.job_following import act_on_job, follow_jobs, jobs_version
from core.web.link_panel import link_panel, not_found, panel_state
from core.web.words import (
    STATES,
    UNPLACED,
    WORST_FIRST,
    capital,
    link_word,
    reason_words,
    service_sentence,
    state_word,
)

__all__ = [
    "MOST_COUNTED", "N_", "STATES", "TABLES", "UNPLACED", "WORST_FIRST", "Acting", "Action",
    "Administrator", "Availability", "Axis", "Badge", "Band", "Bar", "Bars", "Board", "Brand",
    "Callbacks", "Card", "Change", "Chip", "ClassSeries", "ClassVolume", "Column", "Company",
    "Contact", "Context", "Curve", "Customer", "CustomerError", "CustomerLine", "Customers",
    "DataKind", "Dataset", "DatasetColumn", "Day", "Db", "Demo", "Device", "Direction", "Document",
    "Downloads", "Explanation", "Field", "FileGone", "FileStore", "Gathering", "ImportFileError",
    "Invited", "JobError", "JobState", "JobView", "Jobs", "Journal", "JournalLine",
    "JournalSought", "Level", "Line", "Lines", "Link", "LinkKey", "LinkRole", "LinkView",
    "LiveServices", "LiveSites", "Loading", "MetricStore", "Notices", "OutOfScope", "Owned",
    "Owner", "Page", "Pages", "People", "Percentile", "Permission", "Places", "PlannedWork",
    "Point", "Probe", "ProbeFigures", "ProbeSeries", "Reason", "Report", "RowAction", "RowChange",
    "RowError", "Rubric", "Run", "Scene", "Scope", "Series", "Service", "ServiceView", "Shared",
    "Sheet", "Site", "SiteView", "Slots", "Standing", "State", "StateChange", "Status", "Tab",
    "Table", "Tile", "TrafficClass", "Unplaced", "Upload", "Uploads", "User", "UserDraft",
    "UserError", "UserLine", "UserPage", "UserQuery", "UserRights", "UserScope", "UserState",
    "Volume", "_", "act_on_job", "attributes", "availability", "badge_tag", "badges_of", "capital",
    "card", "check_place", "chips", "choice_filter", "civil_days", "civil_month", "countdown",
    "curves_figure", "curves_plot", "date_filter", "definition", "during", "empty_state",
    "error_card", "export_menu", "filters", "first_day", "fold", "follow_jobs", "formats",
    "gap_bands", "go_to", "hookimpl", "icon", "job_list", "jobs_version", "language", "led",
    "link_panel", "link_word", "live", "map_fresh", "map_news", "mark", "midnight", "missing",
    "ngettext", "not_found", "note", "page_count", "page_head", "panel_state", "periods",
    "place_count", "press", "push", "reason_words", "running", "search_form", "segmented",
    "service_sentence", "service_views", "site_views", "sort_form", "spark", "state_tag",
    "state_text", "state_word", "status_map", "table_foot", "text_filter", "tokens",
    "touched_since", "traffic_chart", "traffic_legend", "traffic_strip", "works_between",
]  # fmt: skip
