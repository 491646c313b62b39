"""The audit of what is locked: what a copy of OSV's database knows, what its service answers, and no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

AUDIT = Path(__file__).resolve().parents[2] / "requirements" / "audit.py"
LOCK = "aiohttp==3.9.0 \\\n    --hash=sha256:00\nJinja2==3.1.2 ; python_version < '4'\nlocust==2.32.0\n"


def record(identifier, name, **affected):
    """Return a record as OSV publishes it."""
    return {"id": identifier, "affected": [{"package": {"ecosystem": "PyPI", "name": name}, **affected}]}


def within(*events):
    return {"ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


KNOWN = [
    record("GHSA-listed", "aiohttp", versions=["3.8.0", "3.9.0"]),
    record("GHSA-range", "jinja2", **within({"introduced": "0"}, {"fixed": "3.1.3"})),
    record("GHSA-mended", "jinja2", **within({"introduced": "0"}, {"fixed": "3.1.2"})),
    record("GHSA-last", "locust", **within({"introduced": "2.0"}, {"last_affected": "2.31.9"})),
    record("GHSA-again", "locust", **within({"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "3.0"})),
    {**record("GHSA-withdrawn", "aiohttp", versions=["3.9.0"]), "withdrawn": "2024-01-01T00:00:00Z"},
    record("GHSA-other", "requests", versions=["3.9.0"]),
]


@pytest.fixture
def audit(tmp_path):
    """Have a lock audited with some environment; return exit code and what was printed."""
    (tmp_path / "lock.txt").write_text(LOCK)

    def run(**variables):
        command = [sys.executable, str(AUDIT), str(tmp_path / "lock.txt")]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **variables}
        )
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_copy_of_the_database(tmp_path, audit, is_packed):
    """Versions that are listed, and ranges; what is mended, withdrawn or another package's is not told."""
    database = tmp_path / "all.zip" if is_packed else tmp_path / "database"
    if is_packed:
        with zipfile.ZipFile(database, "w") as archive:
            for each in KNOWN:
                archive.writestr(f"{each['id']}.json", json.dumps(each))
    else:
        database.mkdir()
        for each in KNOWN:
            (database / f"{each['id']}.json").write_text(json.dumps(each))
    code, said = audit(OSV_DATABASE=str(database))
    assert code == 1
    assert [line.split(":")[1:3] for line in said.splitlines()[:-1]] == [
        [" aiohttp 3.9.0", " GHSA-listed, see https"],
        [" jinja2 3.1.2", " GHSA-range, see https"],
    ]
    assert "3 packages, 2 known vulnerabilities" in said


def test_the_service(audit):
    """One request has all packages in it, and each answer belongs to the package in its place."""
    asked = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = json.dumps({"results": [{}, {"vulns": [{"id": "GHSA-x"}]}, {}]}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        code, said = audit(OSV_SERVICE=f"http://127.0.0.1:{server.server_address[1]}/v1/querybatch", OSV_DATABASE="")
    assert (code, "jinja2 3.1.2: GHSA-x" in said) == (1, True)
    assert [each["package"]["name"] for each in asked[0]["queries"]] == ["aiohttp", "jinja2", "locust"]


def test_no_network(audit):
    """It is said that nothing was audited, why, and what to do; a database that is named has to be there."""
    code, said = audit(OSV_SERVICE="http://127.0.0.1:1/", OSV_DATABASE="")
    assert code == 0
    assert said.startswith("audit: SKIPPED, http://127.0.0.1:1/: ")
    assert "need the network, or OSV_DATABASE=PATH" in said
    assert audit(OSV_DATABASE="/nowhere/all.zip")[0] == 2
