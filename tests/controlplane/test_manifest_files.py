"""Which files are read: folders, single files, links as ConfigMaps make them, standard input, the package."""

import io
import os
import threading
from pathlib import Path

import pytest

from resolver import limits
from resolver.controlplane.manifest_files import ManifestPaths, PackagedManifests, WatchedFolder


def _names(paths: ManifestPaths, folder: Path) -> list[str]:
    listing = paths.listing()
    assert listing.problems == []
    return [os.path.relpath(file.name, folder) for file in listing.files]


def test_a_folder_gives_its_manifests_in_order_of_name(tmp_path: Path) -> None:
    for name in (
        "b.yaml",
        "a.yml",
        "c.json",
        "notes.txt",
        ".hidden.yaml",
        "a.yaml~",
        "z/1.yaml",
        "b/x/2.yaml",
        ".git/3.yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    expected = ["a.yml", "b/x/2.yaml", "b.yaml", "c.json", "z/1.yaml"]
    assert _names(ManifestPaths([str(tmp_path)]), tmp_path) == sorted(expected, key=lambda name: name.split("/")[0])


def test_a_named_file_is_read_whatever_it_is_called_and_once(tmp_path: Path) -> None:
    (tmp_path / "shop.txt").write_text("x")
    (tmp_path / "a.yaml").write_text("")
    paths = ManifestPaths([str(tmp_path / "shop.txt"), str(tmp_path), str(tmp_path / "shop.txt"), f"{tmp_path}/a.yaml"])
    assert _names(paths, tmp_path) == ["shop.txt", "a.yaml"]


def test_a_mounted_config_map_is_read_once_through_its_links(tmp_path: Path) -> None:
    (tmp_path / "..2026_01" / "sub").mkdir(parents=True)
    (tmp_path / "..2026_01" / "a.yaml").write_text("a: 1")
    (tmp_path / "..2026_01" / "sub" / "b.yaml").write_text("b: 1")
    (tmp_path / "..data").symlink_to("..2026_01")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    (tmp_path / "sub").symlink_to("..data/sub")
    paths = ManifestPaths([str(tmp_path)])
    assert _names(paths, tmp_path) == ["a.yaml", "sub/b.yaml"]
    before = [file.stamp for file in paths.listing().files]
    (tmp_path / "..2026_01").rename(tmp_path / "..old")
    (tmp_path / "..2026_01" / "sub").mkdir(parents=True)
    (tmp_path / "..2026_01" / "a.yaml").write_text("a: 1")
    (tmp_path / "..2026_01" / "sub" / "b.yaml").write_text("b: 1")
    after = [file.stamp for file in paths.listing().files]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "back").symlink_to("../..", target_is_directory=True)
    (tmp_path / "a" / "b" / "x.yaml").write_text("")
    (tmp_path / "a" / "nothing.yaml").symlink_to("nowhere")
    assert _names(ManifestPaths([str(tmp_path)]), tmp_path) == ["a/b/x.yaml"]


def test_what_is_not_there_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("")
    listing = ManifestPaths([str(tmp_path / "nowhere"), str(tmp_path)]).listing()
    assert [str(problem) for problem in listing.problems] == [f"{tmp_path}/nowhere: there is no such file or folder"]
    assert [file.name for file in listing.files] == [f"{tmp_path}/a.yaml"]


def test_a_file_that_is_too_large_is_refused_when_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MANIFEST_SIZE", 1 << 20)
    (tmp_path / "a.yaml").write_bytes(b"#" * ((1 << 20) + 1))
    (tmp_path / "b.yaml").write_bytes(b"#" * (1 << 20))
    large, fitting = ManifestPaths([str(tmp_path)]).listing().files
    with pytest.raises(OSError, match="is larger than 1 MiB: split it"):
        large.read()
    assert len(fitting.read()) == 1 << 20


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MANIFEST_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.yaml").write_text("")
    (problem,) = ManifestPaths([str(tmp_path)]).listing().problems
    assert problem.message == "holds more than 2 manifests: name a smaller folder"


def test_standard_input_is_read_once_and_remembered() -> None:
    paths = ManifestPaths(["-"], io.BytesIO(b"a: 1"))
    for _ in range(2):
        ((file,), problems) = paths.listing()
        assert (file.name, file.read(), problems) == ("standard input", b"a: 1", [])
    assert paths.folders() == []


def test_a_pipe_is_read_once_and_remembered(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    paths = ManifestPaths([str(pipe)])
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a: 1",))
    writer.start()
    ((file,), _) = paths.listing()
    assert (file.read(), file.read()) == (b"a: 1", b"a: 1")
    writer.join()
    assert paths.folders() == []


def test_folders_are_watched_below_and_files_by_their_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("")
    paths = ManifestPaths([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), str(tmp_path), "c.yaml"])
    assert paths.folders() == [
        WatchedFolder(str(tmp_path), recursive=False),
        WatchedFolder(str(tmp_path), recursive=True),
        WatchedFolder(".", recursive=False),
    ]


def test_the_demo_is_inside_the_package() -> None:
    listing = PackagedManifests().listing()
    assert [file.name for file in listing.files] == ["demo/shop.yaml"]
    assert all(b"apiVersion" in file.read() for file in listing.files)
    assert PackagedManifests().folders() == []
