"""Requests to the API without a socket."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from resolver.controlplane.api.dispatch import Dispatch
from resolver.controlplane.api.exchange import Reply, Request
from resolver.controlplane.cluster_api import ClusterApi
from tests.support.served_cluster import made_cluster, utc_now

JsonObject = dict[str, Any]


class Answered(NamedTuple):
    """`body`: the JSON where it is any, else text."""

    status: int
    body: Any
    reply: Reply

    @property
    def message(self) -> str:
        """Of a Status."""
        message: str = self.body["message"]
        return message


class DirectApi:
    """A cluster behind its API. `ready`: what /readyz says."""

    def __init__(self, api: ClusterApi | None = None) -> None:
        self.api = api or made_cluster()
        self.ready = True
        self._dispatch = Dispatch(self.api, self._now, lambda: self.ready)

    @staticmethod
    def _now() -> datetime:
        return utc_now()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str = "",
        content_type: str = "application/json",
        agent: str = "",
        host: str = "",
    ) -> Answered:
        """Bodies that are no text and no bytes are sent as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        data = body.encode() if isinstance(body, str) else data
        place, _, query = path.partition("?")
        reply = self._dispatch.answer(Request(method, place, query, accept, content_type, agent, data, host))
        assert isinstance(reply, Reply)
        try:
            found: Any = json.loads(reply.body)
        except ValueError:
            found = reply.body.decode()
        return Answered(reply.status, found, reply)
