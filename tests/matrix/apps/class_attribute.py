"""A namespace whose class keeps what each of its instances was to keep."""

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


class Chat(socketio.AsyncNamespace):
    joined_at: dict[str, float] = {}

    async def on_connect(self, sid, environ):
        self.joined_at[sid] = len(sid)  # leaks: class_attribute:Chat.joined_at


sio.register_namespace(Chat("/"))
