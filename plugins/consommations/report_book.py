"""What every page of a graphic report has: head, foot, figures, definitions."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.api import Brand, ClassVolume, _, formats, language
from plugins.consommations.qos import Row
from plugins.consommations.report_markup import Markup, el
from plugins.consommations.reporting import Asked, Line


@dataclass(frozen=True, slots=True)
class Book:
    """The pages of a month, under the operator's name."""

    brand: Brand
    asked: Asked

    @property
    def logo(self) -> str:
        return f"logo{self.brand.suffix}"

    def period(self) -> str:
        """Return « du 01/10/26 au 31/10/26 », by the clocks of the customer."""
        zone = self.asked.zone
        last = self.asked.end - timedelta(seconds=1)
        return _(
            "du %(start)s au %(end)s",
            start=formats.date(self.asked.start, zone),
            end=formats.date(last, zone),
        )

    def version(self) -> str:
        """Return which version of the measures the report was made from."""
        said = _("Données arrêtées au %(at)s", at=self._at(self.asked.at))
        if not self.asked.over:
            until = self._at(self.asked.end)
            said += _(" · mois en cours, mesures jusqu’au %(until)s", until=until)
        return said

    def _at(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.asked.zone):%d/%m/%Y %H:%M}"

    def top(self, title: str, up: str, around: tuple[str | None, str | None] = (None, None)) -> str:
        """Return the beginning of a page; ``up`` leads to the folder of the index."""
        brand = self.brand
        head = el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", http_equiv="Content-Security-Policy", content=POLICY),
            el("title", f"{title} · {brand.name}"),
            el("link", rel="icon", href="data:,"),
            el("link", rel="stylesheet", href=f"{up}style.css"),
        )
        name = el("span", brand.name, class_="operator")
        if brand.logo:
            name = el("img", src=f"{up}{self.logo}", alt=brand.name, height=32)
        ways = []
        if up:
            ways = [el("a", _("Sommaire"), href=f"{up}index.html")]
            words = (_("‹ Précédente"), _("Suivante ›"))
            ways += [
                el("a", word, href=f"{up}{page}")
                for word, page in zip(words, around, strict=True)
                if page
            ]
        banner = el(
            "header", el("div", name, el("span", brand.title, class_="title"), class_="brand"),
            el("nav", *ways, aria_label=_("Pages")) if ways else None,
        )  # fmt: skip
        return f'<!doctype html>\n<html lang="{language()}">{head}<body>{banner}<main>'

    def bottom(self) -> str:
        """Return the end of a page."""
        month = _("Reporting %(month)s", month=self.asked.month.label)
        foot = el("footer", el("span", self.version()), el("span", month))
        return f"</main>{foot}</body></html>\n"

    def legend(self, said: str, drawn: Container[str]) -> Markup:
        """Return the keys of what is ``drawn`` in the curve of a link."""
        keys = (
            ("in", _("Entrant")), ("out", _("Sortant")), ("p95", _("95e centile")),
            ("contract", _("Débit souscrit")), ("gap", _("Sans mesure")),
        )  # fmt: skip
        marks = [
            el("span", el("i", class_=f"key key-{css}"), word, class_="mark")
            for css, word in keys
            if css in drawn
        ]
        return el("figcaption", el("span", said, class_="said"), el("span", *marks, class_="keys"))

    def figures(self, line: Line) -> Markup:
        """Return the figures of a link, entrant above sortant."""
        report, link = line.report, line.access.link
        volumes = (report.in_octets, report.out_octets) if line.measured else (None, None)
        slots = _(
            "centile : %(present)s créneaux de cinq minutes sur %(slots)s",
            present=formats.number(line.present),
            slots=formats.number(report.slots),
        )
        cells = (
            (_("Volume"), [self._volume(value) for value in volumes]),
            (
                _("Débit moyen"),
                [formats.rate(report.in_mean_bps), formats.rate(report.out_mean_bps)],
            ),
            (
                _("Débit de pointe"),
                [formats.rate(report.in_peak_bps), formats.rate(report.out_peak_bps)],
            ),
            (_("95e centile"), [formats.rate(report.in_p95_bps), formats.rate(report.out_p95_bps)]),
            (
                _("Débit souscrit"),
                [formats.contract(link.contract_in_bps), formats.contract(link.contract_out_bps)],
            ),
        )
        ways = ((_("Entrant"), "in"), (_("Sortant"), "out"))
        pairs = [
            el(
                "div",
                el("dt", name),
                [
                    el("dd", el("i", class_=f"key key-{css}", title=way), value)
                    for (way, css), value in zip(ways, values, strict=True)
                ],
            )
            for name, values in cells
        ]
        share = formats.percent(line.coverage, 2)
        there = el("div", el("dt", _("Mesures présentes")), el("dd", share),
                   el("dd", el("small", slots)))  # fmt: skip
        return el("dl", *pairs, there, class_="figures")

    @staticmethod
    def _volume(value: int | None) -> list[Markup | str]:
        exact = _("%(n)s octets", n=formats.number(value))
        return [formats.octets(value)] if value is None else [
            formats.octets(value), el("small", exact),
        ]  # fmt: skip

    def classes(self, rows: Sequence[tuple[Row, ClassVolume | None]], way: str) -> Markup:
        """Return the classes of a direction as a table; one that holds others counts theirs."""
        heads = (_("Offert"), _("Émis"), _("Perdu"), _("Part perdue"), _("Débit moyen émis"))
        head = el(
            "tr",
            el("th", _("Classe"), scope="col"),
            [el("th", name, scope="col", class_="num") for name in heads],
        )
        lines = []
        for row, volume in rows:
            key = el("i", class_=f"key cos-{row.colour}") if row.colour else None
            depth = f"depth-{min(row.depth, 5)}"
            cells = [formats.number(None)] * 5
            if volume:
                offered, sent = volume.offered_octets, volume.sent_octets
                lost = volume.dropped_octets / offered if offered else 0.0
                mean = sent * 8 / volume.covered if volume.covered else None
                cells = [
                    formats.octets(offered), formats.octets(sent),
                    formats.octets(volume.dropped_octets), formats.percent(lost, 2),
                    formats.rate(mean),
                ]  # fmt: skip
            lines.append(
                el(
                    "tr",
                    el("th", key, row.name, scope="row", class_=depth),
                    [el("td", cell, class_="num") for cell in cells],
                )
            )
        label = _("Octets par classe, %(way)s", way=way)
        table = el(
            "table", el("caption", label, class_="hidden"), el("thead", head), el("tbody", *lines)
        )
        return el("div", table, class_="wide", tabindex=0, role="region", aria_label=label)

    def explained(self) -> Markup:
        """Return what each figure is."""
        words = (
            (_("Volume"), _("octets comptés par le routeur ; ce qui n’est pas mesuré manque.")),
            (_("Débit moyen"), _("octets mesurés, divisés par le temps mesuré.")),
            (_("Débit de pointe"), _("le plus haut débit d’une lecture.")),
            (
                _("95e centile"),
                _(
                    "des débits moyens de cinq minutes du mois civil, rang ceil(0,95 n), entrant "
                    "et sortant à part ; la courbe montre le plus haut des deux."
                ),
            ),
            (
                _("Entrant, sortant"),
                _("vers le routeur du site, et depuis lui."),
            ),
        )
        items = [el("li", el("b", name), " : ", text) for name, text in words]
        return el("section", el("h2", _("Définitions")), el("ul", *items), class_="explained")


POLICY = "default-src 'none'; style-src 'self' file:; img-src 'self' file: data:"
"""What a page may load: its own style and logo, and nothing from anywhere."""
