"""What a refused request means: how long to wait, and what to tell the operator."""

from typing import Final

from resolver import limits
from resolver.cluster.objects import Kind
from resolver.kubeapi.backoff import Backoff
from resolver.kubeapi.commands import Lost
from resolver.kubeapi.events import HttpFailed

UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
GONE: Final = 410
TOO_MANY_REQUESTS: Final = 429
GATEWAY_TIMEOUT: Final = 504
NOT_UNDERSTOOD: Final = frozenset((400, 404, 405, 422))
"""Statuses of a server that does not know streamed lists; storage that cannot serve them gives 422."""


def is_version_unusable(refusal: HttpFailed) -> bool:
    """Whether the version asked for is gone (410), or larger than any the server knows ("Too large", a 504 Timeout)."""
    return refusal.status in (GONE, GATEWAY_TIMEOUT)


def retry_delay(refusal: HttpFailed, backoff: Backoff, now: float) -> float:
    """Seconds until the same may be asked again: what the server says, else the back-off; after a 5xx both."""
    if refusal.retry_after is None:
        return backoff.delay(now)
    shortest, longest = limits.RETRY_AFTER
    asked = min(max(refusal.retry_after, shortest), longest)
    return asked if refusal.status == TOO_MANY_REQUESTS else max(asked, backoff.delay(now))


def explain(verb: str, kind: Kind, refusal: HttpFailed) -> str:
    """One line about a refused request; `verb` is "list" or "watch"."""
    text = f"failed to {verb} {kind.api_version} {kind.name}: HTTP {refusal.status}"
    if refusal.reason and refusal.reason.lower() not in refusal.message.lower():
        text += f" {refusal.reason}"
    if refusal.message:
        text += f": {refusal.message[: limits.LOG_LINE]}"
    if refusal.status == UNAUTHORIZED:
        text += "; the token or certificate is not accepted and will be read again"
    elif refusal.status == 404:
        text += f"; this server has no {_resource(kind)} of {kind.api_version} (a missing CustomResourceDefinition?)"
    return text


def lost(verb: str, kind: Kind, refusal: HttpFailed) -> Lost:
    """What is lost by a refusal: one kind, or the whole API for as long as it lasts."""
    text = explain(verb, kind, refusal)
    if refusal.status == UNAUTHORIZED:
        return Lost(text, "credentials")
    if refusal.status == TOO_MANY_REQUESTS or refusal.status >= 500:
        return Lost(text)
    return Lost(text, f"{kind.name} {refusal.status}")


def missing_rule(kind: Kind, message: str) -> str:
    """What to say on a 403: the ClusterRole that allows the watch, ready for `kubectl apply`.

    Each kind has a role of its own name: where several are missing, applying one must not replace another.
    """
    return (
        f"not allowed to list and watch {_resource(kind)}: {message or 'forbidden'}; bind the account that dualdns uses"
        " (ClusterRoleBinding) to a ClusterRole with this rule:\n"
        "apiVersion: rbac.authorization.k8s.io/v1\n"
        "kind: ClusterRole\n"
        "metadata:\n"
        f"  name: dualdns-{_resource(kind)}\n"
        "rules:\n"
        f'- apiGroups: ["{_group(kind)}"]\n'
        f'  resources: ["{_resource(kind)}"]\n'
        '  verbs: ["list", "watch"]'
    )


def _resource(kind: Kind) -> str:
    return kind.path.rpartition("/")[2]


def _group(kind: Kind) -> str:
    group, slash, _ = kind.api_version.partition("/")
    return group if slash else ""
