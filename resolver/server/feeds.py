"""Which feed fills the inventory of a request: what the Corefile names, else what the command line does."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest, Location
from resolver.corefile.tokens import BadConfig
from resolver.server.clusters import Feed
from resolver.server.log import Log

if TYPE_CHECKING:
    from resolver.kubeapi.credentials import ApiTarget


class Feeds:
    """The command line's choice of cluster: manifests, the demo, or a kubeconfig; without one the environment's."""

    def __init__(
        self,
        paths: Sequence[str],
        kubeconfig: str,
        context: str,
        log: Log,
        *,
        demo: bool = False,
        watch: bool = False,
        domain: str = "cluster.local",
    ) -> None:
        self._paths = tuple(paths)
        self._kubeconfig = kubeconfig
        self._context = context
        self._log = log
        self._demo = demo
        self._watch = watch
        self._domain = domain

    def make(self, request: ClusterRequest, inventory: Inventory) -> Feed:
        """Makes the feed; raises BadConfig where there is no cluster to be found."""
        location = request.location
        named = location.endpoint or location.kubeconfig
        if not named and (self._paths or self._demo):
            from resolver.controlplane.manifest_files import ManifestPaths, PackagedManifests
            from resolver.server.manifest_feed import ManifestFeed

            source = PackagedManifests() if self._demo else ManifestPaths(self._paths)
            return ManifestFeed(source, request, inventory, self._log, watch=self._watch, domain=self._domain)
        from resolver.kubeapi.errors import BadCredentials
        from resolver.server.api_feed import ApiFeed

        try:
            return ApiFeed(self._target(location), request, inventory, self._log.line)
        except BadCredentials as error:
            raise BadConfig(f"plugin/kubernetes: {error}; `dualdns serve --demo` needs no cluster") from error

    def _target(self, location: Location) -> "ApiTarget":
        from resolver.kubeapi.credentials import ApiTarget, choose_target

        if location.endpoint or location.kubeconfig:
            certificate, key, authority = location.tls or ("", "", "")
            return ApiTarget(location.endpoint, location.kubeconfig, location.context, certificate, key, authority)
        return choose_target(os.environ, self._kubeconfig, self._context)
