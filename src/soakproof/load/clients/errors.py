"""What can go wrong for a client. Locust counts each as a failed request; none ends a run.

ClientError
├── ConnectError          no connection came about
│   └── RefusedError      the server's application said no
├── AnswerTimeoutError    no acknowledgement, or no event, in time
├── LostError             the connection went away under the client
└── StatusError           an HTTP request was answered with a status of 400 or above
"""

from __future__ import annotations


class ClientError(Exception):
    """Base of all failures of a client."""


class ConnectError(ClientError):
    """No connection came about."""


class RefusedError(ConnectError):
    """The server's application refused the connection."""


class AnswerTimeoutError(ClientError):
    """What the client waited for did not come in time."""


class StatusError(ClientError):
    """An HTTP request was answered with an error."""


class LostError(ClientError):
    """The connection went away, by the server or by the network."""
