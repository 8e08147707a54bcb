"""Nodes as kube-apiserver takes them (pkg/registry/core/node, admission plug-in TaintNodesByCondition; C23)."""

from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, duplicate, forbidden, internal, invalid
from resolver.controlplane.ip_text import parsed_prefix, prefix_errors
from resolver.controlplane.kinds.pod_defaults import round_amounts
from resolver.controlplane.resources import NODES
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import Write

JsonObject = dict[str, Any]

NOT_READY: Final = "node.kubernetes.io/not-ready"
_FIXED: Final = 'node updates may not change podCIDR except from "" to valid'


class NodeStrategy(Strategy):
    """A new Node keeps the status it comes with, and is not used until somebody finds it ready."""

    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(NODES)

    def default(self, value: JsonObject) -> None:
        spec = value["spec"]
        single, plural = spec.get("podCIDR"), spec.get("podCIDRs", [])
        if single and plural[:1] != [single]:
            spec["podCIDRs"] = [single]
        elif plural:
            spec["podCIDR"] = plural[0]
        if "capacity" in value["status"]:
            value["status"].setdefault("allocatable", value["status"]["capacity"])
        for field in ("capacity", "allocatable"):
            round_amounts(value["status"], field)

    def admit(self, value: JsonObject, old: JsonObject | None, write: Write) -> None:
        taints = value["spec"].get("taints", [])
        taint = {"key": NOT_READY, "effect": "NoSchedule"}
        if old is None and not any(each["key"] == NOT_READY and each["effect"] == "NoSchedule" for each in taints):
            value["spec"]["taints"] = [*taints, taint]

    def prepare_create(self, value: JsonObject) -> None:
        """Nothing is dropped."""

    def validate(self, value: JsonObject) -> list[FieldError]:
        cidrs = value["spec"].get("podCIDRs", [])
        errors = []
        for index, cidr in enumerate(cidrs):
            errors += prefix_errors(f"spec.podCIDRs[{index}]", cidr)
        prefixes = [parsed_prefix(each) for each in cidrs]
        families = {each.family for each in prefixes if each is not None}
        if None in prefixes and len(cidrs) > 1:
            index = prefixes.index(None)
            words = f"invalid CIDR[{index}]: <nil> (invalid CIDR address: {cidrs[index]})"
            prefix = "invalid PodCIDRs. failed to check with dual stack with error"
            errors.append(internal("spec.podCIDRs", f"{prefix}:{words}"))
        if len(cidrs) > 2 or len(families) < len(cidrs) > 1:
            words = "may specify no more than one CIDR for each IP family"
            errors.append(invalid("spec.podCIDRs", cidrs, words))
        return errors

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        before, cidrs = old["spec"].get("podCIDRs", []), value["spec"].get("podCIDRs", [])
        errors = self.validate(value)
        seen: list[JsonObject] = []
        for index, address in enumerate(value["status"].get("addresses", ())):
            if address in seen:
                shown = {"Type": address["type"], "Address": address["address"]}
                errors.append(duplicate(f"status.addresses[{index}]", shown))
            seen.append(address)
        if before and cidrs != before:
            errors.append(forbidden("spec.podCIDRs", _FIXED))
        was, now = old["spec"].get("providerID", ""), value["spec"].get("providerID", "")
        if was and now != was:
            words = "field cannot be modified once set" if now else "field cannot be cleared once set"
            errors.append(invalid("spec.providerID", None, words))
        return errors

    def validate_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return self.validate_update(value, old)
