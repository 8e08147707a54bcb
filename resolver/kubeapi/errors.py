"""What can go wrong between us and the Kubernetes API."""


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
