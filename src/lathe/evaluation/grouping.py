"""Groups: what rows are put together by, where figures are wanted by length, pass and so on."""

from __future__ import annotations

from collections.abc import Sequence

from lathe.llvm import parse_recipe

__all__ = ["find_bound", "list_passes"]


def find_bound(number: int, bounds: Sequence[int]) -> str:
    """The name of the first bound that a number does not exceed."""
    return next((f"up to {bound:,}" for bound in bounds if number <= bound), f"over {bounds[-1]:,}")


def list_passes(recipe: str) -> list[str]:
    """The words of a recipe's text that are passes, without adaptors."""
    return [str(item) for top in parse_recipe(recipe).passes for item in top.walk() if not item.children]
