"""Options: from defaults, file and command line, each mistake refused in a sentence."""

from __future__ import annotations

import pytest

from soakproof.config import build_config
from soakproof.config.optiontext import FORMATS
from soakproof.errors import ConfigError
from soakproof.report import FORMATS as REPORTS

SERVER = ["uvicorn", "app:app", "--port", "{port}"]


def build(directory, **options):
    return build_config({"command": SERVER, **options}, directory=directory)


def test_the_command_line_wins_over_the_file(tmp_path):
    """An option given on the command line takes the place of the same option in soakproof.toml."""
    (tmp_path / "soakproof.toml").write_text("waves = 4\nclients = 50\n")
    config = build(tmp_path, waves=6)
    assert (config.waves, config.clients) == (6, 50)


def test_pyproject_may_hold_the_options(tmp_path):
    """Options stand in [tool.soakproof], spelled with hyphens as on the command line."""
    (tmp_path / "pyproject.toml").write_text('[tool.soakproof]\nfail-on = "leak"\n')
    assert build(tmp_path).fail_on == "leak"


def test_a_declared_bound_reaches_the_rules(tmp_path):
    """A registry's bound declared in the file is what the judge is given."""
    (tmp_path / "soakproof.toml").write_text('[registries."app:CACHE"]\nmax_items = 1000\n')
    assert build(tmp_path).rules().bounds["app:CACHE"].max_items == 1000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("clients = 3\nwavs = 3", "soakproof.toml, line 2, column 1: unknown key 'wavs'; did you mean 'waves'?"),
        ("waves = 0", "soakproof.toml, line 1, column 1: waves: expected int >= 1"),
        ("# 0\n  seed = -1", "soakproof.toml, line 2, column 3: seed: expected int >= 0"),
        ("waves = 'many'", "waves: expected int, got str"),
        ("max-waves = 'many'", "soakproof.toml, line 1, column 1: max_waves: expected int, got str"),
        ("waves = ", "not valid TOML"),
        ("drop = 3", "drop: expected object, got int"),
        ("drop = {close = 0}", "expected float > 0"),
        ("join = [1]", "expected array, got int"),
        ("registries = 3", "registries: got 3; need a table, as in [tool.soakproof.registries]"),
        ('[registries."app:CACHE"]\nttl = 60', "unknown 'ttl', need one of ttl_s, max_items; did you mean 'ttl_s'?"),
        ('[registries."app:CACHE"]', "declares no bound; need ttl_s = N or max_items = N"),
        (
            '[registries."app:CACHE"]\nmax_items = "all"',
            "line 1, column 13: registries.\"app:CACHE\": max_items = 'all'; need",
        ),
        ('[registries."app:CACHE"]\nttl_s = -1', "ttl_s = -1; need a number, 0 or more"),
        ('[registries."no module:CACHE"]\nttl_s = 1', "'no module:CACHE' cannot be a metric; need its name"),
        ('[registries."type:"]\nttl_s = 1', "'type:' cannot be a metric"),
        ("[margins]\nentires = 0.1", "line 1, column 2: margins: unknown 'entires', need one of entries, objects"),
        ("[margins]\nentries = true", "margins: entries = True; need a number"),
    ],
)
def test_a_wrong_file_is_refused_with_what_it_needs(tmp_path, text, sentence):
    """A key that does not exist, a value out of range or of another type, and broken TOML each say so."""
    (tmp_path / "soakproof.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        build(tmp_path)
    assert sentence in str(caught.value)


def test_the_place_is_in_soakproofs_own_table(tmp_path):
    """Another tool's key of the same name stands before it."""
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nseed = 1\n\n[tool.soakproof]\nwaves = 8\nseed = -1\n")
    with pytest.raises(ConfigError, match="pyproject.toml, line 6, column 1: seed: expected int >= 0"):
        build(tmp_path)


def test_what_the_command_line_gives_is_not_looked_for_in_the_file(tmp_path):
    """An option that is given overrides the file's: the mistake is the command line's."""
    (tmp_path / "soakproof.toml").write_text("waves = 8")
    with pytest.raises(ConfigError, match="^--waves: expected int >= 1"):
        build(tmp_path, waves=0)


@pytest.mark.parametrize("name", ["app:CACHE", "pkg.mod:A.b[*].<locals>.c", "type:app.Session", "eio.sockets", "80"])
def test_a_bound_may_stand_under_any_name_that_a_report_gives(tmp_path, name):
    """Owner paths, metrics with their kind, and names alone are taken."""
    (tmp_path / "soakproof.toml").write_text(f'[registries."{name}"]\nttl_s = 0.5\n')
    assert build(tmp_path).registries[name].ttl_s == 0.5


def test_a_config_file_that_was_asked_for_must_exist(tmp_path):
    """--config names a file; that it is missing is an error, not a default."""
    with pytest.raises(ConfigError, match="No such file"):
        build_config({"command": SERVER}, tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"command": []}, "no target"),
        ({"url": "http://127.0.0.1:8000"}, "put {port} into both"),
        ({"load": "k6", "locustfile": "f.py"}, "a run has one load"),
        ({"attach": "a.sock"}, "a run has one target"),
        ({"auth": "{token}"}, "--auth: 7 characters (not shown: they may be a secret) are not JSON"),
        ({"join": ["enter={"]}, "--join enter"),
        ({"drop": "close=many"}, "need a number above 0"),
        ({"drop": ","}, "--drop"),
        ({"url": "ftp://127.0.0.1:{port}"}, "need something like http://127.0.0.1:8000"),
        ({"transports": "smoke"}, "need websocket, polling or both"),
        ({"header": ["Cookie"]}, "--header: got 6 characters (not shown"),
        ({"query": ["token"]}, "--query: got 5 characters (not shown"),
        ({"format": "pdf"}, "--format pdf: unknown pdf"),
        ({"held": True}, "name an event with --join"),
        ({"held": True, "join": ["say"], "steady": 5.0}, "leave --steady out"),
        ({"held": True, "join": ["say"], "events": 0}, "--events 0: need at least 1"),
        ({"events": 5}, "--events without --held"),
        ({"load": "k6", "workers": 2}, "a run has one load"),
        ({"workers": 3, "expect_workers": 2, "master_bind": "0.0.0.0:5557"}, "need at least 3"),
        ({"expect_workers": 2}, "give --master-bind HOST:PORT"),
        ({"master_bind": "0.0.0.0:5557"}, "need --expect-workers N too"),
        ({"master_bind": "5557", "expect_workers": 2}, "need HOST:PORT"),
    ],
)
def test_options_that_cannot_go_together_are_refused(tmp_path, options, sentence):
    """Each combination that cannot be run says what to do instead."""
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, **options)
    assert sentence in str(caught.value)


def test_drop_modes_are_weighed(tmp_path):
    """A mode without a weight counts as one."""
    assert build(tmp_path, drop="close=3,reset").drop == {"close": 3.0, "reset": 1.0}


def test_a_file_may_give_values_in_the_place_of_texts(tmp_path):
    """What is written as text on the command line may stand in a file as TOML has it, and is checked as much."""
    (tmp_path / "soakproof.toml").write_text(
        'drop = {close = 3, reset = 1}\nauth = {token = "x"}\nheader = {A = "b"}\n'
    )
    config = build(tmp_path)
    assert (config.drop, config.auth, config.header) == ({"close": 3.0, "reset": 1.0}, {"token": "x"}, {"A": "b"})


def test_a_join_may_carry_a_payload(tmp_path):
    """EVENT=JSON is split at the first equals sign."""
    config = build(tmp_path, join=['enter={"room": "a=b"}', "hello"])
    assert config.join == (("enter", {"room": "a=b"}), ("hello", None))


def test_a_run_may_extend_itself_to_twice_its_waves(tmp_path):
    """The cap is twice --waves unless --max-waves says otherwise."""
    assert build(tmp_path, waves=7).wave_limit() == 14
    assert build(tmp_path, waves=7, max_waves=7).wave_limit() == 7


def test_held_clients_have_bursts_of_events_and_no_steady_phase(tmp_path):
    """Ten events a client unless --events says otherwise; a wave is as large as its clients."""
    held = build(tmp_path, held=True, join=["say"], clients=20)
    assert (held.wave_size(), held.steady_s()) == (200, 0.0)
    assert build(tmp_path, held=True, join=["say"], events=7).wave_size() == 7
    assert build(tmp_path, clients=20).wave_size() == 20


def test_the_formats_asked_for_are_those_that_there_are():
    """Every format that an option may name is written by a report or printed, and none is left out."""
    assert [*REPORTS, "github"] == list(FORMATS)
