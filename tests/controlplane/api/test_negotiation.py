import pytest

from resolver.controlplane.api.negotiation import JSON, YAML, Answer, check_stream, discovery_version, negotiate
from resolver.controlplane.status_error import StatusError

TABLES = "application/json;as=Table;v=v1;g=meta.k8s.io"
KUBECTL = f"{TABLES},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
PROTOBUF = "application/vnd.kubernetes.protobuf"
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("", Answer()),
        ("*/*", Answer()),
        ("application/*", Answer()),
        ("application/json", Answer(JSON)),
        ("application/yaml", Answer(YAML)),
        ("application/json;q=0.1, application/yaml", Answer(YAML)),
        (f"{PROTOBUF},application/json", Answer(JSON)),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Answer(JSON)),
        (KUBECTL, Answer(JSON, "Table", "v1")),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", Answer(JSON, "Table", "v1beta1")),
        ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", Answer(JSON)),
        ("application/json;as=Other;v=v1;g=meta.k8s.io,*/*", Answer(JSON)),
        (
            f"{PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            Answer(JSON, "PartialObjectMetadata", "v1"),
        ),
        ("application/json;pretty=1", Answer(JSON, pretty=True)),
    ],
)
def test_the_first_form_that_can_be_made_is_sent(accept: str, answer: Answer) -> None:
    assert negotiate(accept) == answer


@pytest.mark.parametrize(
    ("accept", "message"),
    [
        ("text/html", "406: Not Acceptable\n\nAvailable representations: "),
        ("nonsense", "406: Not Acceptable\n\nAvailable representations: "),
        (PROTOBUF, "only the following media types are accepted: "),
        ("application/json;as=Table;v=v3;g=meta.k8s.io", "only the following media types are accepted: "),
        ("application/json;stream=other", "only the following media types are accepted: "),
    ],
)
def test_what_cannot_be_made_is_refused(accept: str, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        negotiate(accept)
    assert refused.value.code == 406
    assert refused.value.message == f"{message}application/json, application/yaml, {PROTOBUF}"


def test_watches_are_sent_as_json_only() -> None:
    check_stream(negotiate(KUBECTL))
    with pytest.raises(StatusError, match="stream=watch"):
        check_stream(negotiate("application/yaml"))


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        (DISCOVERY.format("v2"), "v2"),
        (f"{DISCOVERY.format('v2')},{DISCOVERY.format('v2beta1')},application/json", "v2"),
        (f"{DISCOVERY.format('v2beta1')},application/json", ""),
        ("application/json", ""),
        ("", ""),
        ("application/json;g=apidiscovery.k8s.io;v=v2;as=Other,application/json", ""),
    ],
)
def test_aggregated_discovery_is_asked_for(accept: str, version: str) -> None:
    assert discovery_version(accept) == version
