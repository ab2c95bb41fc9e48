"""The link: readers get every event and the newest state, commands are strict, and a reader that stalls costs nothing."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.messages import COMMANDS, Command, Mark, Ping, Sender
from station.service import ipc as link
from station.service.ipc import MAX_CLIENTS, CommandError, IpcClient, IpcError, IpcServer, Reply


def answer_kindly(command: Command, reply: Reply, sender: Sender) -> None:
    match command:
        case Ping():
            reply.result({"t_s": 12.5})
        case Mark(text="no"):
            reply.error(CommandError("there is no\nsession to mark"))
        case _:
            reply.result(type(command).__name__)


@contextmanager
def serving() -> Iterator[tuple[IpcServer, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "station.sock"
        server = IpcServer(path, answer_kindly)
        server.start()
        try:
            yield server, path
        finally:
            server.close()


def take(stream: Iterator[dict[str, Any]], count: int, type: str) -> list[dict[str, Any]]:
    found = []
    for message in stream:
        if message["type"] == type:
            found.append(message)
        if len(found) == count:
            return found
    raise AssertionError("the stream ended")


def raw(path: Path, data: bytes, answers: int = 1) -> list[Any]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(5)
        sock.connect(str(path))
        sock.sendall(data)
        lines = sock.makefile("rb")
        return [json.loads(lines.readline()) for _ in range(answers)]


def test_the_socket_is_for_owner_and_group_alone_and_goes_away_with_the_server() -> None:
    with serving() as (_, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert not path.exists()


def test_a_second_station_is_refused_and_a_dead_ones_socket_replaced(tmp_path: Path) -> None:
    path = tmp_path / "station.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = IpcServer(path, answer_kindly)
    server.start()
    with pytest.raises(IpcError, match="another station"):
        IpcServer(path, answer_kindly)
    assert IpcClient(path).command("ping") == {"t_s": 12.5}
    server.close()


def test_a_path_too_long_for_a_socket_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(IpcError, match="shorter runtime folder"):
        IpcServer(tmp_path / ("x" * 120), answer_kindly)


def test_without_a_station_the_client_says_so_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(IpcError, match="is it running"):
        IpcClient(tmp_path / "none.sock").command("ping")
    with pytest.raises(IpcError, match="is it running"):
        next(IpcClient(tmp_path / "none.sock").subscribe())


def test_commands_are_answered_and_declined_in_one_line() -> None:
    with serving() as (_, path):
        client = IpcClient(path)
        assert client.command("ping") == {"t_s": 12.5}
        assert client.command("comfort_set", {"session": 3, "moment": "after", "face": 4}) == "ComfortSet"
        with pytest.raises(CommandError) as caught:
            client.command("mark", {"text": "no"})
        assert str(caught.value) == "there is no session to mark"


@pytest.mark.parametrize(
    "name,args",
    [
        ("format_disk", {}),
        ("mark", {"text": 5}),
        ("mark", {"texts": "x"}),
        ("session_delete", {}),
        ("session_delete", {"session": 0}),
        ("session_delete", {"session": True}),
        ("mat_choose", {"name": "../../etc/passwd"}),
        ("device_add", {"name": "tablet", "token_sha256": "abc"}),
        ("comfort_set", {"session": 1, "moment": "during", "face": 3}),
        ("correction_add", {"session": 1, "lift": 1, "boundary": "melt_end", "t_s": 1e300}),
    ],
)
def test_what_is_not_exactly_a_command_is_declined(name: str, args: dict[str, Any]) -> None:
    with serving() as (_, path), pytest.raises(CommandError):
        IpcClient(path).command(name, args)


def test_a_reader_gets_every_event_in_order_and_resumes_where_it_was() -> None:
    with serving() as (server, path):
        for n in range(5):
            server.publish("event", {"n": n})
        client = IpcClient(path)
        assert [m["n"] for m in take(client.subscribe(), 5, "event")] == [0, 1, 2, 3, 4]
        assert [m["seq"] for m in take(client.subscribe(since=3), 2, "event")] == [4, 5]


def test_the_hello_tells_of_the_run_and_what_can_be_resumed() -> None:
    with serving() as (server, path):
        for n in range(link.RING + 10):
            server.publish("event", {"n": n})
        hello = next(IpcClient(path).subscribe())
        assert (hello["seq"], hello["oldest"]) == (link.RING + 10, 11)
        assert take(IpcClient(path).subscribe(since=2), 1, "event")[0]["seq"] == 11
    with serving() as (_, path):
        assert next(IpcClient(path).subscribe())["run"] != hello["run"]


def test_a_reader_that_knows_a_later_event_than_there_is_came_from_an_earlier_run() -> None:
    with serving() as (server, path):
        server.publish("event", {"n": 0})
        assert take(IpcClient(path).subscribe(since=400), 1, "event")[0]["n"] == 0


def test_of_states_only_the_newest_is_kept_for_a_reader_who_comes_late() -> None:
    with serving() as (server, path):
        for n in range(1000):
            server.publish_state({"n": n})
        assert take(IpcClient(path).subscribe(), 1, "state")[0]["n"] == 999


def test_a_reader_who_stops_reading_is_disconnected_and_the_others_notice_nothing(tmp_path: Path) -> None:
    server = IpcServer(tmp_path / "station.sock", answer_kindly, stalled_s=0.2)
    server.start()
    with socket.socket(socket.AF_UNIX) as stalled:
        stalled.connect(str(tmp_path / "station.sock"))
        stalled.sendall(b'{"op":"subscribe","since":0}\n')
        lively = IpcClient(tmp_path / "station.sock").subscribe()
        assert next(lively)["type"] == "hello"
        published = 0
        while server.readers == 2 and published < 100_000:
            server.publish("event", {"n": published, "ballast": "x" * 2000})
            assert take(lively, 1, "event")[0]["n"] == published
            published += 1
        assert server.readers == 1
        server.publish("event", {"n": published})
        assert take(lively, 1, "event")[0]["n"] == published
    server.close()


def test_a_reader_that_leaves_while_it_is_served_ends_no_one_elses_connection() -> None:
    with serving() as (server, path):
        lively = IpcClient(path).subscribe()
        assert next(lively)["type"] == "hello"
        for n in range(50):
            with socket.socket(socket.AF_UNIX) as leaving:
                leaving.connect(str(path))
                leaving.sendall(b'{"op":"subscribe","since":0}\n')
                server.publish("event", {"n": n, "ballast": "x" * 60_000})
            assert take(lively, 1, "event")[0]["n"] == n
        assert server.alive


def test_a_deleted_session_leaves_the_ring_and_the_numbers_stay() -> None:
    with serving() as (server, path):
        for session in (1, 2, 1):
            server.publish("event", {"session": session, "event": {"type": "mark", "text": f"of {session}"}})
        server.forget(1)
        left = take(IpcClient(path).subscribe(), 3, "event")
        assert [message["seq"] for message in left] == [1, 2, 3]
        assert [message["event"].get("text") for message in left] == [None, "of 2", None]


def test_close_ends_a_subscription_another_thread_waits_in() -> None:
    with serving() as (_, path):
        client = IpcClient(path)
        stream = client.subscribe()
        next(stream)
        client.close()
        assert list(stream) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["command", "subscribe", "shutdown"]) | json_values,
        "id": st.integers() | json_values,
        "name": st.sampled_from([*COMMANDS, "x"]) | json_values,
        "args": json_values,
        "since": json_values,
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(requests.map(json.dumps).map(str.encode) | st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")), max_size=8))
def test_whatever_is_said_every_line_is_answered_and_the_server_lives(lines: list[bytes]) -> None:
    with serving() as (_, path):
        answers = raw(path, b"".join(line + b"\n" for line in lines), len(lines))
        assert {answer["type"] for answer in answers} <= {"reply", "hello"}
        assert all("\n" not in answer.get("error", "") for answer in answers)
        assert IpcClient(path).command("ping") == {"t_s": 12.5}


def test_a_line_that_never_ends_or_nests_without_end_costs_only_its_sender() -> None:
    with serving() as (_, path):
        with socket.socket(socket.AF_UNIX) as flood:
            flood.settimeout(5)
            flood.connect(str(path))
            with pytest.raises(OSError):
                for _ in range(1000):
                    flood.sendall(b"x" * 65_536)
        deep = b'{"op":"command","id":1,"name":"mark","args":' + b"[" * 30_000 + b"]" * 30_000 + b"}\n"
        assert raw(path, deep)[0]["ok"] is False
        assert IpcClient(path).command("ping") == {"t_s": 12.5}


def test_file_descriptors_are_given_back() -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with serving() as (_, path):
        before = count()
        for _ in range(50):
            IpcClient(path).command("ping")
        next(IpcClient(path).subscribe())
    assert count() <= before


def test_nobody_speaks_for_somebody_the_kernel_does_not_vouch_for(tmp_path: Path) -> None:
    heard: list[str] = []
    asked: list[int] = []

    def vouch(uid: int) -> frozenset[Sender]:
        asked.append(uid)
        return frozenset(("page",))

    def note(command: Command, reply: Reply, sender: Sender) -> None:
        heard.append(sender)
        reply.result()

    server = IpcServer(tmp_path / "station.sock", note, senders_of=vouch)
    server.start()
    try:
        client = IpcClient(tmp_path / "station.sock")
        client.command("ping", sender="page")
        for claimed in ("command_line", "button", "station", "dashboard", "broker"):
            with pytest.raises(CommandError):
                client.command("ping", sender=claimed)
    finally:
        server.close()
    assert heard == ["page"] and set(asked) == {os.getuid()}


HOLD = """
import socket, sys, time
held = []
for _ in range(int(sys.argv[2])):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(sys.argv[1])
    held.append(sock)
print("held", flush=True)
time.sleep(60)
"""


def test_a_process_that_holds_all_connections_keeps_the_terminal_out_no_longer_than_a_moment() -> None:
    with serving() as (server, path):
        arguments = [sys.executable, "-c", HOLD, str(path), str(MAX_CLIENTS + 10)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE) as greedy:
            assert greedy.stdout is not None and greedy.stdout.readline() == b"held\n"
            for _ in range(5):
                assert IpcClient(path).command("ping") == {"t_s": 12.5}
                assert len(server._peers) <= MAX_CLIENTS
            greedy.kill()


def test_an_answer_without_end_is_given_up(tmp_path: Path) -> None:
    """Root asks the service user's socket for a support bundle; whoever answers there must not fill its memory."""
    path = tmp_path / "station.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def endless() -> None:
            sock, _ = listener.accept()
            with sock, suppress(OSError):
                for _ in range(1000):
                    sock.sendall(b"x" * 100_000)

        threading.Thread(target=endless, daemon=True).start()
        with pytest.raises(IpcError, match="more than"):
            IpcClient(path).command("health")


@pytest.mark.parametrize("answer", [b"[]\n", b"null\n", b"nonsense\n", b'{"type":"reply"}\n', b"\xff\xfe\n", b"[" * 5000 + b"\n"])
def test_an_answer_that_is_none_is_an_error_with_words(tmp_path: Path, answer: bytes) -> None:
    path = tmp_path / "station.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def once() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(1000)
                sock.sendall(answer)

        threading.Thread(target=once, daemon=True).start()
        with pytest.raises(IpcError):
            IpcClient(path).command("health")
