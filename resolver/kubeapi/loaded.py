"""Ways into a cluster through the loaders of the `kubernetes` package: kubeconfig files, service accounts.

Only its `aio.config` and the Configuration object are used; requests are made by `resolver.kubeapi.connection`. The
import takes a fifth of a second and 11 MiB, so this module is imported only where it is needed.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config import ConfigException
from kubernetes.aio.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes.aio.config.kube_config import load_kube_config

from resolver import limits
from resolver.kubeapi.credentials import CHOICES, ApiAccess, ApiTarget, load_certificate, tls_context
from resolver.kubeapi.errors import BadCredentials

_BROKEN: Final = (ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError)
"""What the loaders raise on files that are not as they expect."""


class LoadedAccess:
    """A Configuration as a way in. `load` fills it, also again; it is called when it is a minute old."""

    def __init__(self, configuration: Any, now: Callable[[], float]) -> None:
        self._configuration = configuration
        self._now = now
        self._loaded_at = now()
        self.server: str = configuration.host.rstrip("/")
        self.server_name: str | None = configuration.tls_server_name
        self.proxy: str | None = configuration.proxy
        self.tls = None
        if self.server.startswith("https:"):
            files = (configuration.ssl_ca_cert or "", configuration.cert_file or "", configuration.key_file or "")
            self.tls = tls_context(*files, verify=configuration.verify_ssl)

    async def headers(self) -> Mapping[str, str]:
        if self._now() - self._loaded_at >= limits.CREDENTIALS_AGE:
            self._loaded_at = self._now()
            await self._refresh()
            self._read_certificate()
        settings = await self._configuration.auth_settings()
        token = settings.get("BearerToken", {}).get("value")
        return {"Authorization": token.strip()} if token else {}

    async def reload(self) -> None:
        self._loaded_at = self._now()
        await self._renew()
        self._read_certificate()

    def _read_certificate(self) -> None:
        """Client certificates are renewed in their files, or by the plugin that gave them."""
        if self.tls is not None:
            load_certificate(self.tls, self._configuration.cert_file or "", self._configuration.key_file or "")

    async def _refresh(self) -> None:
        """The credentials are a minute old."""

    async def _renew(self) -> None:
        """The credentials were refused."""


class KubeconfigAccess(LoadedAccess):
    """A context of a kubeconfig. Token files are read each minute; an exec plugin runs when its token runs out."""

    def __init__(self, target: ApiTarget, configuration: Any, loader: Any, now: Callable[[], float]) -> None:
        super().__init__(configuration, now)
        self._target = target
        self._loader = loader

    async def _refresh(self) -> None:
        if "exec" in (self._loader._user or ()) and not hasattr(self._loader, "exec_plugin_expiry"):
            return  # a token without an end is used until it is refused (client-go)
        await _loading(self._target, self._loader.load_and_set(self._configuration))

    async def _renew(self) -> None:
        self._loader = await _load(self._target, self._configuration)


class ServiceAccountAccess(LoadedAccess):
    """The Pod's own account; its token file is read again each minute."""

    def __init__(self, configuration: Any, loader: Any, now: Callable[[], float]) -> None:
        super().__init__(configuration, now)
        self._loader = loader

    async def _refresh(self) -> None:
        try:
            self._loader.load_and_set(self._configuration)
        except _BROKEN as error:
            raise BadCredentials(f"service account: {error}") from error

    _renew = _refresh


async def kubeconfig_access(target: ApiTarget, now: Callable[[], float]) -> ApiAccess:
    """The way in that a kubeconfig describes. Raises BadCredentials."""
    _check(target)
    configuration = Configuration()
    return KubeconfigAccess(target, configuration, await _load(target, configuration), now)


def service_account_access(
    environ: Mapping[str, str],
    now: Callable[[], float],
    token_file: str = SERVICE_TOKEN_FILENAME,
    authority_file: str = SERVICE_CERT_FILENAME,
) -> ApiAccess:
    """The way into the cluster that this Pod runs in. Raises BadCredentials."""
    configuration = Configuration()
    loader = InClusterConfigLoader(token_file, authority_file, try_refresh_token=False, environ=environ)
    try:
        loader.load_and_set(configuration)
    except _BROKEN as error:
        raise BadCredentials(f"service account ({token_file}): {error}; if this is no Pod, {CHOICES}") from error
    return ServiceAccountAccess(configuration, loader, now)


async def _load(target: ApiTarget, configuration: Any) -> Any:
    loading = load_kube_config(
        config_file=target.kubeconfig,
        context=target.context or None,
        client_configuration=configuration,
        persist_config=False,
    )
    loader = await _loading(target, loading)
    if "server" not in loader._cluster:
        raise BadCredentials(f"{_where(target)}: its cluster names no server; write `server: https://HOST:PORT`")
    return loader


async def _loading(target: ApiTarget, loading: Any) -> Any:
    """Runs a loader; what it only logs (a failing exec plugin) is an error here."""
    logged = _Logged()
    logger = logging.getLogger("kubernetes.aio.config.kube_config")
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(logged)
    try:
        result = await asyncio.wait_for(loading, limits.CREDENTIALS_WAIT)
    except TimeoutError as error:
        raise BadCredentials(f"{_where(target)}: no credentials within {limits.CREDENTIALS_WAIT:g} s") from error
    except _BROKEN as error:
        raise BadCredentials(f"{_where(target)}: {type(error).__name__}: {error}") from error
    finally:
        logger.removeHandler(logged)
        logger.propagate = propagated
    if logged.errors:
        raise BadCredentials(f"{_where(target)}: {'; '.join(logged.errors)}")
    return result


def _check(target: ApiTarget) -> None:
    """Finds the usual mistakes before the loader trips over them, and says what there is instead."""
    contexts: dict[str, Any] = {}
    users: set[str] = set()
    clusters: set[str] = set()
    current = ""
    paths = [os.path.expanduser(path) for path in target.kubeconfig.split(os.pathsep) if path]
    for path in [path for path in paths if os.path.exists(path)] or paths:  # of several, those that exist (kubectl)
        document = _document(path)
        current = current or str(document.get("current-context") or "")
        contexts |= {**_named(document, "contexts", "context"), **contexts}
        users |= _named(document, "users", "user").keys()
        clusters |= _named(document, "clusters", "cluster").keys()
    name = target.context or current
    where = f"{target.kubeconfig}: context {name!r}"
    there_are = f"there are {', '.join(map(repr, sorted(contexts)))}" if contexts else "there is none"
    if not name:
        raise BadCredentials(f"{target.kubeconfig}: no current-context; name one with --context: {there_are}")
    if name not in contexts:
        raise BadCredentials(f"{where} is not in the file; {there_are}")
    context = contexts[name]
    for field, known in (("cluster", clusters), ("user", users)):
        wanted = context.get(field)
        if wanted is None:
            raise BadCredentials(f"{where} names no {field}; write `{field}: NAME`")
        if wanted not in known:
            raise BadCredentials(f"{where} names the {field} {wanted!r}, which is not in the file")


def _document(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            document = yaml.safe_load(file)
    except OSError as error:
        raise BadCredentials(f"kubeconfig {path}: {error.strerror}; {CHOICES}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadCredentials(f"kubeconfig {path} is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise BadCredentials(f"kubeconfig {path} is no kubeconfig: it holds no clusters, users and contexts")
    return document


def _named(document: dict[str, Any], section: str, field: str) -> dict[str, Any]:
    entries = document.get(section) or []
    return {str(one.get("name")): one.get(field) or {} for one in entries if isinstance(one, dict)}


def _where(target: ApiTarget) -> str:
    return f"{target.kubeconfig}: context {target.context!r}" if target.context else target.kubeconfig


class _Logged(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())
