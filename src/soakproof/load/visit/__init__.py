"""What a client does before its socket: who it is, the page it gets, the tokens it takes from it, its login."""
