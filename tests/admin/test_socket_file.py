"""The file of the socket: for its owner only, replaced where it is left over, removed at the end."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.admin.socket_file import SocketFile
from resolver.transports.listening import CannotListen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dualdns" / "admin.sock"


@pytest.fixture
def opened(path: Path) -> Iterator[SocketFile]:
    file = SocketFile(str(path))
    sock = file.open()
    yield file
    sock.close()
    file.remove()


def leave_over(path: Path) -> None:
    """A socket file nobody listens at."""
    path.parent.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


def test_only_its_owner_can_reach_it(opened: SocketFile, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_listens_at_once(opened: SocketFile, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_the_mask_of_the_process_is_as_before(path: Path) -> None:
    before = os.umask(0o027)
    try:
        file = SocketFile(str(path))
        file.open().close()
        file.remove()
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_it_is_gone_at_the_end(path: Path) -> None:
    file = SocketFile(str(path))
    file.open().close()
    file.remove()
    assert not path.exists()
    file.remove()


def test_what_somebody_else_has_put_there_stays(path: Path) -> None:
    file = SocketFile(str(path))
    file.open().close()
    path.unlink()
    path.write_text("another file")
    file.remove()
    assert path.read_text() == "another file"


def test_that_it_is_gone_already_does_no_harm(path: Path) -> None:
    file = SocketFile(str(path))
    file.open().close()
    path.unlink()
    file.remove()


def test_one_that_was_never_opened_removes_nothing(path: Path) -> None:
    leave_over(path)
    SocketFile(str(path)).remove()
    assert path.exists()


def test_one_left_over_is_replaced(path: Path) -> None:
    leave_over(path)
    file = SocketFile(str(path))
    file.open().close()
    file.remove()


def test_one_in_use_is_refused_with_who_has_it(opened: SocketFile, path: Path) -> None:
    with pytest.raises(CannotListen, match=r"in use by .*--admin PORT"):
        SocketFile(str(path)).open()
    assert path.exists()


def test_a_file_that_is_no_socket_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("mine")
    with pytest.raises(CannotListen, match="it is no socket"):
        SocketFile(str(path)).open()
    assert path.read_text() == "mine"


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    (tmp_path / "other").write_text("mine")
    path.symlink_to(tmp_path / "other")
    with pytest.raises(CannotListen, match="it is no socket"):
        SocketFile(str(path)).open()


def test_a_folder_that_others_write_to_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with pytest.raises(CannotListen, match="others can write to"):
        SocketFile(str(path)).open()


def test_a_folder_as_tmp_is_will_do(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o1777)
    file = SocketFile(str(path))
    file.open().close()
    file.remove()


def test_a_place_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotListen, match=r"cannot listen on .*file/admin\.sock"):
        SocketFile(str(tmp_path / "file" / "admin.sock")).open()
