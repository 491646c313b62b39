"""The order of things before the socket: the login as soon as it can be, the pages, and what is taken from each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import requests

from soakproof.load.clients.errors import StatusError
from soakproof.load.options import ClientOptions
from soakproof.load.visit.browser import Browser
from soakproof.load.visit.errors import PageError, TakeError
from soakproof.load.visit.identity import Identity
from soakproof.load.visit.login import Login
from soakproof.load.visit.take import NAMES, Take

FIRST_SERVER_ERROR = 500

Measure = Callable[[str, str, Callable[[], Any]], Any]


class Visitor:
    """One client before its socket.

    ``measure(kind, name, action)`` runs an action and has it counted; names are as the options have them, so that no
    client's own values stand in statistics.
    """

    def __init__(self, browser: Browser, identity: Identity, measure: Measure) -> None:
        self._browser = browser
        self._identity = identity
        self._measure = measure
        self._answers: list[requests.Response] = []

    def introduce(self, options: ClientOptions) -> None:
        """Do all that the options say of pages, login and what is taken.

        Raises:
            PageError: one of them was not as it has to be.
            ClientError: the target did not answer.
        """
        login = options.login
        pages = list(options.pages)
        while login or pages:
            if login and (not pages or login.needs() <= self._identity.taken.keys()):
                self.post(login, options.takes)
                login = None
            else:
                self.get(pages.pop(0), options.takes)
        self.check_taken(options.takes)

    def check_taken(self, takes: tuple[Take, ...]) -> None:
        """Refuse to go on without what was to be taken.

        Raises:
            TakeError: something was not there.
        """
        for take in takes:
            if take.name not in self._identity.taken:
                self._measure("TAKE", take.name, partial(self._explain_nothing, take))

    def get(self, page: str, takes: tuple[Take, ...] = ()) -> requests.Response:
        """Get a page, and take from it what is there to be taken."""
        answer: requests.Response = self._measure("GET", page, lambda: self._take(self._request_page(page), takes))
        return answer

    def post(self, login: Login, takes: tuple[Take, ...] = ()) -> requests.Response:
        """Post the login, and take from the answer what is there to be taken."""
        answer: requests.Response = self._measure(
            "POST", login.path, lambda: self._take(self._request_login(login), takes)
        )
        return answer

    def _request_page(self, page: str) -> requests.Response:
        try:
            return self._browser.request("GET", self._identity.fill(page))
        except StatusError as error:
            raise PageError(f"{error}; {_advise(str(error), '--page')}") from error

    def _request_login(self, login: Login) -> requests.Response:
        fields = self._identity.fill(login.fields)
        self._identity.keep_secret(*_texts(fields))
        body = {"json": fields} if login.is_json else {"data": fields}
        # Where forms are guarded against forgery, a server wants to know which of its pages this one was on.
        headers = {"Referer": self._answers[-1].url} if self._answers else {}
        try:
            return self._browser.request("POST", self._identity.fill(login.path), headers=headers, **body)
        except StatusError as error:
            raise PageError(f"{error}; {_advise(str(error), '--login')}") from error

    def _take(self, answer: requests.Response, takes: tuple[Take, ...]) -> requests.Response:
        self._answers.append(answer)
        for take in takes:
            found = take.find(answer.text)
            if len(found) > 1:
                raise TakeError(
                    f"{take}: the {NAMES[take.how]} takes {len(found)} different values from {_name(answer)}; need "
                    "one, so make the pattern narrower"
                )
            if found:
                self._identity.take(take.name, found[0])
        return answer

    def _explain_nothing(self, take: Take) -> NoReturn:
        if not self._answers:
            raise TakeError(f"{take}: there is no page to take it from; need --page URL too")
        kinds = ", ".join(f"{_name(answer)} ({_kind(answer)})" for answer in self._answers)
        raise TakeError(
            f"{take}: this {NAMES[take.how]} takes nothing from {kinds}; need one value: look at the page with "
            f"`curl {self._answers[-1].url.partition('?')[0]}`, and mend the pattern or --page"
        )


def _advise(said: str, option: str) -> str:
    if said.startswith(f"HTTP {FIRST_SERVER_ERROR // 100}"):
        return "the server failed over it: see target.log"
    if option == "--login":
        return "need a path, fields and a user that the server accepts (--login)"
    return "need a page that the server serves to these clients (--page; --login where it wants a login first)"


def _name(answer: requests.Response) -> str:
    return f"{answer.request.method} {answer.request.path_url.partition('?')[0]}"


def _kind(answer: requests.Response) -> str:
    kind = answer.headers.get("content-type", "no content type").partition(";")[0]
    return f"HTTP {answer.status_code}, {kind}, {len(answer.content):,} bytes"


def _texts(value: Any) -> list[str]:
    """Return the texts of a JSON value."""
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in _texts(item)]
