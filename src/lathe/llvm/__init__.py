"""The machine: LLVM, asked what a recipe makes of a module.

`find_toolchain` finds it, `load_unit` reads a file into a `Module`, `parse_recipe` reads a `Recipe`, and an
`Engine` measures one with the other. This room is the only one with `ctypes`, and only its worker
processes load libLLVM. Extended through two tables: `OBJECTIVES`, and the catalogue (`data/`).

What a name stands for is loaded when it is asked for: `lathe cc` needs little of this room, and starts very often.
"""

from lathe.door import open_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lathe.llvm.cache import Cache, default_cache_path
    from lathe.llvm.catalogue import Catalogue, OptionEntry, PassEntry, load_catalogue
    from lathe.llvm.closing import Closing
    from lathe.llvm.command import Command, make_command
    from lathe.llvm.elf import FunctionSymbol, ObjectSizes, count_loadable, read_functions, read_sections, read_sizes
    from lathe.llvm.engine import Engine
    from lathe.llvm.folders import find_cache_folder, name_cache_folder
    from lathe.llvm.frontend import (
        C_SUFFIXES,
        IR_SUFFIXES,
        Unit,
        compile_baseline,
        compile_unit,
        load_unit,
        read_cc1_target,
        read_unit_target,
    )
    from lathe.llvm.joining import PIECE_FLAG, join_objects
    from lathe.llvm.measurement import OBJECTIVES, Measurement, Objective, Status, measure_object
    from lathe.llvm.module import Module
    from lathe.llvm.normal_form import normalise_assembly, normalise_ir
    from lathe.llvm.recipe import LEVELS, Option, Pass, Recipe, nest_passes, parse_pass, parse_recipe, read_pipeline
    from lathe.llvm.repeat import repeat_commands
    from lathe.llvm.replay import NAME_PASS, Replay, join_functions, run_aside
    from lathe.llvm.run_time import TRAP_FLAG, estimate_run_time
    from lathe.llvm.splitting import Kept, Piece, Split, split_text
    from lathe.llvm.store import Store
    from lathe.llvm.target import Target
    from lathe.llvm.toolchain import SUPPORTED_VERSIONS, Toolchain, find_toolchain, list_toolchains

__all__ = [
    "C_SUFFIXES",
    "IR_SUFFIXES",
    "LEVELS",
    "NAME_PASS",
    "OBJECTIVES",
    "PIECE_FLAG",
    "SUPPORTED_VERSIONS",
    "TRAP_FLAG",
    "Cache",
    "Catalogue",
    "Closing",
    "Command",
    "Engine",
    "FunctionSymbol",
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
    "Replay",
    "Split",
    "Status",
    "Store",
    "Target",
    "Toolchain",
    "Unit",
    "compile_baseline",
    "compile_unit",
    "count_loadable",
    "default_cache_path",
    "estimate_run_time",
    "find_cache_folder",
    "find_toolchain",
    "join_functions",
    "join_objects",
    "list_toolchains",
    "load_catalogue",
    "load_unit",
    "make_command",
    "measure_object",
    "name_cache_folder",
    "nest_passes",
    "normalise_assembly",
    "normalise_ir",
    "parse_pass",
    "parse_recipe",
    "read_cc1_target",
    "read_functions",
    "read_pipeline",
    "read_sections",
    "read_sizes",
    "read_unit_target",
    "repeat_commands",
    "run_aside",
    "split_text",
]

_HOMES = {
    "cache": "Cache default_cache_path",
    "folders": "find_cache_folder name_cache_folder",
    "catalogue": "Catalogue OptionEntry PassEntry load_catalogue",
    "closing": "Closing",
    "command": "Command make_command",
    "elf": "FunctionSymbol ObjectSizes count_loadable read_functions read_sections read_sizes",
    "engine": "Engine",
    "frontend": "C_SUFFIXES IR_SUFFIXES Unit compile_baseline compile_unit load_unit read_cc1_target read_unit_target",
    "joining": "PIECE_FLAG join_objects",
    "measurement": "OBJECTIVES Measurement Objective Status measure_object",
    "module": "Module",
    "normal_form": "normalise_assembly normalise_ir",
    "recipe": "LEVELS Option Pass Recipe nest_passes parse_pass parse_recipe read_pipeline",
    "repeat": "repeat_commands",
    "replay": "NAME_PASS Replay join_functions run_aside",
    "run_time": "TRAP_FLAG estimate_run_time",
    "splitting": "Kept Piece Split split_text",
    "store": "Store",
    "target": "Target",
    "toolchain": "SUPPORTED_VERSIONS Toolchain find_toolchain list_toolchains",
}
"""Where each name is defined."""


if not TYPE_CHECKING:
    __getattr__ = open_door(__name__, _HOMES)
