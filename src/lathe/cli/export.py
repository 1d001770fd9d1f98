"""`lathe export`: a trained network as a folder for others: for `transformers`, and as GGUF files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lathe.cli.extras import load_extra
from lathe.errors import UsageError

__all__ = ["export"]


def export(
    folder: Annotated[Path, typer.Argument(metavar="NETWORK", help="A folder that `lathe train` wrote.")],
    out: Annotated[Path, typer.Option("-o", help="Folder to write, which must not exist.")],
    kinds: Annotated[list[str] | None, typer.Option("--gguf", help="GGUF files: q8_0, f16; none for none.")] = None,
) -> None:
    """Write a network for `transformers`, llama.cpp, Ollama and OpenVINO GenAI."""
    training = load_extra("lathe.training", "train", "Exporting needs torch and more")
    kinds = [] if kinds == ["none"] else kinds or ["q8_0"]
    for kind in kinds:
        if kind not in training.GGUF_TYPES:
            raise UsageError(f'Unknown kind of GGUF "{kind}". Choose of: {", ".join(training.GGUF_TYPES)}; or none')
    for path in training.export_network(folder, out, kinds):
        typer.echo(path)
