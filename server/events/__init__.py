"""Socket.IO events: thin handlers between the wire and the services."""
