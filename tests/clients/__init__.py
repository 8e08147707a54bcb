"""Real programs that resolve names, held against the scenarios: what each makes of a broken server."""
