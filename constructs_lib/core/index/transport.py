"""The HTTP transport: retries, and one TLS context for all threads and hosts."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from urllib3.util import Retry
from urllib3.util.ssl_ import create_urllib3_context

from constructs_lib.core.log import log

if TYPE_CHECKING:
    import ssl

    from requests import PreparedRequest
    from urllib3 import BaseHTTPResponse, ProxyManager

AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name a file or folder of trusted certificates: requests reads two, uv and OpenSSL the last."""
LONGEST_WAIT = 30.0
"""Seconds before the next try, whatever the server asks for."""


class PatientRetry(Retry):
    """Tries again after a busy answer; waits as long as the server asks, up to half a minute."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the seconds that the server asks to wait, cut to what is reasonable."""
        seconds = super().get_retry_after(response)
        if not seconds:
            return seconds
        wait = min(seconds, LONGEST_WAIT)
        log.warning(
            "the index answers HTTP %d and asks to wait %.0f s: trying again in %.0f s",
            response.status,
            seconds,
            wait,
        )
        return wait


class Transport(HTTPAdapter):
    """An adapter of requests whose connections share one TLS context.

    requests makes one for each connection, and reading the certificates into it takes 40 ms.
    """

    def __init__(self, attempts: int, connections: int) -> None:
        retry = PatientRetry(attempts - 1, backoff_factor=0.3, status_forcelist=(429, 500, 502, 503, 504))
        super().__init__(max_retries=retry, pool_maxsize=connections)
        self._context_lock = threading.Lock()

    @property
    def _context(self) -> ssl.SSLContext:
        with self._context_lock:  # `cached_property` has no lock of its own since Python 3.12
            return self._cached_context

    @cached_property
    def _cached_context(self) -> ssl.SSLContext:
        path = next(filter(None, map(os.environ.get, AUTHORITIES)), DEFAULT_CA_BUNDLE_PATH)
        context = create_urllib3_context()
        try:
            if Path(path).is_dir():
                context.load_verify_locations(capath=path)
            else:
                context.load_verify_locations(cafile=path)
        except OSError as error:
            # Inside a request: `fetch` turns it into a FetchError that names the file.
            raise OSError(f"no certificates can be read from {path}: {error.strerror or error}") from None
        return context

    def build_connection_pool_key_attributes(self, request: PreparedRequest, *options: Any) -> Any:  # noqa: ANN401
        """Return host and settings of a connection; certificates come from the shared context."""
        host, _ = super().build_connection_pool_key_attributes(request, *options)
        return host, {"ssl_context": self._context} if host["scheme"] == "https" else {}

    def cert_verify(self, *_: object) -> None:
        """Do nothing for a connection: the shared context verifies certificates."""

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """Return the manager of a proxy, which is verified by the shared context where it is reached over TLS."""
        if proxy.lower().startswith("https"):
            options["proxy_ssl_context"] = self._context
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        return manager
