"""``python -m soakproof``."""

from soakproof.cli import main

main()
