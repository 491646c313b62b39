"""A PyWebIO page with a question."""

import sys

from pywebio import start_server
from pywebio.input import input
from pywebio.output import put_text


def ask() -> None:
    put_text("Hello,", input("Who are you?"))


start_server(ask, port=int(sys.argv[1]), auto_open_webbrowser=False)
