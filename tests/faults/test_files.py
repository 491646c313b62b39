"""Files that are broken, or made up: an error with file and line, never a traceback, never a wrong green."""

from __future__ import annotations

import json
import os
import tomllib
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from soakproof.config import build_config
from soakproof.errors import RunFileError, SoakproofError
from soakproof.judge import judge_run
from soakproof.runfile import load_run
from soakproof.thinning import load_thin_run
from soakproof.wording.advice import advise, say_headline
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.warned import say_warning
from tests.synthetic_runs import lines_of, make_run

INPUTS = int(os.environ.get("SOAKPROOF_FUZZ", "400"))  # of what is read alone; `make faults` asks for more
JUDGED = max(INPUTS // 25, 40)  # of what is judged too, which takes fifty times as long
PROMISE = "an error that names file and line, or a verdict; never a traceback, never a wrong green"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def fuzzing(inputs):
    """Return the settings of a test with so many inputs."""
    checks = list(HealthCheck)
    return settings(max_examples=inputs, deadline=None, database=None, suppress_health_check=checks, print_blob=True)


BOUNDED, LEAK = lines_of(make_run("bounded")), lines_of(make_run("leak"))


def judged(file):
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


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A file to write each input to."""
    return tmp_path_factory.mktemp("fuzz") / "run.jsonl"


def is_told(file, said):
    """Whether an error names the file, or the metric in it that is none."""
    return str(file) in said or said.startswith("metric ")


def paths_in(value, path=()):
    """Return the paths of all values within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, each in inner for found in paths_in(each, (*path, name)))]


def put(value, path, new):
    """Return a value with another in one place."""
    if not path:
        return new
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


def draw_line(data, line):
    """Return a line of which one value is any JSON, or some bytes are any others."""
    if data.draw(st.booleans()):
        value = json.loads(line)
        path = data.draw(st.sampled_from(paths_in(value)))
        return json.dumps(put(value, path, data.draw(JSON))).encode() + b"\n"
    at = data.draw(st.integers(0, len(line)))
    return line[:at] + data.draw(st.binary(max_size=20)) + line[at + data.draw(st.integers(0, 20)) :]


@pytest.mark.fault("files", "a record of run.jsonl has any value, or any bytes", "read, or refused with file and line")
@pytest.mark.timeout(3000)
def test_any_record(file, happened):
    """Each kind of record, behind a header that is right."""
    outcomes = {"refused": 0, "read": 0}
    lines = list({json.loads(line)["record"]: line for line in [*LEAK, *BOUNDED]}.values())

    @fuzzing(INPUTS)
    @given(st.data())
    def fuzz(data):
        file.write_bytes(LEAK[0] + draw_line(data, data.draw(st.sampled_from(lines))))
        try:
            load_thin_run(file)
        except RunFileError as error:
            outcomes["refused"] += 1
            told = str(error)
            assert is_told(file, told) or "second header" in told
        else:
            outcomes["read"] += 1

    fuzz()
    assert all(outcomes.values()), outcomes  # else only one kind of input was tried
    happened(f"{sum(outcomes.values()):,} inputs: {outcomes['refused']:,} refused, {outcomes['read']:,} read")


@pytest.mark.fault("files", "values and bytes of a whole run are changed", PROMISE)
@pytest.mark.timeout(3000)
def test_any_run(file, happened):
    """Whatever a disk, or somebody, does to a file: up to three of its lines are others."""
    outcomes = {"refused": 0, "judged": 0}

    @fuzzing(JUDGED)
    @given(st.data())
    def fuzz(data):
        whole = data.draw(st.sampled_from([BOUNDED, LEAK]))
        lines = list(whole)
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(lines) - 1))
            lines[at] = draw_line(data, whole[at])
        file.write_bytes(b"".join(lines))
        verdict, said = judged(file)
        outcomes["judged" if verdict else "refused"] += 1
        assert verdict or is_told(file, said)

    fuzz()
    happened(f"{sum(outcomes.values()):,} inputs: {outcomes['refused']:,} refused, {outcomes['judged']:,} judged")


def is_needed(record):
    """Whether a run is not whole without a record."""
    return record["record"] in {"header", "end"} or (record["record"] == "wave" and record["phase"] == "wave")


@pytest.mark.fault("files", "run.jsonl breaks off at any byte, or lacks any record", "never bounded, unless whole")
@pytest.mark.timeout(3000)
def test_a_run_that_is_not_whole(file, happened):
    """What was cut off, or taken out, is missed: the clean run is bounded only with all of its readings."""
    whole = b"".join(BOUNDED)
    needed = [at for at, line in enumerate(BOUNDED) if is_needed(json.loads(line))]

    @fuzzing(JUDGED)
    @given(st.integers(0, len(whole) - 1), st.sampled_from(needed))
    @example(len(whole) - 1, needed[-1])
    def fuzz(length, without):
        file.write_bytes(whole[:length])
        assert judged(file)[0] != "bounded"
        file.write_bytes(b"".join(line for at, line in enumerate(BOUNDED) if at != without))
        assert judged(file)[0] != "bounded"

    file.write_bytes(whole)
    assert judged(file)[0] == "bounded"
    fuzz()
    happened(f"{JUDGED:,} lengths, and each record in turn: none was bounded")


@pytest.mark.fault("files", "a configuration file of any text", "one sentence, exit code 2; never a traceback")
@pytest.mark.timeout(3000)
def test_any_configuration(tmp_path, happened):
    """Keys that exist with values that do not fit, and text that is no TOML."""
    names = [*build_config.__globals__["Config"].__struct_fields__, "margins", "registries", "no-such-key"]
    scalar = st.sampled_from(['"x"', "1", "-1", "1e999", "nan", "true", "[]", '["a", 1]', "{a = 1}", '"\\u0000"', "''"])
    lines = st.lists(st.tuples(st.sampled_from(names), scalar), max_size=4)
    file = tmp_path / "soakproof.toml"
    outcomes = {"refused": 0, "taken": 0}

    @fuzzing(INPUTS)
    @given(lines.map(lambda pairs: "\n".join(f"{name} = {value}" for name, value in pairs)) | st.text(max_size=60))
    def fuzz(text):
        file.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        try:
            build_config({"command": ["app", "{port}"]}, file)
        except SoakproofError:
            outcomes["refused"] += 1
        else:
            outcomes["taken"] += 1
            tomllib.loads(file.read_text())

    fuzz()
    happened(f"{sum(outcomes.values()):,} inputs: {outcomes['refused']:,} refused, {outcomes['taken']:,} taken")


REPORTS = Path(__file__).resolve().parents[2] / "reports"
STORED = sorted(path for kept in ("baselines", "reference") for path in (REPORTS / kept).rglob("run.jsonl*"))


@pytest.mark.fault("files", "runs that earlier versions have stored", "they are read and judged")
def test_stored_runs_are_read(happened):
    """One that is kept for each way in which the schema has ever been written."""
    smallest = sorted(STORED, key=lambda path: path.stat().st_size)[:6]
    assert smallest
    schemas = set()
    for path in smallest:
        run = load_run(path)
        schemas.add(run.header.schema)
        assert judge_run(run).verdict
    happened(f"{len(smallest)} runs, schema {', '.join(map(str, sorted(schemas)))}")
