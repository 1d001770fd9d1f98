"""The machine: LLVM, asked what a recipe makes of a module.

`find_toolchain` finds it, `load_unit` reads a file into a `Module`, `parse_recipe` reads a `Recipe`, and an
`Engine` measures one with the other. This room is the only one with `ctypes`, and only its worker
processes load libLLVM. Extended through two tables: `OBJECTIVES`, and the catalogue (`data/`).
"""

from lathe.llvm.cache import Cache, default_cache_path, find_cache_folder
from lathe.llvm.catalogue import Catalogue, OptionEntry, PassEntry, load_catalogue
from lathe.llvm.closing import Closing
from lathe.llvm.command import Command, make_command
from lathe.llvm.elf import ObjectSizes, read_sections, read_sizes
from lathe.llvm.engine import Engine
from lathe.llvm.frontend import (
    C_SUFFIXES,
    IR_SUFFIXES,
    Unit,
    compile_baseline,
    compile_unit,
    load_unit,
    read_cc1_target,
)
from lathe.llvm.joining import PIECE_FLAG, join_objects
from lathe.llvm.measurement import OBJECTIVES, Measurement, Objective, Status, measure_object
from lathe.llvm.module import Module
from lathe.llvm.normal_form import normalise_assembly, normalise_ir
from lathe.llvm.recipe import LEVELS, Option, Pass, Recipe, nest_passes, parse_pass, parse_recipe, read_pipeline
from lathe.llvm.repeat import repeat_commands
from lathe.llvm.run_time import TRAP_FLAG, estimate_run_time
from lathe.llvm.splitting import Kept, Piece, Split, split_text
from lathe.llvm.store import Store
from lathe.llvm.target import Target
from lathe.llvm.toolchain import SUPPORTED_VERSIONS, Toolchain, find_toolchain, list_toolchains

__all__ = [
    "C_SUFFIXES",
    "IR_SUFFIXES",
    "LEVELS",
    "OBJECTIVES",
    "PIECE_FLAG",
    "SUPPORTED_VERSIONS",
    "TRAP_FLAG",
    "Cache",
    "Catalogue",
    "Closing",
    "Command",
    "Engine",
    "Kept",
    "Measurement",
    "Module",
    "ObjectSizes",
    "Objective",
    "Option",
    "OptionEntry",
    "Pass",
    "PassEntry",
    "Piece",
    "Recipe",
    "Split",
    "Status",
    "Store",
    "Target",
    "Toolchain",
    "Unit",
    "compile_baseline",
    "compile_unit",
    "default_cache_path",
    "estimate_run_time",
    "find_cache_folder",
    "find_toolchain",
    "join_objects",
    "list_toolchains",
    "load_catalogue",
    "load_unit",
    "make_command",
    "measure_object",
    "nest_passes",
    "normalise_assembly",
    "normalise_ir",
    "parse_pass",
    "parse_recipe",
    "read_cc1_target",
    "read_pipeline",
    "read_sections",
    "read_sizes",
    "repeat_commands",
    "split_text",
]
