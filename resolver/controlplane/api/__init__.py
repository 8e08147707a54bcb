"""The embedded cluster over HTTP: what kube-apiserver's endpoints do between a socket and the registry."""
