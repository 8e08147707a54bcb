"""Manifests and questions for tests of the servers of tests."""

import dns.message
import dns.query

from resolver.testing import DnsServer

WEB = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ipFamilyPolicy: PreferDualStack
  ports:
    - port: 80
"""

DEPLOYMENT = """\
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  ipFamilyPolicy: PreferDualStack
  selector:
    app: db
  ports:
    - port: 5432
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db
spec:
  replicas: 2
  selector:
    matchLabels:
      app: db
  template:
    metadata:
      labels:
        app: db
    spec:
      containers:
        - name: db
          image: db
"""


def service(name: str, **spec: object) -> dict[str, object]:
    """A Service as an object."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"ports": [{"port": 80}], **spec},
    }


def ask(server: DnsServer, name: str, rtype: str = "A", *, tcp: bool = False, at: int = 0) -> dns.message.Message:
    """One question; names are absolute, with the zone or without."""
    whole = name if name.endswith(".") else f"{name}.svc.{server.domain}."
    host, port = server.addresses[at]
    return (dns.query.tcp if tcp else dns.query.udp)(dns.message.make_query(whole, rtype), host, port=port, timeout=5)


def addresses(reply: dns.message.Message) -> list[str]:
    """The data of all records of the answer."""
    return [record.to_text() for records in reply.answer for record in records]
