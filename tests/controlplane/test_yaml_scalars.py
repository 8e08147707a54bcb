"""Scalars mean what kubectl takes them for; the table is checked against kubectl where there is one."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

from resolver.controlplane.yaml_documents import read_yaml
from resolver.controlplane.yaml_scalars import BadScalar, plain, tagged

PLAIN = [
    ("y", True), ("Y", True), ("yes", True), ("on", True), ("On", True), ("True", True), ("true", True),
    ("n", False), ("N", False), ("no", False), ("off", False), ("OFF", False), ("False", False),
    ("oN", "oN"), ("nO", "nO"), ("tRUE", "tRUE"), ("yEs", "yEs"),
    ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"), ("None", "None"),
    ("1:20", "1:20"), ("22:22:22", "22:22:22"), ("190:20:30.15", "190:20:30.15"),
    ("2001-12-14", "2001-12-14"), ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("0", 0), ("-0", 0), ("12", 12), ("+12", 12), ("-3", -3), ("0777", 511), ("0o17", 15), ("0O17", 15), ("010", 8),
    ("08", 8), ("0x1F", 31), ("0X1f", 31), ("-0x10", -16), ("+0x10", 16), ("0b101", 5), ("-0b11", -3), ("0b12", "0b12"),
    ("0x", "0x"), ("1_000", 1000), ("1__0", 10), ("1_", 1), ("_1", "_1"), ("0x_1F", 31), ("1_0.5", 10.5),
    ("1e3", 1000), ("1E3", 1000), ("1e+3", 1000), ("12e03", 12000), ("1.0", 1), ("1.", 1), (".5", 0.5), ("+.5", 0.5),
    ("1.10", 1.1), ("-1.5e-3", -0.0015), ("6.02e23", 6.02e23), ("1e400", "1e400"), ("0.0", 0), (".", "."), ("+", "+"),
    ("-", "-"), ("=", "="), ("10.96.0.1", "10.96.0.1"), ("fd00::1", "fd00::1"), ("80/TCP", "80/TCP"),
    ("9223372036854775807", 9223372036854775807), ("-9223372036854775809", -9223372036854775809.0),
    ("18446744073709551616", 18446744073709551616.0),
]  # fmt: skip

TAGGED = [
    ("!!str", "12", "12"), ("!!str", "no", "no"), ("!!int", "3", 3), ("!!float", "3", 3), ("!!bool", "yes", True),
    ("!!null", "", None), ("!!binary", "aGVsbG8=", "hello"), ("!!timestamp", "2001-01-01", "2001-01-01"),
    ("!mine", "12", "12"),
]  # fmt: skip

REFUSED = [
    ("", ".inf"), ("", "-.Inf"), ("", ".nan"), ("!!int", "1:20"), ("!!int", "1.5"), ("!!int", "yes"), ("!!bool", "1"),
    ("!!float", "true"), ("!!null", "x"), ("!!binary", "%"), ("!!binary", "/w=="),
]  # fmt: skip


def _long(tag: str) -> str:
    return tag.replace("!!", "tag:yaml.org,2002:")


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_a_plain_scalar_is_what_kubectl_takes_it_for(text: str, value: object) -> None:
    found = plain(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("tag", "text", "value"), TAGGED)
def test_a_tag_decides(tag: str, text: str, value: object) -> None:
    found = tagged(_long(tag), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("tag", "text"), REFUSED)
def test_what_fits_no_tag_or_no_json_is_refused(tag: str, text: str) -> None:
    with pytest.raises(BadScalar):
        _ = tagged(_long(tag), text) if tag else plain(text)


def test_a_number_of_many_digits_is_text_and_costs_nothing() -> None:
    assert plain("9" * 100_000) == "9" * 100_000


def test_quotes_make_text_of_anything() -> None:
    ((value, _),) = read_yaml("- 'no'\n- \"1:20\"\n- ! 12\n- |\n  7\n")
    assert value == ["no", "1:20", "12", "7\n"]


def test_kubectl_agrees_with_the_table(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl on PATH")
    rows = [(text, value) for text, value in PLAIN if text != "-"]
    rows += [(f"{tag} {text}", value) for tag, text, value in TAGGED]
    lines = "".join(f"  - {text}\n" for text, _ in rows)
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\nrows:\n{lines}"
    (tmp_path / "rows.yaml").write_text(manifest)
    done = subprocess.run(
        [kubectl, "label", "--local", "-f", "rows.yaml", "a=b", "-o", "json"],
        cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)["rows"]
    assert len(found) == len(rows)
    for (text, value), theirs in zip(rows, found, strict=True):
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert math.isclose(theirs, value, rel_tol=1e-12), text  # kubectl makes floats of integers over 2^53
        else:
            assert theirs == value, text
