"""`indelible worker`, `indelible relay` and `indelible jobs`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from indelible.errors import OutboxError
from indelible.outbox.apps import engine_for, load_worker
from indelible.outbox.databases import DATABASE_ERRORS, PERMANENT_ERRORS, Database, databases
from indelible.outbox.ending import raise_if_cancelled
from indelible.outbox.following import Following
from indelible.outbox.statuses import (
    STATES,
    JobStatus,
    cancel_job,
    find_jobs,
    get_job,
    purge_jobs,
    retry_job,
)

_TAIL_SECONDS = 0.5
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def configure(command: str, parser: argparse.ArgumentParser) -> None:
    """Give a command's parser its arguments and the function that runs it."""
    {"worker": _configure_worker, "relay": _configure_relay, "jobs": _configure_jobs}[command](parser)


def _configure_worker(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="module:name", help="a Worker, an engine or a session maker")
    parser.set_defaults(run=_run_worker)


def _configure_relay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="module:name", help="a Worker, an engine or a session maker")
    parser.add_argument(
        "--redis", metavar="URL", default=os.environ.get("REDIS_URL", "redis://localhost:6379/0")
    )
    parser.set_defaults(run=_run_relay)


def _configure_jobs(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--app", metavar="module:name", default=os.environ.get("INDELIBLE_APP"))
    where.add_argument("--url", metavar="DATABASE_URL", default=os.environ.get("INDELIBLE_DATABASE_URL"))
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)

    listing = actions.add_parser("list", help="list jobs, newest first")
    tail = actions.add_parser("tail", help="show changes of jobs as they happen")
    for one in (listing, tail):
        one.add_argument("--state", choices=STATES)
        one.add_argument("--queue")
        one.add_argument("--handler")
        one.add_argument("--key")
    listing.add_argument("--limit", type=int, default=50)
    listing.add_argument("--json", action="store_true", help="one object a line")
    show = actions.add_parser("show", help="show all that is known of a job, as JSON")
    retry = actions.add_parser("retry", help="let an ended or waiting job run now")
    cancel = actions.add_parser("cancel", help="end a waiting job, ask a running one to stop")
    for one in (show, retry, cancel):
        one.add_argument("ids", metavar="id", type=int, nargs="+")
    purge = actions.add_parser("purge", help="delete ended jobs")
    purge.add_argument(
        "--older-than", type=_duration, default=timedelta(0), metavar="7d", help="s, m, h or d"
    )
    purge.add_argument("--state", choices=("done", "dead", "cancelled"), action="append")
    parser.set_defaults(run=_run_jobs)


def _run_worker(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    load_worker(options.app).run()
    return 0


def _run_relay(options: argparse.Namespace) -> int:
    from indelible.outbox.relay import Relay
    from indelible.outbox.rq import RQTransport

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    worker = load_worker(options.app)
    Relay(*worker.targets, transport=RQTransport.from_url(options.redis, app=options.app)).run()
    return 0


def _run_jobs(options: argparse.Namespace) -> int:
    actions = {
        "list": _list,
        "tail": _tail,
        "show": _show,
        "retry": _retry,
        "cancel": _cancel,
        "purge": _purge,
    }
    try:
        return asyncio.run(actions[options.action](options, _database(options)))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Who reads the lines has seen enough, as `head` does. At its end Python would try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _database(options: argparse.Namespace) -> Database:
    if options.app:
        targets = load_worker(options.app).targets
    elif options.url:
        targets = (engine_for(options.url),)
    else:
        raise OutboxError("Say where the jobs are: --app module:name or --url, before the action.")
    threaded, asynchronous = databases(targets)
    database = asynchronous or threaded
    assert database is not None
    return database


def _found(options: argparse.Namespace, limit: int) -> Callable[[Connection], list[JobStatus]]:
    return lambda connection: find_jobs(
        connection,
        state=options.state,
        queue=options.queue,
        handler=options.handler,
        key=options.key,
        limit=limit,
    )


async def _list(options: argparse.Namespace, database: Database) -> int:
    found = await database.run(_found(options, options.limit))
    for status in found:
        _say(_json(status) if options.json else _line(status))
    return 0


async def _tail(options: argparse.Namespace, database: Database) -> int:
    following = Following({name: getattr(options, name) for name in ("queue", "handler", "key")})
    await database.run(following.look)
    _note("Changes from now on; end with Ctrl+C.")
    while True:
        await asyncio.sleep(_TAIL_SECONDS)
        try:
            changed = await database.run(following.look)
        except DATABASE_ERRORS as error:
            raise_if_cancelled()
            if isinstance(error, PERMANENT_ERRORS):
                raise
            _note(f"The database does not answer: {error}")
            continue
        for status in changed:
            if options.state in (None, status.state):
                _say(_line(status))


async def _show(options: argparse.Namespace, database: Database) -> int:
    code = 0
    for job_id in options.ids:
        status = await database.run(get_job, job_id)
        if status is None:
            code = _missing(job_id)
        else:
            _say(_json(status, indent=2))
    return code


async def _retry(options: argparse.Namespace, database: Database) -> int:
    return await _change(options, database, retry_job, "waits")


async def _cancel(options: argparse.Namespace, database: Database) -> int:
    return await _change(options, database, cancel_job, "is cancelled, or asked to stop")


async def _change(
    options: argparse.Namespace, database: Database, change: Callable[[Connection, int], bool], said: str
) -> int:
    code = 0
    for job_id in options.ids:
        if await database.run(change, job_id):
            _say(f"Job {job_id} {said}.")
        else:
            code = _missing(job_id)
    return code


async def _purge(options: argparse.Namespace, database: Database) -> int:
    states = options.state or ["done", "cancelled"]

    def purge(connection: Connection) -> int:
        return purge_jobs(connection, older_than=options.older_than, states=states)

    total = 0
    while deleted := await database.run(purge):
        total += deleted
    _say(f"{total} jobs were deleted.")
    return 0


def _missing(job_id: int) -> int:
    _note(f"There is no job {job_id} to which this could be done.")
    return 1


def _note(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _line(status: JobStatus) -> str:
    tries = f"{status.attempts}/{status.max_attempts}"
    parts = [f"{status.id:>8}", f"{status.state:<9}", f"{status.queue:<8}", f"{tries:>5}", status.handler]
    if status.key:
        parts.append(f"[{status.key}]")
    if status.state == "running" and status.progress:
        parts.append("{done}/{total} {note}".format_map(status.progress))
    if status.error and status.state in ("waiting", "dead"):
        parts.append(status.error.strip().rpartition("\n")[2][:100])
    return "  ".join(parts)


def _json(status: JobStatus, indent: int | None = None) -> str:
    def text(value: object) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return json.dumps(vars(status), default=text, indent=indent, ensure_ascii=False)


def _duration(value: str) -> timedelta:
    number, unit = value[:-1], value[-1:]
    if unit not in _UNITS or not number.isdigit():
        raise argparse.ArgumentTypeError(f"{value!r} is not like 30s, 10m, 2h or 7d")
    return timedelta(**{_UNITS[unit]: int(number)})
