"""Export: a trained network as a GGUF file, which llama.cpp, Ollama and OpenVINO GenAI read.

    export_network(folder, out, ["q8_0"])

Matrices are in blocks of eight-bit numbers (`q8_0`) or of half precision (`f16`), norms in single precision; the rows
of queries and keys are in llama.cpp's order. The tokens are in the file with their numbers, bytes and merges, but no
reader has the rule by which our tokenizer cuts text beforehand (the nearest, GPT-2's, is named): prompts are to be
passed as token numbers, as Lathe does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open

from lathe.errors import InputError, OutputError
from lathe.training.card import write_card
from lathe.training.network import read_config

if TYPE_CHECKING:
    import gguf

__all__ = ["GGUF_TYPES", "export_network"]

_BLOCK = 32  # numbers, of q8_0

GGUF_TYPES: Mapping[str, str] = {"q8_0": "MOSTLY_Q8_0", "f16": "MOSTLY_F16"}
"""The kinds of GGUF file that are written, and what GGUF calls them."""


def export_network(folder: Path, out: Path, kinds: Sequence[str]) -> list[Path]:
    """Write what `transformers` loads, a card, and GGUF files of some of `GGUF_TYPES`, into a folder that is new.

    The files. Raises `InputError` when `folder` has no network, `OutputError` when `out` cannot be written.
    """
    if out.exists():
        raise OutputError(f"{out} exists. Name another folder, or remove it.")
    fresh = out.with_name(f".{out.name}")
    read_config(folder)
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(folder, fresh)
        for kind in kinds:
            write_gguf(folder, fresh / f"model-{kind}.gguf", kind)
        write_card(fresh, name=out.name)
        fresh.replace(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror or error}.") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sorted(path for path in out.rglob("*") if path.is_file())


def write_gguf(folder: Path, out: Path, kind: str) -> None:
    """Write the network of a folder as a GGUF file of one of `GGUF_TYPES`.

    Raises `InputError` when the folder has no network or no tokenizer of Lathe's.
    """
    import gguf

    config, tokenizer = read_config(folder), _read_tokenizer(folder)
    writer = gguf.GGUFWriter(out, "llama")
    _add_shape(writer, config, kind)
    _add_tokens(writer, tokenizer, config.vocab_size)
    for name, weight in _read_weights(folder, config):
        wanted = gguf.GGMLQuantizationType[kind.upper()]
        if weight.ndim < 2 or weight.shape[-1] % _BLOCK:
            wanted = gguf.GGMLQuantizationType.F32
        writer.add_tensor(name, gguf.quantize(weight, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _read_tokenizer(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        if found["model"]["type"] != "BPE" or found["model"].get("byte_fallback"):
            raise ValueError("it is no byte-level BPE")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder} has no tokenizer of Lathe's ({error}). For other models, llama.cpp's "
                         "convert_hf_to_gguf.py writes GGUF.") from None  # fmt: skip
    return found


def _add_shape(writer: gguf.GGUFWriter, config: Any, kind: str) -> None:
    """What the network is made of."""
    import gguf

    writer.add_file_type(gguf.LlamaFileType[GGUF_TYPES[kind]])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)


def _add_tokens(writer: gguf.GGUFWriter, tokenizer: dict[str, Any], size: int) -> None:
    """The tokens by number, those that no text contains marked, and the merges."""
    from gguf import TokenType

    names = {number: name for name, number in tokenizer["model"]["vocab"].items()}
    special = {token["content"] for token in tokenizer["added_tokens"]}
    names |= {token["id"]: token["content"] for token in tokenizer["added_tokens"]}
    tokens = [names.get(number, f"<|unused {number}|>") for number in range(size)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    learnt = {name for name in names.values() if name not in special}
    writer.add_token_types([TokenType.NORMAL if token in learnt else TokenType.CONTROL for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_eos_token_id(tokens.index("<|end|>"))
    writer.add_pad_token_id(tokens.index("<|pad|>"))
    writer.add_add_bos_token(False)  # noqa: FBT003  # the library's


def _read_weights(folder: Path, config: Any) -> Iterator[tuple[str, Any]]:
    """The weights by GGUF's names, in single precision."""
    import gguf

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  # no mapping
                weight = file.get_tensor(name).to(torch.float32)
                for part, heads in (("q", config.num_attention_heads), ("k", config.num_key_value_heads)):
                    if name.endswith(f"{part}_proj.weight"):
                        halves = weight.reshape(
                            heads, 2, -1, weight.shape[-1]
                        )  # of rotary positions, interleaved there
                        weight = halves.swapaxes(1, 2).reshape(weight.shape)
                found = names.get_name(name, try_suffixes=(".weight",))
                assert found, name
                yield found, weight.numpy()
