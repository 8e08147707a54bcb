"""Setting up `kubernetes` from its block: options, their errors, waiting for the first lists (CoreDNS setup.go)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from resolver import limits
from resolver.cluster.dns_records import PodMode, View
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import wire_label
from resolver.cluster.selectors import BadSelector, parse_selector
from resolver.cluster.source import ClusterRequest, Location
from resolver.corefile import settings
from resolver.corefile.blocks import Directive, Option
from resolver.corefile.keys import fallthrough_zones, is_reverse, plugin_zones
from resolver.corefile.tokens import BadConfig
from resolver.plugins.kubernetes import NAME, Kubernetes, Options
from resolver.plugins.plugin import Host
from resolver.wire.names import name_from_text, name_to_text

ROOT_ZONE: Final = "."
_NO_SELECTOR_OPERATORS: Final = ("!=", "<", ">")  # the API takes them, CoreDNS does not

__all__ = ["NAME", "setup"]


@dataclass(slots=True)
class _Draft:
    """The options read so far."""

    location: Location = field(default_factory=Location)
    view: View = field(default_factory=View)
    ttl: int = 5
    fall_through: list[str] | None = None
    multicluster: list[str] = field(default_factory=list)
    startup_timeout: float = 5.0
    warnings: list[str] = field(default_factory=list)


def setup(directives: Sequence[Directive], host: Host) -> Kubernetes:
    """Reads the one `kubernetes` of a block."""
    directive = directives[0]
    zones = plugin_zones(directive.arguments, [name_to_text(zone) for zone in host.zones])
    primary = next((zone for zone in zones if not is_reverse(zone)), None)
    if primary is None:
        raise BadConfig.at(directive.name, "non-reverse zone name must be used")
    draft = _Draft()
    for option in directive.options:
        read = _OPTIONS.get(option.name.text)
        if read is None:
            raise settings.unknown_option(option, _OPTIONS)
        read(option, draft)
    settings.only_once(directives)
    _check(directive, draft, zones)
    for warning in draft.warnings:
        host.log("WARNING", warning)
    view = draft.view
    request = ClusterRequest(
        draft.location,
        endpoints=view.endpoints,
        pods=view.pods is PodMode.VERIFIED,
        multicluster=bool(draft.multicluster),
        targets=view.endpoint_pod_names,
        zones=view.zonal,
    )
    inventory = host.cluster(request)
    options = Options(
        zones=tuple(name_from_text(zone) for zone in zones),
        primary_zone=name_from_text(primary),
        ttl=draft.ttl,
        view=view,
        multicluster_zones=tuple(name_from_text(zone) for zone in draft.multicluster),
        fall_through=None
        if draft.fall_through is None
        else frozenset(name_from_text(zone) for zone in draft.fall_through or [ROOT_ZONE]),
    )
    host.on_start(lambda: _wait_for_sync(host, inventory, draft.startup_timeout))
    plugin = Kubernetes(options, inventory, host.ask, lambda: [] if host.bound() else host.local_addresses())
    host.on_stop(_unsubscriber(inventory.subscribe(host.forget)))
    return plugin


def _unsubscriber(unsubscribe: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def stop() -> None:
        unsubscribe()

    return stop


async def _wait_for_sync(host: Host, inventory: Inventory, patience: float) -> None:
    """Holds the start back until the cluster is known or the time is over (`startup_timeout`)."""
    start = said = host.monotonic()
    while not inventory.synced:
        now = host.monotonic()
        if now - start >= patience:
            host.log("WARNING", "plugin/kubernetes: starting server with unsynced Kubernetes API")
            return
        if now - said >= limits.SYNC_REMINDER:
            said = now
            host.log("INFO", "plugin/kubernetes: waiting for Kubernetes API before starting server")
        await host.sleep(limits.SYNC_POLL)


def _check(directive: Directive, draft: _Draft, zones: list[str]) -> None:
    if draft.view.namespaces and draft.location.namespace_labels:
        raise BadConfig.at(directive.name, "namespaces and namespace_labels cannot both be set")
    for zone in draft.multicluster:
        if zone not in zones:
            known = " ".join(zones)
            raise BadConfig.at(
                directive.name,
                f"is not authoritative for the multicluster zone {zone} (authoritative zones: [{known}])",
            )
    if draft.view.zonal and not draft.view.endpoints:
        raise BadConfig.at(directive.name, "zonal requires the endpoint cache; remove noendpoints")


def _endpoint(option: Option, draft: _Draft) -> None:
    urls = settings.at_least(option, 1)
    draft.location = replace(draft.location, endpoint=urls[0].text)
    if len(urls) > 1:
        draft.warnings.append(
            "plugin/kubernetes: Multiple endpoints have been deprecated, "
            f"only the first specified endpoint '{urls[0].text}' is used"
        )


def _tls(option: Option, draft: _Draft) -> None:
    certificate, key, authority = settings.exactly(option, 3)
    draft.location = replace(draft.location, tls=(certificate.text, key.text, authority.text))


def _kubeconfig(option: Option, draft: _Draft) -> None:
    words = settings.between(option, 1, 2)
    context = words[1].text if len(words) > 1 else ""
    draft.location = replace(draft.location, kubeconfig=words[0].text, context=context)


def _namespaces(option: Option, draft: _Draft) -> None:
    names = {_namespace(word.text) for word in settings.at_least(option, 1)}
    draft.view = replace(draft.view, namespaces=draft.view.namespaces | names)


def _namespace(text: str) -> bytes:
    """The wire label; text that can be none stays as it is and counts, though no namespace is called so."""
    return wire_label(text) if 0 < len(text.encode()) <= limits.LABEL_SIZE else text.encode()


def _labels(option: Option, draft: _Draft) -> None:
    text = _selector(option, "unable to parse label selector value: '{}': {}")
    draft.location = replace(draft.location, labels=text)


def _namespace_labels(option: Option, draft: _Draft) -> None:
    text = _selector(option, "unable to parse namespace_label selector value: '{}': {}")
    draft.location = replace(draft.location, namespace_labels=text)


def _selector(option: Option, message: str) -> str:
    text = " ".join(word.text for word in settings.at_least(option, 1))
    try:
        requirements = parse_selector(text)
    except BadSelector as error:
        raise BadConfig.at(option.name, message.format(text, error)) from None
    for requirement in requirements:
        if requirement.operator in _NO_SELECTOR_OPERATORS:
            reason = f'"{requirement.operator}" is not a valid label selector operator'
            raise BadConfig.at(option.name, message.format(text, reason))
    return text


def _pods(option: Option, draft: _Draft) -> None:
    (word,) = settings.exactly(option, 1)
    if word.text not in {mode.value for mode in PodMode}:
        raise BadConfig.at(word, f"wrong value for pods: {word.text},  must be one of: disabled, verified, insecure")
    draft.view = replace(draft.view, pods=PodMode(word.text))


def _endpoint_pod_names(option: Option, draft: _Draft) -> None:
    settings.no_arguments(option)
    draft.view = replace(draft.view, endpoint_pod_names=True)


def _ttl(option: Option, draft: _Draft) -> None:
    word = settings.at_least(option, 1)[0]
    draft.ttl = settings.integer(word, 0, limits.KUBERNETES_TTL, "ttl must be in range [0, 3600]: {}")


def _noendpoints(option: Option, draft: _Draft) -> None:
    settings.no_arguments(option)
    draft.view = replace(draft.view, endpoints=False)


def _zonal(option: Option, draft: _Draft) -> None:
    settings.no_arguments(option)
    draft.view = replace(draft.view, zonal=True)


def _fallthrough(option: Option, draft: _Draft) -> None:
    draft.fall_through = fallthrough_zones(option.arguments)


def _ignore(option: Option, draft: _Draft) -> None:
    if not option.arguments:
        return
    word = option.arguments[0]
    if word.text != "empty_service":
        raise BadConfig.at(word, f"unable to parse ignore value: '{word.text}'")
    draft.view = replace(draft.view, ignore_empty_service=True)


def _multicluster(option: Option, draft: _Draft) -> None:
    draft.multicluster = plugin_zones(option.arguments, [])


def _startup_timeout(option: Option, draft: _Draft) -> None:
    word = settings.at_least(option, 1)[0]
    draft.startup_timeout = settings.duration(word, invalid=f"failed to parse startup_timeout: {word.text}, ")


def _rate(option: Option, _: _Draft) -> None:
    """The API client's rate limits: checked, and without effect, as in CoreDNS: our lists and watches are few."""
    (word,) = settings.exactly(option, 1)
    name = option.name.text
    message, invalid = f"{name} must be >= 0", f'invalid {name} "{word.text}": '
    if name == "apiserver_qps":
        settings.decimal(word, 0, message, invalid=invalid)
    else:
        settings.integer(word, 0, None, message, invalid=invalid)


_OPTIONS: Final[dict[str, Callable[[Option, _Draft], None]]] = {
    "apiserver_burst": _rate,
    "apiserver_max_inflight": _rate,
    "apiserver_qps": _rate,
    "endpoint": _endpoint,
    "endpoint_pod_names": _endpoint_pod_names,
    "fallthrough": _fallthrough,
    "ignore": _ignore,
    "kubeconfig": _kubeconfig,
    "labels": _labels,
    "multicluster": _multicluster,
    "namespace_labels": _namespace_labels,
    "namespaces": _namespaces,
    "noendpoints": _noendpoints,
    "pods": _pods,
    "startup_timeout": _startup_timeout,
    "tls": _tls,
    "ttl": _ttl,
    "zonal": _zonal,
}
