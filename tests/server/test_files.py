"""Files as a Corefile's imports and the plugins see them."""

import os
from pathlib import Path

import pytest

from resolver.server.files import DiskFiles, interfaces, stamp


def test_a_file_is_read_whatever_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "Corefile").write_bytes("größer".encode() + b"\xff\n")
    assert DiskFiles().read(str(tmp_path / "Corefile")) == "größer\udcff\n"


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DiskFiles().read(str(tmp_path / "none"))


GLOBS = [
    ("*.conf", ["a.conf", "b.conf"]),
    ("a.conf", ["a.conf"]),
    ("?.conf", ["a.conf", "b.conf"]),
    ("*", [".hidden", "a.conf", "b.conf", "c"]),
    ("none", []),
    ("*.none", []),
]


@pytest.mark.parametrize(("pattern", "names"), GLOBS)
def test_a_pattern_matches_sorted_paths(tmp_path: Path, pattern: str, names: list[str]) -> None:
    for name in ("b.conf", "a.conf", ".hidden", "c"):
        (tmp_path / name).touch()
    assert DiskFiles().glob(str(tmp_path / pattern)) == [str(tmp_path / name) for name in names]


RESOLVED = [
    ("/etc/coredns/Corefile", "zones/*", "/etc/coredns/zones/*"),
    ("/etc/coredns/Corefile", "/srv/zones", "/srv/zones"),
    ("Corefile", "zones", "{here}/zones"),
    ("conf/Corefile", "zones", "{here}/conf/zones"),
]


@pytest.mark.parametrize(("importing", "pattern", "expected"), RESOLVED)
def test_imports_are_looked_for_beside_the_importing_file(importing: str, pattern: str, expected: str) -> None:
    assert DiskFiles().resolve(importing, pattern) == expected.format(here=os.getcwd())


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    assert stamp(str(path)) is None
    path.write_text("one")
    os.utime(path, ns=(0, 1_000))
    assert stamp(str(path)) == (1_000, 3)
    path.write_text("three")
    os.utime(path, ns=(0, 2_000))
    assert stamp(str(path)) == (2_000, 5)


def test_the_machine_has_a_loopback_address() -> None:
    assert "127.0.0.1" in [address for _, address in interfaces()]
