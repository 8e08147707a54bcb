import pytest

from resolver.controlplane.api.paths import NoSuchGroup, Target, path_parts, target_of
from resolver.controlplane.resources import DEPLOYMENTS, NAMESPACES, NODES, SERVICE_CIDRS, SERVICES
from resolver.controlplane.status_error import StatusError


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/services", Target(SERVICES)),
        ("/api/v1/namespaces/shop/services", Target(SERVICES, "shop")),
        ("/api/v1/namespaces//services", Target(SERVICES)),
        ("/api/v1/namespaces/shop/services/", Target(SERVICES, "shop")),
        ("/api/v1/namespaces/shop/services/web", Target(SERVICES, "shop", "web")),
        ("/api/v1/namespaces/shop/services/w%65b", Target(SERVICES, "shop", "web")),
        ("/api/v1/namespaces/shop/services/web/status", Target(SERVICES, "shop", "web", "status")),
        ("/api/v1/namespaces", Target(NAMESPACES)),
        ("/api/v1/namespaces/shop", Target(NAMESPACES, "", "shop")),
        ("/api/v1/namespaces/shop/status", Target(NAMESPACES, "", "shop", "status")),
        ("/api/v1/nodes/n1/status", Target(NODES, "", "n1", "status")),
        ("/api/v1/watch/services", Target(SERVICES, watch=True)),
        ("/api/v1/watch/namespaces/shop/services/web", Target(SERVICES, "shop", "web", watch=True)),
        ("/apis/apps/v1/namespaces/shop/deployments/web/scale", Target(DEPLOYMENTS, "shop", "web", "scale")),
        ("/apis/networking.k8s.io/v1/servicecidrs/kubernetes", Target(SERVICE_CIDRS, "", "kubernetes")),
    ],
)
def test_a_path_says_what_a_request_is_about(path: str, target: Target) -> None:
    assert target_of(path) == target


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/services",
        "/api/v1/widgets",
        "/api/v1/services/web",
        "/api/v1/namespaces/shop/nodes",
        "/api/v1/namespaces/shop/services/web/scale",
        "/api/v1/namespaces/shop/services/web/status/more",
        "/api/v1/namespaces/shop/configmaps/c/status",
        "/api/v1/watch/namespaces/shop/services/web/status",
        "/apis/apps/v1beta1/deployments",
        "/apis/apps/v1/services",
    ],
)
def test_what_a_group_does_not_have_is_not_found(path: str) -> None:
    with pytest.raises(StatusError) as refused:
        target_of(path)
    assert (refused.value.code, refused.value.message) == (404, "the server could not find the requested resource")


def test_nothing_is_below_a_group_that_is_not_served() -> None:
    with pytest.raises(NoSuchGroup):
        target_of("/apis/example.org/v1/widgets")


def test_names_that_cannot_be_in_a_path_are_refused() -> None:
    with pytest.raises(StatusError, match="Name parameter invalid: \"a%b\": may not contain '%'"):
        target_of("/api/v1/namespaces/shop/services/a%25b")


def test_a_slash_at_the_end_is_no_part() -> None:
    assert path_parts("/apis/apps/v1/") == path_parts("/apis/apps/v1") == ["apis", "apps", "v1"]
