"""Everything below one server that is no object: discovery, OpenAPI, health, version."""

from collections.abc import Callable
from typing import Final

import msgspec

from resolver.controlplane.api import discovery, openapi
from resolver.controlplane.api.exchange import TEXT, Reply, Request, not_found_page, text_reply
from resolver.controlplane.api.handlers import method_not_allowed
from resolver.controlplane.api.negotiation import JSON, discovery_version, negotiate
from resolver.controlplane.api.paths import GROUP_VERSIONS, GROUPS
from resolver.controlplane.api.rendering import encoded
from resolver.controlplane.status_error import StatusError

HEALTH: Final = ("/healthz", "/livez", "/readyz")
_CHECK: Final = "ping"
_VERSION: Final = {
    "major": "1",
    "minor": "37",
    "emulationMajor": "1",
    "emulationMinor": "37",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "36",
    "gitVersion": "v1.37.2+dualdns",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "dualdns/embedded",
}
"""The release whose behaviour is followed; what is built from Go says nothing."""


class Pages:
    """`ready` says whether all is up."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        self._ready = ready

    def page(self, parts: list[str], request: Request) -> Reply | None:
        """The page of a path, None where there is none. Raises StatusError."""
        first = parts[0] if parts else ""
        if f"/{first}" in HEALTH:
            return self._health(first, parts[1:], request)
        reply = self._known(parts, request)
        if reply is not None and request.method != "GET":
            raise method_not_allowed()
        return reply

    def _known(self, parts: list[str], request: Request) -> Reply | None:
        match parts:
            case [] | [""]:
                health = tuple(path for each in HEALTH for path in (each, f"{each}/{_CHECK}"))
                return _json(discovery.paths(health), request)
            case ["version"]:
                return Reply(200, msgspec.json.format(msgspec.json.encode(_VERSION), indent=2))
            case ["openapi", *rest]:
                return _openapi(rest)
            case ["api"]:
                return _discovered(discovery.api_versions(request.host), ("",), request)
            case ["apis"]:
                return _discovered(discovery.group_list(), discovery.GROUP_ORDER, request)
            case ["api", version]:
                return _versioned("", version, request)
            case ["apis", group]:
                return _json(discovery.group(group), request) if group and group in GROUPS else not_found_page()
            case ["apis", group, version]:
                return _versioned(group, version, request) if group and group in GROUPS else not_found_page()
        return None

    def _health(self, kind: str, rest: list[str], request: Request) -> Reply | None:
        if rest not in ([], [_CHECK]):
            return not_found_page()
        if kind == "readyz" and not rest and not self._ready():
            return text_reply(500, "[+]ping ok\n[-]cluster failed: reason withheld\nreadyz check failed\n")
        if "verbose" in request.parameters:
            return text_reply(200, f"[+]ping ok\n[+]cluster ok\n{kind} check passed\n")
        return text_reply(200, "ok")


def _json(value: object, request: Request) -> Reply:
    answer = request.answer()
    return Reply(200, encoded(value, answer), answer.media_type)


def _versioned(group: str, version: str, request: Request) -> Reply:
    if (group, version) not in GROUP_VERSIONS:
        raise StatusError.no_such_path()
    return _json(discovery.resource_list(group, version), request)


def _discovered(plain: object, groups: tuple[str, ...], request: Request) -> Reply:
    """The list of groups, or all they hold where the client takes that."""
    version = discovery_version(request.accept)
    if not version:
        return _json(plain, request)
    content_type = f"{JSON};g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    return Reply(200, encoded(discovery.aggregated(groups, version), negotiate("")), content_type)


def _openapi(rest: list[str]) -> Reply:
    if rest == ["v3"]:
        return Reply(200, openapi.index(), TEXT)
    if rest == ["v2"]:
        return Reply(200, openapi.swagger())
    path = "/".join(rest[1:])
    if rest[:1] != ["v3"] or path not in openapi.PATHS:
        return not_found_page()
    headers = {"Cache-Control": "public, immutable", "Etag": f'"{openapi.etag(path)}"', "Vary": "Accept"}
    return Reply(200, openapi.document(path), headers=headers)
