"""Servers: what an OpenAI-compatible endpoint says comes back, and whatever else one may do is one clear error."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lathe.errors import ModelError
from lathe.model import ServerGenerator, ServerSetting

SETTING = ServerSetting(seconds=0.5, retries=2)
BUSY = "busy"


class Handler(BaseHTTPRequestHandler):
    """Answers as the name of the model says; `tries` counts the requests for each."""

    tries: dict[str, int]
    bodies: list[dict[str, Any]]

    def do_GET(self) -> None:  # the library's name
        self.say(200, json.dumps({"data": [{"id": "first"}, {"id": "second"}]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.bodies.append(body)
        name = body["model"]
        self.tries[name] = self.tries.get(name, 0) + 1
        if name == "slow":
            time.sleep(1)
            return
        if (name == BUSY and self.tries[name] < 3) or name == "broken":
            self.say(503, "starting")
        elif name == "unknown":
            self.say(404, '{"error": "no such model"}')
        elif name in ("html", "list", "odd"):
            self.say(200, {"html": "<html>", "list": "[1]", "odd": '{"choices": 7}'}[name])
        else:
            said = [{"text": f"{body['prompt']} {n}"} for n in range(body["n"])]
            self.say(200, json.dumps({"choices": said}))

    def say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Handler.tries, Handler.bodies = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(url: str, count: int = 1) -> list[str]:
    return ServerGenerator(url, SETTING).complete("say", count=count, limit=9, temperature=0.5, seed=3)


def test_answers_come_back(url: str) -> None:
    assert ask(url, 2) == ["say 0", "say 1"] and ask(url + "/v1/#second") == ["say 0"]
    first, second = Handler.bodies
    assert first == {"model": "first", "prompt": "say", "max_tokens": 9, "temperature": 0.5, "n": 2, "seed": 3}
    assert second["model"] == "second"


def test_a_busy_server_is_asked_again(url: str) -> None:
    assert ask(f"{url}#{BUSY}") == ["say 0"] and Handler.tries == {BUSY: 3}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("broken", "refuses (503): starting"),
        ("unknown", "refuses (404)"),
        ("slow", "not answered in 0.5 s"),
        ("html", "no JSON"),
        ("list", "answers a list"),
        ("odd", "without completions"),
    ],
)
def test_what_is_no_answer_is_said(url: str, name: str, message: str) -> None:
    with pytest.raises(ModelError) as raised:
        ask(f"{url}#{name}")
    assert message in str(raised.value)


def test_a_server_that_is_down() -> None:
    with pytest.raises(ModelError, match=r"cannot be asked.*running"):
        ask("http://127.0.0.1:9#one")
