"""An explanation back from its JSON: what a running server has explained, to be shown here."""

from typing import Any

from resolver.explain.explanation import ExplainedRecord, Explanation, LeftOut, Source, Step, Written
from resolver.explain.rules import Rule

JsonObject = dict[str, Any]


def explanation_from_json(value: JsonObject) -> Explanation:
    """The explanation whose `as_json` this is. Raises KeyError or TypeError where it is none."""
    question = value["question"]
    return Explanation(
        given=question["given"],
        name=question["name"],
        type=question["type"],
        protocol=question["protocol"],
        bufsize=question["bufsize"],
        rcode=value["rcode"],
        outcome=value["outcome"],
        verdict=value["verdict"],
        size=value["size"],
        whole_size=value["whole_size"],
        flags=tuple(value["flags"]),
        rules=tuple((_rule(each), each["said"]) for each in value["rules"]),
        records=tuple(_record(each) for each in value["records"]),
        left_out=tuple(_left_out(each) for each in value["left_out"]),
        steps=tuple(Step(each["plugin"], each["did"], each["depth"], each["name"]) for each in value["steps"]),
        hints=tuple(value["hints"]),
        faults=tuple(value["faults"]),
        notes=tuple(value["notes"]),
    )


def _record(value: JsonObject) -> ExplainedRecord:
    return ExplainedRecord(
        value["section"],
        f"{value['name']} {value['ttl']} {value['class']} {value['type']} {value['data']}",
        value["name"],
        value["ttl"],
        value["type"],
        value["data"],
        value["class"],
        value["why"],
        _rule(value["rule"]) if value["rule"] else None,
        _sources(value["sources"]),
    )


def _left_out(value: JsonObject) -> LeftOut:
    rule = _rule(value["rule"]) if value["rule"] else None
    return LeftOut(value["what"], value["reason"], value["why"], rule, _sources(value["sources"]))


def _sources(values: list[JsonObject]) -> tuple[Source, ...]:
    return tuple(_source(each) for each in values)


def _source(value: JsonObject) -> Source:
    written = value.get("written")
    return Source(
        value["kind"],
        value["namespace"],
        value["name"],
        value.get("field", ""),
        value.get("value", ""),
        value.get("detail", ""),
        Written(written["file"], written["line"], written.get("subject", "")) if written else None,
        _sources(value.get("behind", [])),
    )


def _rule(value: JsonObject) -> Rule:
    return Rule(value["id"], value["document"], value["section"], value["text"])
