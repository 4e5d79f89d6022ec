"""A ResponseURL on loopback that keeps what arrives and answers as told."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tests.support.index.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = "X-Amz-Signature=c0ffee"


@dataclass
class ResponseUrl:
    """`statuses` are given to the next requests, then 200; `delay` is waited before each answer."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    delay: float = 0.0
    arrived: list[bytes] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.arrived]

    @property
    def answer(self) -> dict[str, Any]:
        """The one answer, checked as CloudFormation would."""
        (body,) = self.arrived
        assert len(body) <= 4096
        answer: dict[str, Any] = json.loads(body)
        assert answer["Status"] in {"SUCCESS", "FAILED"}
        assert 0 < len(answer["PhysicalResourceId"].encode()) <= 1024
        assert answer["Status"] == "SUCCESS" or answer["Reason"]
        assert self.content_types == [""]
        return answer


@contextmanager
def open_response_url() -> Iterator[ResponseUrl]:
    """Serve until the end of the block."""
    kept = ResponseUrl()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(kept.delay)
            kept.arrived.append(body)
            kept.content_types.append(self.headers["Content-Type"])
            self.send_response(kept.statuses.pop(0) if kept.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Handler) as url:
        kept.url = f"{url}/answer?{SIGNATURE}"
        yield kept
