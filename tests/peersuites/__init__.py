"""Other projects' test suites, run with the agent in them: what passes without it passes with it."""
