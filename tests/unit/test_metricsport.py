"""The run told of while it goes on: text that Prometheus' own parser reads, over a real socket."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from soakproof.errors import PortTakenError
from soakproof.run.metricsport import CONTENT_TYPE, MetricsPort
from soakproof.samples import Sample, Settle


def sample(pid=1, **fields):
    defaults = {"t_s": 5.0, "kind": "tick", "phase": "wave", "connections": 300, "clients": 20}
    return Sample(**{**defaults, "pid": pid, "metrics": {"registry:app.VISITORS": 7.0}, **fields})


def scrape(port):
    with urllib.request.urlopen(port.address, timeout=10) as answer:
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        families = text_string_to_metric_families(answer.read().decode())
        return {each.name: each.samples for each in families}


def test_the_last_reading_of_each_process_is_told():
    """Counters, phase, and each metric with its kind, unit and pid; what was read before is gone."""
    with MetricsPort(0) as port:
        port.tell(sample(metrics={"registry:app.GONE": 1.0}))
        port.tell(sample())
        port.tell(sample(pid=2, t_s=6.0, clients=25, metrics={"process:rss": 5e6}))
        port.tell(Settle(wave=1, phase="wave", t_s=7.0, waited_s=1.0, is_settled=True, remaining={}))
        told = scrape(port)
    assert told["soakproof_connections"][0].value == 300
    assert told["soakproof_clients"][0].value == 25
    assert told["soakproof_phase"][0].labels == {"phase": "wave"}
    assert {(each.labels["settled"], each.value) for each in told["soakproof_rest_points"]} == {
        ("true", 1),
        ("false", 0),
    }
    first, second = told["soakproof_metric"]
    assert (first.labels, first.value) == (
        {"kind": "registry", "name": "app.VISITORS", "unit": "entries", "pid": "1"},
        7,
    )
    assert (second.labels["unit"], second.value) == ("bytes", 5e6)


def test_names_that_would_end_a_label_are_escaped():
    """Quotes, backslashes and line breaks in a name come out as they were."""
    name = 'app.x["a\\b"]\n'
    with MetricsPort(0) as port:
        assert "soakproof_metric" in scrape(port)
        port.tell(sample(metrics={f"registry:{name}": 1.0}))
        assert scrape(port)["soakproof_metric"][0].labels["name"] == name


def test_another_path_says_where_to_look():
    """There is one page, and no other."""
    with MetricsPort(0) as port, pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(port.address.replace("/metrics", "/"), timeout=10)
    with raised.value as answer:
        assert (answer.code, answer.read()) == (404, b"see /metrics\n")


def test_a_port_that_is_taken_is_told():
    """Wrong usage, before anything is started; and a port that was let go can be taken again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"--metrics-port {number}: .*need a port that is free"):
            MetricsPort(number)
    with MetricsPort(0) as port:
        number = int(port.address.rpartition(":")[2].partition("/")[0])
    with MetricsPort(number) as port:
        assert scrape(port)
