"""Glue: the IR between the driver of the differential check and a module's object.

For each function of the module a thunk, which takes its arguments from memory and puts its result there, in LLVM's own
words for types and attributes, so that every calling convention comes out right. For each function that the module
wants from elsewhere a stand-in: it tells the driver its name and arguments, and returns a value that depends on them
and, unless it is pure, on all calls before. The same for variables.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from lathe.verify.prototypes import Parameter, Prototype, Variable, read_prototypes, read_variables

__all__ = ["COPIED", "SLOT", "write_glue"]

SLOT = 256
"""Bytes for each argument in the driver's memory."""

_SILENT = frozenset(
    """
    printf fprintf vprintf vfprintf puts fputs putchar putc fputc fwrite perror putchar_unlocked putc_unlocked
    fputc_unlocked fputs_unlocked fwrite_unlocked fflush __printf_chk __fprintf_chk __vfprintf_chk
""".split()  # noqa: SIM905
)
"""Functions whose output is not compared: the compiler exchanges one for another."""

_LIBRARY = frozenset(
    """
    memcpy memmove memset memcmp memchr memrchr memccpy mempcpy bcmp bcopy bzero strlen strnlen strcmp strncmp strcpy
    strncpy strcat strncat strchr strrchr strstr strspn strcspn strpbrk strtok strtok_r strcasecmp strncasecmp stpcpy
    stpncpy strdup strndup strsep strchrnul rawmemchr malloc free calloc realloc reallocarray aligned_alloc abs labs
    llabs div ldiv atoi atol atoll atof strtol strtoul strtoll strtoull strtod strtof qsort bsearch ffs ffsl ffsll
    isalpha isdigit isalnum isspace isupper islower isxdigit ispunct isprint iscntrl isgraph isblank tolower toupper
    __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc __isoc23_strtol __isoc23_strtoul sprintf snprintf vsnprintf
    vsprintf setjmp _setjmp __sigsetjmp longjmp siglongjmp __errno_location __tls_get_addr
    sqrt sin cos tan asin acos atan atan2 sinh cosh tanh exp exp2 exp10 log log2 log10 log1p expm1 pow fabs floor ceil
    round trunc rint nearbyint lround llround lrint llrint fmod remainder fmin fmax fma hypot cbrt ldexp frexp modf
    copysign scalbn erf erfc tgamma lgamma
""".split()  # noqa: SIM905
)
"""Functions of the library that are called for real: what they do depends on nothing but arguments and memory."""

_FLOATING = frozenset(f"{name}{kind}" for name in _LIBRARY for kind in "fl")
_OF_RUNTIME = ("__dso_handle", "stdin", "stdout", "stderr", "environ", "_GLOBAL_OFFSET_TABLE_")
COPIED = "available_externally"
"""The linkage of what has a body here for inlining alone; `differential.py` makes real definitions of them."""

_KINDS = {"float": "f", "double": "d", "ptr": "p"}
_PURE = re.compile(r"memory\(none\)|memory\(read\)|memory\(argmem: read\)")


def write_glue(text: str, functions: Sequence[Prototype], library: Collection[str] = ()) -> str:
    """The glue for the `functions` of a module's text; what `library` has is left to the linker."""
    prototypes, variables = read_prototypes(text), read_variables(text)
    head = [line for line in text.splitlines() if line.startswith("target ") or re.match(r"%.* = type ", line)]
    throws = "@__gxx_personality_v0" in text
    elsewhere = {*library, *_LIBRARY, *_FLOATING, *_OF_RUNTIME}
    wanted = [p for p in prototypes if _is_wanted(p, elsewhere)]
    lines = [
        *head,
        *_DRIVER,
        *(_EXCEPTIONS if throws else ()),
        *(line for number, function in enumerate(functions) for line in _write_thunk(number, function, throws)),
        *(line for number, function in enumerate(wanted) for line in _stand_in(number, function)),
        *(_stand_for_variable(v) for v in variables if _is_wanted(v, elsewhere)),
        *_write_tables(functions, variables),
    ]
    return "\n".join(lines) + "\n"


_DRIVER = (
    "declare i64 @lathe_mix(i64, i64)",
    "declare i64 @lathe_mix_pointer(i64, ptr)",
    "declare i64 @lathe_event(i64)",
    "declare i64 @lathe_value(i64)",
    "declare ptr @lathe_foreign(i64, i32)",
    "declare void @lathe_stop(i64) noreturn",
    "%lathe.parameter = type { i8, i32 }",
    "%lathe.function = type { ptr, ptr, ptr, i32, %lathe.parameter }",
    "%lathe.variable = type { ptr, i64 }",
)
_EXCEPTIONS = (
    "declare i32 @__gxx_personality_v0(...)",
    "declare ptr @__cxa_begin_catch(ptr)",
    "declare void @__cxa_end_catch()",
)


def _is_wanted(item: Prototype | Variable, elsewhere: Collection[str]) -> bool:
    """Whether something must stand in for it: it is neither here nor in a library that may be called for real."""
    return not item.defined and item.linkage != COPIED and item.symbol not in elsewhere


def _write_thunk(number: int, function: Prototype, throws: bool) -> Iterator[str]:  # noqa: FBT001
    types = ", ".join(_join(p.type, p.attributes) for p in function.parameters)
    result = function.result
    yield f"declare extern_weak {_join(result.attributes, result.type)} @{function.name}({types})"
    personality = " personality ptr @__gxx_personality_v0" if throws else ""
    yield f"define internal i32 @lathe.thunk.{number}(ptr %in, ptr %out){personality} {{"
    arguments = []
    for i, parameter in enumerate(function.parameters):
        yield f"  %place{i} = getelementptr i8, ptr %in, i64 {SLOT * i}"
        bits = _count_bits(parameter)
        if bits and bits % 8:
            yield f"  %wide{i} = load i{-bits // 8 * -8}, ptr %place{i}"
            yield f"  %value{i} = trunc i{-bits // 8 * -8} %wide{i} to i{bits}"
        else:
            yield f"  %value{i} = load {parameter.type}, ptr %place{i}, align 16"
        arguments.append(_join(parameter.type, parameter.attributes, f"%value{i}"))
    name = "" if result.type == "void" else "%result = "
    call = f"{result.type} @{function.name}({', '.join(arguments)})"
    yield f"  {name}invoke {call} to label %done unwind label %caught" if throws else f"  {name}call {call}"
    if throws:
        yield "done:"
    if result.type != "void":
        yield f"  store {result.type} %result, ptr %out, align 16"
    yield "  ret i32 0"
    if throws:
        yield "caught:"
        yield "  %exception = landingpad { ptr, i32 } catch ptr null"
        yield "  %thrown = extractvalue { ptr, i32 } %exception, 0"
        yield "  %begun = call ptr @__cxa_begin_catch(ptr %thrown)"
        yield "  call void @__cxa_end_catch()"
        yield "  ret i32 1"
    yield "}"


def _stand_in(number: int, function: Prototype) -> Iterator[str]:
    """A definition of a function that the module wants from elsewhere."""
    parameters = [_join(p.type, p.attributes, f"%a{i}") for i, p in enumerate(function.parameters)]
    result = function.result
    yield (
        f"define hidden {_join(result.attributes, result.type)} @{function.name}"  # hidden: libraries keep their own
        f"({', '.join([*parameters, *(['...'] if function.variadic else [])])}) {{"
    )
    if function.symbol in _SILENT:
        yield f"  ret {result.type}{' zeroinitializer' if result.type != 'void' else ''}"
        yield "}"
        return
    seen = f"{1000 + number}"
    for i, parameter in enumerate(function.parameters):
        if "noundef" in parameter.attributes and (mixed := _mix(parameter, f"%a{i}", f"%h{i}", seen)):
            yield from mixed
            seen = f"%h{i}"
    pure = any(_PURE.match(word) for word in function.attributes)
    if "noreturn" in function.attributes:
        yield f"  call void @lathe_stop(i64 {seen})"
        yield "  unreachable"
    else:
        if not pure:
            yield f"  %event = call i64 @lathe_event(i64 {seen})"
        yield from _return_value(result, seen if pure else "%event")
    yield "}"


def _mix(parameter: Parameter, value: str, name: str, seen: str) -> list[str]:
    """Lines that add an argument to what was seen; none for types that are not looked at."""
    bits = _count_bits(parameter)
    if parameter.type == "ptr":
        return [f"  {name} = call i64 @lathe_mix_pointer(i64 {seen}, ptr {value})"]
    if not bits or bits > 64:
        return []
    lines = []
    if bits < 64:
        lines, value = [f"  {name}.wide = zext i{bits} {value} to i64"], f"{name}.wide"
    return [*lines, f"  {name} = call i64 @lathe_mix(i64 {seen}, i64 {value})"]


def _return_value(result: Parameter, seen: str) -> Iterator[str]:
    bits = _count_bits(result)
    if result.type == "void":
        yield "  ret void"
    elif result.type == "ptr":
        yield f"  %result = call ptr @lathe_foreign(i64 {seen}, i32 {int('nonnull' not in result.attributes)})"
        yield "  ret ptr %result"
    elif bits and bits <= 64:
        yield f"  %value = call i64 @lathe_value(i64 {seen})"
        cast = "%value" if bits == 64 else "%result"
        if bits < 64:
            yield f"  %result = trunc i64 %value to i{bits}"
        yield f"  ret i{bits} {cast}"
    elif result.type in ("float", "double"):
        yield f"  %value = call i64 @lathe_value(i64 {seen})"
        yield "  %small = and i64 %value, 255"
        yield f"  %result = uitofp i64 %small to {result.type}"
        yield f"  ret {result.type} %result"
    else:
        yield f"  ret {result.type} zeroinitializer"


def _stand_for_variable(variable: Variable) -> str:
    unknown = "[4096 x i8]" if variable.type.startswith("[0 x") or variable.type.startswith("%") else variable.type
    local = "thread_local " if variable.thread_local else ""
    return f"@{variable.name} = hidden {local}global {unknown} zeroinitializer, align 16"


def _write_tables(functions: Sequence[Prototype], variables: Sequence[Variable]) -> Iterator[str]:
    """What the driver reads: functions with thunks and types, and the variables that anyone may look at."""
    rows = []
    for number, function in enumerate(functions):
        inner = ", ".join(f"%lathe.parameter {_describe(p)}" for p in function.parameters)
        yield (
            f"@lathe.parameters.{number} = internal constant [{len(function.parameters)} x %lathe.parameter] "
            f"{f'[{inner}]' if inner else 'zeroinitializer'}"
        )
        rows.append(
            f"%lathe.function {{ ptr @lathe.thunk.{number}, ptr @{function.name}, ptr @lathe.parameters.{number}, "
            f"i32 {len(function.parameters)}, %lathe.parameter {_describe(function.result)} }}"
        )
    seen = [v for v in variables if v.defined and not v.constant and not v.thread_local and v.linkage in ("", "common")]
    for variable in seen:
        yield f"@{variable.name} = extern_weak global {variable.type}"
    cells = [f"%lathe.variable {{ ptr @{v.name}, i64 {_size(v.type)} }}" for v in seen]
    for name, type_, items in (("function", "%lathe.function", rows), ("variable", "%lathe.variable", cells)):
        value = f"[{', '.join(items)}]" if items else "zeroinitializer"
        yield f"@lathe_{name}s = constant [{len(items)} x {type_}] {value}"
        yield f"@lathe_{name}_count = constant i32 {len(items)}"


def _describe(parameter: Parameter) -> str:
    kind = _KINDS.get(parameter.type) or ("i" if 0 < _count_bits(parameter) <= 64 else "m")
    size = "0" if parameter.type == "void" else f"trunc (i64 {_size(parameter.type)} to i32)"
    return f"{{ i8 {ord(kind)}, i32 {size} }}"


def _size(type_: str) -> str:
    return f"ptrtoint (ptr getelementptr ({type_}, ptr null, i32 1) to i64)"


def _count_bits(parameter: Parameter) -> int:
    """The width of an integer type; 0 for others."""
    return int(parameter.type[1:]) if re.fullmatch(r"i\d+", parameter.type) else 0


def _join(*words: str) -> str:
    return " ".join(word for word in words if word)
