"""A program whose visitors each have a cart and a profile, objects within objects, in one registry of a library."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "site-packages"))

from shelved import registry


class Cart:
    def __init__(self):
        self.items = ["tea", "milk"]
        self.prices = {"tea": 1.0}


class Profile:
    def __init__(self):
        self.mails = ["x"]


class Visitor:
    def __init__(self):
        self.cart = Cart()
        self.profile = Profile()
        self.log = []


sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    for _ in range(int(line)):
        visitor = registry.sessions[len(registry.sessions)] = Visitor()
        visitor.log.append("came")
    sys.stdout.write(f"{line.strip()} more\n")
    sys.stdout.flush()
