"""What the tests ask of a machine: without a program they skip, with its name and the command that installs it."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from soakproof.development import read_programs

LEAD = "missing program: "


def need(name):
    """Return where a program of requirements/programs.txt is; without it skip the test, or fail it where CI=true."""
    (program,) = (each for each in read_programs() if each.name == name)
    if found := program.find():
        return found
    sentence = f"{LEAD}{name} (install it: {program.install})"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def tell_missing(reports):
    """Yield a line for each missing program that skipped tests: how many, of which files."""
    skipped = {}
    for report in reports:
        _, _, reason = report.longrepr
        if LEAD in reason:
            files = skipped.setdefault(reason.partition(LEAD)[2], Counter())
            files[report.nodeid.partition("::")[0]] += 1
    for program, files in sorted(skipped.items()):
        yield f"{LEAD}{program}: skipped {files.total()} tests of {', '.join(sorted(files))}"
