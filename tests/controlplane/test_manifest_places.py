"""Field paths lead to lines; problems say file, line, object and field."""

import pytest

from resolver.controlplane.manifest_places import Document, ManifestProblem, Place

PLACE = Place(
    1,
    {
        "metadata": Place(2, {"labels": Place(3, {"app.k8s.io/part-of": Place(4), "app": Place(5), "": Place(6)})}),
        "spec": Place(7, {"ports": Place(8, {0: Place(9, {"port": Place(10)}), 1: Place(11)})}),
        "0": Place(12, {"a.b": Place(13, {"c": Place(14)})}),
    },
)

PATHS = [
    ("", 1),
    ("metadata", 2),
    ("metadata.labels[app.k8s.io/part-of]", 4),
    ("metadata.labels.app.k8s.io/part-of", 4),
    ("metadata.labels.app", 5),
    ("metadata.labels.ap", 3),
    ("metadata.labels[app]", 5),
    ("metadata.labels[...]", 3),
    ("spec.ports[0].port", 10),
    ("spec.ports[0].name", 9),
    ("spec.ports[1].port", 11),
    ("spec.ports[2].port", 8),
    ("spec.clusterIP", 7),
    ("status.podIPs", 1),
    ("0.a.b.c", 14),
    ("[0].a.b", 13),
    ("[", 1),
    ("..", 1),
]


@pytest.mark.parametrize(("field", "line"), PATHS)
def test_a_field_path_leads_to_its_line_or_to_what_is_around_it(field: str, line: int) -> None:
    assert PLACE.find(field).line == line


PROBLEMS = [
    (
        ManifestProblem("a.yaml", 3, "spec.type", "is odd", "Service shop/web"),
        "a.yaml:3: Service shop/web: spec.type: is odd",
    ),
    (ManifestProblem("a.yaml", 3, "", "is odd"), "a.yaml:3: is odd"),
    (ManifestProblem("a.yaml", 0, "", "is UTF-16"), "a.yaml: is UTF-16"),
]


@pytest.mark.parametrize(("problem", "text"), PROBLEMS)
def test_a_problem_says_where_it_is(problem: ManifestProblem, text: str) -> None:
    assert str(problem) == text


SUBJECTS = [
    ({"metadata": {"name": "web", "namespace": "shop"}}, "Service shop/web"),
    ({"metadata": {"name": "web"}}, "Service web"),
    ({"metadata": {"name": "web", "namespace": False}}, "Service web"),
    ({"metadata": ["web"]}, "Service (no name)"),
    ({}, "Service (no name)"),
]


@pytest.mark.parametrize(("value", "subject"), SUBJECTS)
def test_a_document_is_called_by_kind_namespace_and_name(value: dict[str, object], subject: str) -> None:
    document = Document({"apiVersion": "v1", "kind": "Service"} | value, "a.yaml", PLACE)
    assert document.subject == subject


def test_a_document_makes_problems_of_its_fields() -> None:
    document = Document({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}, "a.yaml", PLACE)
    assert document.problem("spec.ports[0].port", "is odd") == (
        "a.yaml",
        10,
        "spec.ports[0].port",
        "is odd",
        "Service web",
    )
    assert document.locate("spec") == ("a.yaml", 7)
    assert (document.line, document.api_version, document.kind) == (1, "v1", "Service")
