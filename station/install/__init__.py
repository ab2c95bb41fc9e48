"""Setting a Pi up, as data first: what would be done is worked out in one place and carried out in another.

    machine.py     what is found on this machine
    boot_config.py the line that makes the bus fast
    plan.py        found + wished -> steps
    steps.py       the kinds of step, and who carries them out

So `--dry-run` prints exactly what would happen, and tests carry a whole installation out in an empty folder.
"""
