"""What a user wrote, for a framework that loads it by its path."""

contexts = {}


class Turn:
    def __init__(self):
        self.words = []


def remember():
    contexts[len(contexts)] = Turn()
