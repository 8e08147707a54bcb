"""Namespaces, IPAddresses and ServiceCIDRs: how they are written (kube-apiserver pkg/registry/{core,networking})."""

from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, invalid, required
from resolver.controlplane.ip_text import canonical_address_errors, canonical_prefix_errors, parsed_prefix
from resolver.controlplane.metadata_rules import IMMUTABLE, finalizer_errors
from resolver.controlplane.names import label_problems, path_segment_problems, subdomain_problems
from resolver.controlplane.resources import IP_ADDRESSES, NAMESPACES, SERVICE_CIDRS
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import DeleteOptions, Write

JsonObject = dict[str, Any]

NAME_LABEL: Final = "kubernetes.io/metadata.name"
ACTIVE: Final = "Active"
TERMINATING: Final = "Terminating"
FINALIZER: Final = "kubernetes"
_IMMORTAL: Final = ("default", "kube-system", "kube-public")
_ONE_EACH: Final = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"


class NamespaceStrategy(Strategy):
    """A Namespace goes in two steps: it terminates while spec.finalizers stand, and whoever empties it clears them."""

    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(NAMESPACES)

    def name_problems(self, name: str) -> list[str]:
        return label_problems(name)

    def default(self, value: JsonObject) -> None:
        name = value["metadata"].get("name")
        if name:
            value["metadata"]["labels"] = {**value["metadata"].get("labels", {}), NAME_LABEL: name}

    def prepare_create(self, value: JsonObject) -> None:
        self.default(value)
        value["status"] = {"phase": ACTIVE}
        finalizers = value["spec"].get("finalizers", [])
        if FINALIZER not in finalizers:
            value["spec"]["finalizers"] = [*finalizers, FINALIZER]

    def validate(self, value: JsonObject) -> list[FieldError]:
        return [
            error
            for each in value["spec"].get("finalizers", ())
            for error in finalizer_errors("spec.finalizers", "spec.finalizers", each)
        ]

    def prepare_update(self, value: JsonObject, old: JsonObject) -> None:
        value["spec"] = old["spec"]
        value["status"] = old["status"]

    def prepare_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> None:
        kept = "status" if subresource == "finalize" else "spec"
        value[kept] = old[kept]

    def validate_subresource(self, subresource: str, value: JsonObject, old: JsonObject) -> list[FieldError]:
        if subresource == "finalize":
            return [
                error
                for index, each in enumerate(value["spec"].get("finalizers", ()))
                for error in finalizer_errors(f"spec.finalizers[{index}]", f"spec.finalizers[{index}]", each)
            ]
        going = "deletionTimestamp" in value["metadata"]
        phase = value["status"].get("phase", "")
        if phase == (TERMINATING if going else ACTIVE):
            return []
        words = "`deletionTimestamp` is not empty" if going else "`deletionTimestamp` is empty"
        return [invalid("status.Phase", phase, f"may only be '{TERMINATING if going else ACTIVE}' if {words}")]

    def check_delete(self, value: JsonObject, options: DeleteOptions, write: Write) -> None:
        name = value["metadata"]["name"]
        if name in _IMMORTAL:
            raise StatusError.forbidden(NAMESPACES, name, "this namespace may not be deleted")

    def keeps_until_finalized(self, value: JsonObject) -> bool:
        return bool(value["spec"].get("finalizers"))

    def prepare_termination(self, value: JsonObject) -> None:
        value["status"] = {**value["status"], "phase": TERMINATING}


class IpAddressStrategy(Strategy):
    """An IPAddress is named for the address it takes."""

    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(IP_ADDRESSES)

    def name_problems(self, name: str) -> list[str]:
        return [each.message.partition(": ")[2].partition(": ")[2] for each in canonical_address_errors("", name)]

    def validate(self, value: JsonObject) -> list[FieldError]:
        parent = value["spec"].get("parentRef")
        if parent is None:
            return [required("spec.parentRef")]
        errors = []
        if group := parent.get("group"):
            errors += [invalid("spec.parentRef.group", group, each) for each in subdomain_problems(group)]
        missing = []
        for field in ("resource", "name", "namespace"):
            text = parent.get(field, "")
            if text:
                problems = path_segment_problems(text)
                errors += [invalid(f"spec.parentRef.{field}", text, each) for each in problems]
            elif field != "namespace":
                missing.append(required(f"spec.parentRef.{field}"))
        return errors + missing

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        errors = self.validate(value)
        if value["spec"] != old["spec"]:
            errors.append(invalid("spec.parentRef", None, IMMUTABLE))
        return errors


class ServiceCidrStrategy(Strategy):
    """A ServiceCIDR adds ranges to hand out addresses from; one that has a range may get the other family's."""

    def __init__(self) -> None:
        super().__init__(SERVICE_CIDRS)

    def validate(self, value: JsonObject) -> list[FieldError]:
        cidrs = value["spec"].get("cidrs", [])
        if not cidrs:
            return [required("spec.cidrs", "at least one CIDR required")]
        if len(cidrs) > 2:
            return [invalid("spec.cidrs", {"CIDRs": cidrs}, "may only hold up to 2 values")]
        errors = []
        for index, cidr in enumerate(cidrs):
            errors += canonical_prefix_errors(f"spec.cidrs[{index}]", cidr)
        prefixes = [each for each in map(parsed_prefix, cidrs) if each is not None]
        if len(prefixes) == 2 and prefixes[0].family == prefixes[1].family:
            errors.append(invalid("spec.cidrs", cidrs, _ONE_EACH))
        return errors

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        cidrs, before = value["spec"].get("cidrs", []), old["spec"].get("cidrs", [])
        if len(cidrs) == len(before):
            pairs = enumerate(zip(cidrs, before, strict=True))
            return [invalid(f"spec.cidrs[{index}]", new, IMMUTABLE) for index, (new, was) in pairs if new != was]
        if len(cidrs) != 2 or len(before) != 1:
            return [invalid("spec.cidrs", cidrs or None, IMMUTABLE)]
        errors = [invalid("spec.cidrs[0]", cidrs[0], IMMUTABLE)] if cidrs[0] != before[0] else []
        return errors + self.validate(value)
