"""A request and what it is answered with, as values: the sockets know no more of them than this."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from resolver.controlplane.api.negotiation import JSON, Answer, negotiate
from resolver.controlplane.api.options import ListOptions, Query, parse_query
from resolver.controlplane.api.paths import Target
from resolver.controlplane.api.rendering import Renderer, encoded
from resolver.controlplane.status_error import StatusError

TEXT: Final = "text/plain; charset=utf-8"
_PEOPLE: Final = ("curl", "Wget", "Mozilla/5.0")
"""User-Agents that are shown indented JSON."""


@dataclass
class Request:
    """`path` with its percent signs, `query` without its question mark."""

    method: str
    path: str
    query: str = ""
    accept: str = ""
    content_type: str = ""
    user_agent: str = ""
    body: bytes = b""
    host: str = ""

    @cached_property
    def parameters(self) -> Query:
        return parse_query(self.query) if self.query else {}

    def answer(self) -> Answer:
        """How to answer. Raises StatusError 406."""
        answer = negotiate(self.accept)
        asked = self.parameters.get("pretty")
        pretty = asked[0].lower() in ("1", "t", "true") if asked else self.user_agent.startswith(_PEOPLE)
        return answer._replace(pretty=True) if pretty and not answer.pretty else answer


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. `warnings` are for ``Warning: 299`` headers."""

    status: int
    body: bytes
    content_type: str = JSON
    warnings: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WatchStart:
    """An answer that goes on: the changes of a kind."""

    target: Target
    options: ListOptions
    renderer: Renderer
    warnings: tuple[str, ...] = ()


def refusal(error: StatusError, request: Request, warnings: tuple[str, ...] = ()) -> Reply:
    """The Status of an error in a form the client takes, JSON where there is none."""
    try:
        answer = request.answer()
    except StatusError:
        answer = Answer()
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    body = encoded(error.to_status(), answer)
    return Reply(error.code, body, answer.media_type, warnings + tuple(error.warnings), headers)


def text_reply(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), TEXT)


def not_found_page() -> Reply:
    """Nothing is known of the path: what a plain web server says."""
    reply = text_reply(404, "404 page not found\n")
    reply.headers["X-Content-Type-Options"] = "nosniff"
    return reply
