"""Ways in through the loaders of the kubernetes package."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from resolver import limits
from resolver.kubeapi.credentials import ApiAccess, ApiTarget
from resolver.kubeapi.errors import BadCredentials
from resolver.kubeapi.loaded import kubeconfig_access, service_account_access
from tests.support.certificates import make_certificates

# the loaders ask for the time in a way that Python 3.12 warns of
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")


class Time:
    """A clock for credentials that grow old."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def kubeconfig(folder: Path, user: object, server: str = "https://10.0.0.1:6443/", **cluster: object) -> ApiTarget:
    """A kubeconfig of one context `dev`."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "dev",
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return ApiTarget(kubeconfig=str(path))


async def authorization(access: ApiAccess) -> str | None:
    return (await access.headers()).get("Authorization")


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({}, None),
        ({"token": "abc"}, "Bearer abc"),
        ({"username": "me", "password": "pw"}, "Basic " + base64.b64encode(b"me:pw").decode()),
    ],
    ids=["nobody", "token", "password"],
)
async def test_a_user_becomes_a_header(tmp_path: Path, user: dict[str, str], header: str | None) -> None:
    access = await kubeconfig_access(kubeconfig(tmp_path, user), Time())
    assert (access.server, await authorization(access)) == ("https://10.0.0.1:6443", header)


async def test_a_context_is_chosen_by_name_and_files_are_merged(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, token in ((first, "one"), (second, "two")):
        folder.mkdir()
        kubeconfig(folder, {"token": token})
    other = yaml.safe_load((second / "kubeconfig").read_text())
    other["contexts"].append({"name": "prod", "context": {"cluster": "prod", "user": "p"}})
    other["clusters"].append({"name": "prod", "cluster": {"server": "http://prod"}})
    other["users"].append({"name": "p", "user": {"token": "three"}})
    (second / "kubeconfig").write_text(yaml.safe_dump(other))
    both = f"{first}/kubeconfig:{tmp_path}/missing:{second}/kubeconfig"
    access = await kubeconfig_access(ApiTarget(kubeconfig=both, context="prod"), Time())
    assert (access.server, await authorization(access)) == ("http://prod", "Bearer three")
    assert await authorization(await kubeconfig_access(ApiTarget(kubeconfig=both), Time())) == "Bearer one"


async def test_a_token_file_is_read_again_each_minute(tmp_path: Path) -> None:
    token, time = tmp_path / "token", Time()
    token.write_text("old\n")
    access = await kubeconfig_access(kubeconfig(tmp_path, {"tokenFile": "token"}), time)
    token.write_text("new\n")
    time.now = limits.CREDENTIALS_AGE - 1
    assert await authorization(access) == "Bearer old"
    time.now = limits.CREDENTIALS_AGE
    assert await authorization(access) == "Bearer new"


async def test_a_refused_token_is_looked_for_in_the_file_again(tmp_path: Path) -> None:
    access = await kubeconfig_access(kubeconfig(tmp_path, {"token": "old"}), Time())
    kubeconfig(tmp_path, {"token": "new"})
    assert await authorization(access) == "Bearer old"
    await access.reload()
    assert await authorization(access) == "Bearer new"


def plugin(folder: Path, status: dict[str, Any], code: int = 0, complaint: str = "") -> dict[str, Any]:
    """An exec plugin that counts its runs in the file `runs` and gives this status."""
    reply = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    script = folder / "plugin"
    lines = [f"echo x >> {folder}/runs", f"echo '{complaint}' >&2", "cat <<'END'", json.dumps(reply), "END"]
    script.write_text("\n".join(["#!/bin/sh", *lines, f"exit {code}", ""]))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"command": str(script), "apiVersion": "client.authentication.k8s.io/v1"}}


def runs(folder: Path) -> int:
    return (folder / "runs").read_text().count("x")


async def test_an_exec_plugin_without_an_expiry_runs_again_only_when_refused(tmp_path: Path) -> None:
    time = Time()
    access = await kubeconfig_access(kubeconfig(tmp_path, plugin(tmp_path, {"token": "t1"})), time)
    plugin(tmp_path, {"token": "t2"})
    time.now = 3_600
    assert (await authorization(access), runs(tmp_path)) == ("Bearer t1", 1)
    await access.reload()
    assert (await authorization(access), runs(tmp_path)) == ("Bearer t2", 2)


async def test_an_exec_plugin_runs_again_before_its_token_expires(tmp_path: Path) -> None:
    time = Time()
    soon = {"token": "t1", "expirationTimestamp": "2001-01-01T00:00:00Z"}
    access = await kubeconfig_access(kubeconfig(tmp_path, plugin(tmp_path, soon)), time)
    plugin(tmp_path, {"token": "t2", "expirationTimestamp": "2999-01-01T00:00:00Z"})
    for minute in range(1, 4):
        time.now = minute * limits.CREDENTIALS_AGE
        assert await authorization(access) == "Bearer t2"
    assert runs(tmp_path) == 2


async def test_an_exec_plugin_may_give_a_certificate(tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    given = {"clientCertificateData": files.client_text, "clientKeyData": files.client_key_text}
    target = kubeconfig(tmp_path, plugin(tmp_path, given), **{"certificate-authority": "ca.crt"})
    access = await kubeconfig_access(target, Time())
    assert (await authorization(access), access.tls is not None) == (None, True)
    await access.reload()


@pytest.mark.parametrize("as_data", [True, False], ids=["data", "files"])
async def test_certificates_of_a_kubeconfig_make_the_tls_context(tmp_path: Path, as_data: bool) -> None:
    make_certificates(tmp_path)

    def given(name: str, file: str) -> dict[str, str]:
        if as_data:
            return {f"{name}-data": base64.b64encode((tmp_path / file).read_bytes()).decode()}
        return {name: file}

    user = given("client-certificate", "client.crt") | given("client-key", "client.key")
    cluster = given("certificate-authority", "ca.crt") | {"tls-server-name": "kubernetes"}
    access = await kubeconfig_access(kubeconfig(tmp_path, user, **cluster), Time())
    assert access.tls is not None
    assert (len(access.tls.get_ca_certs()), access.server_name) == (1, "kubernetes")


BAD_FILES = {
    "missing": (None, "kubeconfig .*: No such file or directory; give --kubeconfig FILE"),
    "no YAML": ("a: [", "is not YAML"),
    "empty": ("", "is no kubeconfig"),
    "a list": ("[]", "is no kubeconfig"),
    "no current context": ("contexts: [{name: a, context: {}}]", "no current-context; name one .*: there are 'a'"),
    "no context at all": ("{kind: Config}", "no current-context; .*: there is none"),
    "unknown context": (
        "current-context: x\ncontexts: [{name: b, context: {}}, {name: a, context: {}}]",
        "context 'x' is not in the file; there are 'a', 'b'",
    ),
    "unknown cluster": (
        "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]",
        "context 'a' names the cluster 'c', which is not in the file",
    ),
    "no user": (
        "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
        "context 'a' names no user; write `user: NAME`",
    ),
    "no server": (
        "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {a: b}}]\nusers: [{name: u, user: {}}]",
        "its cluster names no server; write `server: https://HOST:PORT`",
    ),
}


@pytest.mark.parametrize(("text", "says"), BAD_FILES.values(), ids=BAD_FILES)
async def test_a_bad_kubeconfig_is_explained(tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "kubeconfig"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadCredentials, match=says):
        await kubeconfig_access(ApiTarget(kubeconfig=str(path)), Time())


@pytest.mark.parametrize(
    ("user", "says"),
    [
        ({"tokenFile": "/none"}, "No such file or directory: '/none'"),
        ({"client-certificate": "/none"}, "File does not exists: /none"),
        ({"exec": {"command": "/none", "apiVersion": "v1"}}, "No such file or directory: '/none'"),
        ({"exec": {"command": "x"}}, "missing key 'apiVersion'"),
    ],
)
async def test_what_a_user_entry_lacks_is_said(tmp_path: Path, user: dict[str, Any], says: str) -> None:
    with pytest.raises(BadCredentials, match=says):
        await kubeconfig_access(kubeconfig(tmp_path, user), Time())


async def test_the_words_of_a_failing_plugin_are_handed_on(tmp_path: Path) -> None:
    user = plugin(tmp_path, {}, code=3, complaint="you are logged out")
    with pytest.raises(BadCredentials, match=r"process returned 3\. .*you are logged out"):
        await kubeconfig_access(kubeconfig(tmp_path, user), Time())


ENVIRON = {"KUBERNETES_SERVICE_HOST": "2001:db8::1", "KUBERNETES_SERVICE_PORT": "443"}


async def test_a_service_account_is_read_and_its_token_each_minute(tmp_path: Path) -> None:
    files, token, time = make_certificates(tmp_path), tmp_path / "token", Time()
    token.write_text("old\n")
    access = service_account_access(ENVIRON, time, str(token), files.authority)
    assert access.server == "https://[2001:db8::1]:443"
    token.write_text("new\n")
    assert await authorization(access) == "bearer old"
    time.now = limits.CREDENTIALS_AGE
    assert await authorization(access) == "bearer new"
    token.write_text("newest")
    await access.reload()
    assert await authorization(access) == "bearer newest"


@pytest.mark.parametrize(
    ("environ", "token", "says"),
    [
        ({}, "t", "Service host/port is not set.; if this is no Pod, give --kubeconfig FILE"),
        (ENVIRON, None, "Service token file does not exist."),
        (ENVIRON, "", "Token file exists but empty."),
    ],
)
def test_an_incomplete_service_account_is_explained(
    tmp_path: Path, environ: dict[str, str], token: str | None, says: str
) -> None:
    files = make_certificates(tmp_path)
    if token is not None:
        (tmp_path / "token").write_text(token)
    with pytest.raises(BadCredentials, match=says):
        service_account_access(environ, Time(), str(tmp_path / "token"), files.authority)
