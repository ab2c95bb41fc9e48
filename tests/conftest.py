"""What holds for all tests: hypothesis measures no time (machines are noisy), and CI tries the same examples each time."""

import os

from hypothesis import settings

settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")
