"""The page is one file that asks for nothing, reads in order, and escapes what it did not write."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest

from soakproof.culprits import Culprit, Site, TypeCount
from soakproof.judge import judge_run
from soakproof.report.charts import Charts
from soakproof.report.charts.timeline import Timeline
from soakproof.report.html import breakable, render_html, say_path
from soakproof.report.pageseries import encode_series
from soakproof.samples import Diagnosis, Lines
from soakproof.warningcodes import WarningCode, warn
from tests.synthetic_runs import feed, make_run

VOID = {"meta", "link", "input", "wbr", "br", "img"}


class Page(HTMLParser):
    """The parts of a page that its rules are about."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.headings, self.texts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "script"}:
            self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.texts))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def series_of(source):
    """Return the text of what the page's script draws from."""
    return re.search(r'<script type="application/json" id="series">(.*?)</script>', source, re.DOTALL)[1]


@pytest.fixture(scope="module")
def source():
    """Return the page of a leak."""
    run = make_run("leak")
    return render_html(Charts(run, judge_run(run)), "reports/latest")


@pytest.fixture(scope="module")
def page(source):
    """Return it parsed; every element is closed."""
    page = Page(source)
    assert page.open == []
    return page


def test_it_names_no_address_but_the_targets_own(source):
    """Nothing is fetched: the only URL is that of the server that was soaked, as text."""
    assert set(re.findall(r"(?:https?:)?//[^\s\"'<>)]+", source)) <= {"http://127.0.0.1:8000"}
    assert "http://127.0.0.1:8000" not in re.findall(r'(?:href|src)="([^"]*)"', source)


def test_its_links_lead_to_its_own_sections(page):
    """Every link of the page is an anchor that exists."""
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = [attributes["href"] for attributes in page.all("a")]
    assert len(links) >= 8
    assert all(link.removeprefix("#") in ids for link in links)


def test_ids_are_unique_though_many_charts_are_put_together(page):
    """No chart's clip path is another's."""
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = {match for _, attributes in page.tags for match in re.findall(r"url\(#([^)]+)\)", str(attributes))}
    assert used <= set(ids)


def test_headings_descend_one_step_at_a_time(page):
    """There is one h1, and no level is skipped on the way down."""
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_labels_and_words_for_pictures_are_there(page):
    """A reader who cannot see it has the landmarks, a name for each field, and each chart in words."""
    tags = [tag for tag, _ in page.tags]
    assert all(tags.count(tag) == 1 for tag in ("main", "header", "footer", "nav"))
    assert all(svg["role"] == "img" and len(svg["aria-label"]) > 20 for svg in page.all("svg"))
    assert len(page.all("svg")) >= 7
    assert all("scope" in heading for heading in page.all("th"))
    assert tags.count("label") == tags.count("input") + tags.count("select")


def test_no_handler_stands_in_the_markup_and_the_script_is_the_one_allowed(source, page):
    """The policy allows this script by its hash, and no other."""
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    script = re.search(r"<script>(.*?)</script>", source, re.DOTALL)[1]
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv"))
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert "default-src 'none'" in policy


def test_it_says_who_leaks_where_and_how_to_judge_again(page):
    """Verdict, exit code, owner, line, source, chain, trigger, seed and the command stand in the text."""
    for said in (
        "server.documents:locks leaks: +1.00 entries per connection.",
        "exit code1",
        "Filled by server/documents.py:88 in lock_document",
        "self.locks[document_id] = Lock(user_id, expires_at, sid)",
        "module server.documents",
        "Triggered by drop mode close (per connection: close +1.00, reset +0.00)",
        "Filled while the handler of lock_document runs",
        "soakproof judge reports/latest",
        "soakproof verify reports/latest -- python -m server --port {port}",
        "soakproof run --drop close --waves 10 --clients 600 --warmup 2 --steady 20 --rate 100 --seed 7 -- python -m",
        "python-socketio5.18.1",
        "ping interval shortened from 25 s to 2 s",
    ):
        assert said in page.text


def test_every_finding_has_its_row(page):
    """The table holds all metrics, each with its verdict for the filter."""
    verdict = judge_run(make_run("leak"))
    rows = [attributes for attributes in page.all("tr") if "data-verdict" in attributes]
    assert [row["data-verdict"] for row in rows] == [finding.verdict for finding in verdict.findings]


def test_what_comes_from_the_target_is_never_markup():
    """Owners, sources, types and warnings full of tags are shown as text."""
    evil = '<script>alert("x")</script>'
    metric = f"registry:{evil}"
    run = feed({metric: [600.0 * wave for wave in range(11)]})
    site = Site(file=f"{evil}.py", line=1, function="<f>", source=f'x = "{evil}"', per_connection_bytes=9.0)
    culprit = Culprit(
        owner=evil,
        retainers=[evil],
        types=[TypeCount(name=evil, per_connection=1)],
        sites=[site],
        trigger=evil,
        note=evil,
    )
    run.diagnoses[metric] = Diagnosis(metric=metric, culprit=culprit)
    run.lines = Lines(connections=9, sites=[site])
    run.warnings.append(warn(WarningCode.TEXT, text="<img src=x onerror=alert(1)>"))
    source = render_html(Charts(run, judge_run(run)), "<b>")
    page = Page(source)
    assert [tag for tag, _ in page.tags if tag in {"script", "img", "b", "f"}] == ["script", "script"]
    assert "<" not in series_of(source)
    assert page.text.count('alert("x")') >= 8


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("bounded", "The server's memory stays bounded."),
        ("died", "It proves nothing, whatever its colour."),
        ("native", "Native memory leaks"),
    ],
)
def test_each_verdict_has_its_sentence(kind, said):
    """The head of the page says in plain words what the verdict means."""
    run = make_run(kind)
    assert said in Page(render_html(Charts(run, judge_run(run)), "run")).text


def test_long_names_may_break_and_numbers_may_not():
    """A line may break after a dot before a name, never inside a figure or an escape."""
    assert breakable("app.mod:X <0.0050>") == "app.<wbr>mod:<wbr>X &lt;0.0050&gt;"
    assert breakable("entries (Little's law) of f(x)") == "entries (Little&#39;s law) of f(<wbr>x)"


def test_the_path_to_judge_again_is_short_where_it_can_be(tmp_path, monkeypatch):
    """A run below the working directory is named relative to it."""
    monkeypatch.chdir(tmp_path)
    assert say_path(tmp_path / "reports" / "run") == "reports/run"
    assert say_path(tmp_path.parent) == str(tmp_path.parent)


def test_each_metric_is_drawn_from_what_was_read():
    """A card and its series belong to the same metric, with its readings, rest points, fit and bound."""
    run = make_run("leak")
    verdict = judge_run(run)
    source = render_html(Charts(run, verdict), "run")
    drawn = json.loads(series_of(source))
    cards = [attributes for attributes in Page(source).all("li") if "data-at" in attributes]
    assert [int(card["data-at"]) for card in cards] == list(range(len(drawn["metrics"])))
    assert len(cards) == len(verdict.findings)
    (leak,) = [
        each
        for card, each in zip(cards, drawn["metrics"], strict=True)
        if card["data-name"] == "server.documents.locks"
    ]
    ticks = [sample for sample in run.samples if "registry:server.documents.locks" in sample.metrics]
    assert leak["values"] == [sample.metrics["registry:server.documents.locks"] for sample in ticks]
    assert drawn["times"][leak["times"]] == [round(sample.t_s, 3) for sample in ticks]
    assert sum(judged for *_, judged in leak["rests"]) == 12
    assert leak["fit"][2] == verdict.findings[0].per_connection
    assert leak["leaks"]


def test_no_name_can_end_what_is_drawn_from():
    """Whatever a metric is called, the element that holds the series goes on."""
    run = make_run("leak")
    finding = msgspec.structs.replace(judge_run(run).findings[0], unit="</script><b>")
    written = encode_series([finding], Timeline(run))
    assert "<" not in written
    assert json.loads(written)["metrics"][0]["unit"] == "</script><b>"


def test_a_long_run_is_thinned_to_what_a_screen_shows():
    """A hundred times as many readings make a page that is hardly larger, and no peak is lost."""
    run = make_run("bounded")
    ticks = [sample for sample in run.samples if sample.kind == "tick"]
    between = [
        msgspec.structs.replace(
            sample, t_s=sample.t_s + step / 200, metrics={**sample.metrics, "process:rss": 1e8 + step}
        )
        for sample in ticks
        for step in range(20)
    ]
    long = msgspec.structs.replace(run, samples=sorted([*run.samples, *between], key=lambda sample: sample.t_s))
    drawn = json.loads(series_of(render_html(Charts(long, judge_run(long)), "run")))
    assert max(map(len, drawn["times"])) <= 1400
    highest = max(sample.metrics["process:rss"] for sample in long.samples if "process:rss" in sample.metrics)
    assert (
        max(max(each["values"]) for each in drawn["metrics"] if each["unit"] == "bytes" and each["values"]) == highest
    )
