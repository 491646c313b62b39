"""New applications of frameworks: clean ones are bounded, and a planted leak is named by container and line."""

from __future__ import annotations

import pytest

from soakproof.config.presets import load_presets
from tests.frameworks.cases import CASES, CLEAN, LEAKY
from tests.frameworks.page import COOKBOOK, PAGE, render, render_recipe
from tests.frameworks.results import is_right, load_results
from tests.frameworks.soaking import soak


@pytest.mark.slow
@pytest.mark.timeout(1600)
@pytest.mark.parametrize("name", CASES)
def test_a_clean_application_is_bounded(name, tmp_path):
    """As it was written by somebody new to the framework, with at most three options."""
    soaked = soak(name, CLEAN, tmp_path)
    assert is_right(name, CLEAN, soaked), soaked.printed


@pytest.mark.slow
@pytest.mark.timeout(1600)
@pytest.mark.parametrize("name", CASES)
def test_a_planted_leak_is_named(name, tmp_path):
    """By the container that a maintainer would open, first, and by the line that fills it."""
    soaked = soak(name, LEAKY, tmp_path)
    assert is_right(name, LEAKY, soaked), soaked.printed


@pytest.mark.parametrize("name", CASES)
def test_at_most_three_options_are_typed(name):
    """What a preset knows nobody has to type."""
    assert sum(word.startswith("--") for word in CASES[name].options) <= 3


@pytest.mark.parametrize("name", CASES)
def test_the_cookbook_has_the_command_that_is_tested(name):
    """The page of each framework says what is typed, for both sides."""
    page = (COOKBOOK / f"{name}.md").read_text()
    for side in (CLEAN, LEAKY):
        assert CASES[name].line_of(side) in page


def test_the_cookbooks_table_says_what_was_seen():
    """It is written by ``make frameworks``, and by nobody's hand."""
    assert render() in PAGE.read_text()


@pytest.mark.parametrize("name", CASES)
def test_a_recipe_says_what_was_said(name):
    """Below each command stands what it printed."""
    page = (COOKBOOK / f"{name}.md").read_text()
    assert page == render_recipe(name, page, load_results())


def test_every_preset_has_a_page():
    """A framework that is known is described."""
    pages = {file.stem for file in COOKBOOK.glob("*.md")} - {"README"}
    assert {name for name in load_presets() if name != "asgi"} <= pages | {"gradio"}
    for file in COOKBOOK.glob("*.md"):
        if file.stem != "README":
            assert f"({file.name})" in (COOKBOOK / "README.md").read_text()
