"""The table of the API: its routes and its OpenAPI document are both made from it."""

from typing import Any, Final

from resolver.admin import fault_operations as faults
from resolver.admin import index, program, questions
from resolver.admin.operation import Operation
from resolver.server.history_entry import Asked

OPERATIONS: Final = (
    Operation(
        "GET",
        "/v1/queries",
        questions.list_questions,
        "The questions that were asked and what was said to them.",
        parameters=questions.QuestionsWanted,
        answer=questions.Questions,
        lines=(Asked, questions.Lost),
        errors={409: "No history is kept.", 503: "Too many are following."},
    ),
    Operation(
        "DELETE",
        "/v1/queries",
        questions.forget_questions,
        "Forget the questions that were asked.",
        answer=questions.Forgotten,
        errors={409: "No history is kept."},
    ),
    Operation("GET", "/v1/counters", program.list_counters, "All counters.", answer=program.Counters),
    Operation(
        "GET",
        "/v1/index",
        index.list_index,
        "The Services answers are made from, with addresses and endpoints, one a line.",
        parameters=index.IndexWanted,
        lines=(index.ServiceShown,),
    ),
    Operation(
        "GET",
        "/v1/faults",
        faults.list_faults,
        "The faults there are, and the last times they fired.",
        answer=faults.Faults,
        errors={409: "The server takes no faults."},
    ),
    Operation(
        "POST",
        "/v1/faults",
        faults.add_fault,
        "Add a fault.",
        body=faults.FaultWords,
        answer=faults.FaultShown,
        errors={409: "The server takes no faults."},
    ),
    Operation(
        "DELETE",
        "/v1/faults",
        faults.clear_faults,
        "Remove all faults but those of the Corefile.",
        answer=faults.Cleared,
        errors={409: "The server takes no faults."},
    ),
    Operation(
        "DELETE",
        "/v1/faults/{id}",
        faults.remove_fault,
        "Remove one fault.",
        parameters=faults.FaultId,
        answer=faults.Cleared,
        errors={404: "There is no such fault.", 409: "The server takes no faults."},
    ),
    Operation(
        "GET",
        "/v1/explain",
        program.explain,
        "Why a question gets the answer it gets.",
        parameters=program.ExplainWanted,
        answer=dict[str, Any],
    ),
    Operation(
        "POST",
        "/v1/reload",
        program.reload,
        "Read the configuration again, and use it if it is sound.",
        answer=program.Reloaded,
        errors={409: "The configuration is wrong; the old one goes on."},
    ),
    Operation(
        "GET", "/openapi.json", program.show_openapi, "This API, as OpenAPI describes it.", answer=dict[str, Any]
    ),
    Operation("GET", "/", program.show_root, "What there is.", answer=program.Root),
)
