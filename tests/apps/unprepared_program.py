"""A program that knows nothing of soakproof: it says what is in its process at each line it reads, and else idles.

With ``blocked`` it waits for the line inside the system, so that its main thread comes to no safe point before.
"""

import json
import select
import sys

import left_behind

print("ready", flush=True)
while True:
    if "blocked" in sys.argv or select.select([sys.stdin], [], [], 0.05)[0]:
        if not sys.stdin.readline():
            break
        print(json.dumps(left_behind.look()), flush=True)
