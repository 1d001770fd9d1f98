"""The tokenizer: nothing is lost, digits stand alone, and no text can forge a tag or a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lathe.errors import InputError
from lathe.model import TAGS, Tokenizer

IR = """define i32 @sum(ptr %0, i32 %1) {
2:
  br label %3
3:
  %4 = phi i32 [ 0, %2 ], [ %12, %8 ]
  %5 = load i32, ptr %0, align 4, !tbaa !5
  %12 = add nsw i32 %4, 128
  ret i32 %12
}
"""
WORDS = ["gvn", "instcombine<no-verify-fixpoint>", "-inline-threshold=25"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train([IR] * 5, size=700, words=WORDS)


@given(st.binary())
def test_any_bytes_come_back(tokenizer: Tokenizer, data: bytes) -> None:
    assert tokenizer.decode(tokenizer.encode(data)) == data


@given(st.text())
def test_any_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert tokenizer.decode(tokenizer.encode(data)) == data


def test_digits_stand_alone_but_for_integer_types(tokenizer: Tokenizer) -> None:
    pieces = [tokenizer.decode([number]).decode() for number in tokenizer.encode(IR)]
    assert "".join(pieces) == IR
    assert all(len(piece) == 1 or not re.search(r"\d", re.sub(r"\bi\d+", "", piece)) for piece in pieces)
    assert [tokenizer.decode([number]) for number in tokenizer.encode("i128 %12")][-2:] == [b"1", b"2"]
    assert any("i32" in piece for piece in pieces)
    assert len(pieces) < len(IR) / 3


def test_words_and_tags_are_one_token_each_and_no_text_means_them(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode_words(WORDS)
    assert len(set(ids)) == len(WORDS)
    assert [tokenizer.decode([number]).decode() for number in ids] == WORDS
    tags = [tokenizer.tag(name) for name in TAGS]
    assert tokenizer.decode(tags) == b""
    assert tags[0] == 0
    for text in ("<|end|>", "<|word gvn|>", "gvn", "<|0x80|>"):
        assert not set(tokenizer.encode(text)) & {*tags, *ids}
        assert tokenizer.decode(tokenizer.encode(text)).decode() == text


def test_it_is_saved_and_loaded(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    again = Tokenizer.load(tmp_path / "tokenizer.json")
    assert again.size == tokenizer.size <= 700
    assert again.encode(IR + "<|end|>") == tokenizer.encode(IR + "<|end|>")
    with pytest.raises(InputError, match="cannot be read"):
        Tokenizer.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(InputError, match=r"no tokenizer\.json"):
        Tokenizer.load(tmp_path / "bad.json")
