"""The tokenizer: text to tokens and back, made for IR, assembly and recipes.

    tokenizer = Tokenizer.train(texts, size=8192, words=["gvn", "-inline-threshold=25"])
    ids = [tokenizer.tag("tuning"), *tokenizer.encode(ir), *tokenizer.encode_words(["gvn"])]

Byte-level BPE of `tokenizers`. Three things differ from one for prose. Tokens may run over blanks and punctuation up to
the end of the line (` = load ptr, ptr %` is one), since IR repeats phrases rather than words. Digits stand alone, but
for those in the names of integer types (`i32`), so that value numbers and sizes are read digit by digit. And words of
recipes and tags are tokens that no text contains: what is written in a text never means them, and a mask can allow them
alone.

Bytes that are not UTF-8 have tokens of their own, so decoding gives back any bytes. Not covered: text normalisation
(`lathe.llvm.normalise_ir` is for that).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers import Tokenizer as Inner

from lathe.errors import InputError

__all__ = ["TAGS", "Tokenizer"]

TAGS = (
    "pad", "end", "emulation", "tuning", "disassembly", "x86", "aarch64", "arm", "riscv", "ir", "assembly", "recipe",
    "whole", "across", "input", "output", "sizes",
)  # fmt: skip
"""What a prompt says of itself: task, target, kinds of code, level (the stage before), parts."""

_DIGIT = r"(?<!\bi)(?<!\bi\d)(?<!\bi\d\d)\d"
_BLANK = "▁"  # in the pieces of Llama's tokenizer
_INVALID = re.compile(f"([\udc80-\udcff{_BLANK}])")  # bytes that are not UTF-8, as `surrogateescape` has them


class Tokenizer:
    """Texts, bytes and words as token numbers, and back."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner
        inner.encode_special_tokens = True  # what looks like a tag in a text is text

    @classmethod
    def train(cls, texts: Iterable[str], *, size: int, words: Sequence[str] = ()) -> Tokenizer:
        """Learn `size` tokens from texts, tags, words and single bytes included."""
        inner = Inner(models.BPE())
        inner.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(_DIGIT), "isolated"),
                pre_tokenizers.Split(Regex(r"\n"), "merged_with_next"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        inner.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size, special_tokens=_list_special(words), initial_alphabet=sorted(_BYTES), show_progress=False
        )
        inner.train_from_iterator(texts, trainer)
        return cls(inner)

    @classmethod
    def extend(cls, path: Path, *, words: Sequence[str] = ()) -> Tokenizer:
        """The tokenizer of another model, whose tokens keep their numbers, with tags and words of ours behind them.

        Of byte-level BPE, or as Llama and Code Llama have it; these no longer put a blank before a text, so that any
        bytes come back. Raises `InputError` for another kind.
        """
        inner = _read(path)
        model = json.loads(inner.to_str())["model"]
        if model["type"] != "BPE" or (model.get("byte_fallback") and inner.token_to_id("<0xE2>") is None):
            raise InputError(f"{path} has no byte-level BPE, nor one with single bytes, as Llama's. Name one that has.")
        if model.get("byte_fallback"):
            inner.normalizer, inner.pre_tokenizer = normalizers.Replace(" ", _BLANK), None
            inner.decoder = decoders.Sequence([decoders.Replace(_BLANK, " "), decoders.ByteFallback(), decoders.Fuse()])
        inner.post_processor = None
        inner.add_special_tokens(_list_special(words))
        return cls(inner)

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        """The tokenizer of a `tokenizer.json`; raises `InputError`."""
        found = _read(path)
        if found.token_to_id(_mark("end")) is None:
            raise InputError(f"{path} is no tokenizer of Lathe's: it has no tags. Extend it: Tokenizer.extend(path)")
        return cls(found)

    def save(self, path: Path) -> None:
        """Write a `tokenizer.json`, which every tool of the field reads."""
        path.write_text(self._inner.to_str(pretty=True), encoding="utf-8")

    @cached_property
    def digest(self) -> str:
        """Identifies the tokenizer: what was made with one is of no use to another."""
        return hashlib.blake2b(self._inner.to_str().encode(), digest_size=8).hexdigest()

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return int(self._inner.get_vocab_size())

    def tag(self, name: str) -> int:
        """The token of one of `TAGS`."""
        return self._number(_mark(name))

    def encode_words(self, words: Iterable[str]) -> list[int]:
        """One token for each word of a recipe; raises `InputError` for one that is not among those of the training."""
        return [self._number_of_word(word) for word in words]

    def encode(self, text: str | bytes) -> list[int]:
        """The tokens of a text, or of any bytes."""
        text = text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
        ids: list[int] = []
        for part in _INVALID.split(text):
            if len(part) == 1 and "\udc80" <= part <= "\udcff":
                ids.append(self._number(_mark(f"0x{ord(part) - 0xDC00:02x}")))
            elif part == _BLANK and self._has_blanks:
                ids += [self._number(f"<0x{byte:02X}>") for byte in _BLANK.encode()]
            elif part:
                ids += self._inner.encode(part, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Iterable[int]) -> bytes:
        """The bytes that tokens stand for; tags stand for none, words of recipes for themselves."""
        return b"".join(self._pieces[number] for number in ids)

    def _number_of_word(self, word: str) -> int:
        found: int | None = self._inner.token_to_id(_mark_word(word))
        if found is None:
            raise InputError(f'The tokenizer has no token for the word "{word}". Train it with all words.')
        return found

    def _number(self, token: str) -> int:
        found: int | None = self._inner.token_to_id(token)
        assert found is not None, token
        return found

    @cached_property
    def _pieces(self) -> list[bytes]:
        read = _bytes_of_llama if self._has_blanks else _bytes_of
        return [read(str(self._inner.id_to_token(number))) for number in range(self.size)]

    @cached_property
    def _has_blanks(self) -> bool:
        """Whether its pieces are Llama's."""
        return bool(json.loads(self._inner.to_str())["model"].get("byte_fallback"))


def _read(path: Path) -> Inner:
    try:
        return Inner.from_str(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except Exception as error:  # noqa: BLE001  # the library raises nothing narrower
        raise InputError(f"{path} is no tokenizer.json: {error}") from None


def _list_special(words: Sequence[str]) -> list[str]:
    """Tokens that no text contains: tags, bytes that are not UTF-8, words of recipes."""
    return [*map(_mark, TAGS), *(_mark(f"0x{n:02x}") for n in range(128, 256)), *map(_mark_word, words)]


def _mark(name: str) -> str:
    return f"<|{name}|>"


def _mark_word(word: str) -> str:
    return f"<|word {word}|>"


def _bytes_of(token: str) -> bytes:
    marked = re.fullmatch(r"<\|(?:(0x..)|word (.*)|.*)\|>", token)
    if not marked:
        return bytes(_BYTES[character] for character in token)
    return bytes([int(marked[1], 16)]) if marked[1] else (marked[2] or "").encode()


def _bytes_of_llama(token: str) -> bytes:
    if re.fullmatch(r"<0x[0-9A-F]{2}>", token):
        return bytes([int(token[3:5], 16)])
    return _bytes_of(token) if token.startswith("<|") else token.replace(_BLANK, " ").encode()


def _list_bytes() -> Iterator[tuple[str, int]]:
    """The character by which byte-level BPE writes each byte (Radford et al., 2019): itself, where it can be seen."""
    seen = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = 0
    for byte in range(256):
        yield chr(byte if byte in seen else 256 + others), byte
        others += byte not in seen


_BYTES = dict(_list_bytes())
