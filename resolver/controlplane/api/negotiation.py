"""What a client accepts and what it is sent (apiserver pkg/endpoints/handlers/negotiation)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from resolver import limits
from resolver.controlplane.status_error import StatusError

JSON: Final = "application/json"
YAML: Final = "application/yaml"
PROTOBUF: Final = "application/vnd.kubernetes.protobuf"

TABLE: Final = "Table"
PARTIAL: Final = "PartialObjectMetadata"
PARTIAL_LIST: Final = "PartialObjectMetadataList"

_OFFERED: Final = (JSON, YAML)
_META_VERSIONS: Final = ("v1", "v1beta1")
_SHOWN: Final = f"{JSON}, {YAML}, {PROTOBUF}"
NOT_ACCEPTABLE: Final = f"only the following media types are accepted: {_SHOWN}"
_NOT_ACCEPTABLE_AT_ALL: Final = f"406: Not Acceptable\n\nAvailable representations: {_SHOWN}"


class Answer(NamedTuple):
    """How an answer is to be written. `kind`: empty, or what it is turned into: Table or partial metadata.

    `version` is that of the kind: v1 or v1beta1.
    """

    media_type: str = JSON
    kind: str = ""
    version: str = ""
    pretty: bool = False


_STREAMS: Final = f"{JSON};stream=watch, {PROTOBUF};stream=watch"
_NO_STREAM: Final = f"only the following media types are accepted: {_STREAMS}"
PLAIN: Final = Answer()


class _Clause(NamedTuple):
    media_type: str
    quality: float
    parameters: Mapping[str, str]


@lru_cache(limits.ACCEPT_HEADERS)
def negotiate(accept: str) -> Answer:
    """What to answer a request with this Accept header. Raises StatusError 406.

    Protobuf is never sent: a client that also takes JSON, as all of Kubernetes' own do, gets that.
    """
    if not accept:
        return PLAIN
    clauses = [each for each in map(_clause, accept.split(",")) if each]
    if not any(_matches(each.media_type, offered) for each in clauses for offered in (*_OFFERED, PROTOBUF)):
        raise StatusError(406, "NotAcceptable", _NOT_ACCEPTABLE_AT_ALL, details=True)
    for clause in sorted(clauses, key=lambda each: -each.quality):
        for offered in _OFFERED:
            if _matches(clause.media_type, offered):
                answer = _answer(offered, clause.parameters)
                if answer:
                    return answer
    raise StatusError.not_acceptable(NOT_ACCEPTABLE)


def check_stream(answer: Answer) -> None:
    """A watch is sent as JSON only. Raises StatusError 406."""
    if answer.media_type != JSON:
        raise StatusError.not_acceptable(_NO_STREAM)


@lru_cache(limits.ACCEPT_HEADERS)
def discovery_version(accept: str) -> str:
    """``v2`` where the aggregated form of discovery is taken, else empty."""
    for clause in sorted((each for each in map(_clause, accept.split(",")) if each), key=lambda each: -each.quality):
        parameters = clause.parameters
        if clause.media_type == JSON and parameters.get("as") == "APIGroupDiscoveryList":
            version = parameters.get("v", "")
            if parameters.get("g") == "apidiscovery.k8s.io" and version == "v2":
                return version
        elif any(_matches(clause.media_type, each) for each in _OFFERED) and "as" not in parameters:
            return ""
    return ""


def _clause(text: str) -> _Clause | None:
    media_type, *rest = [each.strip() for each in text.split(";")]
    if "/" not in media_type:
        return None
    parameters = {name.strip(): value.strip() for name, _, value in (each.partition("=") for each in rest)}
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        quality = 1.0
    return _Clause(media_type, quality, parameters)


def _matches(asked: str, offered: str) -> bool:
    if asked in ("*/*", offered):
        return True
    return asked.endswith("/*") and offered.startswith(asked[:-1])


def _answer(offered: str, parameters: Mapping[str, str]) -> Answer | None:
    """None where the parameters ask for what is not made of this type."""
    if parameters.get("stream", "watch") != "watch" or parameters.get("sv", "v1") not in ("", "v1"):
        return None
    kind, group, version = (parameters.get(each, "") for each in ("as", "g", "v"))
    if any(each in parameters for each in ("as", "g", "v")) and (
        group != "meta.k8s.io" or version not in _META_VERSIONS or kind not in (TABLE, PARTIAL, PARTIAL_LIST)
    ):
        return None
    return Answer(offered, kind, version, parameters.get("pretty") == "1")
