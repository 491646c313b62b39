"""Taking tokens out of pages: three kinds of patterns, told apart by how they look."""

import pytest

from soakproof.config.optiontext import parse_login
from soakproof.errors import ConfigError
from soakproof.load.visit.take import parse_take

PAGE = """<html><head><meta name="csrf-token" content="m3ta"></head><body>
<form><input type="hidden" name="csrfmiddlewaretoken" value="f0rm"></form>
<p class="greeting">Hello, <b>you</b></p><div id="app" data-token="d4ta"></div>
<script>start({"client_id": "0123-abcd", "version": 3})</script></body></html>"""
JSON = '{"session": {"id": "s1", "roles": ["a", "b"]}, "number": 7}'


@pytest.mark.parametrize(
    ("pattern", "how", "found"),
    [
        ("meta[name=csrf-token]", "css", ["m3ta"]),
        ("input[name=csrfmiddlewaretoken]", "css", ["f0rm"]),
        ("p.greeting b", "css", ["you"]),
        ("p:not(.other)", "css", ["Hello,you"]),
        ("#app::attr(data-token)", "css", ["d4ta"]),
        ("p.greeting::text", "css", ["Hello,you"]),
        (r'"client_id": "([0-9a-f-]+)"', "regex", ["0123-abcd"]),
        (r"regex:\d{4}-abcd", "regex", ["0123-abcd"]),
        ("[0-9]{4}-[a-d]{4}", "regex", ["0123-abcd"]),
        ("css:div.none", "css", []),
    ],
)
def test_patterns_take_from_html(pattern: str, how: str, found: list[str]) -> None:
    """A selector takes an element's value, a regular expression its group."""
    take = parse_take(f"token={pattern}")
    assert (take.name, take.how, take.find(PAGE)) == ("token", how, found)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("$.session.id", ["s1"]), ("$.session.roles[*]", ["a", "b"]), ("json:$.number", ["7"]), ("$.none", [])],
)
def test_jsonpaths_take_from_json(pattern: str, found: list[str]) -> None:
    """A JSONPath takes texts as they are and other values as JSON; from a page that is no JSON it takes nothing."""
    take = parse_take(f"token={pattern}")
    assert take.find(JSON) == found
    assert take.find(PAGE) == []


def test_the_same_value_twice_is_one() -> None:
    """A token that stands in a page twice is no ambiguity."""
    assert parse_take("id=value=(.)").find("value=1 value=1 value=2") == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("csrf", "--take 'csrf': need NAME=REGEX|CSS|JSONPATH"),
        ("=x", "need NAME="),
        ("csrf=", "need NAME="),
        ("csrf=css:a[", r"--take csrf: 'a\[' is no CSS selector"),
        ("csrf=regex:(", r"'\(' is no regular expression \(missing \)"),
        ("csrf=$.a[", r"'\$\.a\[' is no JSONPath"),
    ],
)
def test_what_is_no_pattern_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    """A mistake in a pattern is found before any client comes."""
    with pytest.raises(ConfigError, match=sentence.replace("|", r"\|") if "REGEX|" in sentence else sentence):
        parse_take(text)


def test_a_login_is_a_form_or_json() -> None:
    """What follows the path says which."""
    form = parse_login("/login username=u{n}&password={env SECRET}&token={taken csrf}")
    assert (form.path, form.is_json) == ("/login", False)
    assert form.fields == {"username": "u{n}", "password": "{env SECRET}", "token": "{taken csrf}"}
    assert form.needs() == {"csrf"}
    posted = parse_login('/api/login {"user": {"name": "{uuid}"}}')
    assert (posted.path, posted.is_json, posted.fields) == ("/api/login", True, {"user": {"name": "{uuid}"}})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("/login", "need a path and what to post to it"),
        ("/login {'a': 1}", "are not JSON"),
        ("/login &", "have no field"),
    ],
)
def test_a_login_that_cannot_be_read_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    """A mistake in a login is found before any client comes."""
    with pytest.raises(ConfigError, match=sentence):
        parse_login(text)
