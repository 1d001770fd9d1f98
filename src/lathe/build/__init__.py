"""Builds: the commands of compilers, what was found for their modules, and what they make together.

`read_command` reads a command line, `read_configuration` says how a build is compiled, `find_entry` and `update_lock`
are about the lock file. What a name stands for is loaded when it is asked for, since a build asks thousands of times.
"""

from lathe.door import open_door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lathe.build.command import Command, asks_what_it_can, expand_words, read_command, split_command
    from lathe.build.configuration import MODES, Configuration, read_configuration
    from lathe.build.image import Whole, is_image, link_whole, measure_file, read_whole_target, relink
    from lathe.build.lock import (
        Entry,
        Function,
        Lock,
        digest_module,
        digest_piece,
        find_entry,
        read_lock,
        update_lock,
    )
    from lathe.build.page import make_page
    from lathe.build.parts import Binary, Part
    from lathe.build.record import Record, name_object, read_records, write_record
    from lathe.build.report import BuildReport, RecipeUse, make_report
    from lathe.build.searching import digest_pieces, tune_entries
    from lathe.build.tuning import BuildResult, ImageResult, ObjectResult, Request, tune_build
    from lathe.build.words import Word

__all__ = [
    "MODES",
    "Binary",
    "BuildReport",
    "BuildResult",
    "Command",
    "Configuration",
    "Entry",
    "Function",
    "ImageResult",
    "Lock",
    "ObjectResult",
    "Part",
    "RecipeUse",
    "Record",
    "Request",
    "Whole",
    "Word",
    "asks_what_it_can",
    "digest_module",
    "digest_piece",
    "digest_pieces",
    "expand_words",
    "find_entry",
    "is_image",
    "link_whole",
    "make_page",
    "make_report",
    "measure_file",
    "name_object",
    "read_command",
    "read_configuration",
    "read_lock",
    "read_records",
    "read_whole_target",
    "relink",
    "split_command",
    "tune_build",
    "tune_entries",
    "update_lock",
    "write_record",
]

_HOMES = {
    "command": "Command asks_what_it_can expand_words read_command split_command",
    "configuration": "MODES Configuration read_configuration",
    "image": "Whole is_image link_whole measure_file read_whole_target relink",
    "lock": "Entry Function Lock digest_module digest_piece find_entry read_lock update_lock",
    "page": "make_page",
    "parts": "Binary Part",
    "record": "Record name_object read_records write_record",
    "report": "BuildReport RecipeUse make_report",
    "searching": "digest_pieces tune_entries",
    "tuning": "BuildResult ImageResult ObjectResult Request tune_build",
    "words": "Word",
}
"""Where each name is defined."""

if not TYPE_CHECKING:
    __getattr__ = open_door(__name__, _HOMES)
