"""Hearing how one question is answered: an explanation is what the code that answers says while it does.

A question that somebody wants explained carries a witness (``query.witness``); all others carry None, which costs them
a comparison here and there. Rules are named by their ids in resolver/explain/rules.py: ``F3``, or ``k8s.S8`` for those
that are Kubernetes' own.
"""

from typing import Protocol

from resolver.wire.reply import Record


class Witness(Protocol):
    """What the plugins and the records tell. A *candidate* is a value that records are made of; equal ones are one."""

    def looked_up(self, request: object, *, multicluster: bool) -> None:
        """A name below a zone has been read as this (`resolver.cluster.dns_names.Request`) and is now looked up."""

    def decided(self, rule: str, text: str) -> None:
        """A rule has settled something of the outcome; of several the last one says what the outcome is."""

    def used(self, candidate: object, item: object, place: int) -> None:
        """An object of the cluster gives the candidate; `place` counts within its list of addresses."""

    def passed_over(self, rule: str, text: str, item: object, place: int) -> None:
        """An address of an object gives no candidate; `place` is -1 where all of the object's do not."""

    def made(self, record: Record, candidate: object) -> None:
        """A record of the reply has been made of the candidate; a record may be made of several."""

    def unused(self, rule: str, text: str, candidate: object) -> None:
        """The candidate makes no record of the type asked for."""


class ReadingWitness(Protocol):
    """What the reading of a raw EndpointSlice tells. Both numbers count from 0, in the object as the API gives it."""

    def kept(self, endpoint: int, address: int) -> None:
        """This address is the next of the slice's kept ones."""

    def dropped(self, rule: str, endpoint: int) -> None:
        """None of the endpoint's addresses is kept."""
