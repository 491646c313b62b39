"""Recording: a proxy on loopback between a real client and the server, and the Locust file of what it saw.

tape.py <- proxy.py (aiohttp)      what passed: exchanges over HTTP, frames of WebSockets
conversation.py, engine.py         frames as what they say: events, acknowledgements, messages
visits.py                          exchanges and conversations as the steps of visitors
values.py, origins.py, patterns.py what belongs to one session, where it came from, how it is taken anew
lifting.py                         steps with placeholders in the place of such values, and of secrets
script.py, literals.py             the Locust file
"""
