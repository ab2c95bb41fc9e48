"""Texts for people, one catalogue per language, for the pages, the command line, the guide and the speaker."""
