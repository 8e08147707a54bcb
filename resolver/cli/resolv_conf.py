"""``dualdns resolv-conf``: the file a Pod would be given, and what the kubelet would complain of."""

import sys
from collections.abc import Sequence

from resolver.cli import pod_options
from resolver.cli.spelling import Parser


def run(arguments: Sequence[str]) -> int:
    """Prints the file; events go to standard error. Returns 0, or 2 where no file can be made."""
    from resolver.cli.pod_manifests import BadPod, read_pod
    from resolver.client.resolv_conf import BadResolvConf

    options = _parser().parse_args(arguments)
    try:
        pod = read_pod(options.pod, options.name, options.namespace) if options.pod else None
        conf = pod_options.pod_resolv_conf(options, pod)
    except (BadPod, BadResolvConf) as error:
        print(f"dualdns resolv-conf: {error}", file=sys.stderr)
        return 2
    for event in conf.events:
        print(f"Warning  {event.reason}  {event.message}", file=sys.stderr)
    if options.output == "json":
        from json import dumps

        members = {
            "nameservers": conf.nameservers,
            "searches": conf.searches,
            "options": conf.options,
            "events": [{"type": "Warning", "reason": each.reason, "message": each.message} for each in conf.events],
        }
        print(dumps(members, indent=2))
    else:
        print(conf.text(), end="")
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="dualdns resolv-conf",
        description="Prints the resolv.conf that kubelet would write for a Pod.",
        epilog="Events that kubelet would raise are printed on standard error.",
    )
    parser.add_argument(
        "--pod", metavar="FILE", default="", help="a manifest of the Pod, or of a workload that makes it"
    )
    parser.add_argument("--name", metavar="NAME", default="", help="which one, where the file holds several")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    pod_options.add_flags(parser)
    return parser
