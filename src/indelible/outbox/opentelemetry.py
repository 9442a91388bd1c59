"""A span for each run, in the trace of the request that enqueued its job. Needs `indelible[opentelemetry]`."""

from __future__ import annotations

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from indelible.outbox.claiming import Claim
from indelible.outbox.messages import header_sources
from indelible.outbox.running import Outcome

_FAILED = ("retried", "dead")


class OpenTelemetryObserver:
    """Makes a span for each run of a worker: `Worker(…, observers=[OpenTelemetryObserver()])`."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer or trace.get_tracer("indelible.outbox")
        self._spans: dict[tuple[int, int], Span] = {}

    def started(self, claim: Claim) -> None:
        """Begin a span."""
        attributes: dict[str, str | int] = {
            "messaging.system": "indelible",
            "messaging.destination.name": claim.queue,
            "messaging.message.id": str(claim.id),
            "indelible.attempt": claim.attempt,
            "indelible.key": claim.key or "",
        }
        self._spans[claim.id, claim.token] = self._tracer.start_span(
            claim.handler,
            context=propagate.extract(claim.headers),
            kind=SpanKind.CONSUMER,
            attributes=attributes,
        )

    def ended(self, claim: Claim, outcome: Outcome, seconds: float) -> None:
        """End the span."""
        span = self._spans.pop((claim.id, claim.token))
        span.set_attribute("indelible.outcome", outcome)
        if outcome in _FAILED:
            span.set_status(StatusCode.ERROR, outcome)
        span.end()


def carry_traces() -> None:
    """Let jobs enqueued in this process from now on carry the trace in which they are enqueued."""
    if _current_trace not in header_sources:
        header_sources.append(_current_trace)


def _current_trace() -> dict[str, str]:
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers
