"""The run while it goes on, as Prometheus text at a port of this machine (``--metrics-port``).

It holds the last reading of each process and nothing older, and is asked from loopback alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from soakproof.errors import PortTakenError
from soakproof.metrickinds import unit_of
from soakproof.samples import AnyRecord, Sample, Settle

HOST = "127.0.0.1"
PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class MetricsPort:
    """Serves what it is told; ``with`` it listens.

    Raises:
        PortTakenError: the port is in use, or may not be used.
    """

    def __init__(self, port: int) -> None:
        self._samples: dict[int, Sample] = {}
        self._settled = {True: 0, False: 0}
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise PortTakenError(
                f"--metrics-port {port}: {error.strerror}; need a port that is free, or 0 for any"
            ) from error
        self._server.render = self.render
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics port", daemon=True)

    @property
    def address(self) -> str:
        """Where it is asked."""
        return f"http://{HOST}:{self._server.server_address[1]}{PATH}"

    def tell(self, record: AnyRecord) -> None:
        """Take note of a record of the run."""
        if isinstance(record, Sample):
            self._samples = {**self._samples, record.pid: record}
        elif isinstance(record, Settle):
            self._settled[record.is_settled] += 1

    def render(self) -> str:
        """Return all there is to tell at this moment."""
        return "\n".join([*self._render(self._samples), ""])

    def _render(self, samples: dict[int, Sample]) -> Iterator[str]:
        last = max(samples.values(), key=lambda sample: sample.t_s, default=None)
        if last is not None:
            yield from _family("soakproof_connections_total", "counter", "Connections opened so far.", last.connections)
            yield from _family("soakproof_clients", "gauge", "Clients that are open now.", last.clients)
            yield from _family("soakproof_run_seconds", "gauge", "Seconds since the run began.", last.t_s)
            yield from _head("soakproof_phase", "gauge", "The phase that the run is in.")
            yield _line("soakproof_phase", 1, phase=last.phase)
        yield from _head("soakproof_rest_points_total", "counter", "Rest points, by whether they settled.")
        for is_settled, number in self._settled.items():
            yield _line("soakproof_rest_points_total", number, settled=str(is_settled).lower())
        yield from _head("soakproof_metric", "gauge", "The last reading of a registry, of memory, tasks, descriptors.")
        for pid, sample in sorted(samples.items()):
            for metric, value in sorted(sample.metrics.items()):
                kind, _, name = metric.partition(":")
                yield _line("soakproof_metric", value, kind=kind, name=name, unit=unit_of(metric), pid=str(pid))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    render: Callable[[], str]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer whoever scrapes."""
        is_known = self.path.partition("?")[0] == PATH
        body = self.server.render().encode() if is_known else f"see {PATH}\n".encode()
        self.send_response(200 if is_known else 404)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is the run's."""


def _family(name: str, kind: str, meaning: str, value: float) -> Iterator[str]:
    yield from _head(name, kind, meaning)
    yield _line(name, value)


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"


def _line(family: str, value: float, **labels: str) -> str:
    said = ",".join(f'{label}="{text.translate(ESCAPES)}"' for label, text in labels.items())
    return f"{family}{{{said}}} {value!r}" if said else f"{family} {value!r}"
