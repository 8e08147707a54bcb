"""Documents that do not fit their kind, and values in unusual forms, as a real kube-apiserver 1.37.2 read them."""

from functools import cache

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.resources import SERVICES
from tests.support.embedded_cluster import Reply, new_embedded_cluster
from tests.support.recorded_objects import assert_same, identities, recorded_group, replayed

EXCHANGES = recorded_group("decoding")


@cache
def _replies() -> list[Reply]:
    return replayed(new_embedded_cluster(), EXCHANGES)


@pytest.mark.parametrize("number", range(len(EXCHANGES)), ids=identities(EXCHANGES))
def test_a_document_is_read_as_kube_apiserver_read_it(number: int) -> None:
    assert_same(_replies()[number], EXCHANGES[number])


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("iPFamilyPolicy", r'"spec.iPFamilyPolicy"'),
        ('a"b', r'"spec.a\"b"'),
        ("a\\b", r'"spec.a\\b"'),
        ("a\nb", r'"spec.a\nb"'),
        ("é", '"spec.é"'),
        ("\u200b", r'"spec.\u200b"'),
    ],
)
def test_the_name_of_an_unknown_field_is_quoted_as_go_quotes(field: str, shown: str) -> None:
    document = {"metadata": {"name": "web"}, "spec": {field: 1}}
    assert decode(SERVICES, document).warnings == [f"unknown field {shown}"]
