"""Kinds that are stored and no more: ConfigMap, Secret, ServiceAccount, Event, Lease (pkg/registry)."""

from base64 import b64encode
from typing import Any, Final

from resolver.controlplane.field_errors import FieldError, TypedText, forbidden, invalid, required, too_long
from resolver.controlplane.metadata_rules import IMMUTABLE
from resolver.controlplane.names import config_key_problems
from resolver.controlplane.resources import CONFIG_MAPS, EVENTS, LEASES, SECRETS, SERVICE_ACCOUNTS
from resolver.controlplane.strategy import Strategy

JsonObject = dict[str, Any]

_CONTENT_MOST: Final = 1 << 20  # bytes of the values of one ConfigMap or Secret
_FROZEN: Final = "field is immutable when `immutable` is set"
_OPAQUE: Final = "Opaque"
_NEEDED_KEYS: Final = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


class ConfigMapStrategy(Strategy):
    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(CONFIG_MAPS)

    def validate(self, value: JsonObject) -> list[FieldError]:
        data, binary = value.get("data", {}), value.get("binaryData", {})
        errors = []
        for key in data:
            errors += [invalid(f"data[{key}]", key, each) for each in config_key_problems(key)]
            if key in binary:
                errors.append(invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
        for key in binary:
            errors += [invalid(f"binaryData[{key}]", key, each) for each in config_key_problems(key)]
        size = sum(len(each.encode()) for each in data.values()) + sum(len(each) * 3 // 4 for each in binary.values())
        return [*errors, too_long("", _CONTENT_MOST)] if size > _CONTENT_MOST else errors

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        return _frozen_errors(value, old, ("data", "binaryData")) + self.validate(value)


class SecretStrategy(Strategy):
    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(SECRETS)

    def default(self, value: JsonObject) -> None:
        """stringData is written into data and never shown."""
        value.setdefault("type", _OPAQUE)
        plain = value.pop("stringData", {})
        if plain:
            encoded = {key: b64encode(text.encode()).decode() for key, text in plain.items()}
            value["data"] = {**value.get("data", {}), **encoded}

    def validate(self, value: JsonObject) -> list[FieldError]:
        data = value.get("data", {})
        errors = [invalid(f"data[{key}]", key, each) for key in data for each in config_key_problems(key)]
        if sum(len(each) * 3 // 4 for each in data.values()) > _CONTENT_MOST:
            errors.append(too_long("data", _CONTENT_MOST))
        errors += [required(f"data[{key}]") for key in _NEEDED_KEYS.get(value["type"], ()) if key not in data]
        if value["type"] == "kubernetes.io/basic-auth" and not {"username", "password"} & data.keys():
            errors += [required("data[username]"), required("data[password]")]
        account = "kubernetes.io/service-account.name"
        annotations = value["metadata"].get("annotations") or {}
        if value["type"] == "kubernetes.io/service-account-token" and not annotations.get(account):
            errors.append(required(f"metadata.annotations[{account}]"))
        return errors

    def validate_update(self, value: JsonObject, old: JsonObject) -> list[FieldError]:
        errors = _frozen_errors(value, old, ("data",))
        if value["type"] != old["type"]:
            errors.insert(0, invalid("type", TypedText(value["type"]), IMMUTABLE))
        return errors + self.validate(value)


class ServiceAccountStrategy(Strategy):
    judges_generate_name = True

    def __init__(self) -> None:
        super().__init__(SERVICE_ACCOUNTS)


class EventStrategy(Strategy):
    """Whatever is said of an Event is kept; the real server drops them after an hour, we with the cluster."""

    create_on_update = True
    qualified_finalizers = False

    def __init__(self) -> None:
        super().__init__(EVENTS)

    def default(self, value: JsonObject) -> None:
        value.setdefault("type", "")

    def validate(self, value: JsonObject) -> list[FieldError]:
        involved = value["involvedObject"].get("namespace", "")
        if value["metadata"]["namespace"] not in (involved or "default",):
            words = "does not match event.namespace"
            return [invalid("involvedObject.namespace", involved, words)]
        return []


class LeaseStrategy(Strategy):
    create_on_update = True
    unconditional_update = False
    qualified_finalizers = False

    def __init__(self) -> None:
        super().__init__(LEASES)

    def validate(self, value: JsonObject) -> list[FieldError]:
        spec = value["spec"]
        errors = []
        if spec.get("leaseDurationSeconds", 1) <= 0:
            errors.append(invalid("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], "must be greater than 0"))
        if spec.get("leaseTransitions", 0) < 0:
            words = "must be greater than or equal to 0"
            errors.append(invalid("spec.leaseTransitions", spec["leaseTransitions"], words))
        return errors


def _frozen_errors(value: JsonObject, old: JsonObject, fields: tuple[str, ...]) -> list[FieldError]:
    if not old.get("immutable"):
        return []
    errors = [] if value.get("immutable") else [forbidden("immutable", _FROZEN)]
    return errors + [forbidden(each, _FROZEN) for each in fields if value.get(each) != old.get(each)]
