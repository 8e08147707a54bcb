"""Why an answer is what it is: told by the code that gives it, with the objects and the rules behind it."""
