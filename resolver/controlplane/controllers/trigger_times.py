"""The annotation that says which change made a controller write (k8s.io/endpointslice util/trigger_time_tracker.go)."""

from collections.abc import Iterable, Mapping
from typing import Final

from resolver.controlplane.controllers.pod_facts import PodFacts

TRIGGER_TIME: Final = "endpoints.kubernetes.io/last-change-trigger-time"


class TriggerTimes:
    """Remembers, for each Service, the times known at its last turn. Times are RFC 3339 text to the second."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, Mapping[str, str]]] = {}

    def next(self, service: str, created: str, pods: Iterable[PodFacts]) -> str:
        """The earliest time that is new: of the Service's creation or a Pod becoming ready or not. Empty for none.

        `service` is the Service's key. At its first turn it is the time of its creation.
        """
        times = {pod.key: pod.ready_since for pod in pods if pod.ready_since}
        known = self._seen.get(service)
        self._seen[service] = (created, times)
        if known is None:
            return created
        new = [since for key, since in times.items() if since > known[1].get(key, "")]
        if created > known[0]:
            new.append(created)
        return min(new, default="")

    def forget(self, service: str) -> None:
        self._seen.pop(service, None)


def stamped(annotations: Mapping[str, str], time: str) -> dict[str, str]:
    """The annotations with that time, or without one where it is empty."""
    rest = {key: value for key, value in annotations.items() if key != TRIGGER_TIME}
    return {**rest, TRIGGER_TIME: time} if time else rest
