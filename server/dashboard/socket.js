// A small Socket.IO client: protocol 5 over Engine.IO 4, WebSocket only, default namespace.

const RETRY_MS = [500, 1000, 2000, 5000];

export class Socket {
  constructor(auth, handlers) {
    this.auth = auth;
    this.handlers = handlers; // connected, lost, refused, and one per event
    this.waiting = new Map();
    this.nextId = 0;
    this.attempts = 0;
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.transport = new WebSocket(`${scheme}://${location.host}/socket.io/?EIO=4&transport=websocket`);
    this.transport.onmessage = (message) => this.receive(message.data);
    this.transport.onclose = () => this.closed();
  }

  close() {
    this.isClosed = true;
    this.transport.close();
  }

  call(event, payload) {
    const id = this.nextId++;
    const answer = new Promise((resolve) => this.waiting.set(id, resolve));
    this.transport.send(`42${id}${JSON.stringify([event, payload])}`);
    return answer;
  }

  receive(text) {
    if (text[0] === "0") this.transport.send("40" + JSON.stringify(this.auth));
    else if (text[0] === "2") this.transport.send("3");
    else if (text[0] === "4") this.receivePacket(text[1], text.slice(2));
  }

  receivePacket(type, rest) {
    if (type === "0") {
      this.attempts = 0;
      this.handlers.connected();
    } else if (type === "1") {
      this.transport.close();
    } else if (type === "2") {
      const [event, payload] = JSON.parse(rest.slice(rest.indexOf("[")));
      this.handlers[event]?.(payload);
    } else if (type === "3") {
      const start = rest.indexOf("[");
      const id = Number(rest.slice(0, start));
      this.waiting.get(id)?.(JSON.parse(rest.slice(start))[0]);
      this.waiting.delete(id);
    } else if (type === "4") {
      this.handlers.refused(JSON.parse(rest).message);
    }
  }

  closed() {
    this.waiting.clear();
    if (this.isClosed) return;
    this.handlers.lost();
    setTimeout(() => this.open(), RETRY_MS[Math.min(this.attempts++, RETRY_MS.length - 1)]);
  }
}
