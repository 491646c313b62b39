"""Who is here: a set on an instance that a module of the package makes."""


class Hub:
    def __init__(self):
        self._members = set()

    def enter(self, sid):
        self._members.add(sid)  # leaks: chatpkg.hub:hub._members


hub = Hub()
