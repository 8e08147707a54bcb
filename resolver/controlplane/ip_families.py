"""Which families a Service has, and what clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy say to each other.

Pure: each function looks at a Service's spec and the families of the cluster, changes the spec or tells what is wrong.
(kube-apiserver pkg/registry/core/service/storage and pkg/apis/core/validation; rules C1 to C13, C25, U1 to U14.)
"""

from typing import Any, Final, NamedTuple

from resolver.controlplane.field_errors import FieldError, TypedText, duplicate, invalid, not_supported, required
from resolver.controlplane.ip_text import IPV4, IPV6, address_errors, address_family

JsonObject = dict[str, Any]

SINGLE_STACK: Final = "SingleStack"
PREFER_DUAL_STACK: Final = "PreferDualStack"
REQUIRE_DUAL_STACK: Final = "RequireDualStack"
EXTERNAL_NAME: Final = "ExternalName"
NONE: Final = "None"

_FAMILIES: Final = (IPV4, IPV6)
_POLICIES: Final = (PREFER_DUAL_STACK, REQUIRE_DUAL_STACK, SINGLE_STACK)
_WITH_ADDRESS: Final = ("ClusterIP", "NodePort", "LoadBalancer")
_MULTIPLE: Final = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
_RELEASE: Final = "must be 'SingleStack' to release the secondary"


class ClusterFamilies(NamedTuple):
    """The families of the service ranges: `primary` is that of the first one, `both` says whether there are two."""

    primary: str
    both: bool

    def has(self, family: str) -> bool:
        return self.both or family == self.primary


def other_family(family: str) -> str:
    return IPV6 if family == IPV4 else IPV4


def is_headless(spec: JsonObject) -> bool:
    """clusterIPs is ``["None"]``."""
    return spec.get("clusterIPs") == [NONE]


def needs_address(spec: JsonObject) -> bool:
    return spec.get("type") != EXTERNAL_NAME


def sync_cluster_ips(spec: JsonObject, old: JsonObject | None) -> None:
    """Fills in what a client that knows only one of clusterIP and clusterIPs has left out (C1, C2, U3)."""
    single, plural = spec.get("clusterIP", ""), spec.get("clusterIPs", [])
    if old is None:
        if single and not plural:
            spec["clusterIPs"] = [single]
        return
    old_single, old_plural = old.get("clusterIP", ""), old.get("clusterIPs", [])
    if old_plural and not plural and old_single == single:
        plural = spec["clusterIPs"] = list(old_plural)
    if old_single != single and plural == old_plural:
        if old_single and not single:
            spec.pop("clusterIPs", None)
        else:
            spec["clusterIPs"] = [single]


def keep_cluster_ips(spec: JsonObject, old: JsonObject) -> None:
    """Sending the manifest a Service was created from changes nothing: absent addresses are the old ones (U1)."""
    if needs_address(old) and needs_address(spec):
        if not spec.get("clusterIP") and old.get("clusterIP"):
            spec["clusterIP"] = old["clusterIP"]
        if not spec.get("clusterIPs") and old.get("clusterIPs"):
            spec["clusterIPs"] = list(old["clusterIPs"])


def fill_families_of_stored(spec: JsonObject, cluster: ClusterFamilies) -> None:
    """Families of a Service that was stored without them, by an old release (C25)."""
    sync_cluster_ips(spec, None)
    if not needs_address(spec):
        spec.pop("internalTrafficPolicy", None)
        return
    if spec.get("ipFamilies"):
        return
    if spec.get("clusterIP") == NONE:
        dual = not spec.get("selector")
        families = [cluster.primary, other_family(cluster.primary)] if dual else [cluster.primary]
    else:
        families = [IPV6 if address_family(each) == IPV6 else IPV4 for each in spec.get("clusterIPs", [])]
    if families:
        spec["ipFamilies"] = families
        spec["ipFamilyPolicy"] = SINGLE_STACK if len(families) == 1 else REQUIRE_DUAL_STACK


def is_left_alone(spec: JsonObject, old: JsonObject | None) -> bool:
    """PreferDualStack before and after and nothing else said: whatever the cluster looks like now (U13)."""
    if old is None or spec["type"] != old["type"] or spec["type"] not in _WITH_ADDRESS:
        return False
    if spec.get("ipFamilyPolicy") != PREFER_DUAL_STACK or old.get("ipFamilyPolicy") not in (None, PREFER_DUAL_STACK):
        return False
    return _same(spec, old, "clusterIPs") and _same(spec, old, "ipFamilies")


def settle_families(spec: JsonObject, old: JsonObject | None, cluster: ClusterFamilies) -> list[FieldError]:
    """Decides policy and families, all of whose errors the API reports at once (C5 to C13, U4 to U8)."""
    if not needs_address(spec) or is_left_alone(spec, old):
        return []
    headless_alone = spec.get("clusterIP") == NONE and not spec.get("selector")
    if "ipFamilyPolicy" not in spec:
        default = REQUIRE_DUAL_STACK if headless_alone else SINGLE_STACK
        spec["ipFamilyPolicy"] = (old or {}).get("ipFamilyPolicy", default)
    if errors := related_errors(spec, old):
        return errors
    errors = _release_errors(spec, old) if old is not None else []
    errors += _single_stack_errors(spec)
    errors += _infer_families(spec, cluster)
    if errors:
        return errors
    if headless_alone:
        _settle_headless_alone(spec, cluster)
        return []
    if errors := _missing_family_errors(spec, cluster):
        return errors
    families = list(spec.get("ipFamilies") or [cluster.primary])
    if spec["ipFamilyPolicy"] != SINGLE_STACK and len(families) == 1 and cluster.both:
        families.append(other_family(families[0]))
    spec["ipFamilies"] = families
    return []


def related_errors(spec: JsonObject, old: JsonObject | None) -> list[FieldError]:
    """What clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy say against each other (C2, C3, C7)."""
    if not needs_address(spec):
        return []
    plural: list[str] = spec.get("clusterIPs", [])
    errors = _single_against_plural(spec.get("clusterIP", ""), plural)
    errors += _family_errors(spec.get("ipFamilies", []))
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _POLICIES:
        errors.append(not_supported("spec.ipFamilyPolicy", TypedText(policy), _POLICIES))
    known = old.get("clusterIPs", []) if old else []
    unreadable = []
    for index, address in enumerate(plural):
        if index == 0 and address == NONE:
            if len(plural) > 1:
                unreadable.append(invalid("spec.clusterIPs", plural, "'None' must be the first and only value"))
            continue
        unreadable += address_errors(f"spec.clusterIPs[{index}]", address, known)
    errors += unreadable
    if len(plural) > 2:
        errors.append(invalid("spec.clusterIPs", plural, "may only hold up to 2 values"))
    if unreadable:
        return errors
    if plural == [NONE]:
        return errors
    found = [address_family(each) for each in plural]
    if len(plural) > 1 and set(found) != {IPV4, IPV6}:
        errors.append(invalid("spec.clusterIPs", plural, "may specify no more than one IP for each IP family"))
    for index, (family, listed) in enumerate(zip(found, spec.get("ipFamilies", []), strict=False)):
        if listed in _FAMILIES and listed != family:
            words = f"expected an {listed} value as indicated by `ipFamilies[{index}]`"
            errors.append(invalid(f"spec.clusterIPs[{index}]", plural[index], words))
    return errors


def _single_against_plural(single: str, plural: list[str]) -> list[FieldError]:
    if not single:
        words = "must be empty when `clusterIP` is not specified"
        return [invalid("spec.clusterIPs", plural, words)] if plural else []
    if not plural:
        return [required("spec.clusterIPs")]
    return [] if plural[0] == single else [invalid("spec.clusterIPs", plural, "first value must match `clusterIP`")]


def _family_errors(families: list[str]) -> list[FieldError]:
    errors = []
    for index, family in enumerate(families):
        field = f"spec.ipFamilies[{index}]"
        if family not in _FAMILIES:
            errors.append(not_supported(field, TypedText(family), _FAMILIES))
        if family in families[:index]:
            errors.append(duplicate(field, TypedText(family)))
    return errors


def _release_errors(spec: JsonObject, old: JsonObject) -> list[FieldError]:
    """SingleStack cuts what an update has left as it was; any other policy may not be cut short (U7, U8)."""
    policy = spec["ipFamilyPolicy"]
    errors = []
    for field, words in (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")):
        new, before = spec.get(field, []), old.get(field, [])
        if policy == SINGLE_STACK:
            if new == before and len(new) > 1:
                spec[field] = new[:1]
        elif new and len(new) < len(before):
            errors.append(invalid("spec.ipFamilyPolicy", TypedText(policy), f"{_RELEASE} {words}"))
    return errors


def _single_stack_errors(spec: JsonObject) -> list[FieldError]:
    if spec["ipFamilyPolicy"] != SINGLE_STACK:
        return []
    return [
        invalid("spec.ipFamilyPolicy", TypedText(SINGLE_STACK), f"{_MULTIPLE} {words} are specified")
        for field, words in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families"))
        if len(spec.get(field, [])) == 2
    ]


def _infer_families(spec: JsonObject, cluster: ClusterFamilies) -> list[FieldError]:
    """Addresses beyond the listed families name theirs (C9)."""
    families = list(spec.get("ipFamilies", []))
    plural = spec.get("clusterIPs", [])
    errors = []
    for index, address in enumerate(plural):
        if address == NONE:
            break
        if index < len(families):
            continue
        family = address_family(address)
        if cluster.has(family):
            families.append(family)
        else:
            words = f"{family} is not configured on this cluster"
            errors.append(invalid(f"spec.clusterIPs[{index}]", plural, words))
    if families:
        spec["ipFamilies"] = families
    return errors


def _settle_headless_alone(spec: JsonObject, cluster: ClusterFamilies) -> None:
    """Headless without a selector: its endpoints may have families the cluster's ranges lack (C10)."""
    families = list(spec.get("ipFamilies") or [cluster.primary])
    if len(families) < 2 and spec["ipFamilyPolicy"] != SINGLE_STACK:
        families.append(other_family(families[0]))
    spec["ipFamilies"] = families


def _missing_family_errors(spec: JsonObject, cluster: ClusterFamilies) -> list[FieldError]:
    errors = []
    if spec["ipFamilyPolicy"] == REQUIRE_DUAL_STACK and not cluster.both:
        words = "this cluster is not configured for dual-stack services"
        errors.append(invalid("spec.ipFamilyPolicy", TypedText(REQUIRE_DUAL_STACK), words))
    for index, family in enumerate(spec.get("ipFamilies", [])):
        if not cluster.has(family):
            errors.append(invalid(f"spec.ipFamilies[{index}]", TypedText(family), "not configured on this cluster"))
    return errors


def _same(spec: JsonObject, old: JsonObject, field: str) -> bool:
    same: bool = spec.get(field, []) == old.get(field, [])
    return same
