"""Lists: which version they show, in how many pages (apiserver pkg/storage: continue.go, etcd3/store.go)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from typing import Any, Final, NamedTuple

import msgspec

from resolver.controlplane.api.go_json import syntax_error
from resolver.controlplane.api.options import EXACT, ListOptions, parse_version
from resolver.controlplane.object_store import CONTINUE_TOO_OLD, ObjectStore, Page
from resolver.controlplane.resources import Resource
from resolver.controlplane.status_error import StatusError

JsonObject = dict[str, Any]

_FORMAT: Final = "meta.k8s.io/v1"
_ANY: Final = -1
"""The version in a token that goes on with whatever there is now."""
_INVALID: Final = "invalid continue token: continue key is not valid"


class Listed(NamedTuple):
    """A page and the metadata of the list it is."""

    page: Page
    metadata: JsonObject


class _Token(NamedTuple):
    version: int
    start: str


def list_page(store: ObjectStore, resource: Resource, namespace: str, options: ListOptions) -> Listed:
    """The objects a list shows. Raises StatusError 400, 410 with a token that goes on, or 504."""
    matches = None if options.matches.all else options.matches
    if options.continue_token:
        if options.version not in ("", "0"):
            raise StatusError.bad_request("specifying resource version is not allowed when using continue")
        token = _read_token(options.continue_token)
        page = _go_on(store, resource, namespace, options, token)
    else:
        at, limit = _version(store, options), options.limit
        if options.version == "0":
            limit = 0
        page = store.page(resource, namespace, at=at, limit=limit, matches=matches)
    return Listed(page, _metadata(page, namespace, selects=matches is not None))


def check_reached(store: ObjectStore, text: str) -> None:
    """Raises StatusError 504 where a GET asks for a version that lies ahead, 400 for what is none."""
    if text in ("", "0"):
        return
    version = _parsed(text)
    if version > store.version:
        raise StatusError.version_too_large(version, store.version)


def _version(store: ObjectStore, options: ListOptions) -> int | None:
    """The version to show, None for the latest one."""
    if options.version in ("", "0"):
        return None
    version = _parsed(options.version)
    if options.match == EXACT or (not options.match and options.limit):
        return version
    if version > store.version:
        raise StatusError.version_too_large(version, store.version)
    return None


def _parsed(text: str) -> int:
    try:
        return parse_version(text)
    except ValueError as error:
        raise StatusError.bad_request(f"invalid resource version: {error}") from None


def _go_on(store: ObjectStore, resource: Resource, namespace: str, options: ListOptions, token: _Token) -> Page:
    matches = None if options.matches.all else options.matches
    after = f"{namespace}/{token.start}" if namespace else token.start
    at = None if token.version == _ANY else token.version
    try:
        return store.page(resource, namespace, at=at, after=after, limit=options.limit, matches=matches)
    except StatusError as error:
        if error.code != 410:
            raise
        raise StatusError.gone(CONTINUE_TOO_OLD, _written_token(_ANY, token.start)) from None


def _metadata(page: Page, namespace: str, *, selects: bool) -> JsonObject:
    metadata: JsonObject = {"resourceVersion": str(page.version)}
    if page.last:
        start = page.last[len(namespace) + 1 :] if namespace else page.last
        metadata["continue"] = _written_token(page.version, start)
        if not selects and page.remaining:
            metadata["remainingItemCount"] = page.remaining
    return metadata


def _written_token(version: int, last: str) -> str:
    """After the object with this key, which is relative to the namespace of the request."""
    text = msgspec.json.encode({"v": _FORMAT, "rv": version, "start": f"/{last}\0"})
    return urlsafe_b64encode(text).decode().rstrip("=")


def _read_token(text: str) -> _Token:
    value = _token_value(text)
    version = value.get("v", "")
    if version != _FORMAT:
        raise StatusError.bad_request(f"{_INVALID}: server does not recognize this encoded version {version}")
    number, start = value.get("rv", 0), value.get("start", "")
    if not isinstance(number, int) or not isinstance(start, str):
        raise StatusError.bad_request(f"{_INVALID}: json: cannot unmarshal value")
    if not number:
        raise StatusError.bad_request(f"{_INVALID}: incorrect encoded start resourceVersion (version {_FORMAT})")
    if not start:
        raise StatusError.bad_request(f"{_INVALID}: encoded start key empty (version {_FORMAT})")
    key = start.removeprefix("/")
    if any(part in ("", ".", "..") for part in key.rstrip("\0").split("/")):
        raise StatusError.bad_request(f"{_INVALID}: {start}")
    return _Token(max(number, _ANY), key.removesuffix("\0"))


def _token_value(text: str) -> JsonObject:
    for at, character in enumerate(text):
        if not (character.isascii() and (character.isalnum() or character in "-_")):
            raise StatusError.bad_request(f"{_INVALID}: illegal base64 data at input byte {at}")
    try:
        body = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (BadBase64, ValueError):
        problem = f"illegal base64 data at input byte {len(text) - 1}"
        raise StatusError.bad_request(f"{_INVALID}: {problem}") from None
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise StatusError.bad_request(f"{_INVALID}: {syntax_error(body) or 'invalid JSON'}") from None
    if not isinstance(value, dict):
        raise StatusError.bad_request(f"{_INVALID}: json: cannot unmarshal value")
    return value
