"""From a request to its answer: which page, or which object and verb. Nothing here waits."""

from collections.abc import Callable
from datetime import datetime

from resolver.controlplane.api.exchange import Reply, Request, WatchStart, not_found_page, refusal
from resolver.controlplane.api.handlers import Handlers
from resolver.controlplane.api.pages import Pages
from resolver.controlplane.api.paths import NoSuchGroup, parse_target, path_parts
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.timestamps import written_time


class Dispatch:
    """`now`: the time in UTC. `ready`: whether all is up."""

    def __init__(self, api: ClusterApi, now: Callable[[], datetime], ready: Callable[[], bool]) -> None:
        self._handlers = Handlers(api, lambda: written_time(now()), now)
        self._pages = Pages(ready)

    def answer(self, request: Request) -> Reply | WatchStart:
        """Every refusal is a Status."""
        warnings: tuple[str, ...] = ()
        try:
            parts = path_parts(request.path)
            page = self._pages.page(parts, request)
            if page is not None:
                return page
            if parts[0] not in ("api", "apis"):
                return not_found_page()
            target = parse_target(parts)
            warnings = self._handlers.warnings(target)
            reply = self._handlers.handle(target, request)
        except NoSuchGroup:
            return not_found_page()
        except StatusError as error:
            return refusal(error, request, warnings)
        if warnings and isinstance(reply, Reply):
            return Reply(reply.status, reply.body, reply.content_type, warnings + reply.warnings, reply.headers)
        return reply
