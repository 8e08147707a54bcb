"""Scenarios: real bugs of DNS in clusters, to be met on purpose. One YAML file each, and what reads and plays them."""
