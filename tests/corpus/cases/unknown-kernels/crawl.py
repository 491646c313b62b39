"""What notebooks do that were left open while their kernels ended: they ask for the kernel's socket, again and again.

python crawl.py PORT NUMBER
"""

import http.client
import sys
import uuid

port, number = map(int, sys.argv[1:])
for _ in range(number):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    path = f"/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    connection.request("GET", path, headers={**upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    connection.getresponse().read()
    connection.close()
