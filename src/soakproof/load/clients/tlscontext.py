"""TLS of clients: which authority they trust, which certificate they show; and what went wrong, in a sentence."""

from __future__ import annotations

import ssl
from functools import lru_cache

from soakproof.errors import ConfigError


@lru_cache(maxsize=8)
def make_context(ca: str | None, cert: str | None) -> ssl.SSLContext:
    """Return the TLS settings of clients: certificates are checked, against ``ca`` or what the system trusts.

    Raises:
        ConfigError: a file is not there, or not what it should be.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"--ca {ca}: {_reason(error)}; need a PEM file of certificates") from error
    if cert is not None:
        try:
            context.load_cert_chain(cert)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"--cert {cert}: {_reason(error)}; need a PEM file of certificate and key") from error
    return context


def explain(error: BaseException | str) -> str | None:
    """Return what to do about a failure of TLS, the error's causes included; None if it is none."""
    if isinstance(error, BaseException):
        return explain(str(error)) or (explain(error.__context__) if error.__context__ is not None else None)
    if "CERTIFICATE_VERIFY_FAILED" in error:
        why = error.partition("certificate verify failed: ")[2].partition(" (_ssl")[0] or "not trusted"
        return f"the server's certificate is not trusted: {why}; name the authority that signed it with --ca FILE"
    if "WRONG_VERSION_NUMBER" in error or "HTTP_REQUEST" in error:
        return "the server does not speak TLS; need http:// in place of https://"
    if "CERTIFICATE_REQUIRED" in error:
        return "the server wants a client's certificate; give one with --cert FILE"
    return f"TLS: {error}" if "SSL: " in error or "[SSL" in error else None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).partition(" (_ssl")[0]
