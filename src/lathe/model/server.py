"""Servers: models behind an OpenAI-compatible endpoint (vLLM, llama.cpp, TGI), asked over HTTP.

    server = ServerGenerator("http://localhost:8000", ServerSetting(seconds=120))
    answers = server.complete(prompt, count=10, limit=512, temperature=0.6, seed=0)

`URL#NAME` asks for one model of several. Requests that fail because the server is busy or starting are tried again,
each later than the one before. Several prompts can be asked at once from threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from lathe.errors import ModelError

__all__ = ["ServerGenerator", "ServerSetting", "TextGenerator"]

_BUSY = (429, 500, 502, 503, 504)


class TextGenerator(Protocol):
    """What goes on from a text."""

    def complete(self, prompt: str, *, count: int, limit: int, temperature: float, seed: int) -> list[str]:
        """At most `count` answers of at most `limit` tokens; with temperature 0 the likeliest.

        Raises `InputError` for a prompt that is too long, `ModelError` when there is no answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class ServerSetting:
    """How long to wait for an answer, and how often to try again."""

    seconds: float = 120.0
    retries: int = 4


class ServerGenerator:
    """A `TextGenerator` behind an OpenAI-compatible endpoint."""

    def __init__(self, url: str, setting: ServerSetting = ServerSetting()) -> None:  # it is frozen
        base, _, self._model = url.partition("#")
        self._base = base.rstrip("/").removesuffix("/v1")
        self._setting = setting

    def complete(self, prompt: str, *, count: int, limit: int, temperature: float, seed: int) -> list[str]:
        """See `TextGenerator`."""
        body = {
            "model": self._model or self._first, "prompt": prompt, "max_tokens": limit, "temperature": temperature,
            "n": count, "seed": seed,
        }  # fmt: skip
        found = self._ask("POST", "/v1/completions", body).get("choices")
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ModelError(f"{self._base} answers without completions. Is it an OpenAI-compatible server?")
        return [str(one.get("text", "")) for one in found]

    @cached_property
    def _first(self) -> str:
        """The model that the server names first."""
        found = self._ask("GET", "/v1/models", None).get("data")
        if not isinstance(found, list) or not found or not isinstance(found[0], dict) or "id" not in found[0]:
            raise ModelError(f"{self._base} names no model. Name one: --model {self._base}#NAME")
        return str(found[0]["id"])

    @cached_property
    def _session(self) -> Any:
        import requests
        from urllib3.util import Retry

        session = requests.Session()
        tries = Retry(
            self._setting.retries, read=False, backoff_factor=0.2, status_forcelist=_BUSY, allowed_methods=None,
            raise_on_status=False,
        )  # fmt: skip
        for kind in ("http://", "https://"):
            session.mount(kind, requests.adapters.HTTPAdapter(max_retries=tries))
        return session

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        import requests

        try:
            answer = self._session.request(method, self._base + path, json=body, timeout=self._setting.seconds)
            if not answer.ok:
                raise ModelError(f"{self._base} refuses ({answer.status_code}): {answer.text[:200].strip()}")
            found = answer.json()
        except requests.exceptions.JSONDecodeError:
            raise ModelError(f"{self._base} answers what is no JSON. Is it an OpenAI-compatible server?") from None
        except requests.exceptions.Timeout:
            raise ModelError(f"{self._base} has not answered in {self._setting.seconds:g} s.") from None
        except requests.exceptions.RequestException as error:
            reason = _find_reason(error)
            raise ModelError(f"{self._base} cannot be asked: {reason}. Is the server running?") from None
        if not isinstance(found, dict):
            raise ModelError(f"{self._base} answers a {type(found).__name__}. Is it an OpenAI-compatible server?")
        return found


def _find_reason(error: Exception) -> str:
    """The last of what an error says, where its cause is."""
    texts: Sequence[str] = str(error).split(": ")
    return texts[-1].strip(" ()'\"")
