"""HTTP routes: thin handlers between requests and the services."""
