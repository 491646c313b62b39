"""What the internet does to a server: asks for pages that are not there.

python crawl.py PORT NUMBER
"""

import http.client
import sys

port, number = map(int, sys.argv[1:])
for page in range(number):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/wp-login-{page}.php")
    connection.getresponse().read()
    connection.close()
