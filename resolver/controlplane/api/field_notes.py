"""What ``kubectl explain`` says, in our own words, where it says more than names and types."""

from collections.abc import Mapping
from typing import Final

ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "v1.IPFamilyPolicy": ("PreferDualStack", "RequireDualStack", "SingleStack"),
    "v1.ServiceType": ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    "v1.ServiceAffinity": ("ClientIP", "None"),
    "v1.ServiceExternalTrafficPolicy": ("Cluster", "Local"),
    "v1.ServiceInternalTrafficPolicy": ("Cluster", "Local"),
    "v1.Protocol": ("SCTP", "TCP", "UDP"),
    "v1.AddressType": ("FQDN", "IPv4", "IPv6"),
    "v1.PodPhase": ("Failed", "Pending", "Running", "Succeeded", "Unknown"),
    "v1.RestartPolicy": ("Always", "Never", "OnFailure"),
    "v1.DNSPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "v1.PullPolicy": ("Always", "IfNotPresent", "Never"),
    "v1.NamespacePhase": ("Active", "Terminating"),
    "v1.PathType": ("Exact", "ImplementationSpecific", "Prefix"),
    "v1.DeploymentStrategyType": ("Recreate", "RollingUpdate"),
}
"""Of each named type its values, sorted as kubectl shows them."""

TYPE_NOTES: Final[Mapping[str, str]] = {
    "core.Service": "A name and addresses under which Pods are reached.",
    "core.ServiceSpec": "What a Service offers, in which address families, and which Pods stand behind it.",
    "core.ServicePort": "A port of a Service and where its traffic goes.",
    "core.Pod": "Containers that run together on one node and share its addresses.",
    "core.Node": "A machine that runs Pods.",
    "core.Namespace": "A scope for names.",
    "core.Endpoints": "The addresses behind a Service, of its first family only. EndpointSlices have all.",
    "discovery.EndpointSlice": "Some of the addresses behind a Service, all of one family.",
    "apps.Deployment": "Pods made from a template, replaced step by step when it changes.",
    "apps.ReplicaSet": "A number of equal Pods.",
    "apps.StatefulSet": "Pods with names of their own that stay the same.",
    "apps.DaemonSet": "One Pod on every node.",
    "batch.Job": "Pods that run until their work is done.",
    "networking.Ingress": "Rules that lead HTTP requests from outside to Services.",
    "networking.ServiceCIDR": "Ranges from which Services get their addresses.",
    "networking.IPAddress": "An address that is taken, and by what.",
    "meta.ObjectMeta": "What every object has: its names, labels, owners and versions.",
}

FIELD_NOTES: Final[Mapping[tuple[str, str], str]] = {
    ("core.ServiceSpec", "ipFamilyPolicy"): (
        "How many address families the Service has. SingleStack: one. PreferDualStack: two where the cluster has two. "
        "RequireDualStack: two, or the Service is refused."
    ),
    ("core.ServiceSpec", "ipFamilies"): (
        "The families, first one first. The first cannot be changed later; a second can be added and removed with "
        "ipFamilyPolicy."
    ),
    ("core.ServiceSpec", "clusterIP"): "The first of clusterIPs. None makes the Service headless.",
    (
        "core.ServiceSpec",
        "clusterIPs",
    ): "The addresses of the Service, one for each family, in the order of ipFamilies.",
    (
        "core.ServiceSpec",
        "type",
    ): "How the Service is reached: inside the cluster, on nodes, from outside, or by alias.",
    (
        "core.ServiceSpec",
        "selector",
    ): "The labels of the Pods behind the Service. Without one endpoints are made by hand.",
    ("core.ServiceSpec", "ports"): "The ports of the Service. Several need names.",
    ("core.ServiceSpec", "externalName"): "The name that an ExternalName Service is an alias of.",
    ("core.PodStatus", "podIPs"): "The addresses of the Pod, at most one of each family.",
    ("core.PodStatus", "podIP"): "The first of podIPs.",
    ("core.NodeSpec", "podCIDRs"): "The ranges from which the node gives addresses to Pods, one for each family.",
    ("discovery.EndpointSlice", "addressType"): "The family of all addresses in the slice.",
    ("discovery.EndpointSlice", "endpoints"): "The addresses and what is known of each.",
    ("discovery.EndpointSlice", "ports"): "The ports that each of the addresses has.",
}
