"""IND201: a task started with uncommitted changes."""

from indelible.lint.rules.rule import Invalid, Rule

RULE = Rule(
    code="IND201",
    title="a task, thread or job is started before the commit",
    explanation="""\
A job that another process or task takes up at once may read the database before the commit, and sees the old row, or
none. If the commit fails, the job runs for changes that never were. A task of the same event loop runs at the next
`await`; FastAPI's background tasks run after the answer.""",
    template="{how} starts work on `{receiver}` before its changes are committed: it may see the old row, or none.",
    fix="start it after the commit, or enqueue it with Indelible's outbox",
    valid=(
        """\
def publish(session: Session, queue, script: Script) -> None:
    script.notes = {"published": True}
    session.commit()
    queue.enqueue("jobs.publish", script.id)
""",
    ),
    invalid=(
        Invalid(
            """\
def publish(session: Session, queue, script: Script) -> None:
    script.notes = {"published": True}
    queue.enqueue("jobs.publish", script.id)  # <- IND201
    session.commit()
""",
        ),
    ),
)
