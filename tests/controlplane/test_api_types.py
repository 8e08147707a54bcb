import os
import subprocess
from pathlib import Path
from shutil import which

import pytest

from resolver.controlplane.api_types import KIND_TYPES, api_types, go_type
from tests.support.go_types import Types, render

VERSION = "0.37.2"
WRITTEN = Path(__file__).parents[2] / "resolver/controlplane/api_types.json"


def _module_cache() -> Path | None:
    """Where Go keeps the sources of modules."""
    if found := os.environ.get("GOMODCACHE"):
        return Path(found)
    if which("go") is None:
        return None
    told = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True, timeout=60)
    return Path(told.stdout.strip())


def test_the_shapes_are_those_of_the_go_sources() -> None:
    cache = _module_cache()
    if cache is None or not (cache / f"k8s.io/api@v{VERSION}").is_dir():
        pytest.skip(f"the Go sources of k8s.io/api {VERSION} are not here")
    assert render(Types(cache / "k8s.io", VERSION).describe()) == WRITTEN.read_text()


def test_every_type_that_is_named_is_described() -> None:
    simple = {"string", "bool", "int32", "int64", "bytes", "time", "microtime", "quantity", "int-or-string", "fields"}
    named = {
        field.type.replace("[]", "").replace("{}", "").removeprefix("*").partition(" ")[0]
        for each in api_types().values()
        for field in each.fields
    }
    assert named - set(api_types()) <= simple | {"raw", "float64", "int"}
    assert set(KIND_TYPES.values()) <= set(api_types())


@pytest.mark.parametrize(
    ("type", "shown"),
    [
        ("string", "string"),
        ("string v1.Protocol", "v1.Protocol"),
        ("*int32", "*int32"),
        ("[]core.ServicePort", "[]v1.ServicePort"),
        ("{}string", "map[string]string"),
        ("int-or-string", "intstr.IntOrString"),
        ("time", "v1.Time"),
        ("bytes", "[]uint8"),
    ],
)
def test_messages_name_types_as_go_does(type: str, shown: str) -> None:
    assert go_type(type) == shown
