import pytest

from tests.support.direct_api import DirectApi

SHOP = "/api/v1/namespaces/default/services"
NOT_FOUND = "the server could not find the requested resource"
NOT_ALLOWED = "the server does not allow this method on the requested resource"


@pytest.mark.parametrize(
    "path",
    ["/other", "/api1", "/apis/example.org", "/apis/example.org/v1/widgets", "/healthz/etcd", "/openapi", "/metrics"],
)
def test_paths_of_which_nothing_is_known_have_no_status(path: str) -> None:
    answer = DirectApi().ask("GET", path)
    assert (answer.status, answer.body) == (404, "404 page not found\n")
    assert answer.reply.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", ["/api/v2", "/api/v2/x", "/apis/apps/v1/widgets", "/api/v1/widgets", f"{SHOP}/a/log"])
def test_what_a_known_group_does_not_have_is_a_status(path: str) -> None:
    answer = DirectApi().ask("GET", path)
    assert (answer.status, answer.message) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", SHOP),
        ("PUT", SHOP),
        ("HEAD", SHOP),
        ("POST", f"{SHOP}/web"),
        ("DELETE", f"{SHOP}/web/status"),
        ("DELETE", "/api/v1/services"),
        ("POST", "/api/v1/services"),
        ("DELETE", "/api/v1/namespaces"),
        ("POST", "/api/v1/watch/services"),
        ("DELETE", "/version"),
        ("POST", "/api/v1"),
        ("POST", "/apis/apps/v1/namespaces/default/deployments/web/scale"),
    ],
)
def test_other_methods_are_refused(method: str, path: str) -> None:
    answer = DirectApi().ask(method, path)
    assert (answer.status, answer.body["reason"], answer.message) == (405, "MethodNotAllowed", NOT_ALLOWED)


@pytest.mark.parametrize("path", ["/api", "/api/", "/apis/", "/apis/apps/", "/apis/apps/v1/", "/version/", "/healthz/"])
def test_a_slash_at_the_end_changes_no_page(path: str) -> None:
    assert DirectApi().ask("GET", path).status == 200


def test_every_answer_about_endpoints_warns() -> None:
    api = DirectApi()
    for path in ("/api/v1/endpoints", "/api/v1/namespaces/default/endpoints/none"):
        warnings = api.ask("GET", path).reply.warnings
        assert warnings == ("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",)
    assert api.ask("GET", "/api/v1/services").reply.warnings == ()
