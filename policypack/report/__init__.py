"""The report that a run leaves: `schema.json` beside this file describes it."""
