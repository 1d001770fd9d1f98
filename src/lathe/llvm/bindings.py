"""libLLVM in this process: its C interface through ctypes, and owners for what it hands out.

Only worker processes load it (`worker.py`): LLVM crashes, exits and never forgets. A few functions have
no C interface and are called by their C++ names, which are stable across LLVM 19 to 22: four take no
arguments or a plain pointer, `createTargetMachineForTriple` builds the very target machine of `llc`
from llc's own flags, which the C interface cannot (it has no function sections, `.init_array`, float ABI),
and `WriteBitcodeToFile` keeps the order of uses, which the C interface forgets.

Global options (`-mcpu`, `-sink-common-insts`) are process-wide in LLVM: `set_options` puts all of them
back to their defaults and then sets those given, before every compile.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Iterator, Sequence
from ctypes import byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Library", "LoadedModule", "RefusedError", "TargetMachine"]

_BACKENDS = ("X86", "AArch64", "ARM", "RISCV")
_PARTS = ("TargetInfo", "Target", "TargetMC", "AsmPrinter", "AsmParser")
_REGISTER_FLAGS = "_ZN4llvm7codegen20RegisterCodeGenFlagsC1Ev"
_RESET_OPTIONS = "_ZN4llvm2cl25ResetAllOptionOccurrencesEv"
_CREATE_MACHINE = "_ZN4llvm7codegen28createTargetMachineForTripleENS_9StringRefENS_15CodeGenOptLevelE"
_COUNT_INSTRUCTIONS = "_ZNK4llvm6Module19getInstructionCountEv"
_OPEN_STREAM = "_ZN4llvm14raw_fd_ostreamC1EibbNS_11raw_ostream11OStreamKindE"
_CLOSE_STREAM = "_ZN4llvm14raw_fd_ostreamD1Ev"
_WRITE_BITCODE = (
    "_ZN4llvm18WriteBitcodeToFileERKNS_6ModuleERNS_11raw_ostreamEbPKNS_18ModuleSummaryIndexEbPSt5arrayIjLm5EE"
)
_ERASE_METADATA = "_ZN4llvm11NamedMDNode15eraseFromParentEv"
_OF_FUNCTION = 0xFFFFFFFF  # LLVMAttributeFunctionIndex
_OF_DEBUGGING = (b"Dwarf Version", b"Debug Info Version", b"DWARF64")
_STREAM_BYTES = 1024  # room for a raw_fd_ostream, which has about 150
_CODEGEN_DEFAULT = 2  # CodeGenOptLevel::Default, which clang uses for -Oz and llc by default
_RETURN_STATUS = 2  # LLVMReturnStatusAction
_ASSEMBLY, _OBJECT = 0, 1
_ERROR, _WARNING = 0, 1
_HANDLER = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)


class RefusedError(Exception):
    """LLVM refused an input in an orderly way: it does not parse, verify, or lower."""


class _Expected(ctypes.Structure):
    """`llvm::Expected<std::unique_ptr<TargetMachine>>`, returned through a hidden first argument."""

    _fields_ = [("pointer", c_void_p), ("has_error", ctypes.c_uint8), ("padding", ctypes.c_uint8 * 15)]


class Library:
    """The shared library, its targets initialised and llc's flags registered; one per process."""

    def __init__(self, path: Path) -> None:
        self._library = ctypes.CDLL(str(path))
        self._functions: dict[str, Any] = {}
        for backend in _BACKENDS:
            for part in _PARTS:
                self.call(f"LLVMInitialize{backend}{part}", None)
        self._flags = ctypes.create_string_buffer(64)  # the (empty) object whose constructor registers the flags
        self.call(_REGISTER_FLAGS, None, self._flags)
        self._options: tuple[str, ...] | None = None
        self.errors: list[str] = []
        self.warned = False
        self.handler = _HANDLER(self._hear)

    def call(self, name: str, result: Any, *arguments: Any) -> Any:
        """Call a function of the library by name, with ctypes' default conversion of pointers and integers."""
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = getattr(self._library, name)
            function.restype = result
        return function(*arguments)

    def set_options(self, options: Sequence[str]) -> None:
        """Set LLVM's global options to exactly these; every other one goes back to its default."""
        if self._options == tuple(options):
            return
        self.call(_RESET_OPTIONS, None)
        words = [b"lathe", *(o.encode() for o in options)]
        self.call("LLVMParseCommandLineOptions", None, len(words), (c_char_p * len(words))(*words), None)
        self._options = tuple(options)

    def take_message(self, message: c_void_p | c_char_p) -> str:
        """The text of a message that LLVM allocated, which is freed."""
        text = ctypes.string_at(message).decode("utf-8", "replace")
        self.call("LLVMDisposeMessage", None, message)
        return text

    def take_buffer(self, buffer: c_void_p) -> bytes:
        """The bytes of a memory buffer that LLVM allocated, which is freed."""
        start = self.call("LLVMGetBufferStart", c_void_p, buffer)
        data = ctypes.string_at(start, self.call("LLVMGetBufferSize", c_size_t, buffer))
        self.call("LLVMDisposeMemoryBuffer", None, buffer)
        return data

    def _hear(self, diagnostic: int, _: int) -> None:
        pointer = c_void_p(diagnostic)
        severity = self.call("LLVMGetDiagInfoSeverity", c_int, pointer)
        self.warned |= severity == _WARNING
        if severity == _ERROR:
            text = c_void_p(self.call("LLVMGetDiagInfoDescription", c_void_p, pointer))
            self.errors.append(self.take_message(text))


class TargetMachine:
    """llc's target machine for a triple under the options set at that moment."""

    def __init__(self, library: Library, triple: str) -> None:
        text = triple.encode()
        expected = _Expected()
        library.call(
            _CREATE_MACHINE, None, byref(expected), c_char_p(text), c_size_t(len(text)), c_int(_CODEGEN_DEFAULT)
        )
        if expected.has_error & 1 or not expected.pointer:
            raise RefusedError(f'LLVM has no target for "{triple}"')
        self._library = library
        self.handle = c_void_p(expected.pointer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.call("LLVMDisposeTargetMachine", None, self.handle)


class LoadedModule:
    """A module in a context of its own, parsed from bitcode or text; use it in a `with` statement.

    A fresh context for every compile makes the result independent of what this process compiled before,
    and frees everything; parsing costs 2 % of a compile (LOG.md, 2026-11-20).
    """

    def __init__(self, library: Library, data: bytes) -> None:
        self._library = library
        library.errors.clear()
        self._context = c_void_p(library.call("LLVMContextCreate", c_void_p))
        library.call("LLVMContextSetDiagnosticHandler", None, self._context, library.handler, None)
        try:
            self.handle = self._parse(data)
        except RefusedError:
            library.call("LLVMContextDispose", None, self._context)
            raise
        library.call("LLVMContextSetDiscardValueNames", None, self._context, c_int(1))  # new names would mean nothing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._library.call("LLVMDisposeModule", None, self.handle)
        self._library.call("LLVMContextDispose", None, self._context)

    @property
    def triple(self) -> str:
        """The module's target triple; empty when it has none."""
        return str(ctypes.string_at(self._library.call("LLVMGetTarget", c_void_p, self.handle)).decode())

    def defined_functions(self) -> list[str]:
        """Names of the functions that have a body."""
        names = []
        for function in self._functions():
            if not self._library.call("LLVMIsDeclaration", c_int, function):
                length = c_size_t()
                start = self._library.call("LLVMGetValueName2", c_void_p, function, byref(length))
                names.append(ctypes.string_at(start, length.value).decode("utf-8", "replace"))
        return names

    def has_attribute(self, name: str) -> bool:
        """Whether any function carries an attribute such as `optnone`."""
        kind = self._library.call("LLVMGetEnumAttributeKindForName", c_uint, name.encode(), c_size_t(len(name)))
        index = c_uint(_OF_FUNCTION)
        return any(
            self._library.call("LLVMGetEnumAttributeAtIndex", c_void_p, function, index, c_uint(kind))
            for function in self._functions()
        )

    def has_text_attribute(self, *names: bytes) -> bool:
        """Whether any function carries an attribute such as `"warn-stack-size"="8"`."""
        index = c_uint(_OF_FUNCTION)
        return any(
            self._library.call("LLVMGetStringAttributeAtIndex", c_void_p, function, index, name, c_uint(len(name)))
            for function in self._functions()
            for name in names
        )

    def _functions(self) -> Iterator[c_void_p]:
        function = self._library.call("LLVMGetFirstFunction", c_void_p, self.handle)
        while function:
            yield c_void_p(function)
            function = self._library.call("LLVMGetNextFunction", c_void_p, c_void_p(function))

    def run_passes(self, passes: str, machine: TargetMachine) -> None:
        """Run a pass list, as `opt -passes=` would; raises `RefusedError` when LLVM does not know it."""
        options = c_void_p(self._library.call("LLVMCreatePassBuilderOptions", c_void_p))
        error = self._library.call("LLVMRunPasses", c_void_p, self.handle, passes.encode(), machine.handle, options)
        self._library.call("LLVMDisposePassBuilderOptions", None, options)
        if error:
            text = self._library.call("LLVMGetErrorMessage", c_void_p, c_void_p(error))
            message = ctypes.string_at(text).decode("utf-8", "replace")
            self._library.call("LLVMDisposeErrorMessage", None, c_void_p(text))
            raise RefusedError(message)
        self._raise_heard()

    def verify(self) -> None:
        """Raise `RefusedError` with LLVM's first complaint when the module is broken."""
        message = c_void_p()
        broken = self._library.call("LLVMVerifyModule", c_int, self.handle, c_int(_RETURN_STATUS), byref(message))
        text = self._library.take_message(message)
        if broken:
            raise RefusedError(f"the module does not verify: {text.strip().splitlines()[0]}")

    def identify(self) -> str:
        """A hash of the IR without debug information and the name of the source, both of which it loses.

        Flags of the module are hashed as text, since those about debug information stay behind.
        """
        self._library.call("LLVMStripModuleDebugInfo", c_int, self.handle)
        self._library.call("LLVMSetSourceFileName", None, self.handle, b"", c_size_t(0))
        flags = sorted(flag for flag in self._flags() if not flag.startswith(_OF_DEBUGGING))
        name = b"llvm.module.flags"
        if node := self._library.call("LLVMGetNamedMetadata", c_void_p, self.handle, name, c_size_t(len(name))):
            self._library.call(_ERASE_METADATA, None, c_void_p(node))
        return hashlib.blake2b(b"\n".join((self.bitcode(), *flags)), digest_size=16).hexdigest()

    def _flags(self) -> list[bytes]:
        """The names of the module's flags, each with its value as text."""
        count = c_size_t()
        entries = c_void_p(self._library.call("LLVMCopyModuleFlagsMetadata", c_void_p, self.handle, byref(count)))
        flags = []
        for number in map(c_uint, range(count.value)):
            length = c_size_t()
            name = self._library.call("LLVMModuleFlagEntriesGetKey", c_void_p, entries, number, byref(length))
            node = self._library.call("LLVMModuleFlagEntriesGetMetadata", c_void_p, entries, number)
            value = self._library.call("LLVMMetadataAsValue", c_void_p, self._context, c_void_p(node))
            text = c_void_p(self._library.call("LLVMPrintValueToString", c_void_p, c_void_p(value)))
            flags.append(ctypes.string_at(name, length.value) + b" " + self._library.take_message(text).encode())
        self._library.call("LLVMDisposeModuleFlagsMetadata", None, entries)
        return flags

    def count_instructions(self) -> int:
        """The number of IR instructions."""
        return int(self._library.call(_COUNT_INSTRUCTIONS, c_uint, self.handle))

    def bitcode(self) -> bytes:
        """The module as bitcode, with the order of uses: code generation follows it (LOG.md, 2026-11-27)."""
        with os.fdopen(os.memfd_create("lathe"), "rb") as file:
            stream = ctypes.create_string_buffer(_STREAM_BYTES)
            self._library.call(_OPEN_STREAM, None, stream, c_int(file.fileno()), c_int(0), c_int(0), c_int(0))
            self._library.call(_WRITE_BITCODE, None, self.handle, stream, c_int(1), None, c_int(0), None)
            self._library.call(_CLOSE_STREAM, None, stream)
            file.seek(0)
            return file.read()

    def text(self) -> bytes:
        """The module as text IR."""
        text = c_void_p(self._library.call("LLVMPrintModuleToString", c_void_p, self.handle))
        return self._library.take_message(text).encode()

    def emit(self, machine: TargetMachine, *, assembly: bool = False) -> bytes:
        """Lower the module to an object file (or assembly text, with remarks). The module is spent afterwards."""
        self._library.call("LLVMSetTargetMachineAsmVerbosity", None, machine.handle, c_int(assembly))
        message, buffer = c_void_p(), c_void_p()
        kind = c_int(_ASSEMBLY if assembly else _OBJECT)
        failed = self._library.call(
            "LLVMTargetMachineEmitToMemoryBuffer",
            c_int,
            machine.handle,
            self.handle,
            kind,
            byref(message),
            byref(buffer),
        )
        if failed:
            raise RefusedError(self._library.take_message(message))
        data = self._library.take_buffer(buffer)
        self._raise_heard()
        return data

    def _parse(self, data: bytes) -> c_void_p:
        buffer = self._library.call(
            "LLVMCreateMemoryBufferWithMemoryRangeCopy", c_void_p, data, c_size_t(len(data)), b"module"
        )
        module, message = c_void_p(), c_void_p()
        failed = self._library.call(
            "LLVMParseIRInContext", c_int, self._context, c_void_p(buffer), byref(module), byref(message)
        )
        if failed:
            raise RefusedError(self._library.take_message(message).strip())
        return module

    def _raise_heard(self) -> None:
        if self._library.errors:
            raise RefusedError(self._library.errors[0].strip())
