"""`python -m station` is `backlift`."""

from station.cli import main

main()
