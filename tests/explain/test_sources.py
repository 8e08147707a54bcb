"""Where objects come from: manifests, and what controllers make of them."""

from pathlib import Path

import pytest

from resolver.explain import Explanation, explain_question
from resolver.explain.explanation import Written
from tests.support.explained import over_manifests

MANIFEST = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  clusterIP: None
  selector: {app: web}
  ports: [{name: http, port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: both, namespace: shop}
spec:
  ipFamilyPolicy: RequireDualStack
  clusterIP: 10.96.0.20
  clusterIPs:
  - 10.96.0.20
  - fd00:10:96::20
  ports: [{port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: shop}
spec:
  ports: [{port: 80}]
  clusterIP: 10.96.0.21
---
apiVersion: v1
kind: Service
metadata: {name: out, namespace: shop}
spec:
  type: ExternalName
  externalName: both.shop.svc.cluster.local
"""


async def explained(tmp_path: Path, name: str, qtype: str) -> Explanation:
    (tmp_path / "m.yaml").write_text(MANIFEST)
    async with over_manifests(tmp_path / "m.yaml") as server:
        return await explain_question(server, name, qtype)


@pytest.mark.parametrize(
    ("name", "qtype", "field", "text"),
    [
        ("both.shop", "A", "spec.clusterIPs[0]", "- 10.96.0.20"),
        ("both.shop", "AAAA", "spec.clusterIPs[1]", "- fd00:10:96::20"),
        ("one.shop", "A", "spec.clusterIPs[0]", "clusterIP: 10.96.0.21"),
        ("out.shop", "CNAME", "spec.externalName", "externalName:"),
    ],
)
async def test_a_field_has_its_line(tmp_path: Path, name: str, qtype: str, field: str, text: str) -> None:
    line = MANIFEST[: MANIFEST.index(text)].count("\n") + 1
    (source,) = (await explained(tmp_path, name, qtype)).records[0].sources
    assert source.field == field
    assert source.written == Written(str(tmp_path / "m.yaml"), line)


async def test_what_controllers_make_is_traced_back(tmp_path: Path) -> None:
    found = await explained(tmp_path, "web.shop", "A")
    assert len(found.records) == 2
    for record in found.records:
        (source,) = record.sources
        pod, node = source.behind
        assert (source.kind, pod.kind, node.kind) == ("EndpointSlice", "Pod", "Node")
        assert source.written == Written(str(tmp_path / "m.yaml"), 1, "Service shop/web")
        assert pod.written == Written(str(tmp_path / "m.yaml"), 9, "Deployment shop/web")
        assert node.detail.startswith("zone ")


async def test_an_alias_and_its_target_have_their_sources(tmp_path: Path) -> None:
    found = await explained(tmp_path, "out.shop", "AAAA")
    subjects = [[source.subject for source in record.sources] for record in found.records]
    assert subjects == [["Service shop/out"], ["Service shop/both"]]
