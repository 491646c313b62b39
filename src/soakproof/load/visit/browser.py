"""What a browser does before its socket: requests with cookies of its own, over connections that all clients share."""

from __future__ import annotations

from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar, get_cookie_header

from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, StatusError
from soakproof.load.clients.tlscontext import explain, make_context
from soakproof.load.options import ClientOptions
from soakproof.load.visit.errors import ForeignPageError
from soakproof.load.visit.identity import Identity
from soakproof.serverurl import parse_url

FIRST_ERROR = 400  # RFC 9110, section 15: client's and server's errors
MOST_CONNECTIONS = 1000
QUOTED_CHARS = 100
_HEADERS = {"User-Agent": "Mozilla/5.0 (soakproof)", "Accept": "text/html,application/json;q=0.9,*/*;q=0.8"}
_SCHEMES = ("https", "wss", "http", "ws")  # browsers send `Secure` cookies to a loopback address without TLS too


class Browser:
    """One client's requests to the target, with the cookies it was given.

    What is sent carries the headers of the options; what is asked for by a path is asked of the target.
    """

    __slots__ = ("_identity", "_options", "_session", "_url")

    def __init__(self, url: str, options: ClientOptions, identity: Identity) -> None:
        origin = parse_url(url)
        self._url = f"{'https' if origin.is_tls else 'http'}://{origin.authority}"
        self._options = options
        self._identity = identity
        self._session: _Session | None = None

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies it has."""
        return self._open().cookies

    def request(self, method: str, path: str, **how: Any) -> requests.Response:
        """Make a request and follow redirects; ``how`` as ``requests.request`` has it.

        Raises:
            ForeignPageError: it was sent to another host.
            StatusError: the answer's status is 400 or above.
            ClientError: there was no answer.
        """
        how.setdefault("timeout", self._options.timeout_s)
        try:
            answer = self._open().request(method, urljoin(self._url + "/", path), **how)
        except requests.Timeout as error:
            raise AnswerTimeoutError(f"no response within {how['timeout']:g} s") from error
        except requests.TooManyRedirects as error:
            raise ForeignPageError("redirects in a circle; need a page that is there (--page)") from error
        except requests.RequestException as error:
            raise ConnectError(explain(error) or find_reason(error)) from error
        self._identity.keep_secret(*(cookie.value or "" for cookie in self._open().cookies))
        if answer.status_code >= FIRST_ERROR:
            raise StatusError(self._identity.hide(describe(answer)))
        return answer

    def cookie_header(self, path: str) -> str | None:
        """Return the cookies that go with a request for a path, as its header has them; None where there are none."""
        if self._session is None:
            return None
        header: str | None = get_cookie_header(
            self._session.cookies, requests.Request("GET", urljoin(self._url + "/", path)).prepare()
        )
        return header

    def close(self) -> None:
        """Forget the cookies; connections are the pool's."""
        self._session = None

    def _open(self) -> _Session:
        if self._session is None:
            options = self._options
            self._session = _Session(shared_adapter(options.ca, options.cert, is_tls=self._url.startswith("https")))
            self._session.headers.update({**_HEADERS, **self._identity.fill(options.headers)})
        return self._session


class _Session(requests.Session):
    """A session of one client: its own cookies, everybody's connections, and no host but the target."""

    def __init__(self, adapter: HTTPAdapter) -> None:
        super().__init__()
        self.trust_env = False  # no proxy, no .netrc: the clients are no user of this machine
        self.adapters.clear()
        self.mount("http://", adapter)
        self.mount("https://", adapter)
        self.cookies.set_policy(DefaultCookiePolicy(secure_protocols=_SCHEMES))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a response sends us, if that is on the same host.

        Raises:
            ForeignPageError: it is not.
        """
        target: str | None = super().get_redirect_target(resp)
        if target is not None:
            here, there = urlsplit(resp.url), urlsplit(urljoin(resp.url, target))
            if here.netloc != there.netloc:
                raise ForeignPageError(
                    f"redirects to {there.scheme}://{there.netloc}, and clients stay on {here.netloc}; "
                    "name a page that the target itself serves (--page), log in first (--login), or give --url with "
                    "the host that the server calls itself"
                )
        return target


class _Adapter(HTTPAdapter):
    """The pool of connections; it trusts as the options say."""

    def __init__(self, ca: str | None, cert: str | None) -> None:
        super().__init__(pool_connections=4, pool_maxsize=MOST_CONNECTIONS)
        self._verify: bool | str = ca or True
        self._cert = cert

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # type: ignore[override]
        return super().send(request, **{**how, "verify": self._verify, "cert": self._cert})


@lru_cache(maxsize=8)
def shared_adapter(ca: str | None, cert: str | None, *, is_tls: bool) -> HTTPAdapter:
    """Return the pool of connections; the same for all clients.

    Raises:
        ConfigError: a file of certificates is not there.
    """
    if is_tls:
        make_context(ca, cert)
    adapter = _Adapter(ca, cert)
    _adapters.append(adapter)
    return adapter


_adapters: list[HTTPAdapter] = []


def close_idle_connections() -> None:
    """Close all HTTP connections that no request uses: kept alive, they would be load at a rest point."""
    for adapter in _adapters:
        pools = adapter.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118  # no mapping that could be iterated
            pools[key].close()  # clearing alone would leave them to whoever still holds an answer
        pools.clear()


def find_reason(error: BaseException) -> str:
    """Return what went wrong at first: libraries say ``Connection error`` of nearly everything."""
    first = error
    while first.__context__ is not None:
        first = first.__context__
    return getattr(first, "strerror", None) or str(first) or type(first).__name__


def describe(answer: requests.Response) -> str:
    """Return one line on an answer that was not the one hoped for."""
    said = " ".join(answer.text[:QUOTED_CHARS].split())
    return f"HTTP {answer.status_code} {answer.reason}" + (f", {said!r}" if said else "")
