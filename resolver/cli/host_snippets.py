"""What to write where so that a host, or its containers, ask dualdns for a cluster's names; and how to undo it.

Each snippet is text made of blocks: comments, files with their content, commands. Nothing is changed by making them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_DNS_PORT: Final = 53


@dataclass(frozen=True, slots=True)
class Listening:
    """Where dualdns listens, and the domains whose names it is to be asked for (without last dots)."""

    addresses: Sequence[str]
    port: int
    domains: Sequence[str]

    @property
    def example(self) -> str:
        return f"web.shop.svc.{self.domains[0]}"


def systemd_resolved(listening: Listening) -> str:
    """resolved.conf(5): DNS= takes a port since systemd 246; ``~domain`` routes and does not search."""
    servers = " ".join(_with_port(address, listening.port) for address in listening.addresses)
    domains = " ".join(f"~{domain}" for domain in listening.domains)
    file = "/etc/systemd/resolved.conf.d/dualdns.conf"
    return _text(
        "# systemd-resolved asks dualdns for these domains; every other name goes where it went before.",
        "# A port in DNS= needs systemd 246 or later: see `resolvectl --version`.",
        *_old_systemd(listening.port),
        "",
        "# -- set up",
        *_file(file, ["[Resolve]", f"DNS={servers}", f"Domains={domains}"]),
        "sudo systemctl restart systemd-resolved",
        f"resolvectl query {listening.example}    # to see that it works",
        "",
        "# -- undo",
        f"sudo rm {file}",
        "sudo systemctl restart systemd-resolved",
    )


def network_manager(listening: Listening) -> str:
    """NetworkManager.conf(5) dns=dnsmasq; dnsmasq(8) server=/domain/address#port."""
    servers = [
        f"server=/{domain}/{address}#{listening.port}"
        for domain in listening.domains
        for address in listening.addresses
    ]
    plugin, file = "/etc/NetworkManager/conf.d/dualdns.conf", "/etc/NetworkManager/dnsmasq.d/dualdns.conf"
    return _text(
        "# NetworkManager runs a dnsmasq that asks dualdns for these domains. It needs the package dnsmasq-base",
        "# (Debian, Ubuntu) or dnsmasq (Fedora), and a host whose /etc/resolv.conf NetworkManager manages: where",
        "# `readlink /etc/resolv.conf` shows systemd, take `dualdns host-snippet systemd-resolved`.",
        "",
        "# -- set up",
        *_file(plugin, ["[main]", "dns=dnsmasq"]),
        *_file(file, servers),
        "sudo systemctl restart NetworkManager",
        f"getent ahosts {listening.example}    # to see that it works",
        "",
        "# -- undo",
        f"sudo rm {plugin} {file}",
        "sudo systemctl restart NetworkManager",
    )


def macos(listening: Listening) -> str:
    """resolver(5): one file a domain, which may name a port."""
    content = [*(f"nameserver {address}" for address in listening.addresses), f"port {listening.port}"]
    files = [f"/etc/resolver/{domain}" for domain in listening.domains]
    return _text(
        "# macOS asks dualdns for these domains; every other name goes where it went before.",
        "# `dig`, `host` and `nslookup` do not read these files; browsers, curl, ping and dscacheutil do.",
        "",
        "# -- set up",
        *(line for file in files for line in _file(file, content)),
        f"dscacheutil -q host -a name {listening.example}    # to see that it works",
        "",
        "# -- undo",
        f"sudo rm {' '.join(files)}",
    )


def compose(listening: Listening) -> str:
    """A compose file: dualdns on port 53 of an address of its own, which the other containers name as ``dns``."""
    domain = listening.domains[0]
    return _text(
        "# compose.yaml. `dns:` takes addresses and no port, so dualdns listens on port 53 here, on an address of its",
        *([f"# own, and not on port {listening.port}."] if listening.port != _DNS_PORT else ["# own."]),
        "# Build its image first, in a checkout of dualdns: docker build -t dualdns .",
        "# -- set up: docker compose up        -- undo: docker compose down",
        "services:",
        "  dualdns:",
        "    image: dualdns",
        "    command: [--demo, --port, '53', --bind, 0.0.0.0, --bind, '::', --domain, " + domain + ",",
        "      --upstream, /etc/resolv.conf] # other names go to Docker's own DNS",
        "    read_only: true",
        "    cap_drop: [ALL]",
        "    sysctls:",
        "      net.ipv4.ip_unprivileged_port_start: 0 # port 53 without privileges",
        "    networks:",
        "      default:",
        "        ipv4_address: 172.30.53.53",
        "        ipv6_address: fd00:53::53",
        "  app: # any service of yours: these three keys",
        "    image: busybox",
        f"    command: [nslookup, {listening.example}]",
        "    depends_on: [dualdns]",
        "    dns: [172.30.53.53]",
        f"    dns_search: [default.svc.{domain}, svc.{domain}, {domain}]",
        "    dns_opt: ['ndots:5']",
        "networks:",
        "  default:",
        "    enable_ipv6: true",
        "    ipam:",
        "      config:",
        "        - subnet: 172.30.53.0/24",
        "        - subnet: fd00:53::/64",
    )


def docker(listening: Listening) -> str:
    """docker run --dns: an address, and no port."""
    domain = listening.domains[0]
    searches = " ".join(f"--dns-search {each}" for each in (f"default.svc.{domain}", f"svc.{domain}", domain))
    usable = [address for address in listening.addresses if not _is_loopback(address)]
    if listening.port == _DNS_PORT and usable:
        return _text(
            "# Containers ask dualdns first: for every name, so start it with --upstream for those it does not own.",
            "",
            "# -- set up: nothing but flags of each container",
            f"docker run --rm {' '.join(f'--dns {address}' for address in usable)} {searches} --dns-option ndots:5 \\",
            f"  busybox nslookup {listening.example}",
            "",
            "# -- undo: nothing",
        )
    why = f"--dns takes an address and no port, so port {listening.port} cannot be named"
    if listening.port == _DNS_PORT:
        why = "a container's 127.0.0.1 is itself, so an address of this host's loopback cannot be named"
    return _text(
        f"# {why[0].upper()}{why[1:]}.",
        "# Let dualdns listen on port 53 of Docker's bridge, which containers reach and nobody outside this host.",
        "# Containers ask it for every name: --upstream is where those go that it does not own.",
        "",
        "# -- set up",
        "bridge=$(docker network inspect bridge -f '{{(index .IPAM.Config 0).Gateway}}')",
        f"sudo dualdns serve --demo --domain {domain} --bind $bridge --port 53 --upstream /etc/resolv.conf &",
        f"docker run --rm --dns $bridge {searches} --dns-option ndots:5 \\",
        f"  busybox nslookup {listening.example}",
        "",
        "# -- undo",
        "kill %1    # dualdns; containers keep no trace",
    )


SNIPPETS: Final[dict[str, Callable[[Listening], str]]] = {
    "systemd-resolved": systemd_resolved,
    "NetworkManager": network_manager,
    "macos": macos,
    "compose": compose,
    "docker": docker,
}


def _old_systemd(port: int) -> list[str]:
    if port == _DNS_PORT:
        return []
    return [
        "# Before that: `sudo dualdns serve --bind 127.0.0.2 --port 53`, and this with --address 127.0.0.2 --port 53.",
    ]


def _with_port(address: str, port: int) -> str:
    if port == _DNS_PORT:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _is_loopback(address: str) -> bool:
    from ipaddress import ip_address

    return ip_address(address).is_loopback


def _file(path: str, content: Sequence[str]) -> list[str]:
    """A shell command that writes a file, its folder too."""
    folder = path.rpartition("/")[0]
    return [f"sudo mkdir -p {folder} && sudo tee {path} >/dev/null <<'END'", *content, "END"]


def _text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
