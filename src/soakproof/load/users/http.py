"""``self.http``: a user's requests to its server, counted by Locust, with the cookies that it has been given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from requests import JSONDecodeError, Response

from soakproof.load.clients.errors import StatusError
from soakproof.load.visit.browser import QUOTED_CHARS, Browser


class Http:
    """HTTP requests of one user; connections are pooled, all users share them.

    ``name`` stands in the statistics for paths that differ; ``how`` as ``requests.request`` has it: ``json=``,
    ``data=``, ``files=``, ``params=``, ``headers=``, ``timeout=``...
    """

    __slots__ = ("_browser", "_measure")

    def __init__(self, browser: Browser, measure: Callable[[str, str, Callable[[], Any]], Any]) -> None:
        self._browser = browser
        self._measure = measure

    @property
    def cookies(self) -> Any:
        """The cookies that this user has, a ``requests`` cookie jar."""
        return self._browser.cookies

    def __call__(self, method: str, path: str, payload: Any = None, name: str | None = None) -> Any:
        """Make a request with a JSON body and return its JSON answer; None for an answer without a body.

        Raises:
            StatusError: the status is 400 or above, or the answer is no JSON.
        """
        body = {} if payload is None else {"json": payload}
        headers = {"Accept": "application/json"}
        return self._measure(
            method, name or path, lambda: read(self._browser.request(method, path, headers=headers, **body))
        )

    def request(self, method: str, path: str, *, name: str | None = None, **how: Any) -> Response:
        """Make a request and return its answer, whatever its content.

        Raises:
            StatusError: the status is 400 or above.
            ClientError: there was no answer.
        """
        answer: Response = self._measure(method, name or path, lambda: self._browser.request(method, path, **how))
        return answer

    def get(self, path: str, **how: Any) -> Response:
        """Make a GET request."""
        return self.request("GET", path, **how)

    def post(self, path: str, **how: Any) -> Response:
        """Make a POST request."""
        return self.request("POST", path, **how)

    def put(self, path: str, **how: Any) -> Response:
        """Make a PUT request."""
        return self.request("PUT", path, **how)

    def patch(self, path: str, **how: Any) -> Response:
        """Make a PATCH request."""
        return self.request("PATCH", path, **how)

    def delete(self, path: str, **how: Any) -> Response:
        """Make a DELETE request."""
        return self.request("DELETE", path, **how)


def read(answer: Response) -> Any:
    """Return the JSON of an answer."""
    try:
        return answer.json() if answer.content else None
    except JSONDecodeError as error:
        raise StatusError(f"HTTP {answer.status_code} without JSON: {answer.text[:QUOTED_CHARS]!r}") from error
