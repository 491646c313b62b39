"""Presets: found by what a target has imported, taken where the user says nothing, and every one of them readable."""

import pytest

from soakproof.config import Config, build_config
from soakproof.config.presets import (
    apply_preset,
    choose_preset,
    find_presets,
    load_presets,
    modules_wanted,
    names_taken,
)
from soakproof.errors import ConfigError
from soakproof.run.assembly import make_client_options
from soakproof.wording.warned import SENTENCES

COMMAND = {"command": ["python", "app.py"]}


@pytest.mark.parametrize("name", load_presets())
def test_every_preset_can_be_applied(name):
    """Its options are options, its placeholders can be filled, and its imports find it."""
    preset = load_presets()[name]
    options = make_client_options(apply_preset(build_config(COMMAND), name))
    assert options.timeout_s > 0
    assert preset.about
    assert preset.imports
    assert name in find_presets(preset.imports)
    assert set(preset.over) <= set(load_presets())


def test_the_more_exact_preset_is_taken():
    """What is built on a framework is told from that framework."""
    assert find_presets(["taipy.gui", "flask_socketio", "engineio"]) == ["taipy"]
    assert find_presets(["flask_socketio"]) == ["flask_socketio"]
    assert find_presets(["json"]) == []
    assert "taipy.gui" in modules_wanted()


def test_the_user_goes_before_the_preset():
    """What is given stays; what may be repeated is added to."""
    given = {
        **COMMAND,
        "page": ["/shop"],
        "query": ["lang=de", "tab_id=mine"],
        "join": ["look"],
        "path": "/deep/socket.io",
    }
    config = apply_preset(build_config(given), "nicegui")
    assert config.page == ("/shop",)
    assert config.path == "/deep/socket.io"
    assert (config.query["lang"], config.query["tab_id"], config.query["client_id"]) == (
        "de",
        "mine",
        "{taken client_id}",
    )
    assert [take.name for take in config.take] == ["client_id"]
    chat = apply_preset(build_config({**COMMAND, "join": ["look"]}), "chainlit")
    assert [event for event, _ in chat.join] == ["connection_successful", "look"]


@pytest.mark.parametrize("preset", ["nicegui", "auto"])
def test_what_the_user_adds_may_use_what_the_preset_takes(preset):
    """Before the target runs nobody knows which preset fits: what any of them takes may be had by then."""
    given = {**COMMAND, "preset": preset, "join": ['handshake={"client_id": "{taken client_id}"}']}
    config = build_config(given)
    assert make_client_options(config, names_taken(config)).joins
    assert make_client_options(apply_preset(config, "nicegui")).joins


@pytest.mark.parametrize(("preset", "name"), [("none", "client_id"), ("reflex", "client_id"), ("auto", "csrf")])
def test_what_no_preset_takes_is_refused_before_anything_runs(preset, name):
    """And what others take is not offered."""
    config = build_config({**COMMAND, "preset": preset, "join": [f'hello={{"id": "{{taken {name}}}"}}']})
    with pytest.raises(ConfigError, match=rf"nothing is taken as '{name}'; need --take {name}="):
        make_client_options(config, names_taken(config))


def test_a_preset_is_taken_where_clients_are_the_built_in_ones():
    """A Locust file and a command know what they do; naming the preset gives it to a Locust file all the same."""
    imported = ["nicegui", "engineio"]
    assert choose_preset(Config(), imported) == "nicegui"
    assert choose_preset(Config(locustfile="users.py"), imported) is None
    assert choose_preset(Config(locustfile="users.py", preset="nicegui"), []) == "nicegui"
    assert choose_preset(Config(load="node load.js"), imported) is None
    assert choose_preset(Config(preset="none"), imported) is None
    assert choose_preset(Config(), []) is None


def test_two_presets_that_fit_have_to_be_told_apart():
    """Nothing is guessed."""
    with pytest.raises(ConfigError, match=r"presets chainlit and nicegui are found by; .* give --preset chainlit, or"):
        choose_preset(Config(), ["nicegui", "chainlit"])


def test_a_framework_without_sockets_is_refused_with_what_to_do():
    """A target that none of the clients can speak to is told of before the first wave."""
    with pytest.raises(ConfigError, match=r"Gradio: this release serves server-sent events .* --load"):
        choose_preset(Config(), ["gradio"])


def test_an_unknown_preset_is_refused_in_a_sentence():
    """A misspelt name is found before anything is started."""
    with pytest.raises(ConfigError, match="--preset 'nicegiu': no such preset; did you mean 'nicegui'?"):
        build_config({**COMMAND, "preset": "nicegiu"})
    with pytest.raises(ConfigError, match="--preset 'x': no such preset; there are .*chainlit.*, auto, none"):
        build_config({**COMMAND, "preset": "x"})


def test_the_preset_is_told():
    """Nobody has to guess why clients do what they do."""
    sentence = SENTENCES["preset"].format(name="nicegui", about="NiceGUI")
    assert sentence == "preset nicegui: clients come as they do to NiceGUI (--preset none leaves that out)"
