"""Two Socket.IO clients behind one interface: a lean one for load, and python-socketio's own as the reference."""
