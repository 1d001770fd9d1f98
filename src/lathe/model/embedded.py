"""The embedded decoder: a GGUF file on the CPU by OpenVINO, without torch.

    decoder = EmbeddedDecoder(folder, cache=user_cache / "models")

OpenVINO GenAI reads the file once and leaves the network in OpenVINO's own form in the cache, under the file's digest;
from then on that is loaded, as it was compiled for this CPU, in a fraction of a second. Only the logits of the last
token are computed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lathe.errors import InputError, OutputError

if TYPE_CHECKING:
    from lathe.model.decoding import Numbers

__all__ = ["EmbeddedDecoder"]

_FORM = "openvino_model"  # what OpenVINO GenAI calls it


class EmbeddedDecoder:
    """A `lathe.model.Decoder` of the GGUF file of a folder that `lathe export` wrote.

    Raises `InputError` when there is none, or none that OpenVINO reads, `OutputError` when the cache cannot be written.
    """

    def __init__(self, folder: Path, *, cache: Path, threads: int | None = None) -> None:
        import openvino

        core = openvino.Core()
        path = next(iter(sorted(folder.glob("*.gguf"))), None)
        if path is None:
            raise InputError(f"{folder} has no GGUF file. Make one: lathe export NETWORK -o {folder} --gguf q8_0")
        setting = {"PERFORMANCE_HINT": "LATENCY"} | ({"INFERENCE_NUM_THREADS": threads} if threads else {})
        try:
            converted = _convert(path, cache)
            network = core.read_model(converted)
            _keep_last(network)
            setting["CACHE_DIR"] = str(converted.parent)  # what is compiled for this CPU, which takes half the start
            self._request = core.compile_model(network, "CPU", setting).create_infer_request()
            self.context = int(json.loads((folder / "config.json").read_text())["max_position_embeddings"])
        except (RuntimeError, ValueError, KeyError) as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise InputError(f"OpenVINO does not read {path}: {reason} Make it again: lathe export.") from None
        self._mask = self._begun_mask = np.zeros((0, 0), np.int64)
        self._begun: list[Any] | None = None

    def start(self, prompts: Sequence[Sequence[int]]) -> Numbers:
        """See `lathe.model.Decoder`."""
        longest = max(map(len, prompts))
        self._request.reset_state()
        self._begun = None
        self._mask = np.array([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], np.int64)
        found = self._read(np.array([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts], np.int64))
        self._begun_mask = self._mask
        return found

    def step(self, parents: Sequence[int], tokens: Sequence[Sequence[int]]) -> Numbers:
        """See `lathe.model.Decoder`."""
        if self._begun is None and self._mask is self._begun_mask:
            self._begun = [np.array(state.state.data) for state in self._request.query_state()]
        rows, more = np.array(parents, np.int32), np.array(tokens, np.int64)
        self._mask = np.concatenate([self._mask[rows], np.ones_like(more)], axis=1)
        return self._read(more, rows)

    def rewind(self) -> None:
        """See `lathe.model.Decoder`."""
        import openvino

        if self._begun is not None:
            for state, value in zip(self._request.query_state(), self._begun, strict=True):
                state.state = openvino.Tensor(value)
        self._mask = self._begun_mask

    def _read(self, tokens: np.ndarray[Any, Any], rows: np.ndarray[Any, Any] | None = None) -> Numbers:
        positions = np.maximum(self._mask.cumsum(1) - 1, 0)[:, -tokens.shape[1] :]
        rows = np.arange(len(tokens), dtype=np.int32) if rows is None else rows
        given = {"input_ids": tokens, "attention_mask": self._mask, "position_ids": positions, "beam_idx": rows}
        self._request.infer(given)
        found: Numbers = self._request.get_output_tensor(0).data[:, -1].copy()
        return found


def _convert(path: Path, cache: Path) -> Path:
    """The network of a GGUF file in OpenVINO's form, made if it is not there."""
    import openvino

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
    kept = cache / f"{digest}-{openvino.__version__.split('-')[0]}"
    if not kept.exists():
        import openvino_genai

        try:
            cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache) as fresh:
                shutil.copy(path, fresh)
                openvino_genai.LLMPipeline(Path(fresh) / path.name, "CPU", enable_save_ov_model=True)
                made = Path(fresh) / "made"
                made.mkdir()
                for part in (f"{_FORM}.xml", f"{_FORM}.bin"):
                    (Path(fresh) / part).rename(made / part)
                if not kept.exists():
                    made.rename(kept)
        except OSError as error:
            raise OutputError(f"{cache} cannot be written: {error.strerror or error}.") from None
    return kept / f"{_FORM}.xml"


def _keep_last(network: Any) -> None:
    """Have the head see only the last token of each sequence."""
    from openvino import opset13

    head = network.output("logits").get_node().input_value(0).get_node()
    last = opset13.slice(head.input_value(0), [-1], [np.iinfo(np.int64).max], [1], [1])
    head.input(0).replace_source_output(last.output(0))
    network.validate_nodes_and_infer_types()
