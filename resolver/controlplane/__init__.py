"""The embedded cluster: what kube-apiserver and its controllers would do with manifests."""
