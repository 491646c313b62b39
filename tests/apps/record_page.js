// The client side of record_page.py: Engine.IO over a WebSocket, and a button per element.
const documentId = crypto.randomUUID();
const query = new URLSearchParams({ EIO: 4, transport: "websocket", client_id: options.client_id, document_id: documentId });
const socket = new WebSocket(`ws://${location.host}/_ui_ws/socket.io/?${query}`);

socket.onmessage = ({ data }) => {
  if (data[0] === "0") socket.send("40");
  else if (data[0] === "2") socket.send("3");
  else if (data.startsWith("40")) document.body.dataset.state = "connected";
  else if (data.startsWith("42")) document.body.dataset.state = JSON.parse(data.slice(2))[1]["5"].text;
};

for (const [id, element] of Object.entries(elements)) {
  const button = document.body.appendChild(document.createElement(element.tag));
  button.textContent = element.text;
  button.onclick = () =>
    socket.send("42" + JSON.stringify(["event", {
      id: Number(id), client_id: options.client_id, listener_id: element.events[0].listener_id, args: ["Ada"],
    }]));
}
