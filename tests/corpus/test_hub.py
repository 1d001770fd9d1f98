"""The hub: modules are streamed by the library that everybody uses, from a server that speaks the hub's protocol."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lathe.corpus import Corpus
from lathe.llvm import Module

NAME = "somebody/compile"
COMMIT = "0" * 40


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as reading a data set takes: its description, its files, parts of a file."""

    folder: Path

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # its name in the library
        """Say nothing."""

    def do_HEAD(self) -> None:  # its name in the library
        self.do_GET()

    def do_GET(self) -> None:
        files = [
            {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": "1"}
            for path in self.folder.iterdir()
        ]
        path = self.path.partition("?")[0]
        asked = re.fullmatch(rf"/datasets/{NAME}/resolve/\w+/(.+)", path)
        if re.fullmatch(rf"/api/datasets/{NAME}(/revision/\w+)?", path):
            siblings = [{"rfilename": file["path"]} for file in files]
            self.reply(200, json.dumps({"id": NAME, "sha": COMMIT, "siblings": siblings}).encode())
        elif path == f"/api/datasets/{NAME}/tree/{COMMIT}":
            self.reply(200, json.dumps(files).encode())
        elif asked and (self.folder / asked[1]).exists():
            data = (self.folder / asked[1]).read_bytes()
            first, last = map(int, re.findall(r"\d+", self.headers.get("Range", f"0-{len(data)}")))
            self.reply(206, data[first : last + 1])
        else:
            self.reply(404, b"")

    def reply(self, status: int, data: bytes) -> None:
        """Send an answer, without its body when only the head is asked for."""
        self.send_response(status)
        for name, value in (("Content-Length", str(len(data))), ("X-Repo-Commit", COMMIT), ("ETag", '"1"')):
            self.send_header(name, value)
        if status == 404:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder of files, and the address of a hub that has them."""
    Hub.folder = tmp_path / "hub"
    Hub.folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Hub.folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def add(corpus: Path, name: str, address: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lathe", "corpus", "add", str(corpus), "parquet", f"hub:{name}", *more, "--json"],
        env={**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(corpus.parent / "home")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_modules_are_streamed_from_the_hub(hub: tuple[Path, str], tmp_path: Path, module: Module) -> None:
    folder, address = hub
    rows = {
        "content": [module.bitcode, module.bitcode, b"not bitcode", None, module.bitcode],
        "language": ["rust", "c", "c", "c", "c"],
        "license_expression": ["MIT", "MIT", "MIT", "MIT", "BSD-3-Clause"],
        "package_source": ["rust", "MiBench", "broken", "empty", "good"],
    }
    pq.write_table(pa.table(rows), folder / "train-00000-of-00001.parquet")
    run = add(tmp_path / "corpus", NAME, address, "--language", "c")
    assert run.returncode == 0, run.stderr
    (added,) = json.loads(run.stdout)
    (program,) = Corpus(tmp_path / "corpus").programs()
    assert program.bitcode == module.bitcode
    assert (program.origin.project, program.origin.licence, program.origin.language) == ("good", "BSD-3-Clause", "c")
    assert added["programs"] == 1 and sum(added["left_out"].values()) == 3, added
    assert added["left_out"]["program: held out, by its name"] == 1


def test_a_hub_without_it_is_a_clear_error(hub: tuple[Path, str], tmp_path: Path) -> None:
    run = add(tmp_path / "corpus", "somebody/nothing", hub[1])
    assert run.returncode == 3 and "hub:somebody/nothing cannot be read" in run.stderr, (run.returncode, run.stderr)
    assert "Traceback" not in run.stderr
