"""What the server does, in terms of its registries; knows neither Socket.IO nor HTTP."""
