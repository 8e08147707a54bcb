"""What the path of a request means (apiserver pkg/endpoints/request: requestinfo.go)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from resolver import limits
from resolver.controlplane.names import path_segment_problems
from resolver.controlplane.resources import RESOURCES, Resource, find_resource
from resolver.controlplane.status_error import StatusError

STATUS: Final = "status"
SCALE: Final = "scale"

GROUP_VERSIONS: Final = frozenset((each.group, each.version) for each in RESOURCES)
GROUPS: Final = frozenset(each.group for each in RESOURCES)


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about. `name` is empty for a collection, `subresource` for the object itself.

    `namespace` is empty for all namespaces and for objects of the cluster. `watch`: the path says so, as old ones do.
    """

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    watch: bool = False


class NoSuchGroup(Exception):
    """Nothing at all is served below this path: the answer is no Status."""


def path_parts(path: str) -> list[str]:
    """The parts of a path, percent signs resolved, without a slash at its end."""
    return unquote(path).removesuffix("/").split("/")[1:]


@lru_cache(limits.KNOWN_PATHS)
def target_of(path: str) -> Target:
    """The target of a path below ``/api/v1`` or ``/apis/<group>/<version>``, percent signs still in it.

    Raises NoSuchGroup, StatusError 404 for what its group does not have, and 400 for a name that cannot be.
    """
    parts = path_parts(path)
    if parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    else:
        group, version, rest = parts[1], parts[2], parts[3:]
    if group not in GROUPS:
        raise NoSuchGroup
    if (group, version) not in GROUP_VERSIONS:
        raise StatusError.no_such_path()
    watch = rest[0] == "watch"
    return _target(group, version, rest[1:] if watch else rest, watch)


def _target(group: str, version: str, rest: list[str], watch: bool) -> Target:
    in_namespace = len(rest) > 2 and rest[0] == "namespaces" and rest[2] != STATUS
    namespace = rest[1] if in_namespace else ""
    if in_namespace:
        rest = rest[2:]
    plural, name, subresource, *more = (*rest, "", "", "")
    resource = find_resource(group, version, plural)
    if resource is None or any(more) or (in_namespace and not resource.namespaced):
        raise StatusError.no_such_path()
    if (name and resource.namespaced and not namespace) or ("" in rest):
        raise StatusError.no_such_path()
    if subresource and (watch or not _has(resource, subresource)):
        raise StatusError.no_such_path()
    for each in (namespace, name):
        if problems := each and path_segment_problems(each):
            raise StatusError.bad_request(f'Name parameter invalid: "{each}": {problems[0]}')
    return Target(resource, namespace, name, subresource, watch)


def _has(resource: Resource, subresource: str) -> bool:
    if subresource == STATUS:
        return resource.has_status
    return subresource == SCALE and resource.has_scale
