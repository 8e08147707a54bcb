from typing import Any

from tests.support.embedded_cluster import ask, new_embedded_cluster

JOBS = "/apis/batch/v1/namespaces/shop/jobs"
TEMPLATE = {"spec": {"containers": [{"name": "c", "image": "x:1"}], "restartPolicy": "Never"}}


def _job(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "once"}, "spec": {"template": TEMPLATE, **spec}}


def test_a_job_selects_its_own_pods() -> None:
    body = ask(new_embedded_cluster(), "POST", JOBS, _job())[1]
    uid = body["metadata"]["uid"]
    assert body["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert body["spec"]["template"]["metadata"]["labels"]["batch.kubernetes.io/job-name"] == "once"


def test_what_a_job_does_never_changes() -> None:
    api = new_embedded_cluster()
    body = ask(api, "POST", JOBS, _job())[1]
    body["spec"]["completions"] = 3
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "y:2"
    status, answer, _ = ask(api, "PUT", f"{JOBS}/once", body)
    assert status == 422
    assert [each["field"] for each in answer["details"]["causes"]] == ["spec.completions", "spec.template"]


def test_how_many_run_at_a_time_may_change() -> None:
    api = new_embedded_cluster()
    body = ask(api, "POST", JOBS, _job())[1]
    body["spec"]["parallelism"] = 0
    assert ask(api, "PUT", f"{JOBS}/once", body)[0] == 200


def test_pods_of_a_job_end() -> None:
    template = {"spec": {"containers": [{"name": "c", "image": "x:1"}]}}
    status, answer, _ = ask(new_embedded_cluster(), "POST", JOBS, _job(template=template))
    assert (status, answer["details"]["causes"][0]["field"]) == (422, "spec.template.spec.restartPolicy")
