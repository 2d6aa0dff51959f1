"""``balise new-rubric``: a rubric that works at once, to be made into another."""

from __future__ import annotations

import importlib
import keyword
import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import click

from core.registry import RESERVED
from core.rubric import ID
from core.rubric_loading import host_version

if TYPE_CHECKING:
    from core.host import Host

TEMPLATES = Path(__file__).parent / "new_rubric"
FILES = {
    "plugin.py": "plugin",
    "permissions.py": "permissions",
    "models.py": "models",
    "queries.py": "queries",
    "pages.py": "pages",
    "callbacks.py": "callbacks",
    "downloads.py": "downloads",
    "home.py": "home",
    "importer.py": "importer",
    "migrations/${module}_0001_items.py": "migration",
    "locale/en/LC_MESSAGES/messages.po": "words",
    "tests/world.py": "world",
    "tests/test_contract.py": "test_contract",
    "tests/test_${module}.py": "test_rubric",
}
"""What a rubric is made of, and the template of each."""
AROUND = {"pyproject.toml": "pyproject", "README.md": "readme"}
"""What a package has besides, above its folder."""
UNFIT = re.compile(r'["\\$%{}\n\r\t]')
"""What a label may not hold: it stands in the sources as it is."""


@click.command("new-rubric")
@click.argument("name")
@click.option(
    "--package", is_flag=True, help="Un paquet qui s'installe, plutôt qu'un dossier de plugins/."
)
@click.option("--label", help="Son nom dans le menu (défaut : NAME avec une majuscule).")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Où l'écrire (défaut : plugins/ de Balise ; le dossier courant pour un paquet).",
)
@click.pass_obj
def new_rubric(host: Host, name: str, package: bool, label: str | None, into: Path | None) -> None:
    """Écrit une rubrique qui fonctionne : page, tableau, droit, import, textes, tests.

    NAME est son identifiant, en minuscules : « voix » donne l'adresse /voix et le droit voix:read.
    """
    label = label.strip() if label else name.replace("-", " ").capitalize()
    check(host, name, label)
    module = name.replace("-", "_")
    parent = into or (Path.cwd() if package else _plugins())
    place = parent / (f"balise-{name}" if package else module)
    if place.exists():
        raise click.ClickException(f"{place} existe déjà. Choisissez un autre nom, ou effacez-le.")
    try:
        write(place, name, label, package=package)
    except OSError as error:
        raise click.ClickException(f"{place} ne s'écrit pas : {error.strerror}.") from error
    click.echo(f"Écrit : {place}")
    if package:
        click.echo(f"Ensuite : pip install -e {place} pytest, puis pytest {place}")
    else:
        click.echo(f"Ensuite : pytest {place}")
    click.echo(f"Pour la voir : balise migrate, puis donnez le droit {name}:read à un compte.")


def check(host: Host, name: str, label: str) -> None:
    """Refuse a name or a label that cannot be; the message says which can."""
    if not ID.fullmatch(name) or name.endswith("-") or keyword.iskeyword(name):
        raise click.UsageError(
            f"« {name} » ne peut pas être le nom d'une rubrique : des minuscules sans accent, des "
            "chiffres et « - », une lettre d'abord, quarante au plus. Par exemple : voix."
        )
    if name in RESERVED or name in ("tests", "core", "plugins", "collectors"):
        raise click.UsageError(f"« {name} » est un nom de Balise. Choisissez-en un autre.")
    registry = host.registry
    known = {*registry.rubrics, *registry.disabled, *(one.id for one in registry.failures)}
    if name in known:
        whose = registry.owners.get(name, "désactivée, ou à l'écart")
        raise click.UsageError(f"La rubrique « {name} » existe déjà : {whose}.")
    if not label or len(label) > 60 or UNFIT.search(label):
        raise click.UsageError(
            "Le nom dans le menu a de 1 à 60 signes, sans guillemets droits ni \\ $ % { }."
        )


def write(place: Path, name: str, label: str, *, package: bool) -> None:
    """Write a rubric of that id into a new folder: its own, or that of its package."""
    module = name.replace("-", "_")
    imported = f"balise_{module}" if package else f"plugins.{module}"
    values = {
        "id": name,
        "module": module,
        "label": label,
        "package": imported,
        "model": "".join(part.capitalize() for part in name.split("-")) + "Item",
        "distribution": f"balise-{name}",
        "version": host_version(),
    }
    inner = place / imported if package else place
    files = {inner / Template(path).substitute(values): one for path, one in FILES.items()}
    if package:
        files |= {place / path: one for path, one in AROUND.items()}
    place.mkdir(parents=True)
    for path, template in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = Template((TEMPLATES / f"{template}.txt").read_text("utf-8")).substitute(values)
        path.write_text(_in_order(text, imported), "utf-8")
    (inner / "__init__.py").write_text("", "utf-8")
    if package:  # a wheel takes along what is a package
        (inner / "tests" / "__init__.py").write_text("", "utf-8")


def _in_order(text: str, package: str) -> str:
    """Return a module whose imports of the host and of its own stand in the order of names."""
    one = rf"from (?:core|{re.escape(package)})\S* import (?:\([^)]*\)|[^\n]*)\n"
    return re.sub(
        rf"(?:^{one})+",
        lambda block: "".join(sorted(re.findall(one, block[0]), key=lambda line: line.split()[1])),
        text,
        flags=re.MULTILINE,
    )


def _plugins() -> Path:
    """Return the folder of the rubrics that come with Balise, when it is one of sources."""
    folder = Path(importlib.import_module("plugins").__path__[0])
    if not (folder.parent / "pyproject.toml").is_file():
        raise click.ClickException(
            "Balise est installée depuis un paquet : sa rubrique doit en être un aussi. Ajoutez "
            "--package, ou dites où l'écrire avec --into."
        )
    return folder
