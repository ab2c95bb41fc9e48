"""The station process: sampling, detection, session, cues, storage and the socket to the dashboard, each in its own thread."""
