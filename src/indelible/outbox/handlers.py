"""Functions that jobs run: `@job`, its options, and finding a function again by its name."""

from __future__ import annotations

import functools
import importlib
import inspect
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from indelible.errors import NotAJob, UnknownHandler

if TYPE_CHECKING:
    # A context completes jobs, whose rows name handlers: at run time the arrow points the other way.
    from indelible.outbox.context import AsyncJobContext, JobContext

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a retry: `first * factor ** (attempt - 1)` seconds, at most `most`, half of it random."""

    first: float = 1.0
    factor: float = 2.0
    most: float = 600.0

    def seconds(self, attempt: int) -> float:
        """Return how long to wait after this attempt, counted from 1."""
        # Beyond 64 doublings the limit holds anyway, and the power would overflow some day.
        longest = min(self.most, self.first * self.factor ** min(attempt - 1, 64))
        return longest * random.uniform(0.5, 1.0)


@dataclass(frozen=True)
class Call:
    """A handler with its arguments, as `handler.bind(…)` gives it for `enqueue`."""

    handler: Handler[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)


class Handler(Generic[P, R]):
    """A function that jobs run, made by `@job`. Calling it calls the function, as a test would."""

    def __init__(
        self,
        function: Callable[..., R],
        *,
        name: str | None,
        queue: str,
        retries: int,
        timeout: float | None,
        backoff: Backoff,
    ) -> None:
        self.function = function
        self.name = name or f"{function.__module__}:{function.__qualname__}"
        self.queue = queue
        self.retries = retries
        self.timeout = timeout
        self.backoff = backoff
        self.is_async = inspect.iscoroutinefunction(function)
        self._signature = inspect.signature(function)
        functools.update_wrapper(self, function)

    def __call__(self, context: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function at once, in this process, with a context of the caller's."""
        return self.function(context, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<job {self.name}>"

    def bind(self, /, *args: P.args, **kwargs: P.kwargs) -> Call:
        """Return a call with these arguments, checked against the function's parameters. Raises NotAJob."""
        try:
            self._signature.bind(None, *args, **kwargs)
        except TypeError as error:
            raise NotAJob(f"{self.name} cannot be called with these arguments: {error}.") from None
        return Call(self, args, dict(kwargs))


_handlers: dict[str, Handler[..., Any]] = {}


@overload
def job(function: Callable[Concatenate[AsyncJobContext, P], Coroutine[Any, Any, R]], /) -> Handler[P, R]: ...


@overload
def job(function: Callable[Concatenate[JobContext, P], R], /) -> Handler[P, R]: ...


@overload
def job(
    *,
    queue: str = ...,
    retries: int = ...,
    timeout: float | None = ...,
    backoff: Backoff = ...,
    name: str | None = ...,
) -> _Decorator: ...


def job(
    function: Callable[..., Any] | None = None,
    /,
    *,
    queue: str = "normal",
    retries: int = 5,
    timeout: float | None = None,
    backoff: Backoff = Backoff(),
    name: str | None = None,
) -> Any:
    """Make a function a handler that `enqueue` takes; its first parameter is the `JobContext`.

    `queue` is where its jobs wait unless `enqueue` says otherwise, `retries` how often a failed one is tried again,
    `timeout` the seconds it may take. `name` keeps queued jobs valid when the function moves. Raises NotAJob.
    """

    def decorate(function: Callable[..., Any]) -> Handler[..., Any]:
        if name is None and "<locals>" in function.__qualname__:
            raise NotAJob(f"{function.__qualname__} is inside a function, where no worker can find it.")
        handler: Handler[..., Any] = Handler(
            function, name=name, queue=queue, retries=retries, timeout=timeout, backoff=backoff
        )
        _handlers[handler.name] = handler
        return handler

    return decorate if function is None else decorate(function)


class _Decorator:
    """What `@job(…)` is to a type checker."""

    @overload
    def __call__(
        self, function: Callable[Concatenate[AsyncJobContext, P], Coroutine[Any, Any, R]], /
    ) -> Handler[P, R]: ...

    @overload
    def __call__(self, function: Callable[Concatenate[JobContext, P], R], /) -> Handler[P, R]: ...

    def __call__(self, function: Callable[..., Any], /) -> Handler[..., Any]:
        raise NotImplementedError


def find_handler(name: str) -> Handler[..., Any]:
    """Return the handler of this name, importing its module if need be. Raises UnknownHandler."""
    if name not in _handlers and ":" in name:
        module = name.partition(":")[0]
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise UnknownHandler(f"{name} cannot be imported: {error}.") from error
    # Only what `@job` made is ever called: a row in a table must not name just any function.
    if name not in _handlers:
        raise UnknownHandler(f"No @job function is called {name!r}.")
    return _handlers[name]
