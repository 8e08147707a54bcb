import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import pytest

from resolver.testing import CannotIsolate, pod_namespace, running
from tests.support.dns_servers import WEB, addresses, ask

LOOK = "import socket; print(*[row[4][0] for row in socket.getaddrinfo('web', 80, type=socket.SOCK_STREAM)])"


@pytest.fixture(scope="module")
def server():
    with running(WEB) as made:
        yield made


@pytest.fixture(params=["an address of its own", "a network of its own"])
def pod(request, server, monkeypatch):
    """Both ways to the port 53; the second one is that of users without privileges."""
    if request.param == "a network of its own":
        monkeypatch.setattr(pod_namespace, "_own_address", lambda: None)
    with server.pod_namespace() as made:
        yield made


@pytest.fixture
def both(server):
    return [*addresses(ask(server, "web.default", "AAAA")), *addresses(ask(server, "web.default", "A"))]


def test_the_c_library_finds_a_service_as_in_a_pod(server, pod, both):
    if shutil.which("getent") is None:
        pytest.skip("there is no getent to ask the C library with")
    server.forget_queries()
    done = pod.run(["getent", "ahosts", "web"], check=True)
    found = [line.split()[0] for line in done.stdout.splitlines() if "STREAM" in line]
    assert sorted(found) == sorted(both)
    assert sorted(server.queries(name="web.default").types) == ["A", "AAAA"]
    assert server.queries().no_search_path_walk()


def test_python_finds_it_and_faults_are_met(server, pod, both):
    assert sorted(pod.run([sys.executable, "-c", LOOK], check=True).stdout.split()) == sorted(both)
    with server.fault("web.default", qtype="AAAA", nodata=True):
        assert pod.run([sys.executable, "-c", LOOK], check=True).stdout.split() == both[1:]


def test_the_file_is_a_pods_and_only_the_command_sees_it(server, pod):
    before = Path("/etc/resolv.conf").read_text()
    seen = pod.run(["cat", "/etc/resolv.conf"], check=True).stdout
    assert seen == pod.resolv_conf.read_text()
    assert seen.splitlines()[0] == "search default.svc.cluster.local svc.cluster.local cluster.local"
    assert Path("/etc/resolv.conf").read_text() == before


def test_commands_run_as_they_would_elsewhere(pod, tmp_path):
    assert pod.run(["cat"], input="hello").stdout == "hello"
    assert pod.run(["sh", "-c", "echo oops >&2; exit 3"]).stderr == "oops\n"
    assert pod.run(["sh", "-c", "exit 3"]).returncode == 3
    assert pod.run(["sh", "-c", "echo $WORD; pwd"], env={"WORD": "set"}, cwd=tmp_path).stdout == f"set\n{tmp_path}\n"
    assert pod.run([sys.executable, "-c", "import os; print(os.getuid())"]).stdout.strip() == str(os.getuid())
    with pytest.raises(subprocess.CalledProcessError):
        pod.run(["false"], check=True)


def test_what_cannot_be_run_is_told(pod):
    done = pod.run(["no-such-command"])
    assert (done.returncode, done.stderr) == (127, "no-such-command: No such file or directory\n")
    with pytest.raises(subprocess.TimeoutExpired, match="'sleep', '60'"):
        pod.run(["sleep", "60"], timeout=0.05)


def test_namespace_and_options_are_as_asked_for(server):
    with server.pod_namespace("shop", options=["ndots:2"]) as pod:
        text = pod.resolv_conf.read_text()
        assert "search shop.svc.cluster.local" in text
        assert "options ndots:2" in text


def test_nothing_is_left_of_it(server):
    with server.pod_namespace() as pod:
        folder = pod.resolv_conf.parent
        descriptors = len(os.listdir("/proc/self/fd"))
        pod.run(["true"])
        assert len(os.listdir("/proc/self/fd")) == descriptors
    assert not folder.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda patch: patch.setattr(sys, "platform", "darwin"), "needs the mount namespaces of Linux"),
        (
            lambda patch: patch.setattr(pod_namespace, "_RESOLV_CONF", "/nix"),
            "there is no /nix to mount another one over",
        ),
        (lambda patch: patch.setattr(pod_namespace, "_NSSWITCH", "/etc"), "cannot mount over /etc: Not a directory"),
    ],
)
def test_where_the_system_does_not_allow_it_the_test_is_skipped_with_the_reason(server, monkeypatch, change, words):
    change(monkeypatch)
    pod = server.pod_namespace()
    with pytest.raises(CannotIsolate, match=words), pod:
        pytest.fail("unreachable")
    assert issubclass(CannotIsolate, unittest.SkipTest)
    assert not pod.resolv_conf.is_absolute() or not pod.resolv_conf.exists()
