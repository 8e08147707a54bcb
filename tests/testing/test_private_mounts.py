import os
import socket
import subprocess
import sys

import pytest

from resolver.testing import private_mounts
from resolver.testing.private_mounts import Refused, call

PATIENCE = 30.0  # seconds; only a failure takes as long


class Started:
    """The script as a process; `said` is what it tells, `sockets` the descriptors that come with it."""

    def __init__(self, *words, network="nonet"):
        self.ours, theirs = socket.socketpair()
        with theirs:
            user = "nobody" if os.geteuid() == 0 else "user"
            head = [sys.executable, "-I", private_mounts.__file__, str(theirs.fileno()), user, network]
            self.process = subprocess.Popen(
                [*head, *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                pass_fds=(theirs.fileno(),),
            )
        self.ours.settimeout(PATIENCE)
        said, self.sockets, _, _ = socket.recv_fds(self.ours, 1024, 2)
        self.said = said.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            os.close(each)
        self.ours.close()
        self.process.kill()
        self.process.communicate()

    def go_on(self):
        """Lets it become its command: output, errors, exit status."""
        self.ours.sendall(b"!")
        output, errors = self.process.communicate(timeout=PATIENCE)
        return output, errors, self.process.returncode


@pytest.fixture
def files(tmp_path):
    """A file, and one to lay it over, in a system that allows that."""
    (tmp_path / "upper").write_text("upper\n")
    (tmp_path / "lower").write_text("lower\n")
    with Started(tmp_path / "upper", tmp_path / "lower", "--", "true") as tried:
        if tried.said != "ready":
            pytest.skip(f"namespaces are not allowed here: {tried.said}")
        tried.go_on()
    return tmp_path / "upper", tmp_path / "lower"


def test_the_command_sees_the_file_that_was_laid_over_and_nobody_else_does(files):
    upper, lower = files
    with Started(upper, lower, "--", "cat", lower) as started:
        assert (started.said, started.sockets) == ("ready", [])
        assert lower.read_text() == "lower\n"
        assert started.go_on() == ("upper\n", "", 0)


def test_the_command_waits_until_it_is_let_go(files):
    with Started("--", "echo", "gone on") as started:
        assert started.process.poll() is None
        assert started.go_on() == ("gone on\n", "", 0)


def test_a_command_that_is_not_there_ends_as_in_a_shell(files):
    with Started("--", "no-such-command") as started:
        assert started.go_on() == ("", "no-such-command: No such file or directory\n", private_mounts.NOT_FOUND)


def test_the_user_stays_who_they_are(files):
    with Started("--", sys.executable, "-c", "import os; print(os.getuid(), os.getgid())") as started:
        assert started.go_on()[0] == f"{os.getuid()} {os.getgid()}\n"


def test_a_network_of_its_own_gives_the_sockets_of_its_port_53(files):
    with Started("--", "true", network="net") as started:
        if started.said != "ready":
            pytest.skip(f"a network is not allowed here: {started.said}")
        kinds = []
        for number in started.sockets:
            with socket.socket(fileno=os.dup(number)) as each:
                assert each.getsockname() == private_mounts.ADDRESS
                kinds.append(each.type)
        assert kinds == [socket.SOCK_DGRAM, socket.SOCK_STREAM]


def test_what_cannot_be_laid_over_is_told(files):
    upper, lower = files
    with Started(upper, lower.parent / "none", "--", "true") as started:
        assert started.said == f"cannot mount over {lower.parent}/none: No such file or directory"
        assert started.process.wait(PATIENCE) == 1


def test_a_function_that_fails_is_refused_with_the_system_s_reason():
    with pytest.raises(Refused, match=r"^cannot go there: No such file or directory$"):
        call("chdir", b"/no/such/folder", what="go there")
