"""Inputs that are made up, and what must come of each: a sentence or a result; never a traceback, never a wrong green.

Each function draws one input, has it read, and returns the word for what came of it; whatever it raises is a mistake.
`tests/faults/test_files.py` tries some hundreds of each, `make fuzz` the rest.
"""

from __future__ import annotations

import gzip
import json
import re
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from soakproof.compare import compare_runs
from soakproof.config import Config, build_config
from soakproof.config.presets import load_presets
from soakproof.config.repeating import repeat_config
from soakproof.errors import ConfigError, RunFileError, SoakproofError
from soakproof.judge import judge_run
from soakproof.judge.verdict import Verdict
from soakproof.report.annotations import annotate_comparison, annotate_verdict
from soakproof.report.comparison import render_comparison_markdown
from soakproof.report.explanation import explain_finding, explain_run
from soakproof.report.issue import render_issue
from soakproof.report.junit import write_junit
from soakproof.report.markdown import render_markdown
from soakproof.report.sarif import make_sarif
from soakproof.report.verdict_json import write_verdict_json
from soakproof.samples import Run
from soakproof.thinning import load_thin_run
from soakproof.wording.advice import advise, say_headline
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.warned import say_warning
from tests.faults.drawing import BOUNDED, JSON, LEAK, Draw, draw_bytes, draw_line, draw_lines, paths_in, put

KINDS = list({json.loads(line)["record"]: line for line in [*LEAK, *BOUNDED]}.values())
READ, JUDGED, REFUSED, TAKEN = "read", "judged", "refused", "taken"


def any_record(draw: Draw, directory: Path) -> str:
    """Read one record of any kind, with any value or bytes in it, behind a header that is right."""
    file = directory / "run.jsonl"
    file.write_bytes(LEAK[0] + draw_line(draw, draw(st.sampled_from(KINDS))))
    try:
        load_thin_run(file)
    except RunFileError as error:
        must(is_told(file, str(error)) or "second header" in str(error), error)
        return REFUSED
    return READ


def any_run(draw: Draw, directory: Path) -> str:
    """Judge a whole run of which up to three lines are others, whatever a disk, or somebody, has done to it."""
    file = directory / "run.jsonl"
    file.write_bytes(b"".join(draw_lines(draw)))
    verdict, said = judged(file)
    assert verdict or is_told(file, said), said
    return JUDGED if verdict else REFUSED


def any_report(draw: Draw, directory: Path) -> str:
    """Tell such a run in every format, compare it with one that is whole, explain it, and make its options anew."""
    file, whole = directory / "run.jsonl", directory / "whole.jsonl"
    file.write_bytes(b"".join(draw_lines(draw)))
    whole.write_bytes(b"".join(BOUNDED))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = load_thin_run(file)
            tell(run, judge_run(run), directory)
            comparison = compare_runs(load_thin_run(whole), run)
            assert render_comparison_markdown(comparison)
            annotate_comparison(comparison)
            repeat_config(run.header, ["app", "{port}"], {})
    except (RunFileError, ConfigError) as error:
        must(str(error), error)
        return REFUSED
    return READ


def tell(run: Run, verdict: Verdict, directory: Path) -> None:
    """Have a run told by whatever has no pictures."""
    write_verdict_json(run, verdict, directory)
    write_junit(run, verdict, directory)
    assert json.loads((directory / "verdict.json").read_text())["verdict"] == verdict.verdict
    said = [render_markdown(run, verdict), json.dumps(make_sarif(run, verdict)), *annotate_verdict(run, verdict)]
    json.dumps(explain_run(run, verdict))
    for finding in verdict.findings[:3]:
        json.dumps(explain_finding(run, verdict, finding))
    if verdict.verdict == "leak":
        said.append(render_issue(run, verdict))
    assert not any("\x1b" in each for each in said)


def any_packed_run(draw: Draw, directory: Path) -> str:
    """Read a packed run of which some bytes are others."""
    file = directory / "run.jsonl.gz"
    packed = gzip.compress(b"".join(LEAK[:40]), mtime=0)
    file.write_bytes(draw_bytes(draw, packed))
    try:
        load_thin_run(file)
    except RunFileError as error:
        must(is_told(file, str(error)), error)
        return REFUSED
    return READ


NAMES = [*Config.__struct_fields__, "margins", "registries", "no-such-key", "tool", "tool.soakproof"]
LARGE = "0x7fffffffffffffffff"
ODD = (
    '"x"',
    "1",
    "-1",
    "1e999",
    "nan",
    "true",
    "[]",
    '["a", 1]',
    "{a = 1}",
    '"\\u0000"',
    "''",
    "1979-05-27",
    "0x7fffffffffffffffff",
)
TABLES = ("", "[tool.soakproof]\n", "[tool]\n", "[[tool.soakproof]]\n", "[tool.soakproof.registries]\n")
PLACE = r"line \d+, column \d+|at end of document|can't decode|recursion"  # where a file is no TOML


def any_configuration(draw: Draw, directory: Path) -> str:
    """Read a configuration file with any keys and values, or any text: as soakproof.toml, and as pyproject.toml."""
    lines = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(ODD) | JSON.map(to_toml)), max_size=4)
    table, pairs = draw(st.sampled_from(TABLES)), draw(lines)
    text = draw(st.just(table + "\n".join(f"{name} = {value}" for name, value in pairs)) | st.text(max_size=60))
    return configured(text, directory, draw(st.sampled_from(["soakproof.toml", "pyproject.toml"])))


def any_preset(draw: Draw, directory: Path) -> str:
    """Read what a preset says as a configuration file, with one of its values another."""
    preset = draw(st.sampled_from(sorted(load_presets())))
    options = load_presets()[preset].options
    path = draw(st.sampled_from(paths_in(options)))
    changed = put(options, path, draw(JSON))
    rows = changed.items() if isinstance(changed, dict) else [("join", changed)]
    text = "\n".join(f"{name} = {to_toml(value)}" for name, value in rows)
    return configured(text, directory, "soakproof.toml")


def configured(text: str, directory: Path, name: str) -> str:
    """Return whether a configuration file is refused, which is said with its place, or taken."""
    file = directory / name
    file.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    try:
        build_config({"command": ["app", "{port}"]}, file)
    except SoakproofError as error:
        said = str(error)
        must("not valid TOML" not in said or re.search(PLACE, said), error)
        return REFUSED
    tomllib.loads(file.read_text())
    return TAKEN


def to_toml(value: Any) -> str:
    """Return a value as TOML has it; what TOML cannot say as a text."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)} = {to_toml(each)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return f"[{', '.join(map(to_toml, value))}]"
        case float():
            return repr(value).replace("e+", "e")
        case bool() | int():
            return json.dumps(value)
        case _:
            return json.dumps(str(value))


FUZZED: dict[str, tuple[Callable[[Draw, Path], str], float]] = {  # and the share of the inputs that each is given
    "a record of run.jsonl": (any_record, 0.5),
    "a configuration file": (any_configuration, 0.2),
    "a packed run.jsonl.gz": (any_packed_run, 0.14),
    "a preset's options": (any_preset, 0.1),
    "a whole run, judged": (any_run, 0.05),
    "a whole run, in all reports": (any_report, 0.01),
}


def must(is_right: object, error: Exception) -> None:
    """Have an input that is refused in a way that says too little fail.

    Raises:
        AssertionError: it is not right.
    """
    if not is_right:
        raise AssertionError(f"says too little: {error}") from error


def judged(file: Path) -> tuple[str | None, str]:
    """Return the verdict of a file with its sentences, or the error that a user sees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of overflows: what must not be is an exception
        try:
            run = load_thin_run(file)
            verdict = judge_run(run)
        except RunFileError as error:
            return None, str(error)
        said = [say_headline(run, verdict), say_verdict_reason(verdict), *advise(run, verdict)]
        return verdict.verdict, " ".join([*said, *map(say_warning, verdict.warnings)])


def is_told(file: Path, said: str) -> bool:
    """Whether an error names the file, or the metric in it that is none."""
    return str(file) in said or said.startswith("metric ")
