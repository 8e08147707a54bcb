"""Snippets parse as what they are for, say how to undo what they do, and name what cannot be done."""

import configparser
import re
import shutil
import subprocess

import pytest
import yaml

from resolver.cli.host_snippets import SNIPPETS, Listening

HEREDOC = re.compile(r"sudo tee (\S+) >/dev/null <<'END'\n(.*?)\nEND\n", re.DOTALL)


def snippet(tool: str, addresses: str = "127.0.0.1", port: int = 1053, domains: str = "cluster.local") -> str:
    return SNIPPETS[tool](Listening(addresses.split(","), port, domains.split(",")))


def files(text: str) -> dict[str, str]:
    return dict(HEREDOC.findall(text))


@pytest.mark.parametrize("tool", SNIPPETS)
def test_each_has_set_up_and_undo(tool: str) -> None:
    text = snippet(tool)
    assert text.startswith("# ")
    assert "-- set up" in text
    assert "-- undo" in text
    assert "cluster.local" in text
    assert max(map(len, text.splitlines())) < 200


@pytest.mark.parametrize("tool", [tool for tool in SNIPPETS if tool != "compose"])
@pytest.mark.parametrize("where", [(), ("192.0.2.1,fd00::1", 53, "cluster.local,b.test")])
def test_commands_are_ones_a_shell_can_read(tool: str, where: tuple[str, int, str]) -> None:
    text = snippet(tool, *where)
    shell = shutil.which("sh")
    assert shell
    read = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize("tool", ["systemd-resolved", "NetworkManager", "macos"])
def test_every_file_that_is_written_is_removed_by_the_undo(tool: str) -> None:
    text = snippet(tool, domains="cluster.local,b.test")
    undo = text.partition("# -- undo")[2]
    assert files(text)
    assert all(f" {file}" in undo for file in files(text))


def test_resolved_routes_the_domains_to_the_port() -> None:
    (content,) = files(snippet("systemd-resolved", "127.0.0.1,::1", 5300, "cluster.local,10.in-addr.arpa")).values()
    parsed = configparser.ConfigParser(delimiters="=")
    parsed.read_string(content)
    assert dict(parsed["Resolve"]) == {
        "dns": "127.0.0.1:5300 [::1]:5300",
        "domains": "~cluster.local ~10.in-addr.arpa",
    }


def test_resolved_says_what_to_do_before_it_could_take_a_port() -> None:
    assert "systemd 246" in snippet("systemd-resolved")
    plain = snippet("systemd-resolved", port=53)
    assert "DNS=127.0.0.1\n" in plain
    assert "Before that" not in plain


def test_network_manager_gives_dnsmasq_one_line_a_server() -> None:
    written = files(snippet("NetworkManager", "127.0.0.1,::1", domains="a.test,b.test"))
    assert written["/etc/NetworkManager/dnsmasq.d/dualdns.conf"].splitlines() == [
        "server=/a.test/127.0.0.1#1053",
        "server=/a.test/::1#1053",
        "server=/b.test/127.0.0.1#1053",
        "server=/b.test/::1#1053",
    ]
    parsed = configparser.ConfigParser()
    parsed.read_string(written["/etc/NetworkManager/conf.d/dualdns.conf"])
    assert parsed["main"]["dns"] == "dnsmasq"


@pytest.mark.skipif(shutil.which("dnsmasq") is None, reason="needs dnsmasq")
def test_dnsmasq_takes_its_file(tmp_path: object) -> None:
    path = f"{tmp_path}/dnsmasq.conf"
    with open(path, "w") as file:
        file.write(files(snippet("NetworkManager"))["/etc/NetworkManager/dnsmasq.d/dualdns.conf"])
    subprocess.run(["dnsmasq", "--test", f"--conf-file={path}"], check=True, capture_output=True)


def test_macos_has_a_file_for_each_domain() -> None:
    written = files(snippet("macos", domains="a.test,b.test"))
    assert written == {f"/etc/resolver/{zone}": "nameserver 127.0.0.1\nport 1053" for zone in ("a.test", "b.test")}


def test_compose_is_a_compose_file_whose_services_ask_dualdns() -> None:
    text = snippet("compose")
    assert "takes addresses and no port" in text
    parsed = yaml.safe_load(text)
    server, app = parsed["services"]["dualdns"], parsed["services"]["app"]
    assert app["dns"] == [server["networks"]["default"]["ipv4_address"]]
    assert "53" in server["command"]
    assert app["dns_search"] == ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"]


@pytest.mark.parametrize(
    ("addresses", "port", "said"),
    [
        ("127.0.0.1", 1053, "port 1053 cannot be named"),
        ("127.0.0.1,::1", 53, "loopback cannot be named"),
        ("127.0.0.1,172.17.0.1", 53, "docker run --rm --dns 172.17.0.1 --dns-search"),
    ],
)
def test_docker_says_what_it_cannot_take_and_what_to_do(addresses: str, port: int, said: str) -> None:
    assert said in snippet("docker", addresses, port)
