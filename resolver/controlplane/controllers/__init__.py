"""What kube-controller-manager does for Services, namespaces and owners: reconcilers on one queue."""
