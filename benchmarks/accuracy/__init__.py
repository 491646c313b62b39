"""The accuracy campaign: real runs against servers whose truth is known, kept as data, and a page written from it."""
