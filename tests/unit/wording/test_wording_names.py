"""What sentences call things."""

from soakproof.culprits import Culprit, Site
from soakproof.wording.names import name_in_prose, say_growing, say_note, say_owner
from soakproof.wording.reasons import say_place


def test_owners_name_themselves():
    """A registry needs no kind in front; rss says nothing without it."""
    assert name_in_prose("registry:app:ROOMS") == "app:ROOMS"
    assert name_in_prose("process:rss") == "process:rss"


def test_a_librarys_line_is_told_within_the_library():
    """A sentence says where in the library, not where on the disk; a line that raises is the trigger's to tell."""
    site = Site(file="/home/me/.venv/lib/python3.11/site-packages/engineio/socket.py", line=7, function="f")
    assert say_place([site]) == ", at engineio/socket.py:7"
    assert say_place([Site(file="/home/me/app.py", line=7, function="f")]) == ", at /home/me/app.py:7"
    assert say_place([Site(file="/home/me/app.py", line=7, function="f", role="raises")]) == ""
    assert say_place([]) == ""


def test_what_is_counted_gains_and_what_holds_keeps():
    """No thread keeps threads."""
    assert [say_growing(kind) for kind in ("registry", "thread", "type", "process")] == ["keeps", *["gains"] * 3]


def test_memory_that_no_container_keeps_has_its_kind_for_an_owner():
    """An owner path stands as it is; else the kind of memory in words, or nothing."""
    assert say_owner(Culprit(owner="app:ROOMS", memory="swelling")) == "app:ROOMS"
    assert say_owner(Culprit(memory="native")) == "native memory"
    assert say_owner(Culprit()) == ""


def test_only_garbage_has_a_note_of_its_own():
    """What the second pass noted comes first; cycles that nobody collects are explained."""
    assert say_note(Culprit(memory="garbage", note="mine")) == "mine"
    assert "gc.disable" in say_note(Culprit(memory="garbage"))
    assert say_note(Culprit(memory="native")) is None
