"""What leads a newcomer through the project leads somewhere: paths, links, and the index of decisions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
GUIDES = ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/adr/README.md", "reports/README.md")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:src|tests|docs|server|benchmarks|changelog\.d)/[\w./-]*)`")


@pytest.mark.parametrize("guide", GUIDES)
def test_what_a_guide_links_to_and_names_is_there(guide):
    """A file that was moved is moved in the pages that lead to it, too."""
    page = PROJECT / guide
    text = page.read_text()
    missing = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    missing += [path for path in NAMED.findall(text) if not (PROJECT / path).exists()]
    assert not missing


def test_every_decision_stands_in_the_index():
    """None is lost among the numbers."""
    index = (PROJECT / "docs/adr/README.md").read_text()
    files = {file.name for file in (PROJECT / "docs/adr").glob("[0-9]*.md")}
    assert set(re.findall(r"\((\d+[\w-]+\.md)\)", index)) == files


def test_architecture_names_every_room():
    """Each folder and file at the top of the package has its line in the map."""
    package = PROJECT / "src/soakproof"
    rooms = {f"{each.name}/" for each in package.iterdir() if (each / "__init__.py").exists()}
    files = {each.name for each in package.glob("[a-z]*.py")}
    page = (PROJECT / "docs/architecture.md").read_text()
    assert not {name for name in rooms | files if f"`{name}`" not in page}
