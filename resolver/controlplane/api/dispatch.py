"""From a request to its answer: which page, or which object and verb. Nothing here waits."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from resolver.controlplane.api.exchange import Reply, Request, WatchStart, not_found_page, refusal
from resolver.controlplane.api.handlers import Handlers
from resolver.controlplane.api.pages import Pages
from resolver.controlplane.api.paths import NoSuchGroup, path_parts, target_of
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.timestamps import written_time

_OBJECTS: Final = ("/api/", "/apis/")
_PAGE_SLASHES: Final = 4
"""A path of objects with fewer slashes may be a page of discovery: ``/apis/apps/v1/``."""


class Dispatch:
    """`now`: the time in UTC. `ready`: whether all is up."""

    def __init__(self, api: ClusterApi, now: Callable[[], datetime], ready: Callable[[], bool]) -> None:
        self._handlers = Handlers(api, lambda: written_time(now()), now)
        self._pages = Pages(ready)

    def answer(self, request: Request) -> Reply | WatchStart:
        """Every refusal is a Status."""
        warnings: tuple[str, ...] = ()
        try:
            if request.path.count("/") <= _PAGE_SLASHES or not request.path.startswith(_OBJECTS):
                page = self._pages.page(path_parts(request.path), request)
                if page is not None:
                    return page
                if not request.path.startswith(_OBJECTS):
                    return not_found_page()
            target = target_of(request.path)
            warnings = self._handlers.warnings(target)
            reply = self._handlers.handle(target, request)
        except NoSuchGroup:
            return not_found_page()
        except StatusError as error:
            return refusal(error, request, warnings)
        if warnings and isinstance(reply, Reply):
            return Reply(reply.status, reply.body, reply.content_type, warnings + reply.warnings, reply.headers)
        return reply
