"""The physical world and its stand-ins: frames, mats, the scanner, GPIO cues, and simulated chips under a simulated body."""
