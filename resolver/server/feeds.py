"""Which feed fills the inventory of a request: what the Corefile names, else what the command line does."""

import os
from typing import TYPE_CHECKING

from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest, Location
from resolver.corefile.tokens import BadConfig
from resolver.server.clusters import Feed
from resolver.server.log import Log

if TYPE_CHECKING:
    from resolver.kubeapi.credentials import ApiTarget
    from resolver.server.embedded import Embedded


class Feeds:
    """The command line's choice of cluster: an embedded one, or a kubeconfig; without one the environment's."""

    def __init__(self, embedded: "Embedded | None", kubeconfig: str, context: str, log: Log) -> None:
        self._embedded = embedded
        self._kubeconfig = kubeconfig
        self._context = context
        self._log = log

    def make(self, request: ClusterRequest, inventory: Inventory) -> Feed:
        """Makes the feed; raises BadConfig where there is no cluster to be found."""
        location = request.location
        named = location.endpoint or location.kubeconfig
        if not named and self._embedded is not None:
            from resolver.server.embedded_feed import EmbeddedFeed

            return EmbeddedFeed(self._embedded.source, request, inventory, self._log)
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
