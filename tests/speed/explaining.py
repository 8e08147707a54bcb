"""How long an explanation takes: ``python -m tests.speed.explaining [MANIFESTS]``, over a thousand of them."""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from resolver.explain import explain_question
from tests.support.explained import corefile, over_manifests

ROUNDS = 21
NAMESPACES = 20
QUESTIONS = (
    ("s0.ns0", "AAAA"),
    ("s1.ns1", "A"),
    ("x.s1.ns1", "A"),
    ("_http._tcp.s1.ns1", "SRV"),
    ("s99999.ns1", "A"),
    ("10.99.0.1", "PTR"),
)
MANIFEST = """\
apiVersion: v1
kind: Service
metadata: {{name: s{number}, namespace: ns{space}}}
spec:
  {headless}
  ipFamilyPolicy: RequireDualStack
  selector: {{app: s{number}}}
  ports: [{{name: http, port: 80}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: s{number}, namespace: ns{space}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: s{number}}}}}
  template:
    metadata: {{labels: {{app: s{number}}}}}
    spec: {{containers: [{{name: c, image: c}}]}}
"""


async def main(manifests: int) -> None:
    """Prints a line for each question."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(manifests):
            headless = "clusterIP: None" if number % 2 else "type: ClusterIP"
            text = MANIFEST.format(number=number, space=number % NAMESPACES, headless=headless)
            (folder / f"{number}.yaml").write_text(text)
        async with over_manifests(folder, text=corefile("pods insecure")) as server:
            for question in QUESTIONS:
                taken = []
                for _ in range(ROUNDS):
                    begun = time.perf_counter()
                    found = await explain_question(server, *question)
                    found.text()
                    taken.append((time.perf_counter() - begun) * 1000)
                print(f"{' '.join(question):24} {found.outcome:9} median {statistics.median(taken):5.1f} ms, "
                      f"longest {max(taken):5.1f} ms")  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
