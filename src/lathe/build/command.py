"""A clang command line, as far as it matters here: what it compiles, into what, or why Lathe leaves it alone.

    command = read_command(["-Oz", "-c", "a.c", "-o", "a.o"])
    command.reason                       # "": one C or C++ file into one object, at -Oz

Read without clang's help, since a build asks thousands of times: what is not understood for sure is left alone. Only
what Python has loaded anyway is imported.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Command", "asks_what_it_can", "expand_words", "read_command", "split_command"]

_VALUES = frozenset((
    "-o", "-I", "-D", "-U", "-L", "-l", "-F", "-B", "-T", "-u", "-e", "-z", "-G", "-x", "-include",
    "-include-pch", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix", "-iwithprefix",
    "-iwithprefixbefore", "-isysroot", "-ivfsoverlay", "-iframework", "-framework", "-MF", "-MT", "-MQ", "-MJ",
    "-target", "-arch", "-Xclang", "-Xpreprocessor", "-Xassembler", "-Xlinker", "-Xanalyzer", "-mllvm",
    "--param", "-working-directory", "-resource-dir", "-dumpdir", "--sysroot", "--config", "-rpath",
    "-install_name", "-undefined", "-weak_library",
))  # fmt: skip
"""Options that take the next word."""

_DEPENDENCIES = ("-MD", "-MMD", "-MP", "-MG", "-MV")
_DEPENDENCY_VALUES = ("-MF", "-MT", "-MQ", "-MJ")
_PASSED = ("-Wp,-MD,", "-Wp,-MMD,")
_OTHER_RESULTS = frozenset((
    "-E", "-S", "-M", "-MM", "-MJ", "-fsyntax-only", "--version", "-v", "-###", "--help", "-emit-llvm",
    "-emit-ast", "--analyze", "--precompile", "-save-temps", "--coverage", "-coverage", "-pg",
    "-fsave-optimization-record", "-time", "-ftime-report", "-fno-integrated-as", "-no-integrated-as",
    "-fembed-bitcode", "-gsplit-dwarf", "-fstack-usage", "-finstrument-functions", "-fmodules", "-ObjC",
    "-ObjC++", "--verify-debug-info",
))  # fmt: skip
"""Options with which clang writes something other than one plain object, or something beside it."""

_OTHER_PREFIXES = (
    "-flto", "-fsanitize", "-fprofile", "-fcs-profile", "-fcoverage", "-fmemory-profile", "-fxray", "-fplugin",
    "-fpass-plugin", "-fmodule", "-fprebuilt-module", "-save-temps=", "-ftime-trace", "-print-", "--print-", "-dump",
    "-R", "-foptimization-record", "-fembed-", "-gsplit-dwarf=", "-fopenmp-targets", "--cuda", "--offload", "-emit-",
    "-fstack-usage", "-fmcdc", "-fbasic-block-sections", "-fpseudo-probe", "-fdebug-pass", "-working-directory",
    "-frecord-", "-grecord-", "-fdump-", "-serialize-diagnostics", "-extract-api", "-ccc-",
)  # fmt: skip
_LONG = (
    "--target=", "--sysroot", "--param", "--gcc-toolchain=", "--gcc-install-dir=", "--gcc-triple=", "--std=",
    "--rtlib=", "--unwindlib=", "--stdlib=", "--ld-path=", "--start-no-unused-arguments",
    "--end-no-unused-arguments",
)  # fmt: skip
"""The options of two dashes that are known; the others often are other names of those above."""

_FRONT = ("-include", "-f", "-W", "-target-feature")
"""What may be said to the front end."""

_WHOLE = ("-flto", "-flto=full")
_LANGUAGES = {".c": "c", ".cc": "c++", ".cpp": "c++", ".cxx": "c++", ".c++": "c++", ".C": "c++", ".CPP": "c++",
              ".cp": "c++"}  # fmt: skip
_PROBES = ("conftest.", "CMakeFiles/CMakeTmp", "CMakeScratch", "meson-private", "CompilerIdC")


class Command:
    """A command line, without the compiler: `words` as clang gets them.

    Where `reason` is empty, it compiles `source` in `language` (c, c++) to `out`, with `flags` (those that say neither
    source nor result nor level nor dependencies), at `level`; `dependencies` are the words that ask for a dependency
    file. `links`: it makes an image, of `inputs`; where `reason` is empty then, of bitcode (`-flto`). `asked` are
    Lathe's own options.
    """

    __slots__ = (
        "asked", "dependencies", "flags", "inputs", "language", "level", "links", "out", "reason", "source", "words",
    )  # fmt: skip

    def __init__(self, words: Sequence[str], asked: dict[str, str]) -> None:
        self.words, self.asked = list(words), asked
        self.source = self.language = self.level = self.out = self.reason = ""
        self.flags: list[str] = []
        self.dependencies: list[str] = []
        self.inputs: list[str] = []
        self.links = False


def read_command(words: Sequence[str], *, plusplus: bool = False) -> Command:
    """What a command line does; words `--lathe…` are Lathe's own."""
    own = [word for word in words if word.startswith("--lathe")]
    command = Command([word for word in words if not word.startswith("--lathe")], dict(map(_read_own, own)))
    try:
        command.reason = _examine(command, list(expand_words(command.words)), plusplus=plusplus)
    except (OSError, ValueError) as error:
        command.reason = f"a response file cannot be read: {error}"
    return command


def _read_own(word: str) -> tuple[str, str]:
    """`--lathe=MODE` is its mode, `--lathe-NAME=VALUE` a setting."""
    name, _, value = word.partition("=")
    return name.removeprefix("--lathe").removeprefix("-") or "mode", value


def expand_words(words: Sequence[str], depth: int = 0) -> Iterator[str]:
    """Words, with those of response files in their places."""
    for word in words:
        if word.startswith("@") and depth < 10 and os.path.exists(word[1:]):
            import shlex

            with open(word[1:], encoding="utf-8") as file:
                yield from expand_words(shlex.split(file.read()), depth + 1)
        else:
            yield word


def _examine(command: Command, words: list[str], *, plusplus: bool) -> str:
    """Fill in what a command compiles; why it is left alone, if it is."""
    level, compiles, language, sources = "", False, "", []
    whole = False
    rest = iter(words)
    for word in rest:
        if word in _WHOLE:
            whole = True
        elif word in _OTHER_RESULTS or word.startswith(_OTHER_PREFIXES):
            return f"{word} asks for something else than a plain object"
        elif word == "-c":
            compiles = True
        elif word in _DEPENDENCIES:
            command.dependencies.append(word)
        elif word == "--":
            sources += [(source, language) for source in rest]
        elif word.startswith("--") and not word.startswith(_LONG):
            return f"{word} is not known here"
        elif word in _VALUES:
            value = next(rest, None)
            if value is None:
                return f"{word} lacks its value"
            if word == "-Xclang" and value.startswith("-") and not value.startswith(_FRONT):
                return f"{value} may ask for something else than a plain object"
            if word == "-x":
                language = "" if value == "none" else value
            elif word == "-o":
                command.out = value
            elif word in _DEPENDENCY_VALUES:
                command.dependencies.append(word)
            else:
                command.flags += [word, value]
        elif word.startswith("-o") and len(word) > 2 and not word.startswith("-object"):
            command.out = word[2:]
        elif word.startswith("-x"):
            language = "" if word == "-xnone" else word[2:]
        elif word.startswith("-O"):
            level = word
        elif word.startswith("-Wp,-M") and (not word.startswith(_PASSED) or word.count(",") != 2):
            return f"{word} may ask for more than a dependency file"
        elif word.startswith((*_DEPENDENCY_VALUES, *_PASSED)):
            command.dependencies.append(word)
        elif word.startswith("-") and word != "-":
            command.flags.append(word)
        else:
            sources.append((word, language))
    command.inputs, command.links = [source for source, _ in sources], bool(sources) and not compiles
    if whole:
        return _judge_whole(command, level, compiles=compiles)
    return _judge(command, level, sources, compiles=compiles, plusplus=plusplus)


def _judge_whole(command: Command, level: str, *, compiles: bool) -> str:
    """Why a command with `-flto` is left alone, if it is: it must link with lld, which can say what it merged."""
    if compiles:
        return "-flto asks for bitcode, whose recipe comes when it is linked"
    if level not in ("-Oz", "-Os"):
        return f"{level or 'no level'} does not ask for small code (-Oz, -Os)"
    if "-fuse-ld=lld" not in command.flags or "-r" in command.flags:
        return "-flto is left to a linker that is not lld (-fuse-ld=lld)"
    if not command.inputs or any(os.path.splitext(source)[1] in _LANGUAGES for source in command.inputs):
        return "it compiles and links at once with -flto"
    command.level, command.out, command.language = level, command.out or "a.out", "c"
    command.source = command.out
    if _is_special(command.out):
        return "no file is written, or not where it says"
    return "a build asks what the compiler can" if asks_what_it_can(command.inputs) else ""


def split_command(command: Command) -> dict[str, list[str]]:
    """The words that compile each source of a command that has several, or links them; none where that is not sure."""
    words = list(expand_words(command.words))
    sources = [source for source in command.inputs if os.path.splitext(source)[1] in _LANGUAGES]
    misfits = ("-x", "-Wp,", "--") if command.links else ("-x", "-Wp,", "--", "-o")
    twice = len(set(command.inputs)) < len(command.inputs)
    if not command.level or command.dependencies or twice or any(w == "-" or w.startswith(misfits) for w in words):
        return {}
    if not all(map(os.path.isfile, command.inputs)) or (not command.links and len(sources) < len(command.inputs)):
        return {}
    flags: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "-o":
            next(rest, None)
        elif word in _VALUES:
            flags += [word, next(rest, "")]
        elif word not in command.inputs and word != "-c" and not word.startswith("-o"):
            flags.append(word)
    return {source: [*flags, "-Qunused-arguments", "-c", source] for source in sources}


def asks_what_it_can(inputs: Sequence[str]) -> bool:
    """Whether a build only wants to know what the compiler can, as `configure` and CMake do."""
    return any(probe in place for probe in _PROBES for place in (*inputs, os.getcwd()))


def _is_special(out: str) -> bool:
    """Whether what is written to is no file that another can take the place of: a device, a folder, a link."""
    return out == "-" or os.path.islink(out) or (os.path.exists(out) and not os.path.isfile(out))


def _judge(command: Command, level: str, sources: list[tuple[str, str]], *, compiles: bool, plusplus: bool) -> str:
    command.level = level if level in ("-Oz", "-Os") else ""
    if not compiles:
        return "it links, or asks something: only -c makes one object"
    if len(sources) != 1:
        return f"it has {len(sources)} inputs"
    source, said = sources[0]
    stem, suffix = os.path.splitext(source)
    language = said or _LANGUAGES.get(suffix, "")
    if source == "-":
        return "the source is standard input"
    if language not in ("c", "c++"):
        return f"{source} is {language or 'no C or C++'}"
    if level not in ("-Oz", "-Os"):
        return f"{level or 'no level'} does not ask for small code (-Oz, -Os)"
    if asks_what_it_can([source]):
        return "a build asks what the compiler can"
    command.source, command.language = source, "c++" if plusplus and not said else language
    known = not said and _LANGUAGES.get(suffix) == command.language
    command.out = command.out or f"{os.path.basename(stem)}.o"
    if _is_special(command.out):
        return "no file is written, or not where it says"
    command.flags += [] if known else ["-x", command.language]
    return ""
