"""The stacks of what stays: in the page, and for speedscope, collapsed text and pprof, read by their definitions."""

from __future__ import annotations

import gzip
import json

import msgspec
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.unknown_fields import UnknownFieldSet

from soakproof.culprits import Frame, KeptStack, Site
from soakproof.judge import judge_run
from soakproof.report import write_reports
from soakproof.report.charts import Charts
from soakproof.report.flame import by_module, encode_flame, name_module
from soakproof.report.html import render_html
from soakproof.report.stacks import find_stayed, name_frame
from soakproof.samples import Lines
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import with_resolution

FRAMES = [
    Frame(file="uvicorn/server.py", line=70, function="serve", origin="library"),
    Frame(file="server/app.py", line=12, function="handler; of all"),
    Frame(file="server/documents.py", line=88, function="lock_document"),
    Frame(file="server/trail.py", line=7, function="record"),
    Frame(file="server/app.py", line=14, function="</script><b>"),
]
STACKS = [
    KeptStack(frames=[0, 1, 2], line=2, per_connection_bytes=212.0, per_connection=1.0),
    KeptStack(frames=[0, 4, 2], line=2, per_connection_bytes=20.0, per_connection=0.25),
    KeptStack(frames=[0, 1, 3], line=3, per_connection_bytes=100.0, per_connection=2.0),
]
FIELDS = {
    "ValueType": [(1, "type", "int64"), (2, "unit", "int64")],
    "Sample": [(1, "location_id", "uint64*"), (2, "value", "int64*")],
    "Line": [(1, "function_id", "uint64"), (2, "line", "int64")],
    "Location": [(1, "id", "uint64"), (2, "mapping_id", "uint64"), (3, "address", "uint64"), (4, "line", "Line*")],
    "Function": [
        (1, "id", "uint64"),
        (2, "name", "int64"),
        (3, "system_name", "int64"),
        (4, "filename", "int64"),
        (5, "start_line", "int64"),
    ],
    "Profile": [
        (1, "sample_type", "ValueType*"),
        (2, "sample", "Sample*"),
        (4, "location", "Location*"),
        (5, "function", "Function*"),
        (6, "string_table", "string*"),
        (13, "comment", "int64*"),
        (14, "default_sample_type", "int64"),
    ],
}
TYPES = {"int64": 3, "uint64": 4, "string": 9}


def make_profile():
    """Return an empty Profile as profile.proto defines it, made by protobuf itself."""
    file = descriptor_pb2.FileDescriptorProto(name="profile.proto", package="perftools", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for number, field, kind in fields:
            of = kind.rstrip("*")
            label = 3 if kind.endswith("*") else 1
            made = message.field.add(name=field, number=number, label=label, type=TYPES.get(of, 11))
            if of not in TYPES:
                made.type_name = f".perftools.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("perftools.Profile"))()


def run_with_stacks(kind="leak"):
    run = make_run(kind)
    sites = [
        Site(file="server/documents.py", line=88, function="lock_document", per_connection_bytes=232.0),
        Site(file="server/trail.py", line=7, function="record", per_connection_bytes=100.0),
    ]
    return msgspec.structs.replace(run, lines=Lines(connections=100, sites=sites, frames=FRAMES, stacks=STACKS))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write the three files of a leak and return where they are."""
    run = run_with_stacks()
    out = tmp_path_factory.mktemp("stacks")
    files = write_reports(run, judge_run(run), out, ["speedscope", "collapsed", "pprof"])
    assert [file.name for file in files] == ["stacks.speedscope.json", "stacks.collapsed.txt", "stacks.pb.gz"]
    return out


def test_speedscope_reads_frames_samples_and_weights(written):
    """The file has what its schema asks for: shared frames, sampled profiles, a weight for each sample."""
    told = json.loads((written / "stacks.speedscope.json").read_text())
    assert told["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = told["shared"]["frames"]
    assert frames[0] == {"name": "serve", "file": "uvicorn/server.py", "line": 70}
    for profile, weights in zip(told["profiles"], ([21_200, 2_000, 10_000], [100, 25, 200]), strict=True):
        assert profile["type"] == "sampled"
        assert profile["weights"] == weights
        assert (profile["startValue"], profile["endValue"]) == (0, sum(weights))
        assert [frames[at]["name"] for at in profile["samples"][0]] == [
            "serve",
            "handler; of all",
            "lock_document",
        ]
    assert [profile["unit"] for profile in told["profiles"]] == ["bytes", "none"]


def test_collapsed_has_a_line_per_stack(written):
    """Frames are parted by semicolons, of which no name keeps one, and bytes stand last."""
    lines = (written / "stacks.collapsed.txt").read_text().splitlines()
    assert len(lines) == 3
    first, _, size = lines[0].rpartition(" ")
    assert size == "21200"
    assert first.split(";") == [
        "serve (uvicorn/server.py:70)",
        "handler of all (server/app.py:12)",
        "lock_document (server/documents.py:88)",
    ]


def test_pprof_is_read_by_its_definition(written):
    """Protobuf, given profile.proto's fields, reads the samples, leaf first, with lines, functions and units."""
    profile = make_profile()
    profile.ParseFromString(gzip.decompress((written / "stacks.pb.gz").read_bytes()))
    texts = profile.string_table
    assert texts[0] == ""
    assert [(texts[each.type], texts[each.unit]) for each in profile.sample_type] == [
        ("retained_objects", "count"),
        ("retained_space", "bytes"),
    ]
    assert texts[profile.default_sample_type] == "retained_space"
    assert [list(sample.value) for sample in profile.sample] == [[100, 21_200], [25, 2_000], [200, 10_000]]
    locations = {each.id: each for each in profile.location}
    functions = {each.id: each for each in profile.function}
    assert 0 not in locations
    named = [
        (texts[functions[line.function_id].name], texts[functions[line.function_id].filename], line.line)
        for at in profile.sample[0].location_id
        for line in locations[at].line
    ]
    assert named == [
        ("lock_document", "server/documents.py", 88),
        ("handler; of all", "server/app.py", 12),
        ("serve", "uvicorn/server.py", 70),
    ]
    assert len(UnknownFieldSet(profile)) == 0


def test_a_run_without_stacks_writes_none(tmp_path):
    """Older runs, and those without a second pass, have no flame graph, and that is no error."""
    run = make_run("bounded")
    assert write_reports(run, judge_run(run), tmp_path, ["speedscope", "collapsed", "pprof"]) == []
    assert 'id="flames"' not in render_html(Charts(run, judge_run(run)), "run")


def test_what_only_turns_over_is_in_no_graph():
    """A line that allocated more than memory grew by keeps nothing, and neither do its stacks."""
    run = run_with_stacks("bounded")
    verdict = with_resolution(judge_run(run), most_bytes=240.0)
    assert [each.bytes_per_connection for each in find_stayed(run, verdict)] == [212.0, 20.0, 100.0]
    stricter = with_resolution(judge_run(run), most_bytes=99.0)
    assert find_stayed(run, stricter) == []
    between = with_resolution(judge_run(run), most_bytes=150.0)
    assert [each.frames[-1].function for each in find_stayed(run, between)] == ["record"]


@pytest.mark.parametrize("kind", ["leak", "bounded"])
def test_of_a_bounded_run_the_page_says_that_what_is_shown_replaced_something(kind):
    """Nobody takes the graph of a bounded run for a leak."""
    run = run_with_stacks(kind)
    page = render_html(Charts(run, judge_run(run)), "run")
    assert ("in the place of what went" in page) == (kind == "bounded")


def test_the_graph_merges_frames_from_outside_in():
    """What two stacks share is one frame, as wide as both; the verdict's line is marked."""
    run = run_with_stacks()
    verdict = judge_run(run)
    told = json.loads(encode_flame(find_stayed(run, verdict), verdict, "connection"))
    assert told["whole"] == 332.0
    (outermost,) = told["views"]["line"]
    assert outermost["name"] == "serve (uvicorn/server.py:70)"
    assert outermost["bytes"] == 332.0
    assert outermost["origin"] == "library"
    assert [child["bytes"] for child in outermost["children"]] == [312.0, 20.0]
    (locks, record) = outermost["children"][0]["children"]
    assert locks["named"]
    assert "named" not in record
    assert locks["said"] == "+212 B per connection, 64%"


def test_by_module_a_stretch_within_one_module_is_one_frame():
    """Functions that call each other within a module are one."""
    frames = [FRAMES[0], FRAMES[1], FRAMES[4], FRAMES[2]]
    assert [name_module(frame) for frame in by_module(frames)] == ["uvicorn.server", "server.app", "server.documents"]
    assert name_frame(Frame(file="?", line=0)) == "no frame of Python's"
    assert name_module(Frame(file="socketio/__init__.py", line=1)) == "socketio"
    assert name_module(Frame(file="<string>", line=1)) == "<string>"
    assert name_module(Frame(file="/srv/app/main.py", line=1)) == "main.py"


def test_no_name_of_a_frame_is_markup():
    """A function called like a tag ends no element, and is text where no script runs."""
    run = run_with_stacks()
    verdict = judge_run(run)
    assert "<" not in encode_flame(find_stayed(run, verdict), verdict, "connection")
    page = render_html(Charts(run, verdict), "run")
    assert "</script><b>" not in page
    assert "&lt;/script&gt;&lt;b&gt;" in page.replace("<wbr>", "")
