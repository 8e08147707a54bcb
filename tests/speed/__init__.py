"""A benchmark of dualdns beside CoreDNS and a bare echo server: ``python -m tests.speed`` (docs/performance.md)."""
