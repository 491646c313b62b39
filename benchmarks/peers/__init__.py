"""What other tools say of the same leaks (make bench-peers): what each puts first, in what time, at what cost."""
