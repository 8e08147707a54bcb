"""Workloads without a kubelet: simulated nodes, and Pods that run as soon as they are there. Nothing is executed."""
