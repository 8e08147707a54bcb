"""What clusters of the matrix are asked to do: requests to a Kubernetes API, step after step; equal seeds, equal ones.

Addresses that a request names lie in the static band of the ranges 10.96.0.0/16 and fd00:10:96::/112, so that no server
picks them; those of Pods are pinned by the annotation the simulation knows.
"""

from random import Random
from typing import Any, Final

from tests.support.matrix_requests import DNS, HTTP, PREFER, REQUIRE, SINGLE, Author, Request, Scenario, names_of

JsonObject = dict[str, Any]

PORTS: Final = (
    [HTTP],
    [{"port": 80}],
    [HTTP, {"name": "admin", "port": 8443}],
    [*DNS],
    [{"name": "s", "port": 9, "protocol": "SCTP"}],
)
FAMILIES: Final = (["IPv4"], ["IPv6"], ["IPv4", "IPv6"], ["IPv6", "IPv4"])


def handmade(namespace: str = "shop") -> Scenario:
    """One Service of each sort, each changed into what it may become."""
    a = Author(namespace)
    begin = [
        a.workload("Deployment", "web", 2, 1),
        a.workload("StatefulSet", "db", 2, 2, serviceName="db"),
        a.pod("alone", "10.244.3.1,fd00:10:244:3::1", {"tier": "store"}, hostname="alone", subdomain="db"),
        a.pod("only4", "10.244.3.2", {"tier": "four"}, hostname="only4", subdomain="four"),
        a.pod("done", "10.244.3.3,fd00:10:244:3::3", {"tier": "store"}, phase="Succeeded"),
        a.service("single"),
        a.service("six", ipFamilies=["IPv6"]),
        a.service("prefer", ipFamilyPolicy=PREFER),
        a.service("require", ipFamilyPolicy=REQUIRE, ipFamilies=["IPv6", "IPv4"]),
        a.service("pinned", clusterIP="10.96.0.77", clusterIPs=["10.96.0.77", "fd00:10:96::77"], ipFamilyPolicy=PREFER),
        a.service("node", type="NodePort", ipFamilyPolicy=PREFER),
        a.service("balancer", type="LoadBalancer", ports=[*DNS]),
        a.service("nobody", selector={"tier": "nobody"}, ipFamilyPolicy=PREFER),
        a.service("headless", clusterIP="None"),
        a.service("db", clusterIP="None", ipFamilyPolicy=PREFER, selector={"tier": "store"}, ports=[{"port": 5432}]),
        a.service(
            "early", clusterIP="None", ipFamilyPolicy=PREFER, selector={"tier": "store"}, publishNotReadyAddresses=True
        ),
        a.service("four", clusterIP="None", ipFamilyPolicy=REQUIRE, selector={"tier": "four"}),
        a.service("empty", clusterIP="None", ipFamilyPolicy=PREFER, selector={"tier": "nobody"}),
        a.service("portless", clusterIP="None", ports=None),
        a.service("mirrored", clusterIP="None", selector=None, ipFamilies=["IPv4"], ipFamilyPolicy=SINGLE),
        a.service("handmade", clusterIP="None", selector=None),
        a.service("fixed", selector=None, ipFamilyPolicy=PREFER),
        a.service("outside", type="ExternalName", externalName="db.example.org", selector=None, ports=None),
        a.service("inside", type="ExternalName", externalName=f"prefer.{namespace}.svc.cluster.local.", ports=None),
        a.service("twice", clusterIP="10.96.0.77"),
        a.service("wrong", ipFamilies=["IPv4", "IPv6"]),
        a.service("worse", clusterIP="None", type="NodePort"),
        a.endpoints(
            "mirrored",
            {
                "addresses": [{"ip": "192.0.2.31", "hostname": "m"}, {"ip": "2001:db8::31"}],
                "notReadyAddresses": [{"ip": "192.0.2.32"}],
                "ports": [{"name": "http", "port": 8080}],
            },
        ),
        a.slice("handmade-1", "handmade", "IPv4", {"addresses": ["192.0.2.41"], "hostname": "one", "conditions": {}}),
        a.slice(
            "handmade-2",
            "handmade",
            "IPv6",
            {"addresses": ["2001:db8::41"], "hostname": "one"},
            {"addresses": ["2001:db8::42"], "conditions": {"ready": False, "serving": True, "terminating": True}},
        ),
        a.endpoints("fixed", {"addresses": [{"ip": "192.0.2.33"}], "ports": [{"name": "http", "port": 8080}]}),
    ]
    change = [
        a.change("single", ipFamilyPolicy=PREFER),
        a.change("prefer", ipFamilyPolicy=SINGLE),
        a.change("require", ipFamilyPolicy=PREFER),
        a.change("six", ipFamilies=["IPv4"]),
        a.change("pinned", type="ExternalName", externalName="pinned.example.org"),
        a.change("node", type="ClusterIP"),
        a.change("balancer", type="NodePort"),
        a.change("outside", type="ClusterIP", externalName=None, ports=[HTTP], ipFamilyPolicy=PREFER),
        a.change("headless", ipFamilyPolicy=PREFER, ipFamilies=["IPv6", "IPv4"]),
        a.change("portless", clusterIP="10.96.0.78", clusterIPs=["10.96.0.78"]),
        a.change("nobody", selector={"tier": "web"}),
        a.change("empty", selector={"tier": "store"}, ports=[{"name": "other", "port": 1}]),
        a.scale("Deployment", "web", 4),
        a.scale("StatefulSet", "db", 3),
        a.not_ready("alone"),
        a.delete("Pod", "only4"),
        a.delete("Service", "handmade"),
        a.service("twice", clusterIP="10.96.0.77", ipFamilyPolicy=PREFER),
        a.patch("Endpoints", "mirrored", {"subsets": [{"addresses": [{"ip": "2001:db8::35", "hostname": "m"}]}]}),
    ]
    back = [
        a.change("single", ipFamilyPolicy=SINGLE),
        a.change("prefer", ipFamilyPolicy=REQUIRE),
        a.change("pinned", type="ClusterIP", externalName=None, ipFamilyPolicy=PREFER, ipFamilies=["IPv6"]),
        a.change("balancer", type="ExternalName", externalName="balancer.example.org"),
        a.change("inside", externalName=f"single.{namespace}.svc.cluster.local"),
        a.change("headless", ipFamilyPolicy=SINGLE, ipFamilies=["IPv6"]),
        a.change("db", clusterIP="10.96.0.79"),
        a.change("mirrored", selector={"tier": "web"}),
        a.scale("Deployment", "web", 0),
        a.scale("StatefulSet", "db", 1),
        a.delete("Service", "twice"),
        a.delete("Service", "node"),
        a.delete("Endpoints", "fixed"),
        a.service("handmade", clusterIP="None", selector=None, ipFamilyPolicy=SINGLE),
    ]
    hosts = ["db-0", "db-1", "db-2", "alone", "only4", "m", "one", "10-244-1-1", "fd00-10-244-1--1", "192-0-2-33"]
    return Scenario(namespace, [begin, change, back], names_of([begin, change, back]), hosts)


class RandomScenario:
    """Services at random over a Deployment, a StatefulSet and single Pods, and changes of all of them."""

    def __init__(self, seed: int, services: int = 24, steps: int = 3) -> None:
        self._random = Random(seed)
        self._author = Author(f"random-{seed}")
        self._made: list[str] = []
        self._pin = iter(self._random.sample(range(16, 250), 200))
        steps_made = [self._begin(services), *(self._changes(services // 2) for _ in range(steps - 1))]
        self.scenario = Scenario(self._author.namespace, steps_made, names_of(steps_made), self._hosts())

    def _begin(self, services: int) -> list[Request]:
        a, choose = self._author, self._random
        made = [self._service(number) for number in range(services)]
        return [
            a.workload("Deployment", "web", choose.randint(1, 3), 1),
            a.workload("StatefulSet", "db", choose.randint(1, 3), 2, serviceName="s-0"),
            a.pod("alone", "10.244.3.1,fd00:10:244:3::1", {"tier": "store"}, hostname="alone", subdomain="s-1"),
            a.pod("six", "fd00:10:244:3::2", {"tier": "web"}, hostname="six", subdomain="s-1"),
            *made,
            *self._endpoints([each.body for each in made if each.body]),
        ]

    def _service(self, number: int) -> Request:
        name = f"s-{number}"
        self._made.append(name)
        if number < 2:  # what the hostnames belong to
            policy = self._random.choice((PREFER, REQUIRE))
            return self._author.service(
                name, clusterIP="None", ipFamilyPolicy=policy, selector={"tier": "store"}, ports=[{"port": 5432}]
            )
        return self._author.service(name, **self._spec())

    def _spec(self) -> JsonObject:
        choose = self._random
        spec: JsonObject = {"ports": choose.choice(PORTS)}
        kind = choose.choice(
            ("ClusterIP", "ClusterIP", "Headless", "Headless", "NodePort", "LoadBalancer", "ExternalName")
        )
        if kind == "ExternalName":
            inside = f"s-{choose.randrange(20)}.{self._author.namespace}.svc.cluster.local"
            return {**spec, "type": kind, "externalName": choose.choice(("db.example.org", "x.example.org.", inside))}
        if kind == "Headless":
            spec["clusterIP"] = "None"
        else:
            spec["type"] = kind
        spec["selector"] = choose.choice(({"tier": "web"}, {"tier": "web"}, {"tier": "store"}, {"tier": "no"}, None))
        if choose.random() < 0.7:
            spec["ipFamilyPolicy"] = choose.choice((SINGLE, PREFER, PREFER, REQUIRE))
        if choose.random() < 0.5:
            spec["ipFamilies"] = choose.choice(FAMILIES)
        if kind != "Headless" and choose.random() < 0.25:
            number = next(self._pin)
            both = [f"10.96.0.{number}", f"fd00:10:96::{number:x}"]
            choose.shuffle(both)
            spec |= {"clusterIP": both[0], "clusterIPs": both[: choose.choice((1, 2))]}
        if choose.random() < 0.1:
            spec["publishNotReadyAddresses"] = True
        return spec

    def _endpoints(self, services: list[JsonObject]) -> list[Request]:
        """For Services that have no selector: Endpoints or a slice, made by hand."""
        made = []
        for number, service in enumerate(services):
            name = service["metadata"]["name"]
            if "selector" in service["spec"] or "externalName" in service["spec"]:
                continue
            if self._random.random() < 0.6:
                addresses = [{"ip": f"192.0.2.{number + 10}", "hostname": "m"}, {"ip": f"2001:db8::{number + 10}"}]
                subset = {"addresses": addresses, "ports": [{"name": "http", "port": 8080}]}
                made.append(self._author.endpoints(name, subset))
            else:
                endpoint = {"addresses": [f"2001:db8::{number + 10}"], "hostname": "m"}
                made.append(self._author.slice(f"{name}-hand", name, "IPv6", endpoint))
        return made

    def _changes(self, count: int) -> list[Request]:
        choose, a = self._random, self._author
        changes: list[Request] = []
        for name in choose.sample(self._made, min(count, len(self._made))):
            how = choose.random()
            if how < 0.2:
                changes.append(a.delete("Service", name))
                self._made.remove(name)
            elif how < 0.5:
                changes.append(self._other_type(name))
            elif how < 0.75:
                families = choose.choice((*FAMILIES, None))
                changes.append(
                    a.change(name, ipFamilyPolicy=choose.choice((SINGLE, PREFER, REQUIRE)), ipFamilies=families)
                )
            elif how < 0.9:
                changes.append(a.change(name, selector=choose.choice(({"tier": "web"}, {"tier": None}))))
            else:
                changes.append(a.change(name, ports=choose.choice(PORTS)))
        for number in range(choose.randint(1, 3)):
            changes.append(self._service(30 + len(self._made) * 3 + number))
        changes.append(a.scale("Deployment", "web", choose.randint(0, 5)))
        changes.append(a.scale("StatefulSet", "db", choose.randint(0, 4)))
        if choose.random() < 0.5:
            changes.append(a.not_ready(choose.choice(("alone", "six"))))
        return changes

    def _other_type(self, name: str) -> Request:
        kind = self._random.choice(("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"))
        if kind == "ExternalName":
            return self._author.change(name, type=kind, externalName=f"{name}.example.org")
        return self._author.change(name, type=kind, externalName=None)

    def _hosts(self) -> list[str]:
        return ["db-0", "db-1", "db-3", "alone", "six", "m", "10-244-1-1", "fd00-10-244-1--1", "10-244-3-1"]
