"""The process that makes worker processes: it prepares once, then forks, so that workers share its memory.

It is single-threaded, so that a fork copies no lock in mid-air; it holds no connection and no secret.
Spoken to over a pair of packet sockets by `service.workers`: one message asks for a worker and carries the
worker's end of its own socket; the answer is the worker's process id.
"""

import contextlib
import ctypes
import gc
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable

from service.errors import ConfigError, Temporary
from service.wire import AWAY, BROKE, DONE, NO_MEMORY, job_bytes, receive, send

PR_SET_PDEATHSIG = 1  # linux/prctl.h: a worker dies with its nursery, the nursery with the daemon
READY, UNFIT, NEW_WORKER, KILL_WORKER = b"ready", b"unfit", b"new", b"kill"
BEHIND = 10  # by nice(2): beside a busy loop of the daemon's a worker gets a tenth of the processor
TOLD_MOST = 4000  # bytes of a fault's text

Work = Callable[[bytes], bytes]


def nursery(server: socket.socket, prepare: Callable[[], Work], *, memory_mb: int, seconds: float) -> None:
    """Prepares the work, says so, then serves until the daemon's end of the socket closes."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the daemon decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        work = prepare()
    except ConfigError as fault:  # the daemon says it to ops, and with which status it ends
        server.send(UNFIT + str(fault).encode()[:TOLD_MOST])
        return
    gc.collect()
    gc.freeze()  # what is loaded stays: a collection would go through it all, and copy each page of it into each worker
    try:
        server.send(READY)
    except BrokenPipeError:  # the daemon died before we had asked to die with it
        return
    children: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(server, 64, 1)
        _reap(children)
        if not message:
            return
        if message.startswith(KILL_WORKER):
            _kill(int(message[len(KILL_WORKER) :]), children)
            continue
        children.add(_new_worker(server, descriptors[0], work, memory_mb=memory_mb, seconds=seconds))


def _new_worker(server: socket.socket, descriptor: int, work: Work, *, memory_mb: int, seconds: float) -> int:
    pid = os.fork()
    if pid == 0:
        _be_worker(server, descriptor, work, memory_mb=memory_mb, seconds=seconds)
    os.close(descriptor)
    server.sendall(struct.pack("!I", pid))
    return pid


def _be_worker(server: socket.socket, descriptor: int, work: Work, *, memory_mb: int, seconds: float) -> None:
    try:
        server.close()
        die_with_parent()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        limit_memory(memory_mb)
        step_back()
        serve(socket.socket(fileno=descriptor), work, seconds=seconds)
    finally:
        os._exit(0)


def serve(own: socket.socket, work: Work, *, seconds: float) -> None:
    """Answers jobs until the socket closes; running out of memory is an answer, running over time is death."""
    while (job := receive(own)) is not None:
        # The daemon kills an overrunning worker; the alarm is for a worker whose daemon is gone.
        signal.setitimer(signal.ITIMER_REAL, seconds + 5)
        try:
            answer = DONE + work(_taken(job))
        except MemoryError:
            answer = NO_MEMORY
        except Temporary as fault:  # something the work needs is away: no fault of the job's
            answer = AWAY + str(fault).encode()
        except Exception as error:  # noqa: BLE001  # whatever breaks is an answer: the letter is set aside
            answer = BROKE + _told(error).encode()
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(own, answer)


def _taken(job: bytes) -> bytes:
    try:
        return job_bytes(job)
    except OSError as fault:  # the disk's, not the letter's
        raise Temporary(f"a worker cannot read a letter's file: {fault.strerror}") from fault


def _told(error: Exception) -> str:
    """Type and place of an error, without its text, which may carry a citizen's words."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"


def limit_memory(memory_mb: int) -> None:
    """This process may take so much over what it has now; it leaves no core file."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  # a pseudo file, read once
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    limit = mapped + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold a citizen's letter


def step_back() -> None:
    """The daemon's loops come first, which wait for others most of the time: with the processor full of letters being
    judged, each step of a conversation with a mail server would wait behind them. Where that is forbidden, so be it.
    """
    with contextlib.suppress(OSError):
        os.nice(BEHIND)


def die_with_parent() -> None:
    """This process is killed with the one that started it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _reap(children: set[int]) -> None:
    for pid in list(children):
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                continue
        children.discard(pid)


def _kill(pid: int, children: set[int]) -> None:
    if pid in children:  # never a process that is not ours: an id may have been given away since
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        children.discard(pid)
