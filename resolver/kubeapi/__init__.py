"""Reading a real Kubernetes API: lists, watches, credentials."""
