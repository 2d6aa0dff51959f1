"""What can be brought in from a back office: datasets, as core and rubrics declare them.

A dataset names its columns with the French heads of its export, says which of them tell one row
from another, what stands already, and how a change is written. All the rest is the host's
(``core.imports``): reading files, mapping columns, the difference, one transaction, the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.exports import Field

if TYPE_CHECKING:
    from core.imports.gathering import Gathering
    from core.imports.loading import Loading


class DataKind(StrEnum):
    """What a column holds, and what its values are in Python once a file is read.

    An empty cell, « N/A », « H/A » and « - » are None, whatever the kind.
    """

    TEXT = "text"
    """``str``, trimmed."""
    REFERENCE = "reference"
    """``str``, in one line, leading zeros kept."""
    INTEGER = "integer"
    """``int``; spaces between thousands are read."""
    DECIMAL = "decimal"
    """``Decimal``; decimal comma or point."""
    DATE = "date"
    """``datetime.date``; jj/mm/aa, jj/mm/aaaa or aaaa-mm-jj."""
    DATETIME = "datetime"
    """Aware ``datetime``, UTC; jj/mm/aaaa hh:mm[:ss] in the zone of the import, or ISO 8601."""
    BOOLEAN = "boolean"
    """``bool``; oui, non, vrai, faux, 1, 0."""
    CHOICE = "choice"
    """``str``, a key of ``DatasetColumn.choices``; its label is read too, and is written."""
    SECRET = "secret"  # noqa: S105 - the name of a kind
    """``str``, sealed (``Loading.open`` gives it back); never shown, logged nor exported."""


@dataclass(frozen=True, slots=True)
class DatasetColumn:
    """A column: ``name`` in the code and in a JSON file, ``header`` the French head of the export.

    ``aliases`` are other heads that back offices give it; case, accents and punctuation count for
    nothing. A ``required`` one must be in the file, with a value in each row. An ``ignored`` one is
    known and not read: what an export adds and an import finds elsewhere. A ``named`` one names a
    row of another dataset (its company, its site), in whatever case. ``default`` is what an empty
    cell, or a column that is not there, stands for. ``tmf`` is the field of the TM Forum's Open
    APIs that it is, « 622 productOrderItem.id »; ``hint`` and ``example`` stand in the documented
    template.
    """

    name: str
    header: str
    kind: DataKind = DataKind.TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    ignored: bool = False
    named: bool = False
    default: Any = None
    tmf: str = ""
    hint: str = ""
    example: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"column {self.name!r}: a name of Python is expected")
        if (self.kind is DataKind.CHOICE) != bool(self.choices):
            raise ValueError(f"column {self.name!r}: choices go with the kind CHOICE")


class RowAction(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    REOPENED = "reopened"
    """It was closed, and is in the file again."""
    GONE = "gone"
    """It is no longer in the file: to be closed, never deleted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A row that stands already: its id, its values by column name, whether it is closed.

    A column left out of ``values`` is None. Secrets are sealed.
    """

    id: int
    values: Mapping[str, Any]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class RowChange:
    """A change to write. ``line`` is that of the file, None for a row that is gone.

    ``values`` are those of the file by column name: of a NEW row every column, None where the file
    has none; of another, only the columns that the file has (none of a GONE one). ``before`` are
    those that stood, empty for a NEW one. ``found`` is what the dataset's ``check`` answered.
    """

    action: RowAction
    id: int | None
    values: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None

    def differs(self, *names: str) -> bool:
        """Tell whether the file gives one of these columns another value than stood."""
        return any(n in self.values and self.values[n] != self.before.get(n) for n in names)


class RowError(ValueError):
    """A row cannot be taken: the column (its name) and the reason, in French, for a person.

    The host adds line and value; the reason says what to write instead.
    """

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True, slots=True)
class Dataset:
    """A kind of file that the portal reads: ``balise import <name> FILE``.

    ``key`` are the columns whose values, together, are a row's own: always required. ``tmf`` is
    the resource of the TM Forum's Open APIs that a row is.

    - ``standing(loading)`` yields every row that stands in the scope, closed ones too.
    - ``check(loading, values)`` looks at a row of the file before anything is written: it raises
      ``RowError``, or answers plain JSON that the change will carry as ``found`` (ids of its site).
    - ``write(loading, changes)`` writes some changes, a thousand at most, and is called until there
      are none left: rows that are gone come first. All of it is one transaction of the host, that
      a raise undoes.
    - ``rank(values)`` is the turn of a row: changes are written lowest first, then in the order of
      the file (a main link before its backup, which names it; ``loading.brings(key)``).
    - ``gather(gathering)`` is for what comes as documents: it makes a table of them, a row each.
      It raises ``ImportFileError``; what is wrong with one document is a column of its row, for
      ``check`` to raise.
    - ``closes`` False: a row that is no longer in the file stays as it is (dictionaries).
    """

    name: str
    label: str
    columns: tuple[DatasetColumn, ...]
    key: tuple[str, ...]
    standing: Callable[[Loading], Iterable[Standing]] = field(repr=False)
    write: Callable[[Loading, Sequence[RowChange]], None] = field(repr=False)
    check: Callable[[Loading, Mapping[str, Any]], Mapping[str, Any] | None] | None = field(
        default=None, repr=False
    )
    rank: Callable[[Mapping[str, Any]], int] | None = field(default=None, repr=False)
    gather: Callable[[Gathering], None] | None = field(default=None, repr=False)
    closes: bool = True
    tmf: str = ""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError(f"dataset {self.name!r}: a column is declared twice")
        if not self.key or not set(self.key) <= set(names):
            raise ValueError(f"dataset {self.name!r}: its key is not made of its columns")

    def column(self, name: str) -> DatasetColumn:
        """Return a column by its name. Raises ``KeyError``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def required(self, column: DatasetColumn) -> bool:
        """Tell whether each row must have a value in a column: parts of the key always."""
        return column.required or column.name in self.key

    def field(self, name: str, value: Callable[[Any], Any], width: int = 16) -> Field[Any]:
        """Return the column of an export with the very head that this dataset reads.

        The values of a CHOICE, keys, are written as its labels.
        """
        column = self.column(name)
        if column.choices:
            return Field(column.header, lambda row: _label(column, value(row)), width)
        return Field(column.header, value, width)


def _label(column: DatasetColumn, value: Any) -> Any:
    return column.choices.get(value, value)
