"""Reports: what an evaluation found, as Markdown and as one HTML file that opens offline, with plots.

    saved = Section("Saved", table=Table(("way", "%"), [("portfolio", "2.1")]))
    report = Report("Tuning", ["…"], [saved])
    write_report(folder, report)

A report is data: a lead that says first what is missing, and sections of text, tables and plots. Plots are drawn from
what they show; their files (SVG and PNG) lie beside the report, and the HTML file has them within.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lathe.corpus import replace_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Plot", "Report", "Section", "Table", "say_interval", "say_percent", "write_report"]

_WIDE, _HIGH, _DENSE = 6.4, 3.6, 150  # inches, and dots an inch


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under a head; the first column names the rows."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture: the name of its files, what it shows in words, and what draws it."""

    name: str
    caption: str
    draw: Callable[[Axes], None]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report."""

    title: str
    text: Sequence[str] = ()
    table: Table | None = None
    plot: Plot | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All of it; `lead` is what has to be known before any figure is read."""

    title: str
    lead: Sequence[str]
    sections: Sequence[Section]


def say_percent(part: float, digits: int = 2) -> str:
    """A part as percent."""
    return f"{100 * part:.{digits}f} %"


def say_interval(ends: Sequence[float], digits: int = 2) -> str:
    """An interval of parts as percent."""
    return f"{100 * ends[0]:.{digits}f}–{100 * ends[1]:.{digits}f}"


def write_report(folder: Path, report: Report) -> None:
    """Write `report.md`, `report.html`, and `plots`; raises `OutputError`."""
    pictures = {}
    for plot in (section.plot for section in report.sections if section.plot):
        for kind in ("svg", "png"):
            data = _draw(plot, kind)
            path = folder / "plots" / f"{plot.name}.{kind}"
            _write(path, data)
            if kind == "svg":
                pictures[plot.name] = data.decode()[data.decode().index("<svg") :]
    _write(folder / "report.md", _write_markdown(report).encode())
    _write(folder / "report.html", _write_page(report, pictures).encode())


def _write(path: Path, data: bytes) -> None:
    replace_file(path, lambda fresh: fresh.write_bytes(data))


def _draw(plot: Plot, kind: str) -> bytes:
    """A picture's file, the same for the same data."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": plot.name, "svg.fonttype": "none", "font.size": 9}):
        figure = Figure((_WIDE, _HIGH), layout="constrained")
        axes = figure.add_subplot()
        axes.grid(alpha=0.3)
        plot.draw(axes)
        found = io.BytesIO()
        figure.savefig(found, format=kind, dpi=_DENSE, metadata={"Date": None} if kind == "svg" else None)
    return found.getvalue()


def _write_markdown(report: Report) -> str:
    return "\n".join(_list_lines(report)) + "\n"


def _list_lines(report: Report) -> Iterable[str]:
    yield f"# {report.title}"
    for line in report.lead:
        yield from ("", line)
    for section in report.sections:
        yield from ("", f"## {section.title}")
        for line in section.text:
            yield from ("", line)
        if section.table:
            head = section.table.head
            yield from ("", _join(head), _join(["---", *["---:"] * (len(head) - 1)]), *map(_join, section.table.rows))
        if section.plot:
            yield from ("", f"![{section.plot.caption}](plots/{section.plot.name}.svg)")


def _join(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"


def _write_page(report: Report, pictures: dict[str, str]) -> str:
    import jinja2

    text = (resources.files("lathe.evaluation") / "data" / "report.html").read_text(encoding="utf-8")
    found: Any = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)
    return str(found.render(report=report, pictures=pictures))
