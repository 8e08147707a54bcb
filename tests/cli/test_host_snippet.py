"""`dualdns host-snippet`: what is printed parses as what it is for, and nothing is changed."""

import configparser
import re
import shutil
import subprocess

import pytest
import yaml

from resolver.cli import host_snippet
from resolver.cli.host_snippets import SNIPPETS

HEREDOC = re.compile(r"sudo tee (\S+) >/dev/null <<'END'\n(.*?)\nEND\n", re.DOTALL)


def snippet(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert host_snippet.run(words) == 0
    return capsys.readouterr().out


def files(text: str) -> dict[str, str]:
    return dict(HEREDOC.findall(text))


@pytest.mark.parametrize("tool", SNIPPETS)
def test_each_has_set_up_and_undo(tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = snippet(capsys, tool)
    assert text.startswith("# ")
    assert "-- set up" in text
    assert "-- undo" in text
    assert "cluster.local" in text
    assert max(map(len, text.splitlines())) < 200


@pytest.mark.parametrize("tool", [tool for tool in SNIPPETS if tool != "compose"])
@pytest.mark.parametrize("words", ["", "--port 53 --address 192.0.2.1,fd00::1 --domain cluster.local,b.test"])
def test_commands_are_ones_a_shell_can_read(tool: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = snippet(capsys, tool, *words.split())
    shell = shutil.which("sh")
    assert shell
    read = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize("tool", ["systemd-resolved", "NetworkManager", "macos"])
def test_every_file_that_is_written_is_removed_by_the_undo(tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = snippet(capsys, tool, "--domain", "cluster.local,b.test")
    undo = text.partition("# -- undo")[2]
    assert files(text)
    assert all(f" {file}" in undo for file in files(text))


def test_resolved_routes_the_domains_to_the_port(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--address", "127.0.0.1,::1", "--port", "5300", "--domain", "cluster.local.,10.in-addr.arpa")
    (content,) = files(snippet(capsys, "systemd-resolved", *words)).values()
    parsed = configparser.ConfigParser(delimiters="=")
    parsed.read_string(content)
    assert dict(parsed["Resolve"]) == {
        "dns": "127.0.0.1:5300 [::1]:5300",
        "domains": "~cluster.local ~10.in-addr.arpa",
    }


def test_resolved_says_what_to_do_before_it_could_take_a_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert "systemd 246" in snippet(capsys, "systemd-resolved")
    plain = snippet(capsys, "systemd-resolved", "--port", "53")
    assert "DNS=127.0.0.1\n" in plain
    assert "Before that" not in plain


def test_network_manager_gives_dnsmasq_one_line_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    written = files(snippet(capsys, "NetworkManager", "--address", "127.0.0.1,::1", "--domain", "a.test,b.test"))
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
def test_dnsmasq_takes_its_file(capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    path = f"{tmp_path}/dnsmasq.conf"
    with open(path, "w") as file:
        file.write(files(snippet(capsys, "NetworkManager"))["/etc/NetworkManager/dnsmasq.d/dualdns.conf"])
    subprocess.run(["dnsmasq", "--test", f"--conf-file={path}"], check=True, capture_output=True)


def test_macos_has_a_file_for_each_domain(capsys: pytest.CaptureFixture[str]) -> None:
    written = files(snippet(capsys, "macos", "--domain", "a.test,b.test"))
    assert written == {f"/etc/resolver/{zone}": "nameserver 127.0.0.1\nport 1053" for zone in ("a.test", "b.test")}


def test_compose_is_a_compose_file_whose_services_ask_dualdns(capsys: pytest.CaptureFixture[str]) -> None:
    text = snippet(capsys, "compose")
    assert "takes addresses and no port" in text
    parsed = yaml.safe_load(text)
    server, app = parsed["services"]["dualdns"], parsed["services"]["app"]
    assert app["dns"] == [server["networks"]["default"]["ipv4_address"]]
    assert "53" in server["command"]
    assert app["dns_search"] == ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "port 1053 cannot be named"),
        ("--port 53", "loopback cannot be named"),
        ("--port 53 --address 172.17.0.1", "--dns 172.17.0.1 "),
    ],
)
def test_docker_says_what_it_cannot_take_and_what_to_do(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in snippet(capsys, "docker", *words.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("networkmanager", "did you mean NetworkManager?"),
        ("systemd", "did you mean systemd-resolved?"),
        ("docker --address host", "no IP address"),
        ("docker --port 0", "from 1 to 65535"),
        ("docker --domain a;b", "is no domain"),
        ("docker --domain .", "is no domain"),
        ("docker --prot 53", "did you mean --port?"),
    ],
)
def test_bad_words_are_refused(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        host_snippet.run(words.split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
