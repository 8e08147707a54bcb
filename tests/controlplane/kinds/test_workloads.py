"""Deployments, ReplicaSets, StatefulSets and DaemonSets: what is filled in, what is wrong, what may change."""

from copy import deepcopy
from typing import Any

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.kinds.workloads import (
    DaemonSetStrategy,
    DeploymentStrategy,
    ReplicaSetStrategy,
    StatefulSetStrategy,
    WorkloadStrategy,
)
from resolver.controlplane.stored_object import JsonObject

ALL = (DeploymentStrategy, ReplicaSetStrategy, StatefulSetStrategy, DaemonSetStrategy)
TEMPLATE: JsonObject = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
WHOLE: JsonObject = {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}
GENERATION = "deprecated.daemonset.template.generation"


def workload(strategy: WorkloadStrategy, /, **spec: Any) -> JsonObject:
    whole = {key: value for key, value in {**WHOLE, **spec}.items() if value is not None}
    document = {"metadata": {"name": "web", "namespace": "shop"}, "spec": deepcopy(whole)}
    value = decode(strategy.resource, document).value
    strategy.default(value)
    return value


def template(**spec: Any) -> JsonObject:
    return {**TEMPLATE, "spec": {**TEMPLATE["spec"], **spec}}


@pytest.mark.parametrize(
    ("strategy", "filled"),
    [
        (
            DeploymentStrategy(),
            {
                "replicas": 1,
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
                "revisionHistoryLimit": 10,
                "progressDeadlineSeconds": 600,
            },
        ),
        (ReplicaSetStrategy(), {"replicas": 1}),
        (
            StatefulSetStrategy(),
            {
                "replicas": 1,
                "podManagementPolicy": "OrderedReady",
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}},
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
                "revisionHistoryLimit": 10,
            },
        ),
        (
            DaemonSetStrategy(),
            {
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
                "revisionHistoryLimit": 10,
            },
        ),
    ],
    ids=[each.__name__ for each in ALL],
)
def test_what_is_not_said_is_filled_in(strategy: WorkloadStrategy, filled: JsonObject) -> None:
    value = workload(strategy)
    assert filled.items() <= value["spec"].items()
    assert value["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    assert strategy.validate(value) == []


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"selector": None}, "spec.selector"),
        ({"selector": {}}, "spec.selector"),
        ({"selector": {"matchLabels": {"app": "other"}}}, "spec.template.metadata.labels"),
        ({"template": template(restartPolicy="Never")}, "spec.template.spec.restartPolicy"),
        ({"template": template(activeDeadlineSeconds=5)}, "spec.template.spec.activeDeadlineSeconds"),
        ({"template": template(hostname="A")}, "spec.template.spec.hostname"),
        ({"minReadySeconds": -1}, "spec.minReadySeconds"),
    ],
)
def test_what_is_wrong_with_any_of_them(kind: type[Any], spec: JsonObject, field: str) -> None:
    strategy = kind()
    assert field in [each.field for each in strategy.validate(workload(strategy, **spec))]


@pytest.mark.parametrize(
    ("strategy", "spec", "fields"),
    [
        (DeploymentStrategy(), {"replicas": -1}, ["spec.replicas"]),
        (DeploymentStrategy(), {"revisionHistoryLimit": -1}, ["spec.revisionHistoryLimit"]),
        (DeploymentStrategy(), {"strategy": {"type": "Other"}}, ["spec.strategy"]),
        (
            DeploymentStrategy(),
            {"strategy": {"type": "Recreate", "rollingUpdate": {}}},
            ["spec.strategy.rollingUpdate"],
        ),
        (DeploymentStrategy(), {"progressDeadlineSeconds": 5, "minReadySeconds": 5}, ["spec.progressDeadlineSeconds"]),
        (StatefulSetStrategy(), {"podManagementPolicy": "Other"}, ["spec.podManagementPolicy"]),
        (StatefulSetStrategy(), {"serviceName": "a.b"}, ["spec.serviceName"]),
        (ReplicaSetStrategy(), {"replicas": -1}, ["spec.replicas"]),
    ],
)
def test_what_is_wrong_with_one_of_them(strategy: WorkloadStrategy, spec: JsonObject, fields: list[str]) -> None:
    assert [each.field for each in strategy.validate(workload(strategy, **spec))] == fields


@pytest.mark.parametrize("kind", ALL)
def test_the_selector_never_changes(kind: type[Any]) -> None:
    strategy = kind()
    old = workload(strategy)
    new = workload(strategy, selector={"matchExpressions": [{"key": "app", "operator": "Exists"}]})
    assert "spec.selector" in [each.field for each in strategy.validate_update(new, old)]


@pytest.mark.parametrize("field", ["serviceName", "podManagementPolicy"])
def test_what_pods_of_a_stateful_set_are_called_by_never_changes(field: str) -> None:
    strategy = StatefulSetStrategy()
    old, new = workload(strategy, serviceName="web"), workload(strategy, serviceName="web")
    new["spec"][field] = {"serviceName": "db", "podManagementPolicy": "Parallel"}[field]
    assert f"spec.{field}" in [each.field for each in strategy.validate_update(new, old)]


def test_a_stateful_set_is_named_by_a_label() -> None:
    assert StatefulSetStrategy().name_problems("a.b") != []
    assert DeploymentStrategy().name_problems("a.b") == []


@pytest.mark.parametrize(
    ("change", "generation"), [({}, 3), ({"replicas": 5}, 4), ({"template": template(hostname="b")}, 4)]
)
def test_a_change_of_spec_is_a_new_generation(change: JsonObject, generation: int) -> None:
    strategy = DeploymentStrategy()
    old, new = workload(strategy), workload(strategy, **change)
    old["metadata"]["generation"] = new["metadata"]["generation"] = 3
    strategy.prepare_update(new, old)
    assert new["metadata"]["generation"] == generation


def test_annotations_of_a_deployment_are_part_of_its_generation() -> None:
    strategy = DeploymentStrategy()
    old, new = workload(strategy), workload(strategy)
    old["metadata"]["generation"] = new["metadata"]["generation"] = 3
    new["metadata"]["annotations"] = {"a": "b"}
    strategy.prepare_update(new, old)
    assert new["metadata"]["generation"] == 4


def test_a_daemon_set_counts_its_templates() -> None:
    strategy = DaemonSetStrategy()
    value = workload(strategy)
    strategy.prepare_create(value)
    assert value["metadata"]["annotations"] == {GENERATION: "1"}
    for change, number in (({}, "1"), ({"template": template(hostname="b")}, "2")):
        new = workload(strategy, **change)
        new["metadata"]["generation"] = 1
        strategy.prepare_update(new, value)
        assert new["metadata"]["annotations"] == {GENERATION: number}
