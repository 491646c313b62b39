"""What a hostile target says reaches no terminal, page, table or XML as anything but text."""

from __future__ import annotations

import io
import subprocess
import sys
import xml.etree.ElementTree as ET

import msgspec
import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from soakproof.controls import plain, plain_json
from soakproof.judge import judge_run
from soakproof.report import render_text, write_reports
from soakproof.report.live import LiveProgress
from soakproof.runfile import encode, load_run
from soakproof.samples import AnyRecord, End, Warned
from soakproof.warningcodes import WarningCode
from tests.synthetic_runs import lines_of, make_run

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")  # as forges do, HTML let through
EVIL = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202egnp\u202c <script>alert(1)</script> ]]> | `x` <!-- & \"' \\u001b [a](http://x)"


@pytest.fixture
def hostile(tmp_path):
    """A stored run of a leak whose registry, chain, log and warnings say what a hostile target would."""
    run = make_run("leak")
    metric = next(name for name in run.metrics if "locks" in name)
    renamed = f"registry:app:ROOMS['{EVIL}']"
    diagnosis, run.diagnoses, run.end = run.diagnoses[metric], {}, None
    text = b"".join(lines_of(run)).replace(msgspec.json.encode(metric), msgspec.json.encode(renamed))
    culprit = msgspec.structs.replace(diagnosis.culprit, owner=EVIL, retainers=[EVIL], note=EVIL)
    more: list[AnyRecord] = [
        msgspec.structs.replace(diagnosis, metric=renamed, culprit=culprit),
        Warned(t_s=1.0, code=WarningCode.TEXT, values={"text": EVIL}),
        End(t_s=99.0, outcome="target-died", reason=EVIL),
    ]
    (tmp_path / "run.jsonl").write_bytes(text + b"".join(map(encode, more)))
    return tmp_path


def is_harmless(text):
    """Whether a terminal shows it as it stands, and moves by lines and columns alone."""
    return plain(text) == text


def test_every_report_shows_text(hostile):
    """Escape sequences go, markup is shown; the page runs nothing of it, and the XML is whole."""
    run = load_run(hostile / "run.jsonl")
    verdict = judge_run(run)
    assert verdict.verdict == "leak"
    stream = io.StringIO()
    render_text(run, verdict, Console(file=stream, width=150))
    assert "ROOMS" in stream.getvalue()
    assert is_harmless(stream.getvalue())
    for file in write_reports(run, verdict, hostile, ["json", "md", "junit", "html", "svg"]):
        text = file.read_text()
        assert is_harmless(text.replace("\r", "")), file
        shown = MARKDOWN.render(text) if file.suffix == ".md" else text
        if file.suffix in {".html", ".md", ".svg"}:
            assert "<script>alert" not in shown, file
            assert "<!-- &" not in shown, file
            assert 'href="http://x"' not in shown, file
    ET.parse(hostile / "junit.xml")


def test_the_terminal_while_it_runs():
    """A warning is told at once, and its text is the target's."""
    stream = io.StringIO()
    LiveProgress(Console(file=stream, width=150)).note(EVIL)
    assert "<script>" in stream.getvalue()
    assert is_harmless(stream.getvalue())


def test_the_sentence_of_an_error():
    """It repeats what it was given, which a script may have from the target."""
    command = [sys.executable, "-m", "soakproof", "judge", EVIL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "<script>" in done.stderr
    assert is_harmless(done.stderr)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (rb'"\u001b[2J"', "\ufffd[2J"),
        (rb'"\\u001b[2J"', "\\u001b[2J"),
        (rb'"\\\u001b[2J"', "\\\ufffd[2J"),
        (rb'"\u202Egnp"', "\ufffdgnp"),
        ('"\u009b31m \u202e \u2066 \x7f"'.encode(), "\ufffd31m \ufffd \ufffd \ufffd"),
        ('"\u00e4 \u2026 \u20ac \u0142"'.encode(), "\u00e4 \u2026 \u20ac \u0142"),
        (rb'"a\nb\tc\u00e4"', "a\nb\tc\u00e4"),
    ],
)
def test_a_line_of_json(line, read):
    """As UTF-8 and as an escape; what is an escaped backslash stays one."""
    assert msgspec.json.decode(plain_json(line)) == read
