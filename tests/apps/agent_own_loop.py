"""An application that starts its own server: what the library keeps by itself, and what it keeps for the handler."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).with_name("site-packages")))

from keeping import Server, wait


async def handler(number):
    await wait(number)


def main():
    Server(handler).run()


if __name__ == "__main__":
    main()
