"""The Kubernetes model: what the cluster says, and the names and records that follow from it. Pure."""
