from pathlib import Path

import pytest

from resolver.controlplane.applying import Refused
from resolver.controlplane.manifest_places import ManifestProblem
from resolver.controlplane.status_error import StatusError
from resolver.testing.manifests import RefusedByApi, each_source, refused_by_api


def test_sources_come_one_by_one_and_in_order(tmp_path):
    path = tmp_path / "web.yaml"
    path.touch()
    value = {"kind": "Service"}
    text = "kind: Service\napiVersion: v1"
    found = each_source([value, [str(path), path, [text]], '{"kind": "Service"}'])
    assert found == [value, path, path, text, '{"kind": "Service"}\n']


def test_relative_paths_are_looked_for_in_the_folders_in_turn(tmp_path):
    near, far = tmp_path / "near", tmp_path / "far"
    near.mkdir()
    far.mkdir()
    (far / "a.yaml").touch()
    assert each_source(["a.yaml"], [near, far]) == [far / "a.yaml"]
    (near / "a.yaml").touch()
    assert each_source(["a.yaml"], [near, far]) == [near / "a.yaml"]
    assert each_source([far / "a.yaml"], [near]) == [far / "a.yaml"]


def test_a_path_with_nothing_at_it_is_named_with_where_it_was_looked_for(tmp_path):
    with pytest.raises(RefusedByApi) as caught:
        each_source(["wbe.yaml"], [tmp_path / "a", tmp_path])
    assert str(caught.value) == (
        f"wbe.yaml: there is no such file or folder (looked for {tmp_path}/a/wbe.yaml and {tmp_path}/wbe.yaml); "
        "text of a manifest has more than one line"
    )


@pytest.mark.parametrize("value", [7, None, b"kind: Service\n", bytearray()])
def test_what_is_no_manifest_is_refused(value):
    with pytest.raises(TypeError, match="a manifest is a path, a text or an object, not"):
        each_source([value])


def test_refusals_keep_their_problems_and_words():
    problem = ManifestProblem("web.yaml", 7, "spec.type", "is none", "Service default/web")
    found = refused_by_api(Refused([problem]))
    assert isinstance(found, AssertionError)
    assert str(found) == "web.yaml:7: Service default/web: spec.type: is none"
    assert found.problems == (problem,)
    assert str(refused_by_api(StatusError(404, "NotFound", 'services "web" not found'))) == 'services "web" not found'


def test_a_path_alone_needs_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").touch()
    assert each_source(["a.yaml"]) == [Path("a.yaml")]
