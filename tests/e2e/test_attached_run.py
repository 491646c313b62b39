"""A deployed server is attached to through a forwarded socket, judged, and left as it was."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio

from benchmarks.soaking import SHORT, soak
from soakproof.target.link import AgentLink
from soakproof.target.started import find_free_port, is_listening, poll_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

APPS = Path(__file__).resolve().parents[1] / "apps"
CONTAINER = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
FILLING_LINE = (APPS / "attached_app.py").read_text().splitlines().index("    SEEN[sid] = True") + 1


def can_contain() -> bool:
    """Whether this machine makes pid namespaces, as containers have."""
    return shutil.which("unshare") is not None and not subprocess.run([*CONTAINER, "true"], check=False).returncode


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A real uvicorn, in a pid namespace of its own where that can be, and a forwarder to its agent's socket."""
    port, sockets, forwarded = find_free_port(), tmp_path / "agent", tmp_path / "forwarded.sock"
    uvicorn = [sys.executable, "-m", "uvicorn", "attached_app:app", "--port", str(port), "--log-level", "warning"]
    server = subprocess.Popen(
        [*(CONTAINER if can_contain() else []), *uvicorn],
        cwd=APPS,
        env={**os.environ, "SOAKPROOF_AGENT_DIR": str(sockets)},
    )
    url = f"http://127.0.0.1:{port}"
    assert any(is_listening(url) for _ in poll_until(30))
    (socket,) = sockets.glob("*.sock")
    forwarder = subprocess.Popen(
        [sys.executable, str(APPS / "socket_forwarder.py"), str(forwarded), str(socket)], stdout=subprocess.PIPE
    )
    assert forwarder.stdout
    assert forwarder.stdout.readline() == b"ready\n"
    yield url, forwarded
    for process in (forwarder, server):
        process.kill()
        process.wait()
    forwarder.stdout.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_deployed_server_is_judged_and_left_as_it_was(deployed: tuple[str, Path], tmp_path: Path) -> None:
    """Verdict, owner and line are right; then ping and watch list are as before, and who was connected still is."""
    url, socket = deployed
    with socketio.SimpleClient() as user:
        user.connect(url, transports=["websocket"])
        done = soak(tmp_path / "out", ["--attach", socket, "--url", url, *SHORT, "--ping", "1"], [], longest_s=250)
        verdict = done.verdict
        assert (done.exit_code, verdict["verdict"]) == (1, "leak"), done.printed
        culprit = verdict["findings"][0]["culprit"]
        assert culprit["owner"] == "attached_app:SEEN"
        assert culprit["sites"][0]["line"] == FILLING_LINE
        assert any("ping interval shortened from 25 s to 1 s" in warning for warning in verdict["warnings"])
        if can_contain():
            assert any("it reads its memory itself" in warning for warning in verdict["warnings"])
        assert user.call("echo", "still here", timeout=5) == "still here"
    gc.collect()  # the client's socket, which its library leaves to the collector
    link = AgentLink(socket)
    assert [engine["ping_interval_s"] for engine in link.hello["engines"]] == [25]
    assert not [name for name in link.request("counters")["metrics"] if name.startswith("registry:")]
    link.close()
