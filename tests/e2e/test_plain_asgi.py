"""A plain ASGI server, without Socket.IO, under a load of one's own: judged by what it keeps all the same."""

import sys

import pytest

from tests.e2e.commands import soak

SERVER = """
SEEN = {{}}


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await receive()
    {leak}
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": b"hello"}})
"""
LOAD = """
import sys
import urllib.request

for number in range(int(sys.argv[2])):
    urllib.request.urlopen(f"{sys.argv[1]}/{number}").read()
"""


@pytest.mark.parametrize("leak", ["pass", "SEEN[len(SEEN)] = scope['path']"])
def test_a_server_without_socket_io_is_judged(tmp_path, leak):
    """Tasks, blocks, types and containers tell of it what they tell of any: bounded as it is, a leak with one in it."""
    (tmp_path / "load.py").write_text(LOAD)
    done = soak(tmp_path, SERVER.format(leak=leak), "--load", f"{sys.executable} load.py {{url}} {{clients}}")
    verdict = done.verdict
    assert verdict["verdict"] == ("bounded" if leak == "pass" else "leak"), verdict["reason"]
    if leak != "pass":
        assert verdict["findings"][0]["name"] == "app.SEEN"
        assert verdict["findings"][0]["culprit"]["sites"][0]["source"] == "SEEN[len(SEEN)] = scope['path']"
