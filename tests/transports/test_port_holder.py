"""Who holds a port, from a made-up /proc and from the real one."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from resolver.transports.port_holder import port_holder
from resolver.wire.peer import Network
from tests.support.hosts import needs_ipv6

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
NOWHERE, LOOPBACK = "0" * 32, "0" * 24 + "01000000"
TABLES = {
    "udp": "  1: 0100007F:0035 00000000:0000 07 0:0 0:0 0 {user} 0 4001 2 x 0\n"
    "  2: 00000000:14E9 00000000:0000 07 0:0 0:0 0 {user} 0 4002 2 x 0\n",
    "udp6": f"  1: {NOWHERE}:0035 {NOWHERE}:0000 07 0:0 0:0 0 {{user}} 0 4003 2 x 0\n",
    "tcp": "  1: 0100007F:0035 00000000:0000 0A 0:0 0:0 0 {user} 0 4004 1\n"
    "  2: 0100007F:2328 0100007F:0035 01 0:0 0:0 0 {user} 0 4005 1\n",
    "tcp6": f"  1: {LOOPBACK}:1F90 {NOWHERE}:0000 0A 0:0 0:0 0 {{user}} 0 4006 1\n",
}
PROCESSES = {701: ("dnsmasq", [4001, 4004]), 702: ("avahi", [4002]), 703: ("coredns", [4003]), 704: ("node", [4006])}

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="the tables here are a little-endian machine's")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    for name, rows in TABLES.items():
        (tmp_path / "net" / name).write_text(HEAD + rows.format(user=os.getuid()))
    for number, (name, inodes) in PROCESSES.items():
        (tmp_path / str(number) / "fd").mkdir(parents=True)
        (tmp_path / str(number) / "comm").write_text(name + "\n")
        (tmp_path / str(number) / "fd" / "0").symlink_to("/dev/null")
        for at, inode in enumerate(inodes, 3):
            (tmp_path / str(number) / "fd" / str(at)).symlink_to(f"socket:[{inode}]")
    return tmp_path


@pytest.mark.parametrize(
    ("address", "port", "protocol", "holder"),
    [
        ("127.0.0.1", 53, "udp", "dnsmasq (process 701)"),
        ("127.0.0.2", 53, "udp", "coredns (process 703)"),  # its :: takes IPv4 too
        ("::1", 53, "udp", "coredns (process 703)"),
        ("127.0.0.1", 53, "tcp", "dnsmasq (process 701)"),
        ("0.0.0.0", 53, "tcp", "dnsmasq (process 701)"),
        ("127.0.0.2", 53, "tcp", None),
        ("192.0.2.1", 5353, "udp", "avahi (process 702)"),
        ("::1", 8080, "tcp", "node (process 704)"),
        ("::", 8080, "tcp", "node (process 704)"),
        ("127.0.0.1", 9000, "tcp", None),  # connected, not listening
        ("127.0.0.1", 54, "udp", None),
    ],
)
def test_the_holder_is_named(proc: Path, address: str, port: int, protocol: Network, holder: str | None) -> None:
    assert port_holder(address, port, protocol, proc) == holder


def test_of_a_hidden_process_the_user_is_named(proc: Path) -> None:
    for entry in (proc / "701" / "fd").iterdir():
        entry.unlink()
    assert port_holder("127.0.0.1", 53, "udp", proc) == f"a process of user {pwd.getpwuid(os.getuid()).pw_name}"


def test_a_process_that_has_just_ended_keeps_its_number(proc: Path) -> None:
    (proc / "701" / "comm").unlink()
    assert port_holder("127.0.0.1", 53, "udp", proc) == "a program (process 701)"


def test_descriptors_closed_and_processes_ended_meanwhile_are_passed_over(proc: Path) -> None:
    (proc / "600").mkdir()
    (proc / "600" / "fd").write_text("no longer a directory")
    (proc / "701" / "fd" / "1").write_text("no longer a link")
    assert port_holder("127.0.0.1", 53, "udp", proc) == "dnsmasq (process 701)"


def test_a_user_without_a_name_is_a_number(proc: Path) -> None:
    (proc / "net" / "tcp").write_text(HEAD + "  1: 0100007F:0035 00000000:0000 0A 0:0 0:0 0 4123456 0 9999 1\n")
    assert port_holder("127.0.0.1", 53, "tcp", proc) == "a process of user 4123456"


def test_a_system_without_the_tables_tells_nothing(tmp_path: Path) -> None:
    assert port_holder("127.0.0.1", 53, "udp", tmp_path) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@needs_ipv6
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_a_real_process_is_found(kind: Network) -> None:
    program = (
        "import socket, sys\n"
        f"s = socket.socket(socket.AF_INET6, socket.{'SOCK_STREAM' if kind == 'tcp' else 'SOCK_DGRAM'})\n"
        "s.bind(('::1', 0))\n"
        + ("s.listen()\n" if kind == "tcp" else "")
        + "print(s.getsockname()[1], flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        port = int(holder.stdout.readline())
        found = port_holder("::1", port, kind)
        holder.communicate()
    assert found is not None
    assert found.endswith(f"(process {holder.pid})")
