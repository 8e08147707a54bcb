"""The embedded cluster of a process with what belongs to it: its state file, its manifests, its API on a socket."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.service_ranges import BadRange
from resolver.controlplane.state_file import BadState
from resolver.corefile.tokens import BadConfig
from resolver.server.embedded_source import EmbeddedSource
from resolver.server.log import Log
from resolver.server.token_file import read_token

if TYPE_CHECKING:
    from resolver.controlplane.api_server import ApiServer
    from resolver.controlplane.manifest_files import ManifestSource

DEFAULT_DOMAIN: Final = "cluster.local"


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """Where the API listens. Files are named, empty for none."""

    host: str
    port: int
    token_file: str = ""
    certificate: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class EmbeddedOptions:
    """`cluster`: what EmbeddedCluster is made with. `domain`: of the cluster, where a kubeadm file says it."""

    cluster: Mapping[str, Any]
    domain: str = ""
    api: ApiOptions | None = None


class Embedded:
    """`start`, `up` once all else runs too, `stop`. `source` is what feeds show, once it is started."""

    def __init__(
        self,
        options: EmbeddedOptions,
        log: Log,
        manifests: "ManifestSource | None" = None,
        *,
        watch: bool = False,
        domain: str = DEFAULT_DOMAIN,
    ) -> None:
        """`manifests`, `watch` and `domain` as in EmbeddedSource."""
        self._options = options
        self._log = log
        self._manifests = manifests
        self._watch = watch
        self._domain = domain
        self._cluster: EmbeddedCluster | None = None
        self._source: EmbeddedSource | None = None
        self._api: ApiServer | None = None
        self._folder = ""
        self._up = False

    @property
    def source(self) -> EmbeddedSource:
        if self._source is None:
            raise RuntimeError("the embedded cluster has not been started")
        return self._source

    async def start(self) -> None:
        """Makes the cluster, serves its API and applies the manifests. Raises BadConfig; `stop` is due then too."""
        try:
            self._cluster = EmbeddedCluster(**self._options.cluster)
            await self._cluster.start()
        except (BadRange, BadState) as error:
            raise BadConfig(str(error)) from error
        await self._serve_api(self._cluster)
        self._source = EmbeddedSource(
            self._cluster,
            self._manifests,
            self._log,
            watch=self._watch,
            may_be_empty=self._api is not None or "state" in self._options.cluster,
            domain=self._domain,
        )
        await self._source.start()

    def up(self) -> None:
        """From now on /readyz says ok."""
        self._up = True

    async def stop(self) -> None:
        """Idempotent."""
        self._up = False
        if self._source is not None:
            await self._source.stop()
        if self._api is not None:
            await self._api.stop()
        if self._cluster is not None:
            await self._cluster.stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._source = self._api = self._cluster = None

    def lines(self) -> list[str]:
        """What the start prints about the API."""
        if self._api is None:
            return []
        path = self._kubeconfig()
        return [f"Kubernetes API at {self._api.url}, kubeconfig {path}", f"export KUBECONFIG={path}"]

    def _kubeconfig(self) -> Path:
        return Path(self._folder) / "kubeconfig"

    async def _serve_api(self, cluster: EmbeddedCluster) -> None:
        options = self._options.api
        if options is None:
            return
        from resolver.controlplane.api_server import ApiRefused, ApiServer, ApiTls

        tls = ApiTls(options.certificate, options.key) if options.certificate else None
        try:
            server = ApiServer(
                cluster.api,
                host=options.host,
                port=options.port,
                token=read_token(options.token_file, "--api-token-file"),
                tls=tls,
                log=self._log.error,
                ready=lambda: self._up,
            )
            await server.start()
        except ApiRefused as error:
            raise BadConfig(f"--api: {error}") from error
        self._api = server
        self._folder = tempfile.mkdtemp(prefix="dualdns-")
        server.write_kubeconfig(self._kubeconfig())
