"""Starting a DNS server for a test, and ending it."""

from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType

from resolver import limits
from resolver.controlplane.embedded_cluster import DOMAIN, SERVICE_CIDRS
from resolver.corefile.tokens import BadConfig
from resolver.testing.dns_server import DnsServer
from resolver.testing.manifests import Manifests
from resolver.testing.served_cluster import ServedOptions
from resolver.wire.names import BadName, labels_of, name_from_text


class Running:
    """A context manager, plain and asynchronous, that starts a server and ends it."""

    def __init__(self, manifests: Sequence[Manifests], options: ServedOptions, folders: Sequence[Path] = ()) -> None:
        self._manifests = manifests
        self._options = options
        self._folders = folders
        self._server: DnsServer | None = None

    def __enter__(self) -> DnsServer:
        __tracebackhide__ = True
        if self._server is not None:
            raise RuntimeError("this server runs already: call running() for another one")
        server = DnsServer(self._options, self._folders)
        try:
            server.apply(*self._manifests)
        except BaseException:
            server.stop()
            raise
        self._server = server
        return server

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    async def __aenter__(self) -> DnsServer:
        __tracebackhide__ = True
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def running(
    *manifests: Manifests,
    domain: str = DOMAIN,
    corefile: str | PathLike[str] = "",
    service_cidrs: str | Sequence[str] = SERVICE_CIDRS,
    cluster_cidrs: str | Sequence[str] = (),
    simulate: bool = True,
    nodes: int = limits.SIMULATED_NODES,
    seed: int | None = 0,
    history: int = limits.HISTORY,
    folders: Sequence[str | PathLike[str]] = (),
) -> Running:
    """A DNS server for these manifests: ``with running("web.yaml") as server:``, and with ``async with`` the same.

    `domain`: of the cluster. `corefile`: text or path of a Corefile instead of the usual one; zones without a port get
    a free one. `service_cidrs`, `cluster_cidrs`: ranges of Services and Pods, one or two, the first one's family being
    the first choice; a list, or a text with a comma between them. `simulate` False: workloads get no Pods. `nodes`:
    simulated ones. `seed`: of generated names; None for others each time. `history`: how many questions are remembered.
    `folders`: where files are looked for that have no absolute path, by default where the process is.

    Raises BadConfig for what can be none of these. Entering raises RefusedByApi where the API refuses a manifest,
    BadConfig, CannotListen.
    """
    cluster = {
        "service_cidrs": _ranges(service_cidrs),
        "cluster_cidrs": _ranges(cluster_cidrs),
        "simulate": simulate,
        "nodes": _whole(nodes, "nodes", 1, limits.SIMULATED_NODES_MOST),
        "seed": seed,
    }
    kept = _whole(history, "history", 1, limits.HISTORY_MOST)
    options = ServedOptions(_domain(domain), fspath(corefile), cluster, kept)
    return Running(manifests, options, [Path(folder) for folder in folders])


def _ranges(ranges: str | Sequence[str]) -> Sequence[str]:
    return [each.strip() for each in ranges.split(",")] if isinstance(ranges, str) else ranges


def _whole(value: int, what: str, least: int, most: int) -> int:
    if not isinstance(value, int) or not least <= value <= most:
        raise BadConfig(f"{what} is a number from {least} to {most}, not {value!r}")
    return value


def _domain(text: str) -> str:
    """Without dots at its ends."""
    domain = text.strip(".")
    try:
        labels = labels_of(name_from_text(domain))
    except BadName as error:
        raise BadConfig(f"domain is a name such as cluster.local, not {text!r}: {error}") from None
    if not labels or any(character.isspace() for character in domain):
        raise BadConfig(f"domain is a name such as cluster.local, not {text!r}")
    return domain
