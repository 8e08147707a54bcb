"""Real files and real watches: whatever way a file is saved, it is time to look."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from resolver.controlplane.manifest_files import WatchedFolder
from resolver.server import manifest_watch
from resolver.server.manifest_watch import FolderWatch

NEVER = 3600.0  # seconds: the looks now and then are out of the way
PATIENCE = 30.0  # seconds; only a failure takes as long


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[FolderWatch]:
    folder = tmp_path / "manifests"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.yaml").write_text("old")
    folders = [WatchedFolder(str(folder), recursive=True), WatchedFolder(str(tmp_path), recursive=False)]
    problems: list[str] = []
    async with FolderWatch(lambda: folders, problems.append, NEVER) as watch:
        async with asyncio.timeout(PATIENCE):
            await watch.changed()
        yield watch
    assert problems == []


def _save(folder: Path) -> None:
    (folder / "a.yaml").write_text("new")


def _save_by_rename(folder: Path) -> None:
    (folder / "a.yaml~").write_text("new")
    os.replace(folder / "a.yaml~", folder / "a.yaml")


def _delete(folder: Path) -> None:
    (folder / "a.yaml").unlink()


def _add_below(folder: Path) -> None:
    (folder / "sub" / "b.yaml").write_text("new")


def _add_folder(folder: Path) -> None:
    (folder / "more").mkdir()


def _swap_links(folder: Path) -> None:
    (folder / "..2").mkdir()
    (folder / "..data_tmp").symlink_to("..2")
    os.replace(folder / "..data_tmp", folder / "..data")


def _save_beside(folder: Path) -> None:
    (folder.parent / "single.yaml").write_text("new")


WAYS = [_save, _save_by_rename, _delete, _add_below, _add_folder, _swap_links, _save_beside]


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_change_a_file_is_noticed(
    way: Callable[[Path], None], watch: FolderWatch, tmp_path: Path
) -> None:
    way(tmp_path / "manifests")
    async with asyncio.timeout(PATIENCE):
        await watch.changed()


async def test_without_any_event_it_is_time_to_look_now_and_then() -> None:
    async with FolderWatch(list, lambda _: None, 0.001) as watch, asyncio.timeout(PATIENCE):
        await watch.changed()
        await watch.changed()


async def test_a_folder_that_comes_later_or_anew_is_watched_then(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    watch = FolderWatch(lambda: [WatchedFolder(str(folder), recursive=True)], lambda _: None, 0.01)
    async with watch, asyncio.timeout(PATIENCE):
        for _ in range(2):
            assert not watch._running
            folder.mkdir()
            while not watch._running:
                await watch.changed()
            folder.rmdir()
            while watch._running:
                await watch.changed()


async def test_what_cannot_be_watched_is_told_once_and_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left for watches")

    monkeypatch.setattr(manifest_watch, "awatch", fail)
    problems: list[str] = []
    folders = [WatchedFolder(str(tmp_path), recursive=True)]
    async with FolderWatch(lambda: folders, problems.append, 0.01) as watch, asyncio.timeout(PATIENCE):
        for _ in range(5):
            await watch.changed()
    assert problems == [f"{tmp_path} cannot be watched, so it is looked at every 0.01 s: no space left for watches"]
