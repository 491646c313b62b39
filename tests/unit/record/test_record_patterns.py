"""Patterns that take a value out of a page again, and values that look random or secret."""

from __future__ import annotations

import pytest

from soakproof.load.visit.take import parse_take
from soakproof.record.patterns import find_pattern
from soakproof.record.values import is_secret_name, looks_random, random_words

FIRST, SECOND = "0f2c9a4e-1b7d-4e55-9c3a-5d2f6b8e7a10", "7b1e0d3c-8f4a-4c21-b0d9-3e5a6c7f8b92"
PAGE = '<script>elements = {{"4": {{"id": "{0}", "text": "Greet"}}, "5": {{"id": "{1}", "text": "Part"}}}}</script>'


def take(pattern, page):
    return parse_take(f"value={pattern}").find(page)


def test_a_form_field_is_found_by_its_name():
    """A hidden input's value is taken by a CSS selector, which a redesign of the page survives."""
    page = '<form><input name="csrf" type="hidden" value="a1b2c3d4e5f6a7b8c9"></form>'
    assert find_pattern("a1b2c3d4e5f6a7b8c9", page) == 'css:input[name="csrf"]'


@pytest.mark.parametrize("value", [FIRST, SECOND])
def test_of_two_alike_each_is_found_by_its_own_context(value):
    """Two ids under one key are told apart, and each pattern works on another visitor's page."""
    page, fresh = PAGE.format(FIRST, SECOND), PAGE.format(FIRST[::-1].replace("-", "0"), SECOND.replace("7b", "8c"))
    pattern = find_pattern(value, page, fresh)
    assert take(pattern, page) == [value]
    assert len(take(pattern, fresh)) == 1
    assert FIRST not in pattern


def test_a_context_with_another_sessions_value_is_generalised():
    """What stands before a value may itself be drawn by lot; the pattern then finds any such."""
    page = '<b data-page="{0}" data-key="{1}">'
    pattern = find_pattern(SECOND, page.format(FIRST, SECOND) + '<i data-key="x">', None)
    assert take(pattern, page.format(SECOND, FIRST)) == [FIRST]


def test_a_pattern_that_fails_on_another_visitors_page_is_not_taken():
    """Where another visitor is given a page without the value, no pattern is better than one that takes nothing."""
    assert find_pattern(FIRST, PAGE.format(FIRST, SECOND), "<p>nothing here</p>") is None


@pytest.mark.parametrize("name", ["password", "userPassword", "csrf_token", "X-Api-Key", "Authorization", "sessionId"])
def test_names_of_secrets(name):
    """A secret is known by its name, however words are joined in it."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["author", "passenger", "spin", "tokens_left", "name", "keyboard"])
def test_names_that_only_look_like_secrets(name):
    """Words that hold such a word are none."""
    assert not is_secret_name(name)


@pytest.mark.parametrize("text", ["landing-page", "2026-11-29", "q-btn--flat", "version-3", "a sentence of 16 letters"])
def test_what_people_write_does_not_look_random(text):
    """Words, dates, classes and sentences are left alone."""
    assert not looks_random(text)
    assert random_words(text) == []


def test_random_words_within_a_text():
    """A path that holds an id holds one random word."""
    assert random_words(f"/rooms/{FIRST}/messages") == [FIRST]
