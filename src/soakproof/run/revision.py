"""Which commit is soaked, as far as it can be told: CI says it, or the repository that the soak is started in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

VARIABLES = ("SOAKPROOF_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA")
COMMIT = re.compile(r"[0-9a-f]{7,64}")
LONGEST_S = 5.0


def find_commit() -> str | None:
    """Return the commit, None where there is none to be told."""
    given = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), None)
    return given or _ask_git()


def _ask_git() -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603  # git itself, and words of ours
            [git, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if COMMIT.fullmatch(done.stdout.strip()) else None
