"""The processes of a load: the conductor's side, the Locust generator, its workers; or a command of the user's own."""
