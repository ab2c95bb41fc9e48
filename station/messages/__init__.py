"""Every message that crosses a process, typed, once: commands to the station, events, cues and the live state from it.

The socket, the HTTP interface, the OpenAPI document and the front end's TypeScript types are made from these types.
"""

from station.messages.command_base import *  # noqa: F403
from station.messages.commands import *  # noqa: F403
from station.messages.events import *  # noqa: F403
from station.messages.state import *  # noqa: F403
