"""``python -m soakproof``."""

from soakproof.commands import main

main()
