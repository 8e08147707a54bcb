"""What can be given to a cluster, and names of kinds."""

from pathlib import Path
from typing import Any

import pytest

from resolver.controlplane.applying import Refused
from resolver.controlplane.resources import DEPLOYMENTS, SERVICES
from resolver.controlplane.sources import Source, find_kind, read_source
from resolver.controlplane.status_error import StatusError

MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
TEXT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\n"


def keys(source: Source) -> list[tuple[str, str, str]]:
    return [(each.key[0].kind, *each.key[1:]) for each in read_source(source, "shop")]


def test_objects_lists_texts_and_paths_are_read(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(TEXT)
    expected = [("ConfigMap", "shop", "a"), ("Node", "", "n1")]
    assert keys(MAP) == keys([MAP]) == keys({"kind": "List", "apiVersion": "v1", "items": [MAP]}) == expected[:1]
    assert keys(TEXT) == keys(tmp_path) == keys(str(tmp_path / "one.yaml")) == expected


def test_a_namespace_that_is_named_counts() -> None:
    assert keys({**MAP, "metadata": {"name": "a", "namespace": "other"}}) == [("ConfigMap", "other", "a")]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"kind": "ConfigMap"}, "apiVersion: is missing"),
        ({"apiVersion": "x/v1", "kind": "Thing", "metadata": {"name": "a"}}, "no such kind here: Thing; there are"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", "<text>:3: ConfigMap shop/None: metadata.name: is missing"),
        ("a: [\n", "<text>:"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(source: Any, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_source(source, "shop")
    assert words in str(refused.value)


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="gone"):
        read_source(tmp_path / "gone", "shop")


@pytest.mark.parametrize("text", ["Service", "services", "service", "svc", "SVC"])
def test_a_kind_has_many_names(text: str) -> None:
    assert find_kind(text) is SERVICES


def test_a_kind_may_be_named_with_its_group() -> None:
    assert find_kind("deployments.apps") is find_kind("deploy") is DEPLOYMENTS
    with pytest.raises(StatusError, match="no resource type"):
        find_kind("deployments.extensions")
