"""The tokenizer: nothing is lost, digits stand alone, and no text can forge a tag or a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Inner
from tokenizers import decoders, models, normalizers, trainers

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


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer of the kind that Code Llama has: pieces with a mark for blanks, and bytes for what is not in them."""
    inner = Inner(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    inner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    special = ["<unk>", "<s>", "</s>", *(f"<0x{n:02X}>" for n in range(256))]
    inner.train_from_iterator(
        IR.split() * 5, trainers.BpeTrainer(vocab_size=360, special_tokens=special, show_progress=False)
    )
    parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    inner.decoder = decoders.Sequence(parts)
    inner.save(str(path := tmp_path_factory.mktemp("llama") / "tokenizer.json"))
    return path


def test_another_models_tokens_keep_their_numbers(llama: Path, tmp_path: Path) -> None:
    base = Inner.from_file(str(llama))
    found = Tokenizer.extend(llama, words=WORDS)
    assert found.size == base.get_vocab_size() + len(TAGS) + 128 + len(WORDS)
    assert base.encode(IR, add_special_tokens=False).ids[-20:] == found.encode(IR)[-20:]
    assert min(found.tag(name) for name in TAGS) == base.get_vocab_size()
    found.save(tmp_path / "tokenizer.json")
    again = Tokenizer.load(tmp_path / "tokenizer.json")
    for data in (IR.encode(), b"define", b"  a  b", "▁<0x0A> é <|end|> </s>".encode(), bytes(range(256))):
        ids = again.encode(data)
        assert again.decode(ids) == data and max(ids) < found.size
        assert not {found.tag(name) for name in TAGS} & set(ids)
    assert [again.decode([number]).decode() for number in again.encode_words(WORDS)] == WORDS
    with pytest.raises(InputError, match="has no tags"):
        Tokenizer.load(llama)
    inner = Inner(models.WordLevel({"a": 0}, unk_token="a"))
    inner.save(str(tmp_path / "words.json"))
    with pytest.raises(InputError, match="no byte-level BPE"):
        Tokenizer.extend(tmp_path / "words.json")
