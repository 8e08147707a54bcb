import pytest

from resolver.cluster.objects import PODS, SERVICES
from resolver.kubeapi.commands import NOT_OLDER_THAN, List, Watch
from resolver.kubeapi.watched import LIVE_PODS, WatchedKind


@pytest.mark.parametrize(
    ("watched", "command", "query"),
    [
        (WatchedKind(SERVICES), List(1, 500), {"limit": "500"}),
        (WatchedKind(SERVICES, "app=web"), List(1, 0), {"labelSelector": "app=web"}),
        (WatchedKind(SERVICES), List(1, 500, "token"), {"limit": "500", "continue": "token"}),
        (
            WatchedKind(SERVICES),
            List(1, 500, "", "7", NOT_OLDER_THAN),
            {"limit": "500", "resourceVersion": "7", "resourceVersionMatch": "NotOlderThan"},
        ),
        (
            WatchedKind(PODS, "", LIVE_PODS),
            Watch(1, "7", 400),
            {
                "fieldSelector": "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown",
                "resourceVersion": "7",
                "watch": "true",
                "allowWatchBookmarks": "true",
                "timeoutSeconds": "400",
            },
        ),
        (
            WatchedKind(SERVICES),
            Watch(1, "", 400, initial_events=True),
            {
                "watch": "true",
                "allowWatchBookmarks": "true",
                "timeoutSeconds": "400",
                "sendInitialEvents": "true",
                "resourceVersionMatch": "NotOlderThan",
            },
        ),
    ],
    ids=str,
)
def test_a_command_becomes_the_parameters_of_a_request(
    watched: WatchedKind, command: List | Watch, query: dict[str, str]
) -> None:
    assert watched.query(command) == query
