"""One finding told in full, or a run in short: as a document for programs, and the same as text."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from soakproof.culprits import draw_chain
from soakproof.errors import UsageError
from soakproof.judge.codes import EXPLANATIONS
from soakproof.judge.restpoints import fitted_places, rest_points
from soakproof.judge.series import fill_columns
from soakproof.judge.verdict import Finding, Verdict, is_cause, is_open
from soakproof.report.terminal import print_blocks
from soakproof.samples import Run
from soakproof.totals import add_columns
from soakproof.wording.advice import advise, say_headline
from soakproof.wording.findings import say_reason
from soakproof.wording.names import name_metric_in_full, say_per, say_verdict
from soakproof.wording.numbers import say_amount, say_interval, say_margin
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.remedies import say_remedy
from soakproof.wording.shares import say_share
from soakproof.wording.slope import say_slope_per
from soakproof.wording.view import view_finding

MOST_NAMED = 5
SCHEMA = 1


def find_finding(verdict: Verdict, name: str) -> Finding:
    """Return the finding that a name means: a metric, the name after its kind, or a part that only one has.

    Raises:
        UsageError: there is none, or there are several.
    """
    exact = [each for each in verdict.findings if name in {each.metric, each.name, each.name.replace(".", ":", 1)}]
    found = exact or [each for each in verdict.findings if name in each.metric]
    if len(found) == 1:
        return found[0]
    metrics = [each.metric for each in found] or [each.metric for each in verdict.findings]
    near = metrics if found else difflib.get_close_matches(name, metrics, n=MOST_NAMED, cutoff=0.3) or metrics
    what = f"{len(found)} findings have it in their name" if found else "no finding has that name"
    raise UsageError(f"explain {name}: {what}; need one of {', '.join(near[:MOST_NAMED])}")


def explain_run(run: Run, verdict: Verdict) -> dict[str, Any]:
    """Return the verdict, why, what to do, and the findings that it rests on, in a form that JSON knows."""
    deciding = [each for each in verdict.findings if is_cause(each) or is_open(each)]
    return {
        "schema": SCHEMA,
        "verdict": verdict.verdict,
        "exit_code": verdict.exit_code,
        "headline": say_headline(run, verdict),
        "reason": say_verdict_reason(verdict),
        "advice": advise(run, verdict),
        "findings": [{"metric": each.metric, "verdict": each.verdict, "reason": say_reason(each)} for each in deciding],
        "bounded": sum(each.verdict == "bounded" for each in verdict.findings),
    }


def explain_finding(run: Run, verdict: Verdict, finding: Finding) -> dict[str, Any]:
    """Return all that is known of a finding: its judgement, the rule's meaning, its readings, what to do about it."""
    points = rest_points(run)
    fitted = set(fitted_places(points))
    values = add_columns(fill_columns(finding.metric, points, run))
    readings = [
        {
            "phase": point.phase,
            "wave": point.wave,
            "t_s": point.t_s,
            finding.per + "s": point.x,
            "value": float(value),
            "is_fitted": at in fitted,
        }
        for at, (point, value) in enumerate(zip(points, values, strict=True))
        if value == value  # noqa: PLR0124  # not a reading
    ]
    is_leak = finding.verdict == "leak"
    return {
        "schema": SCHEMA,
        "run_verdict": verdict.verdict,
        **view_finding(finding),
        "title": f"{name_metric_in_full(finding.metric)}: {say_verdict(finding)}",
        "growth": f"{say_slope_per(finding, say_per(run))} {say_interval(finding.ci, finding.unit)}",
        "rule_means": EXPLANATIONS[finding.rule],
        "explains": say_share(finding),
        "remedy": say_remedy(finding, run.metrics.get(finding.metric)) if is_leak else None,
        "readings": readings,
    }


def render_explanation(document: dict[str, Any], console: Console) -> None:
    """Print an explanation as text."""
    lines = _of_finding if "metric" in document else _of_run
    head, *rest = lines(document)
    text = Text(head, style="bold")
    text.append("".join(f"\n  {line}" for line in rest), style="not bold default")
    print_blocks(lambda _width: [text], console)


def _of_run(document: dict[str, Any]) -> Iterator[str]:
    yield f"{document['verdict']}: {document['headline']}"
    yield f"{document['reason']} (exit code {document['exit_code']})"
    yield from (f"→ {sentence}" for sentence in document["advice"])
    yield from (f"{each['verdict']:<13} {each['metric']}: {each['reason']}" for each in document["findings"])
    yield f"{document['bounded']:,} metrics are bounded"


def _of_finding(document: dict[str, Any]) -> Iterator[str]:
    yield document["title"]
    yield document["reason"]
    margin = say_margin(document["margin"], document["unit"])
    yield from _row("growth", f"{document['growth']}, margin {margin} at {document['confidence']:.0%}")
    yield from _row("rule", f"{document['rule']}: {document['rule_means']}")
    yield from _row("", ", ".join(f"{name} {value:g}" for name, value in document["values"].items()))
    yield from _of_culprit(document["culprit"] or {})
    yield from _row("explains", document["explains"])
    yield from _row("follows", ", ".join(document["consequences"]))
    yield from _row("mend", document["remedy"])
    unit, count = document["unit"], f"{document['per']}s"
    yield f"readings at rest: {count} so far, {unit}; those with a star are fitted"
    for reading in document["readings"]:
        star = "*" if reading["is_fitted"] else " "
        yield f"{star} {reading['phase']:<9}{reading[count]:>12,.0f}{say_amount(reading['value'], unit):>14}"


def _of_culprit(culprit: dict[str, Any]) -> Iterator[str]:
    for site in culprit.get("sites", []):
        yield from _row(site["role"], f"{site['file']}:{site['line']} in {site['function']}")
        yield from _row("", site["source"].strip() and f"    {site['source'].strip()}")
    yield from _row("held by", draw_chain(culprit.get("retainers", [])))
    for label in ("trigger", "event", "package", "note"):
        yield from _row(label, culprit.get(label))


def _row(label: str, text: str | None) -> Iterator[str]:
    """Yield a label with its text, further lines below it; nothing where there is no text."""
    for at, line in enumerate((text or "").splitlines()):
        yield f"{'' if at else label:<10} {line}"
