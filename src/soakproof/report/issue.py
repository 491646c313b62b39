"""A leak as a text to paste into a tracker: versions, what grows, where, and how to see it oneself."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from soakproof.culprits import draw_chain
from soakproof.errors import RunFileError
from soakproof.judge.verdict import Finding, Verdict, is_cause
from soakproof.report.markdown import code, code_block, escape
from soakproof.samples import Run
from soakproof.wording.culprits import main_site, name_culprit, say_site
from soakproof.wording.names import say_note, say_per
from soakproof.wording.repeating import say_weights
from soakproof.wording.slope import say_slope_interval, say_slope_per

SMALL_LINES = 80
MOST_CAUSES = 3
TOLD = (
    "python-socketio",
    "python-engineio",
    "flask-socketio",
    "uvicorn",
    "gunicorn",
    "hypercorn",
    "fastapi",
    "starlette",
)
ABSOLUTE = re.compile(r"(?<![\w.:/])/(?:[\w.@+-]+/)+([\w.@+-]+)")


def render_issue(run: Run, verdict: Verdict, app: Path | None = None) -> str:
    """Return the text, in Markdown.

    Raises:
        RunFileError: the run found no leak, or the program cannot be read or is too long to be pasted.
    """
    causes = [finding for finding in verdict.findings if is_cause(finding)][:MOST_CAUSES]
    if not causes:
        raise RunFileError(
            f"the run's verdict is {verdict.verdict}; need one that found a leak, to tell somebody of it"
        )
    first = f"{name_culprit(causes[0])} keeps {say_slope_per(causes[0], say_per(run))}"
    blocks = [f"# {escape(leave_out_paths(first))}", *(_cause(cause, run) for cause in causes), _versions(run, causes)]
    blocks += [_program(app)] if app else []
    return "\n\n".join([*blocks, _repeat(run, verdict)]) + "\n"


def leave_out_paths(text: str) -> str:
    """Return a text with the last part of each absolute path alone: where things lie here is nobody's business."""
    return ABSOLUTE.sub(r"\1", text)


def _cause(cause: Finding, run: Run) -> str:
    growth = f"{say_slope_per(cause, say_per(run))} {say_slope_interval(cause)}"
    lines = [f"{code(leave_out_paths(name_culprit(cause)))} gains {growth}, and keeps it after every client has left."]
    if site := main_site(cause):
        lines.append(f"\nThe line: {code(leave_out_paths(say_site(site)))}")
        lines += [code_block(site.source.strip(), "python")] if site.source else []
    culprit = cause.culprit
    if culprit and culprit.retainers:
        lines += ["\nHeld by:", code_block(leave_out_paths(draw_chain(culprit.retainers)))]
    if culprit and culprit.trigger:
        lines.append(f"\nTriggered by: {escape(leave_out_paths(culprit.trigger))}")
    if culprit and (note := say_note(culprit)):
        lines.append(f"\n{escape(leave_out_paths(note))}")
    return "\n".join(lines)


def _versions(run: Run, causes: list[Finding]) -> str:
    target = run.header.target
    packages = {cause.culprit.package.partition(" ")[0] for cause in causes if cause.culprit and cause.culprit.package}
    named = {name: version for name, version in target.versions.items() if name.lower() in {*TOLD, *packages}}
    rows = [f"- Python {target.python}", *(f"- {name} {version}" for name, version in sorted(named.items()))]
    return "## Versions\n\n" + "\n".join(rows)


def _program(app: Path) -> str:
    try:
        source = app.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise RunFileError(f"--app {app}: {error}; need the program's source") from error
    lines = len(source.splitlines())
    if lines > SMALL_LINES:
        raise RunFileError(
            f"--app {app}: has {lines} lines; need {SMALL_LINES} at most: make one that only shows the leak"
        )
    return f"## Program\n\n{code(app.name)}:\n\n{code_block(source.rstrip(), 'python')}"


def _repeat(run: Run, verdict: Verdict) -> str:
    """Return how it was soaked; options that hold secrets are not stored, and are named alone."""
    options = run.header.options or {}
    given = list(options.get("command") or run.header.target.command)
    command = [Path(word).name if word.startswith("/") else leave_out_paths(word) for word in given]
    plan = run.header.plan
    load = f"--waves {plan.waves} --clients {plan.clients} --warmup {plan.warmup} --seed {run.header.seed}"
    drops = say_weights(plan.drops)
    drop = f" --drop {drops}" if drops and drops != "close" else ""
    line = f"soakproof run {load}{drop} -- {shlex.join(command)}"
    seen = f"{verdict.connections:,} connections were opened and closed, at most {verdict.peak_clients:,} at once."
    return f"## How to see it\n\n{code_block(line, 'sh')}\n\n{seen} Found by soakproof {run.header.soakproof}."
