"""Metrics of runs in this process, and of what the table holds. Needs `indelible[prometheus]`."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import Engine

from indelible.outbox.claiming import Claim
from indelible.outbox.running import Outcome
from indelible.outbox.statuses import count_jobs

_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900)


class PrometheusObserver:
    """Counts the runs of a worker: `Worker(…, observers=[PrometheusObserver()])`."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        labels = ("handler", "queue")
        self._running = Gauge("indelible_jobs_running", "Jobs that run now", labels, registry=registry)
        self._ended = Counter(
            "indelible_job_runs", "Runs that ended", (*labels, "outcome"), registry=registry
        )
        self._seconds = Histogram(
            "indelible_job_run_seconds", "How long runs took", labels, buckets=_SECONDS, registry=registry
        )

    def started(self, claim: Claim) -> None:
        """Count a run that begins."""
        self._running.labels(claim.handler, claim.queue).inc()

    def ended(self, claim: Claim, outcome: Outcome, seconds: float) -> None:
        """Count a run that has ended."""
        self._running.labels(claim.handler, claim.queue).dec()
        self._ended.labels(claim.handler, claim.queue, outcome).inc()
        self._seconds.labels(claim.handler, claim.queue).observe(seconds)


class QueueCollector(Collector):
    """Counts jobs by queue and state at each scrape: `REGISTRY.register(QueueCollector(engine))`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count the jobs."""
        family = GaugeMetricFamily("indelible_jobs", "Jobs in the table", labels=("queue", "state"))
        with self._engine.connect() as connection:
            for (queue, state), number in count_jobs(connection).items():
                family.add_metric((queue, state), number)
        yield family
