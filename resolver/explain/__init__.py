"""Why an answer is what it is: told by the code that gives it, with the objects and the rules behind it."""

from resolver.explain.asking import BadQuestion
from resolver.explain.explaining import explain_question
from resolver.explain.explanation import ExplainedRecord, Explanation, LeftOut, Source, Step

__all__ = ["BadQuestion", "ExplainedRecord", "Explanation", "LeftOut", "Source", "Step", "explain_question"]
