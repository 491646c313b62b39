"""Files that a framework loads by their path: owners and types are modules, never the paths of a machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from soakproof.agent.origin import modulenames
from tests.unit.agent.agent_target import APPS, ready, running, wait_for

FILE = APPS / "agent_users_file.py"


@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("name", [str(FILE), "users_pages"])
def test_what_a_file_loaded_by_its_path_keeps_is_told_by_a_modules_name(
    short_path: Path, name: str, *, is_listed: bool
) -> None:
    """It is the application's, with its types and its chain, whether it is in ``sys.modules`` or in nobody's."""
    module = "agent_users_file" if name == str(FILE) else name
    how = "listed" if is_listed else "unlisted"
    with running([sys.executable, "-u", "agent_loader.py", name, how], short_path) as target:
        assert wait_for(lambda: target.process.stdout.readline().strip() == "ready", "the program")
        agent = target.agent()
        agent.census()
        target.tell("3")
        census = agent.census()
        assert census["metrics"][f"registry:{module}.contexts"] == 3
        infos = {info["metric"]: info for info in census["infos"]}
        assert infos[f"registry:{module}.contexts"]["owner"] == f"{module}:contexts"
        assert infos[f"type:{module}.Turn"]["origin"] == "application"
        told = agent.explain(f"registry:{module}.contexts", f"{module}:contexts")
        assert told["retainers"][0] == f"module {module}"
        watched = agent.ask("watch", owners=[f"{module}:contexts"])["watched"]
        assert watched == ([f"{module}:contexts"] if is_listed else [])
        assert not any(str(APPS) in metric for metric in census["metrics"])


@pytest.mark.parametrize(
    ("name", "told"),
    [("shop.chat", "shop.chat"), ("/srv/shop/chat.py", "chat"), ("chat.py", "chat"), ("/", "/")],
)
def test_a_path_becomes_a_modules_name(name: str, told: str) -> None:
    """Outside of the working directory the file's own name is all that says something."""
    assert modulenames.tell(name) == told


def test_below_the_working_directory_the_folders_tell_files_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pages of one name are two modules."""
    monkeypatch.chdir(tmp_path)
    here = Path.cwd()
    assert [modulenames.tell(str(here / page / "index.py")) for page in "ab"] == ["a.index", "b.index"]


def test_what_is_only_imported_is_named_by_the_library_that_made_it(short_path: Path) -> None:
    """The application's name for a library's global says nothing of where it is made and emptied."""
    with ready("agent_importing.py", short_path) as target:
        agent = target.agent()
        agent.census()
        target.tell("3")
        census = agent.census()
        infos = {info["owner"]: info["origin"] for info in census["infos"] if info.get("owner")}
        assert infos["shelved:registry.sessions"] == infos["shelved:contexts"] == "library"
        assert infos["__main__:OWN"] == "application"
        assert census["metrics"]["container:shelved.registry.sessions"] == 3
        assert not any("kept" in owner for owner in infos)
        told = agent.explain("container:shelved.registry.sessions", "shelved:registry.sessions")
        assert told["types"] == {"__main__.Session": 3}
