"""dualdns: a dual-stack Kubernetes DNS server."""

__version__ = "0.1.0"
