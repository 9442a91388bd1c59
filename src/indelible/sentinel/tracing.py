"""Finds the lines that change values which program code still holds, so that none could be put in their place.

Only while there are such values, and only in the program's own code, each line is followed by a comparison. As soon as
nothing but its row holds a value any more, that value records by itself, and tracing ends.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from indelible.sentinel.comparing import differences, frozen, unchanged
from indelible.sentinel.places import Place, is_program, place_of
from indelible.sentinel.recording import entry_of
from indelible.sentinel.watches import Watch

_MOST_FOLLOWED = 200


class _Tracer:
    """Follows values in one thread, with `sys.settrace`."""

    def __init__(self) -> None:
        self.followed: dict[int, tuple[weakref.ref[Watch], Any, bool]] = {}
        self.last: Place | None = None
        # Names go when a function returns: only then is it worth looking whether a value was let go.
        self.returned = False

    def follow(self, watch: Watch, always: bool) -> None:
        """Compare a value after each line from now on; until it records by itself, or always."""
        if len(self.followed) >= _MOST_FOLLOWED or sys.gettrace() not in (None, self.on_call):
            return
        key = id(watch)
        gone = weakref.ref(watch, lambda _: self._forget(key))
        self.followed[key] = gone, frozen(watch.present()), always
        if sys.gettrace() is None:
            self._start()

    def leave(self, watch: Watch) -> None:
        """Follow a value no more."""
        self._forget(id(watch))

    def _forget(self, key: int) -> None:
        if self.followed.pop(key, None) is not None and not self.followed:
            self._stop()

    def _start(self) -> None:
        self.last = None
        for frame in _frames():
            if is_program(frame.f_code) and frame.f_trace is None:
                frame.f_trace = self.on_event
                if self.last is None:
                    self.last = place_of(frame)
        sys.settrace(self.on_call)
        _on_switch_back(self._resume)

    def _resume(self) -> None:
        if self.followed and sys.gettrace() in (None, self.on_call):
            sys.settrace(
                None
            )  # from Python 3.12 on, tracing that is on already would not reach the frames here
            sys.settrace(self.on_call)

    def _stop(self) -> None:
        if sys.gettrace() == self.on_call:
            sys.settrace(None)
        for frame in _frames():
            if frame.f_trace == self.on_event:
                frame.f_trace = None

    def on_call(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Trace the program's own functions, no others."""
        if not self.followed or not is_program(frame.f_code):
            return None
        self._look()
        self.last = place_of(frame)
        return self.on_event

    def on_event(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Look after each line, and again when a function returns into the middle of its caller's line."""
        if not self.followed:
            return None
        self._look()
        if event == "return":
            self.returned = True
            caller = frame.f_back
            while caller is not None and not is_program(caller.f_code):
                caller = caller.f_back
            if caller is not None:
                self.last = place_of(caller)
        else:
            self.last = place_of(frame)
        return self.on_event

    def _look(self) -> None:
        for key, (reference, known, always) in list(self.followed.items()):
            watch = reference()
            if watch is None:
                continue
            present = watch.present()
            if self.last is not None and not unchanged(known, present):
                entry = entry_of(self.last)
                watch.traced += [(difference, entry) for difference in differences(known, present)]
                self.followed[key] = reference, frozen(present), always
            del present
            if self.returned:
                watch.adopt_more()
                if not (watch.foreign or always):
                    self._forget(key)
        self.returned = False


def _frames() -> Iterator[FrameType]:
    """Yield the frames of this thread, innermost first; `AsyncSession` works on a greenlet above the coroutine's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back
    greenlets = sys.modules.get("greenlet")
    above = greenlets.getcurrent().parent if greenlets is not None else None
    while above is not None:
        frame = above.gr_frame
        while frame is not None:
            yield frame
            frame = frame.f_back
        above = above.parent


def _on_switch_back(resume: Callable[[], None]) -> None:
    """Call a function when this greenlet goes back to its parent: on Python 3.11 each traces for itself."""
    greenlets = sys.modules.get("greenlet")
    if greenlets is None or greenlets.getcurrent().parent is None:
        return
    parent = greenlets.getcurrent().parent

    def switched(kind: str, arguments: Any) -> None:
        if before is not None:
            before(kind, arguments)
        if arguments[1] is parent:
            greenlets.settrace(before)
            resume()

    before = greenlets.settrace(switched)


_threads = threading.local()


def _tracer() -> _Tracer:
    tracer: _Tracer | None = getattr(_threads, "tracer", None)
    if tracer is None:
        tracer = _threads.tracer = _Tracer()
    return tracer


def follow(watch: Watch, always: bool) -> None:
    """Find the lines that change a value in this thread, unless a debugger or a coverage tool is tracing."""
    _tracer().follow(watch, always)


def leave(watch: Watch) -> None:
    """Follow a value no more."""
    _tracer().leave(watch)
