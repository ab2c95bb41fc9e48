"""Who is at the other end of the station's socket, as the kernel tells it (SO_PEERCRED, socket(7)).

On a Pi the dashboard runs as a user of its own.  Whatever it claims, that user is never the command line or the button: a dashboard
that was taken over cannot confirm what it asks for.  Where one person runs both (`backlift run`), there is nothing to tell apart.
"""

from __future__ import annotations

import os
import pwd
import socket
import struct
from dataclasses import dataclass

from station.messages import FROM_AFAR, Sender

DASHBOARD_USER = "backlift-dashboard"
EVERY_SENDER: frozenset[Sender] = FROM_AFAR | {"command_line"}
"""Whom a connection may speak for; the button and the station itself never come over the socket."""
_UCRED = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class PeerCredentials:
    """The process that connected."""

    pid: int
    uid: int


def credentials(sock: socket.socket) -> PeerCredentials:
    """The kernel's word on who connected.  Raises OSError."""
    pid, uid, _ = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return PeerCredentials(pid, uid)


def senders_of(uid: int) -> frozenset[Sender]:
    """For whom a process of this user may speak."""
    if uid == os.getuid() or uid == 0:
        return EVERY_SENDER
    try:
        return FROM_AFAR if uid == pwd.getpwnam(DASHBOARD_USER).pw_uid else frozenset(("page",))
    except KeyError:
        # No such user here: whoever may open the socket (its mode says who) was let in on purpose.
        return EVERY_SENDER
