"""A desk's own templates, rendered in a process of their own: a second and some memory a letter, and no more.

The process holds no connection and no secret. It is started with the settings and again after it overran. A template
that broke is not asked again until the settings are read anew, so that a loop costs one second and not one a letter.
"""

import json
import multiprocessing
import multiprocessing.process
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from reply_templates.render import BROKEN, Rendered, environment_of, render_shipped, rendered
from reply_templates.said import Said
from service.nursery import die_with_parent, limit_memory, serve
from service.wire import job_message, receive, send

SECONDS = 1.0  # a letter (rulings 34)
START_SECONDS = 30.0  # of the process: a cold interpreter on a slow disk
MEMORY_MB = 128


class Letters:
    """Writes letters by the desk's own templates where it has some, by the shipped ones else."""

    def __init__(self, overrides: Path | None, *, tell: Callable[[str], None]) -> None:
        self._overrides, self._tell = overrides, tell
        self._broken: set[str] = set()
        self._lock = threading.Lock()  # one letter at a time
        has_own = overrides is not None and any(overrides.glob("*.j2"))
        self._process = _Process(overrides) if has_own else None

    def render(self, kind: str, said: Said) -> Rendered:
        """The letter of that kind; never raises for a desk's own template, whatever is in it."""
        with self._lock:
            if self._process is None or kind in self._broken:
                return render_shipped(kind, said)
            try:
                made = self._process.render(kind, said)
                if said.confirm_link in made.text:
                    return made
                broken = f"{kind}: has no {{{{ confirm_link }}}}, nobody could confirm by it"
            except OSError:  # a timeout among them
                self._process.end()
                self._process = _Process(self._overrides)
                broken = f"{kind}: over {SECONDS:g} s"
            except _Broken as fault:
                broken = f"{kind}: {fault}"
            self._broken.add(kind)
        self._tell(broken)
        return render_shipped(kind, said)

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.end()
            self._process = None


class _Broken(Exception):
    """What is wrong with a desk's own template, without the letter's words."""


class _Process:
    """The process and our end of its socket."""

    def __init__(self, overrides: Path | None) -> None:
        self._own, theirs = socket.socketpair()
        self._process: multiprocessing.process.BaseProcess = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(theirs, overrides), name="templates", daemon=True
        )
        self._process.start()
        theirs.close()
        self._own.settimeout(START_SECONDS)
        send(self._own, job_message(b""))
        receive(self._own)
        self._own.settimeout(SECONDS)

    def render(self, kind: str, said: Said) -> Rendered:
        send(self._own, job_message(json.dumps({"kind": kind, "said": asdict(said)}).encode()))
        answer = receive(self._own)
        if answer is None:
            raise ConnectionError
        if not answer.startswith(b"+"):
            raise _Broken(answer.removeprefix(b"-").decode("utf-8", "replace"))
        found = json.loads(answer[1:])
        if "broken" in found:
            raise _Broken(found["broken"])
        return Rendered(**found)

    def end(self) -> None:
        self._own.close()
        self._process.kill()
        self._process.join()


def _serve(own: socket.socket, overrides: Path | None) -> None:
    """The process: answers until its parent's end closes."""
    die_with_parent()
    environment = environment_of(overrides)

    def work(job: bytes) -> bytes:
        return json.dumps(_answer(environment, job)).encode() if job else b""

    limit_memory(MEMORY_MB)
    serve(own, work, seconds=SECONDS)


def _answer(environment: SandboxedEnvironment, job: bytes) -> dict[str, object]:
    asked = json.loads(job)
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in asked["said"].items()
    }
    try:
        return asdict(rendered(environment, asked["kind"], Said(**said)))
    except BROKEN as error:
        return {"broken": f"{type(error).__name__}{_place(error)}"}


def _place(error: BaseException) -> str:
    """The template's file and line: the innermost frame that is one, or what the parser says."""
    place = f" at {error.name}:{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
