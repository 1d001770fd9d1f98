"""Shared fixtures: one engine for the whole run, small programs, and the examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lathe.llvm import Engine, Module, Toolchain, Unit, find_toolchain, load_unit

EXAMPLES = Path(__file__).parent.parent / "examples"

CHECKSUM = """
unsigned checksum(const unsigned char *data, unsigned count) {
  unsigned value = ~0u;
  while (count--) {
    value ^= *data++;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
  }
  return ~value;
}
"""
TABLE = (
    """
int table(int x) {
  switch (x) { case 1: return 5; case 2: return 9; case 3: return 12; case 4: return 77; case 9: return 11; }
  return x;
}
"""
    + CHECKSUM
)
PROGRAM = """
#include <stdint.h>
static int table[16];
uint32_t checksum(const uint8_t *data, unsigned count) {
  uint32_t value = ~0u;
  while (count--) {
    value ^= *data++;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
  }
  return ~value;
}
int choose(int x) {
  switch (x) { case 1: return 5; case 2: return 9; case 3: return 12; case 4: return 77; case 9: return 11; }
  return table[x & 15]++;
}
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the cache of the person who runs it."""
    monkeypatch.setenv("LATHE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return find_toolchain()


@pytest.fixture(scope="session")
def engine(toolchain: Toolchain) -> Iterator[Engine]:
    with Engine(toolchain, jobs=2) as engine:
        yield engine


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("program") / "program.c"
    path.write_text(PROGRAM)
    return path


@pytest.fixture(scope="session")
def module(engine: Engine, program: Path) -> Module:
    return load_unit(engine, Unit(program))
