"""What can go wrong between us and the Kubernetes API."""

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises on JSON from outside: broken or of other types, no UTF-8, nested too deep."""


class ApiUnavailable(Exception):
    """The API cannot be reached or used; the text says what to do about it."""


class BadCredentials(ApiUnavailable):
    """Where the cluster is, or who we are, is not configured in a way that works."""


class ApiSilent(ApiUnavailable):
    """Nothing came for longer than a live connection stays silent."""


class Oversized(ApiUnavailable):
    """The API sent something too large to be an object."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"the API sent a {what} of more than {limit} bytes; no Kubernetes object is that large")


class NotAList(ApiUnavailable):
    """The body of a list request is something else."""
