"""The treemap: objects and their functions as rectangles whose areas are bytes, coloured by the part saved, as SVG.

    svg = draw_treemap(binaries, report.title)

Squarified (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000): rows along the shorter side, each as long as it makes
its rectangles more like squares.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lathe.build.parts import Binary, Part

__all__ = ["SHADES", "Box", "draw_treemap", "say_bytes", "shade_of", "squarify"]

SHADES = {
    "more": "larger, or new", "s0": "as it was", "s1": "saved up to 5 %", "s2": "to 10 %", "s3": "to 20 %",
    "s4": "more than 20 %",
}  # fmt: skip
"""What the colours mean; the keys are classes in the style sheet."""

_WIDE, _HIGH, _HEAD = 1200.0, 760.0, 15.0
_SMALLEST = 16.0  # area of a rectangle of its own
_LETTER = 6.0  # width


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: where its upper left corner is, and its sides."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height


def squarify(sizes: Sequence[float], box: Box) -> list[Box]:
    """Boxes that fill a box, one for each size in its order, as large as it is; sizes are positive and descend."""
    assert all(size > 0 for size in sizes) and list(sizes) == sorted(sizes, reverse=True), sizes
    scale = box.area / sum(sizes) if sizes else 0.0
    placed: list[Box] = []
    row: list[float] = []
    for area in (size * scale for size in sizes):
        side = min(box.width, box.height)
        if row and _worst([*row, area], side) > _worst(row, side):
            box = _lay(row, box, placed)
            row = []
        row.append(area)
    if row:
        _lay(row, box, placed)
    return placed


def _worst(row: Sequence[float], side: float) -> float:
    """The greatest ratio of sides in a row along a side."""
    total = sum(row)
    return max(side**2 * row[0] / total**2, total**2 / (side**2 * row[-1])) if side else 0.0


def _lay(row: Sequence[float], box: Box, placed: list[Box]) -> Box:
    """Place a row along the shorter side; the box that is left."""
    total, along = sum(row), 0.0
    if box.width >= box.height:
        deep = total / box.height if box.height else 0.0
        for area in row:
            placed.append(Box(box.x, box.y + along, deep, area / deep if deep else 0.0))
            along += placed[-1].height
        return Box(box.x + deep, box.y, max(0.0, box.width - deep), box.height)
    deep = total / box.width if box.width else 0.0
    for area in row:
        placed.append(Box(box.x + along, box.y, area / deep if deep else 0.0, deep))
        along += placed[-1].width
    return Box(box.x, box.y + deep, box.width, max(0.0, box.height - deep))


def draw_treemap(binaries: Sequence[Binary], title: Callable[[str], str]) -> str:
    """The picture; `title` says how the name of a function is shown."""
    shown = sorted((one for one in binaries if one.after), key=lambda one: -one.after)
    boxes = squarify([one.after for one in shown], Box(0.0, 0.0, _WIDE, _HIGH))
    parts = [line for one, box in zip(shown, boxes, strict=True) for line in _draw_binary(one, box, title)]
    head = f'<svg viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" role="img" aria-label="Objects and functions by their bytes">'
    return "\n".join([head, *parts, "</svg>"])


def _draw_binary(binary: Binary, box: Box, title: Callable[[str], str]) -> Iterator[str]:
    yield f"<g>{_write_title(binary.name, binary.before, binary.after)}{_write_rectangle('object', box)}"
    inner = Box(box.x + 1, box.y + 1, max(0.0, box.width - 2), max(0.0, box.height - 2))
    if inner.height > 2 * _HEAD and inner.width > 5 * _LETTER:
        yield _write_text(binary.name.split(" → ")[0].rpartition("/")[2], inner, "name")
        inner = Box(inner.x, inner.y + _HEAD, inner.width, inner.height - _HEAD)
    yield "</g>"
    cells = _choose_cells(binary, inner.area / binary.after, title)
    for cell, place in zip(cells, squarify([cell.after for cell in cells], inner), strict=True):
        yield f"<g>{_write_title(f'{binary.name}: {cell.name}', cell.before, cell.after)}"
        yield f"{_write_rectangle(shade_of(cell.before, cell.after), place)}"
        if place.height > 11 and place.width > min(len(cell.name) + 1, 7) * _LETTER:
            yield _write_text(cell.name, place, "")
        yield "</g>"


def _choose_cells(binary: Binary, scale: float, title: Callable[[str], str]) -> list[Part]:
    """Functions and the rest of sections, those that would be too small to see as one."""
    functions = [Part(title(part.name), part.before, part.after) for part in binary.functions]
    whole = {part.name: part.after for part in binary.sections}
    rest = [
        Part(part.name if part.after == whole[part.name] else f"rest of {part.name}", part.before, part.after)
        for part in binary.rest
    ]
    parts = [part for part in (*functions, *rest) if part.after]
    small = [part for part in parts if part.after * scale < _SMALLEST]
    if len(small) > 1:
        many = Part(f"{len(small)} smaller", sum(p.before for p in small), sum(p.after for p in small))
        parts = [*(part for part in parts if part.after * scale >= _SMALLEST), many]
    return sorted(parts, key=lambda part: -part.after)


def shade_of(before: int, after: int) -> str:
    """The key of the colour of a thing that has so many bytes by clang and now."""
    if after > before:
        return "more"
    saved = (before - after) / before if before else 0.0
    return next((f"s{n}" for n, most in enumerate((0.0, 0.05, 0.1, 0.2)) if saved <= most), "s4")


def say_bytes(before: int, after: int) -> str:
    """Bytes by clang and now, in words."""
    if before == after:
        return f"{after:,} bytes, as by clang"
    part = f", {100 * abs(before - after) / before:.1f} %" if before else ""
    return f"{before:,} → {after:,} bytes ({abs(before - after):,} {'saved' if after < before else 'more'}{part})"


def _write_title(name: str, before: int, after: int) -> str:
    return f"<title>{html.escape(name)}\n{say_bytes(before, after)}</title>"


def _write_rectangle(shade: str, box: Box) -> str:
    place = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    return f'<rect class="{shade}" {place}/>'


def _write_text(text: str, box: Box, kind: str) -> str:
    room = int((box.width - 6) / _LETTER)
    said = text if len(text) <= room else f"{text[: max(1, room - 1)]}…"
    return f'<text class="{kind}" x="{box.x + 3:.1f}" y="{box.y + 10.5:.1f}">{html.escape(said)}</text>'
