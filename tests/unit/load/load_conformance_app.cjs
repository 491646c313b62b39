// The server of load_conformance_app.py once more, by the Socket.IO library of Node: node FILE FD [msgpack].
const http = require("node:http");
const { Server } = require("socket.io");

const [fd, serializer] = process.argv.slice(2);
const parser = serializer === "msgpack" ? require("socket.io-msgpack-parser") : undefined;
const server = http.createServer();
const io = new Server(server, { pingInterval: 200, pingTimeout: 5000, parser });

for (const namespace of ["/", "/admin"]) {
  const rooms = io.of(namespace);
  rooms.use((socket, next) => {
    const isWrong = (socket.handshake.auth || {}).token === "wrong";
    next(isWrong ? new Error("wrong token") : undefined);
  });
  rooms.on("connection", (socket) => {
    socket.onAny((event, ...sent) => {
      const answer = typeof sent.at(-1) === "function" ? sent.pop() : () => {};
      if (event === "echo") answer(...sent);
      if (event === "push") socket.emit(...sent);
      if (event === "three") ["first", "second", "third"].forEach((name, index) => socket.emit(name, index + 1));
      if (event === "ask") socket.emit("question", { q: 1 }, (...said) => socket.emit("answered", ...said));
      if (event === "kick") socket.disconnect();
    });
  });
}

server.listen({ fd: Number(fd) });
