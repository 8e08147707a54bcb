"""Where the cluster is and who we are: what was configured, and the way in that comes of it.

A plain `endpoint` is all here; kubeconfigs and service accounts are in `resolver.kubeapi.loaded`.
"""

import ssl
from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from resolver.kubeapi.errors import BadCredentials

CHOICES: Final = (
    "give --kubeconfig FILE, set KUBECONFIG, write `kubeconfig FILE [CONTEXT]` or `endpoint URL` in the Corefile's"
    " kubernetes block, or run in a Pod with a service account"
)


class ApiTarget(NamedTuple):
    """One cluster, as configured. A kubeconfig wins over an endpoint (as in CoreDNS); neither is the Pod's own cluster.

    `kubeconfig` may name several files as KUBECONFIG does; `context` empty is the file's current one. `certificate`,
    `key` and `authority` are the files of the Corefile's `tls CERT KEY CACERT`.
    """

    endpoint: str = ""
    kubeconfig: str = ""
    context: str = ""
    certificate: str = ""
    key: str = ""
    authority: str = ""

    @property
    def server(self) -> str:
        """The endpoint as a URL without a final slash; without a scheme it is HTTPS if there is any TLS file."""
        if "://" in self.endpoint:
            return self.endpoint.rstrip("/")
        secure = self.certificate or self.authority
        return f"{'https' if secure else 'http'}://{self.endpoint.rstrip('/')}"


class ApiAccess(Protocol):
    """A way into a cluster. `tls` is None for plain HTTP; `server_name` is checked in the certificate if not None."""

    server: str
    tls: ssl.SSLContext | None
    server_name: str | None
    proxy: str | None

    async def headers(self) -> Mapping[str, str]:
        """What a request must carry; fresh for each request. Raises BadCredentials."""

    async def reload(self) -> None:
        """The API refused the credentials: get new ones. Raises BadCredentials."""


class EndpointAccess:
    """A URL, with or without TLS files; the files are read again when the API refuses them."""

    proxy: str | None = None
    server_name: str | None = None

    def __init__(self, target: ApiTarget) -> None:
        self._target = target
        self.server = target.server
        self.tls: ssl.SSLContext | None = None
        if self.server.startswith("https:"):
            self.tls = tls_context(target.authority, target.certificate, target.key)

    async def headers(self) -> Mapping[str, str]:
        return {}

    async def reload(self) -> None:
        if self.tls is not None:
            load_certificate(self.tls, self._target.certificate, self._target.key)


def choose_target(environ: Mapping[str, str], kubeconfig: str = "", context: str = "") -> ApiTarget:
    """The cluster when no Corefile names one: this kubeconfig, KUBECONFIG, or the Pod's own. Raises BadCredentials."""
    file = kubeconfig or environ.get("KUBECONFIG", "")
    if file:
        return ApiTarget(kubeconfig=file, context=context)
    if not environ.get("KUBERNETES_SERVICE_HOST"):
        raise BadCredentials(f"no Kubernetes API to ask: {CHOICES}")
    if context:
        raise BadCredentials(f"context {context!r} needs a kubeconfig: give --kubeconfig FILE or set KUBECONFIG")
    return ApiTarget()


def tls_context(authority: str, certificate: str = "", key: str = "", verify: bool = True) -> ssl.SSLContext:
    """TLS towards the API; an empty authority means the system's. Raises BadCredentials naming the file at fault."""
    try:
        context = ssl.create_default_context(cafile=authority or None)
    except (OSError, ValueError) as error:
        raise BadCredentials(f"certificate authority {authority}: {_reason(error)}") from error
    # Python 3.13 checks more than Go does: cluster authorities often lack key identifiers and usages.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    load_certificate(context, certificate, key)
    return context


def load_certificate(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """(Re)reads the client certificate; connections made from now on use it. Raises BadCredentials."""
    if not certificate:
        return
    try:
        context.load_cert_chain(certificate, key or None, password="")
    except (OSError, ValueError) as error:
        where = f"client certificate {certificate} with key {key or certificate}"
        raise BadCredentials(f"{where}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"is not PEM, or certificate and key do not belong together ({error.reason or error})"
    return getattr(error, "strerror", None) or str(error)
