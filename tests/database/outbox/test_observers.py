"""Metrics and traces of runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from indelible.outbox import enqueue
from indelible.outbox.messages import header_sources
from indelible.outbox.opentelemetry import OpenTelemetryObserver, carry_traces
from indelible.outbox.prometheus import PrometheusObserver, QueueCollector
from tests.database.outbox.systems import System


@pytest.fixture
def carried() -> Iterator[None]:
    """Traces are carried during the test."""
    before = list(header_sources)
    carry_traces()
    yield
    header_sources[:] = before


def test_prometheus(embedded_system: System) -> None:
    """Runs are counted by outcome, and jobs in the table by state."""
    registry = CollectorRegistry()
    registry.register(QueueCollector(embedded_system.engine))
    embedded_system.serve(observers=[PrometheusObserver(registry)])
    handler = embedded_system.handlers.fail_at_first
    with embedded_system.transaction() as session:
        ticket = enqueue(session, handler, "a", 1)
    embedded_system.wait_for(ticket)
    labels = {"handler": handler.name, "queue": "normal"}

    def count(outcome: str) -> float | None:
        return registry.get_sample_value("indelible_job_runs_total", {**labels, "outcome": outcome})

    embedded_system.wait(lambda: count("done") == 1, "the run is not counted")
    assert count("retried") == 1
    assert registry.get_sample_value("indelible_jobs_running", labels) == 0
    assert registry.get_sample_value("indelible_jobs", {"queue": "normal", "state": "done"}) == 1


@pytest.mark.usefixtures("carried")
def test_opentelemetry(embedded_system: System) -> None:
    """The span of a run is in the trace in which its job was enqueued."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    embedded_system.serve(observers=[OpenTelemetryObserver(tracer)])
    with tracer.start_as_current_span("save") as save, embedded_system.transaction() as session:
        ticket = enqueue(session, embedded_system.handlers.record, "a")
    embedded_system.wait_for(ticket)
    embedded_system.wait(lambda: len(exporter.get_finished_spans()) == 2, "no span")
    [run] = [span for span in exporter.get_finished_spans() if span.name != "save"]
    assert run.context.trace_id == save.get_span_context().trace_id
    assert run.attributes is not None
    assert run.attributes["indelible.outcome"] == "done"
