"""Verdicts made by hand, so that the reports' tests depend on no rule of the judge."""

from __future__ import annotations

import msgspec

from soakproof.culprits import Culprit, Site, TypeCount
from soakproof.judge.verdict import EXIT_CODES, Finding, LoadSummary, Resolution, RunVerdict, TargetSummary, Verdict
from soakproof.metrickinds import kind_of, unit_of
from soakproof.warningcodes import WarningCode, warn

DIED = warn(WarningCode.ENDED_EARLY, outcome="target-died", reason="")
SITE = Site(
    file="server/documents.py",
    line=88,
    function="lock_document",
    per_connection_bytes=212.0,
    per_connection=1.0,
    role="fills",
    source="    self.locks[document_id] = Lock(user_id, expires_at, sid)",
)
CULPRIT = Culprit(
    owner="server.documents:locks",
    retainers=["module server.documents", "server.documents:locks (dict)", "server.documents.Lock"],
    types=[TypeCount(name="server.documents.Lock", per_connection=1.0)],
    sites=[SITE],
    trigger="drop mode close (per connection: close +1.00, reset +0.00)",
    event="lock_document",
)


RULED: dict[str, dict[str, object]] = {
    "bounded": {"rule": "retained for good", "values": {"of": 9200.0, "at_most": 0.00033}},
    "leak": {"rule": "slope"},
    "inconclusive": {"rule": "undecided", "values": {"tail_slope": 71.0}, "doubt": "at the margin"},
}


def make_finding(metric: str, verdict: str = "bounded", **fields: object) -> Finding:
    """Return a finding: flat at 0 unless the fields say otherwise."""
    is_bytes = unit_of(metric) == "bytes"
    defaults: dict[str, object] = {
        "per_connection": 0.0,
        "ci": (0.0, 0.00037),
        "confidence": 0.9,
        "margin": 16.0 if is_bytes else 0.005,
        "first": 0.0,
        "last": 0.0,
        "peak": 600.0,
        **(RULED[verdict] | ({"values": {}} if "rule" in fields else {})),
    }
    return msgspec.convert(
        {
            "metric": metric,
            "kind": kind_of(metric),
            "name": metric.partition(":")[2],
            "verdict": verdict,
            "unit": unit_of(metric),
            **defaults,
            **fields,
        },
        Finding,
    )


def leak_of_locks() -> Finding:
    """Return the leak that `tests.synthetic_runs` makes, with its culprit."""
    return make_finding(
        "registry:server.documents.locks",
        "leak",
        per_connection=1.0,
        ci=(0.9817, 1.0186),
        first=1200.0,
        last=9200.0,
        peak=9200.0,
        consequences=["type:server.documents.Lock", "heap:blocks"],
        culprit=CULPRIT,
    )


FINDINGS = {
    "bounded": [
        make_finding("registry:server.documents.locks"),
        make_finding("registry:server.chat.sessions", bound=350.25, lingers_s=3.0),
        make_finding("library:eio.sockets"),
        make_finding("task:AsyncSocket._send_ping", per_connection=1.0, ci=(0.98, 1.02), lingers_s=25.1, last=0.0),
        make_finding("process:rss", per_connection=-3.2, ci=(-19.0, 5.1), margin=64.0, last=78.1 * 2**20),
    ],
    "leak": [
        leak_of_locks(),
        make_finding(
            "heap:blocks",
            "leak",
            is_deciding=False,
            per_connection=4.0,
            ci=(3.97, 4.04),
            relation={"kind": "consequence", "metric": "registry:server.documents.locks"},
        ),
        make_finding("registry:server.chat.sessions"),
        make_finding("library:eio.sockets"),
        make_finding("process:rss", "inconclusive", is_deciding=False, per_connection=70.0, ci=(-19.0, 85.1)),
        make_finding("type:builtins.dict"),
    ],
    "inconclusive": [
        make_finding(
            "registry:server.documents.states",
            "inconclusive",
            per_connection=0.005,
            ci=(0.0021, 0.0071),
            waves_to_decide=4,
        ),
        make_finding(
            "library:eio.sockets",
            "inconclusive",
            rule="too few",
            values={"points": 4.0, "needed": 5.0},
            ci=(0.0, 0.0),
            waves_to_decide=2,
        ),
        make_finding("registry:server.documents.locks"),
    ],
    "invalid": [],
}


def make_verdict(verdict: RunVerdict, findings: list[Finding] | None = None, exit_code: int | None = None) -> Verdict:
    """Return a verdict of a run of 9,200 connections."""
    return Verdict(
        verdict=verdict,
        exit_code=EXIT_CODES[verdict] if exit_code is None else exit_code,
        obstacle=DIED if verdict == "invalid" else None,
        connections=9200,
        peak_clients=600,
        duration_s=89.8,
        seed=7,
        drops={"close": 9000, "graceful": 200},
        findings=FINDINGS[verdict] if findings is None else findings,
        load=LoadSummary(
            rate_achieved=215.2,
            rate_intended=217.4,
            failures=0,
            cpu_ms_per_connection=0.42,
            latency_s={"p50": 0.004, "p99": 0.019},
        ),
        target=TargetSummary(
            command=["python", "-m", "server"], python="3.11.7", versions={"python-socketio": "5.18.1"}, pids=[4242]
        ),
        warnings=[warn(WarningCode.TEXT, text="ping interval shortened from 25 s to 2 s so that waves settle")],
        growth_by_line=[SITE] if verdict == "leak" else [],
    )


def with_resolution(verdict, most_bytes):
    """Return a verdict that has proven that memory in use grew by no more."""
    return msgspec.structs.replace(verdict, resolution=Resolution(entries=0.001, bytes=most_bytes))
