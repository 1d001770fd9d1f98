"""The report of a build as a page: one HTML file that needs nothing else, with the treemap within.

page = make_page(report)
"""

from __future__ import annotations

import html
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from importlib import resources

from lathe.build.parts import Binary, Part
from lathe.build.report import BuildReport, RecipeUse
from lathe.build.treemap import SHADES, draw_treemap, say_bytes

__all__ = ["make_page"]

_MOST = 40  # functions in a table
_LONG = 500  # letters of a recipe, which is folded away then
_OPEN = 25  # objects in a table; the others are folded away

Cell = str | int | None
"""Text, bytes, or nothing."""


def make_page(report: BuildReport) -> str:
    """The page, as the text of an HTML file."""
    style = (resources.files("lathe.build") / "data" / "report.css").read_text(encoding="utf-8")
    title = html.escape(f"{report.name}: where the bytes are")
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    )
    return "\n".join([head, *_list_blocks(report), "</body>\n</html>\n"])


def _list_blocks(report: BuildReport) -> Iterator[str]:
    for image in report.images:
        yield f'<p class="lead"><b>{html.escape(image.name)}</b>: {say_bytes(image.before, image.after)}</p>'
    if report.notes:
        yield f'<div class="notes">{"".join(f"<p>{html.escape(note)}</p>" for note in report.notes)}</div>'
    yield "<h2>Objects and functions, by their bytes now</h2>"
    yield f"<figure>{draw_treemap(report.binaries, report.title)}<figcaption>{_write_legend()}</figcaption></figure>"
    for image in report.images:
        yield f"<h2>{html.escape(image.name)}</h2>"
        yield _write_sizes("section", _list_sizes(image.sections), total=(image.before, image.after))
    yield from _list_objects(report.objects)
    yield from _list_functions(report)
    yield "<h2>Sections of all objects</h2>"
    whole = sum(one.before for one in report.binaries), sum(one.after for one in report.binaries)
    yield _write_sizes("section", _list_sizes(report.sections), total=whole)
    yield from _list_recipes(report.recipes)


def _write_legend() -> str:
    return "".join(f'<span><i class="{key}"></i>{html.escape(said)}</span>' for key, said in SHADES.items())


def _list_objects(objects: Sequence[Binary]) -> Iterator[str]:
    if not objects:
        return
    yield "<h2>Objects, those that saved most first</h2>"
    yield "<p>An image has less of them than they have together: the linker merges and drops.</p>"
    yield _write_sizes("object", _list_sizes(objects[:_OPEN]))
    if len(objects) > _OPEN:
        table = _write_sizes("object", _list_sizes(objects[_OPEN:]))
        yield f"<details><summary>{len(objects) - _OPEN} objects more</summary>{table}</details>"


def _list_functions(report: BuildReport) -> Iterator[str]:
    numbers: dict[str | None, int] = {use.recipe: number for number, use in enumerate(report.recipes, 1)}
    orders: dict[str, Callable[[Part], int]] = {
        "The largest functions": lambda part: -part.after,
        "The functions that saved most": lambda part: -part.saved,
    }
    for title, order in orders.items():
        rows = [
            (report.title(part.name), part.before, part.after, binary.name, numbers.get(part.recipe))
            for binary, part in sorted(report.functions, key=lambda pair: order(pair[1]))[:_MOST]
        ]
        yield f"<h2>{title}</h2>"
        yield _write_sizes("function", rows, more=("in", "recipe"))


def _list_recipes(recipes: Sequence[RecipeUse]) -> Iterator[str]:
    if not recipes:
        return
    yield "<h2>Recipes, those that saved most first</h2>"
    yield (
        "<p>What a function has by clang, less what it has now: the stage before its recipe counts too, which may put "
        "one function into another. What a word saves is how much larger the functions are without it and with all "
        "others, so words do not add up.</p>"
    )
    for number, use in enumerate(recipes, 1):
        yield f"<h3>{number}. {use.functions} functions, {say_bytes(use.before, use.after)}</h3>"
        text = f"<code>{html.escape(use.recipe or 'code generation alone')}</code>"
        folded = len(use.recipe) > _LONG
        yield f"<details><summary>its words</summary>{text}</details>" if folded else f"<p>{text}</p>"
        if use.words:
            rows = [(word.text, "needed" if word.saves is None else f"{word.saves:+,}") for word in use.telling]
            yield _write_table(("word", "bytes without it"), rows)
        if silent := len(use.words) - len(use.telling):
            yield f"<p>Words that change nothing here: {silent}.</p>"


def _list_sizes(parts: Iterable[Part | Binary]) -> list[tuple[Cell, ...]]:
    return [(part.name, part.before, part.after) for part in parts]


def _write_sizes(
    what: str, rows: Iterable[Sequence[Cell]], *, more: Sequence[str] = (), total: tuple[int, int] | None = None
) -> str:
    """A table of things with their bytes by clang and now, and what was saved; `more` are heads of further cells."""
    found = [(*_say_sizes(*row[:3]), *row[3:]) for row in rows]  # type: ignore[arg-type]
    end = [_say_sizes("together", *total)] if total else []
    return _write_table((what, "clang", "lathe", "saved", "%", *more), [*found, *end], total=bool(total))


def _say_sizes(name: str, before: int, after: int) -> tuple[Cell, ...]:
    return name, before, after, before - after, f"{100 * (before - after) / before:.1f}" if before else ""


def _write_table(head: Sequence[str], rows: Sequence[Sequence[Cell]], *, total: bool = False) -> str:
    texts = {0, *(at for at, name in enumerate(head) if name == "in")}
    lines = [_write_row("th", head, texts)]
    for number, row in enumerate(rows):
        line = _write_row("td", row, texts)
        last = total and number == len(rows) - 1
        lines.append(line.replace("<tr>", '<tr class="total">', 1) if last else line)
    return "\n".join(['<div class="wide"><table>', *lines, "</table></div>"])


def _write_row(tag: str, cells: Sequence[Cell], texts: Container[int]) -> str:
    """A row, with the classes of those of its cells that are texts."""
    kinds = (' class="text"' if at in texts else "" for at in range(len(cells)))
    return f"<tr>{''.join(f'<{tag}{kind}>{_say(cell)}</{tag}>' for kind, cell in zip(kinds, cells, strict=True))}</tr>"


def _say(cell: Cell) -> str:
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int) else html.escape(cell)
