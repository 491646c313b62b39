"""What Prometheus scrapes. Labels are names of registries, triggers and alerts: a fixed set, never an id."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.audit import REGISTRIES
from server.collaboration import Collaboration
from server.monitor.census import LIBRARY, Counter
from server.monitor.monitor import Monitor
from server.monitor.reading import read_rss_bytes
from server.sweep import Sweep


class ServerCollector(Collector):
    """Reads the server's counts at each scrape; keeps nothing between two."""

    def __init__(self, collaboration: Collaboration, monitor: Monitor, count: Counter, sweep: Sweep) -> None:
        self._collaboration = collaboration
        self._sweep = sweep
        self._monitor = monitor
        self._count = count

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        counts = self._count()
        yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory of this worker.", read_rss_bytes())
        yield GaugeMetricFamily("collaboration_connected_clients", "Connected clients.", counts["clients"])
        yield GaugeMetricFamily("collaboration_tasks", "Running asyncio tasks.", counts["tasks"])
        yield _gauges("collaboration_registry_entries", "Entries of the application's registries.", REGISTRIES, counts)
        yield _gauges("collaboration_library_entries", "Entries of Socket.IO's own registries.", LIBRARY, counts)
        yield from self._counters()

    def _counters(self) -> Iterator[Metric]:
        domain = self._collaboration
        yield _counters("collaboration_removed", "Entries that left.", "registry", domain.audit.removed)
        yield _counters("collaboration_cleanups", "Cleanups run.", "trigger", domain.cleanup.runs)
        failures = domain.cleanup.failures
        yield _counters("collaboration_cleanup_step_failures", "Cleanup steps failed.", "step", failures)
        yield _counters("collaboration_transports_closed", "Transports the sweep closed.", "why", self._sweep.closed)
        yield from self._alerts()

    def _alerts(self) -> Iterator[Metric]:
        states = self._monitor.alerts.states
        raised = {name: state.times_raised for name, state in states.items()}
        yield _counters("collaboration_alerts_raised", "Alerts raised.", "alert", raised)
        active = GaugeMetricFamily("collaboration_alert_active", "1 while an alert stands.", labels=["alert"])
        for name, state in states.items():
            active.add_metric([name], float(state.is_active))
        yield active


def build_registry(collector: Collector) -> CollectorRegistry:
    """Return a registry that holds nothing but this collector."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return registry


def render(registry: CollectorRegistry) -> bytes:
    """Return the metrics in Prometheus' text format 0.0.4."""
    return generate_latest(registry)


def _gauges(name: str, text: str, names: tuple[str, ...], counts: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["registry"])
    for registry in names:
        family.add_metric([registry], counts[registry])
    return family


def _counters(name: str, text: str, label: str, counts: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=[label])
    for key, count in counts.items():
        family.add_metric([key], count)
    return family
