"""Token shards: what was put in comes out, mapped or compressed, and a broken one is one clear error."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lathe.errors import InputError, OutputError
from lathe.model import TokenExample, TokenShard, compress_shard, expand_shard, write_shard

TOKENS = st.lists(st.integers(0, (1 << 16) - 1), max_size=9)
EXAMPLES = [TokenExample([1, 2, 3], [65_535]), TokenExample([], [4]), TokenExample([5], [])] * 50


def read(shard: TokenShard) -> list[tuple[list[int], list[int]]]:
    return [(list(map(int, e.prompt)), list(map(int, e.completion))) for e in shard]


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    path = tmp_path / "tokens-00000.safetensors"
    write_shard(path, EXAMPLES, tokenizer="abc")
    return path


@given(st.lists(st.tuples(TOKENS, TOKENS), max_size=5))
def test_examples_come_back(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[list[int], list[int]]]) -> None:
    path = tmp_path_factory.mktemp("shards") / "tokens.safetensors"
    write_shard(path, [TokenExample(*row) for row in rows], tokenizer="abc")
    shard = TokenShard(path)
    assert read(shard) == rows
    assert (len(shard), shard.tokens, shard.tokenizer) == (len(rows), sum(len(a) + len(b) for a, b in rows), "abc")


def test_the_header_is_what_any_tool_reads(shard: Path) -> None:
    data = shard.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert header.pop("__metadata__") == {"tokenizer": "abc"}
    assert {name: entry["dtype"] for name, entry in header.items()} == {
        "tokens": "U16",
        "ends": "I64",
        "prompts": "I32",
    }


def test_a_compressed_shard_is_the_same_file(shard: Path) -> None:
    data, packed = shard.read_bytes(), compress_shard(shard)
    assert packed.stat().st_size < len(data) / 4
    shard.unlink()
    assert expand_shard(packed) == shard and shard.read_bytes() == data
    assert read(TokenShard(shard)[:2]) == [([1, 2, 3], [65_535]), ([], [4])]


def test_what_is_broken_or_foreign_is_one_clear_error(shard: Path, tmp_path: Path) -> None:
    packed = compress_shard(shard)
    with pytest.raises(InputError, match="tokenizer abc, not xyz"):
        TokenShard(shard, tokenizer="xyz")
    for path in (shard, packed):
        whole = path.read_bytes()
        for cut in (0, 4, 60, len(whole) - 1):
            path.write_bytes(whole[:cut])
            with pytest.raises(InputError, match="broken"):
                expand_shard(path) if path is packed else TokenShard(path)
        path.write_bytes(whole)
    shard.unlink()
    packed.write_bytes(b"no frame at all")
    with pytest.raises(InputError, match="broken"):
        expand_shard(packed)
    assert [path.name for path in tmp_path.iterdir()] == [packed.name]
    with pytest.raises(InputError, match="cannot be read"):
        expand_shard(tmp_path / "none.zst")


def test_a_full_disk_is_one_clear_error(shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed, before = compress_shard(shard), shard.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zstandard.ZstdDecompressor", lambda **_: SimpleNamespace(copy_stream=fail))
    with pytest.raises(OutputError, match="No space left"):
        expand_shard(packed)
    assert shard.read_bytes() == before and len(list(shard.parent.iterdir())) == 2
