"""Placeholders: what they become, and what is said of those that cannot become anything."""

import pytest

from soakproof.errors import ConfigError
from soakproof.load.visit.identity import HIDDEN, Identity
from soakproof.load.visit.placeholders import check

URL = "http://127.0.0.1:8000"


def test_a_clients_uuid_is_the_same_wherever_it_stands_and_no_other_clients() -> None:
    """The page's URL and the socket's auth carry one identity, which no second client shares."""
    one, other = Identity(URL, 1, 0), Identity(URL, 2, 0)
    assert one.fill("{uuid}") == one.fill({"auth": "{uuid}"})["auth"]
    assert one.fill("{uuid}") != one.fill("{uuid tab}")
    assert one.fill("{uuid}") != other.fill("{uuid}")


def test_numbers_waves_and_places_are_filled_in() -> None:
    """A client knows its number, its wave and where the target is."""
    assert Identity(URL, 3, 5).fill("u{n}-{wave} {url} {host} {port}") == f"u3-5 {URL} 127.0.0.1 8000"


def test_a_choice_is_one_of_those_named_and_stays() -> None:
    """What is chosen by lot is chosen once a client."""
    chosen = {Identity(URL, n, 0).fill("{choice red|green}") for n in range(50)}
    assert chosen == {"red", "green"}
    identity = Identity(URL, 1, 0)
    assert len({identity.fill("{choice a|b|c|d|e|f}") for _ in range(50)}) == 1


def test_json_keeps_its_braces_and_doubled_ones_are_text() -> None:
    """Only a word in braces is a placeholder."""
    identity = Identity(URL, 1, 0)
    assert identity.fill('{"a": {"b": 1}}') == '{"a": {"b": 1}}'
    assert identity.fill("{{uuid}}") == "{uuid}"
    assert identity.fill({"{n}": ["{wave}", 3, None]}) == {"1": ["0", 3, None]}


def test_secrets_are_hidden_in_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable's value and a token that was taken stand in no sentence."""
    monkeypatch.setenv("CHAT_PASSWORD", "open sesame")
    identity = Identity(URL, 1, 0)
    identity.take("csrf", "f00dcafe")
    filled = identity.fill("{env CHAT_PASSWORD} {taken csrf}")
    assert filled == "open sesame f00dcafe"
    assert identity.hide(f"refused: {filled}") == f"refused: {HIDDEN} {HIDDEN}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{uid}", r"--auth: unknown placeholder \{uid\}; did you mean \{uuid\}\?"),
        ("{session}", r"unknown placeholder \{session\}; there are \{uuid\}, .* write \{\{session\}\}"),
        ("{taken csrf}", r"nothing is taken as 'csrf'; need --take csrf=REGEX"),
        ("{taken}", r"\{taken\} says too little; need it as in \{taken csrf\}"),
        ("{n 3}", r"\{n 3\} says too much; need \{n\} alone"),
        ("{env NO_SUCH_VARIABLE}", r"the environment has no variable NO_SUCH_VARIABLE; set it"),
        ({"deep": [{"{what}": 1}]}, r"unknown placeholder \{what\}"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_a_sentence(text: object, sentence: str) -> None:
    """A mistake in a placeholder is found before any client comes."""
    with pytest.raises(ConfigError, match=sentence):
        check(text, "--auth", taken=())


def test_a_taken_name_that_is_misspelt_names_those_there_are() -> None:
    """The names that something is taken under are told."""
    with pytest.raises(ConfigError, match="nothing is taken as 'crsf'; there is csrf, id"):
        check("{taken crsf}", "--query", taken={"csrf", "id"})
