"""The flags of the embedded cluster, under the names kube-apiserver and kube-controller-manager give them."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resolver.server.embedded import Embedded, EmbeddedOptions
    from resolver.server.log import Log

_LOOPBACK: Final = "127.0.0.1"
_FLAGS: Final = (
    "service_cluster_ip_range",
    "cluster_cidr",
    "service_node_port_range",
    "max_endpoints_per_slice",
    "mirroring_max_endpoints_per_subset",
    "advertise_address",
    "simulate",
    "from_kubeadm",
    "state",
    "api",
    "api_token_file",
    "api_cert",
    "api_key",
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """All are None where they are not given."""
    group = parser.add_argument_group("the embedded cluster, made from manifests or filled over its API")
    add = group.add_argument
    add(
        "--api", metavar="[HOST:]PORT", help="serve the Kubernetes API; 127.0.0.1 unless told otherwise, 0 picks a port"
    )
    add("--state", metavar="FILE", help="keep the cluster there, else it ends with the program")
    add("--service-cluster-ip-range", metavar="CIDR[,CIDR]", help="default 10.96.0.0/16,fd00:10:96::/112")
    add("--cluster-cidr", metavar="CIDR[,CIDR]", help="Pods' addresses, default 10.244.0.0/16,fd00:10:244::/56")
    add("--service-node-port-range", metavar="FIRST-LAST", help="default 30000-32767")
    add("--advertise-address", metavar="ADDRESS", help="the endpoint of default/kubernetes, default 192.0.2.1")
    add("--max-endpoints-per-slice", type=int, metavar="N", help="default 100")
    add("--mirroring-max-endpoints-per-subset", type=int, metavar="N", help="default 1000")
    add("--simulate", nargs="?", choices=("true", "false"), const="true", metavar="true|false",
        help="false: Nodes, Pods and workloads stay as they are written")  # fmt: skip
    add("--from-kubeadm", metavar="FILE", help="take ranges and domain from a kubeadm configuration; other flags win")
    add(
        "--api-token-file", metavar="FILE", help="clients must send this token; needed on other addresses than loopback"
    )
    add("--api-cert", metavar="FILE", help="TLS certificate of the API")
    add("--api-key", metavar="FILE", help="its key")


def given_flags(options: argparse.Namespace) -> list[str]:
    """Those that were given, as they are written."""
    return [f"--{name.replace('_', '-')}" for name in _FLAGS if getattr(options, name) is not None]


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exits with status 2 and the reason where the flags make no sense together."""
    if options.api is not None and _api_address(options.api) is None:
        parser.error(
            f"--api {options.api}: write PORT, HOST:PORT or [IPV6]:PORT, and a port from 0 (pick one) to 65535"
        )
    if (options.api_cert is None) != (options.api_key is None):
        parser.error("--api-cert and --api-key belong together")
    for flag in ("api_token_file", "api_cert"):
        if getattr(options, flag) is not None and options.api is None:
            parser.error(f"--{flag.replace('_', '-')} is about the API: give --api [HOST:]PORT too")


def embedded(options: argparse.Namespace, log: "Log", *, watch: bool = False) -> "Embedded":
    """The embedded cluster, to be started, with the manifests or the demo. A kubeadm file's domain becomes that of the
    options, where they name none. Raises BadConfig."""
    from resolver.controlplane.manifest_files import ManifestPaths, ManifestSource, PackagedManifests
    from resolver.server.embedded import DEFAULT_DOMAIN, Embedded

    settings = embedded_options(options, cluster_dns=True)
    options.domain = options.domain or settings.domain
    manifests: ManifestSource | None = PackagedManifests() if options.demo else None
    if options.paths:
        manifests = ManifestPaths(options.paths)
    return Embedded(settings, log, manifests, watch=watch, domain=options.domain or DEFAULT_DOMAIN)


def embedded_options(options: argparse.Namespace, *, cluster_dns: bool) -> "EmbeddedOptions":
    """What the flags say. Raises BadConfig where the kubeadm file cannot be read."""
    from resolver.controlplane.kubeadm_file import BadKubeadm, KubeadmNetwork, read_kubeadm
    from resolver.corefile.tokens import BadConfig
    from resolver.server.embedded import ApiOptions, EmbeddedOptions

    try:
        path = options.from_kubeadm
        network = read_kubeadm(Path(path).read_bytes(), path) if path else KubeadmNetwork()
    except BadKubeadm as error:
        raise BadConfig(f"--from-kubeadm: {error}") from error
    except OSError as error:
        raise BadConfig(f"--from-kubeadm {path}: {error.strerror}") from error
    api = None
    address = _api_address(options.api) if options.api is not None else None
    if address is not None:
        api = ApiOptions(*address, options.api_token_file or "", options.api_cert or "", options.api_key or "")
    given = {
        "service_cidrs": _parts(options.service_cluster_ip_range),
        "cluster_cidrs": _parts(options.cluster_cidr),
        "node_port_range": options.service_node_port_range,
        "advertise_address": options.advertise_address,
        "max_endpoints_per_slice": options.max_endpoints_per_slice,
        "mirroring_max_endpoints_per_subset": options.mirroring_max_endpoints_per_subset,
        "state": options.state,
        "secure_port": (api.port if api else 0) or None,
    }
    cluster = network.options() | {name: value for name, value in given.items() if value not in (None, "", ())}
    simulate = options.simulate != "false"
    return EmbeddedOptions(cluster | {"simulate": simulate, "with_kube_dns": cluster_dns}, network.domain, api)


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _api_address(text: str) -> tuple[str, int] | None:
    """(host, port); None where it is no such thing."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return None
    if not (port.isascii() and port.isdigit()) or int(port) > 0xFFFF:
        return None
    return host or _LOOPBACK, int(port)
