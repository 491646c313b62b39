"""Writes the summary of a run as a comment of its pull request, or over the one that an earlier run has written.

Run by the action, with the standard library alone: ``comment.py DIRECTORY``. TOKEN is what it writes with; the rest of
the environment is GitHub's own.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

MARK = "<!-- soakproof: {job} -->"
LONGEST = 65_000  # characters; GitHub takes 65,536
PER_PAGE = 100
MOST_PAGES = 30


def main(directory: Path) -> int:
    """Write the comment; where that fails say why, and leave the check as it is."""
    number = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text())["pull_request"]["number"]
    comments = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues/{number}/comments"
    mark = MARK.format(job=os.environ.get("GITHUB_JOB", ""))
    text = f"{mark}\n{read_summary(directory)}"[:LONGEST]
    try:
        earlier = find_comment(comments, mark)
        if earlier is None:
            call("POST", comments, {"body": text})
        else:
            call("PATCH", f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues/comments/{earlier}", {"body": text})
    except urllib.error.HTTPError as error:
        need = "need `permissions: pull-requests: write`, which a pull request of a fork does not get"
        print(f"::warning title=soakproof::the comment was refused ({error.code} {error.reason}); {need}")
    except OSError as error:
        print(f"::warning title=soakproof::the comment could not be written: {error}")
    return 0


def read_summary(directory: Path) -> str:
    """Return the comparison, where there is one, and the summary of the run."""
    files = [directory / "comparison.md", directory / "summary.md"]
    return "\n".join(file.read_text() for file in files if file.exists())


def find_comment(comments: str, mark: str) -> int | None:
    """Return the number of the comment that begins with the mark, None where there is none."""
    for page in range(1, MOST_PAGES + 1):
        listed = call("GET", f"{comments}?per_page={PER_PAGE}&page={page}")
        found = next((each["id"] for each in listed if each["body"].startswith(mark)), None)
        if found is not None or len(listed) < PER_PAGE:
            return None if found is None else int(found)
    return None


def call(method: str, path: str, document: dict[str, Any] | None = None) -> Any:
    """Ask GitHub's interface, and return what it answers.

    Raises:
        OSError: it refuses, or cannot be reached.
    """
    request = urllib.request.Request(  # noqa: S310  # the address is GitHub's own, given by its runner
        os.environ["GITHUB_API_URL"] + path,
        method=method,
        data=None if document is None else json.dumps(document).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['TOKEN']}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # likewise
        return json.loads(answer.read())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
