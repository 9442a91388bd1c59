"""Operations that are applied once, however often they are sent: their ids and first answers, in a table."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from sqlalchemy import Column, DateTime, MetaData, String, Table, Text, delete
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Session

from indelible.documents.claiming import Claim, Operation, json_text
from indelible.documents.sessions import async_session, sync_session, take_write_lock
from indelible.errors import InvalidOperationId

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from indelible.documents.sessions import AnyAsyncSession, SyncSession

LONGEST_ID = 255

# MySQL compares text without regard to case unless it is told to, and its TEXT ends at 64 kB.
_ID = String(LONGEST_ID).with_variant(mysql.VARCHAR(LONGEST_ID, collation="utf8mb4_bin"), "mysql", "mariadb")
_ANSWER = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


class OperationLog:
    """The operations that were applied, each with its first result, in a table of the caller's metadata.

    The table is `name`, in `schema`; Alembic sees it as any other table of the metadata.
    """

    def __init__(self, metadata: MetaData, name: str = "operations", *, schema: str | None = None) -> None:
        self.table = Table(
            name,
            metadata,
            Column("scope", _ID, primary_key=True),
            Column("op_id", _ID, primary_key=True),
            Column("fingerprint", String(64), nullable=False),
            Column("result", _ANSWER, nullable=True),
            Column("applied_at", DateTime(timezone=True), nullable=False, index=True),
            schema=schema,
        )

    @overload
    def once(
        self, session: SyncSession, op_id: str | None, *, scope: str = "", request: object = None
    ) -> AbstractContextManager[Operation]: ...

    @overload
    def once(
        self, session: AnyAsyncSession, op_id: str | None, *, scope: str = "", request: object = None
    ) -> AbstractAsyncContextManager[Operation]: ...

    def once(
        self,
        session: SyncSession | AnyAsyncSession,
        op_id: str | None,
        *,
        scope: str = "",
        request: object = None,
    ) -> AbstractContextManager[Operation] | AbstractAsyncContextManager[Operation]:
        """Open a block that applies the operation `op_id` of `scope`, or says that it was applied before.

        The block is a savepoint of the caller's transaction, and the operation is recorded in it: with the caller's
        commit both are there, with a rollback or an exception that leaves the block neither is. Whoever sends the same
        operation at the same moment waits for this transaction, and then gets its result, or, if it rolled back, the
        turn. Begin the transaction with it: what was read before may be older than what the wait was for.

        `request` is what was asked for, as bytes or as a JSON value; the same id with another one is an error. An
        `op_id` of None is a block that is not recorded.

        Raises:
            OperationReused: this id was used for another request.
            OperationUnfinished: the first block with this id committed in its midst, so there is no result.
            OperationUnseen: this transaction is too old to see the first result; `retry_transaction` runs it again.
            InvalidOperationId: the id or the scope cannot be kept.
            NotJSON: the result, or the request, is no JSON value.
        """
        _check_id(scope, "the scope")
        if op_id is not None:
            _check_id(op_id or " ", "the operation id")
        claim = Claim(self.table, Operation(op_id, scope), _fingerprint(request))
        plain = sync_session(session)
        return _block(plain, claim) if plain is not None else _async_block(async_session(session), claim)

    @overload
    def purge(self, session: SyncSession, older_than: timedelta) -> int: ...

    @overload
    def purge(self, session: AnyAsyncSession, older_than: timedelta) -> Awaitable[int]: ...

    def purge(self, session: SyncSession | AnyAsyncSession, older_than: timedelta) -> int | Awaitable[int]:
        """Forget the operations that were applied longer than `older_than` ago, and return how many.

        In the caller's transaction. An operation that is sent again after that is applied again.
        """
        plain = sync_session(session)
        if plain is not None:
            return self._purge(plain, older_than)
        return async_session(session).run_sync(self._purge, older_than)

    def _purge(self, session: Session, older_than: timedelta) -> int:
        limit = datetime.now(UTC) - older_than
        result: Any = session.execute(delete(self.table).where(self.table.c.applied_at < limit))
        return int(result.rowcount)


@contextmanager
def _block(session: Session, claim: Claim) -> Iterator[Operation]:
    take_write_lock(session, claim.table)
    with session.begin_nested():
        claim.make(session)
        yield claim.operation
        claim.keep_result(session)


@asynccontextmanager
async def _async_block(session: AsyncSession, claim: Claim) -> AsyncIterator[Operation]:
    await session.run_sync(take_write_lock, claim.table)
    async with session.begin_nested():
        await session.run_sync(claim.make)
        yield claim.operation
        await session.run_sync(claim.keep_result)


def _check_id(text: str, name: str) -> None:
    if not isinstance(text, str) or len(text) > LONGEST_ID or not text.isprintable() or text != text.strip():
        raise InvalidOperationId(
            f"{name} {text!r:.300} is no text of 1 to {LONGEST_ID} printable characters without spaces around it"
        )


def _fingerprint(request: object) -> str:
    """Return the SHA-256 of a request; the order of the keys in its objects is no difference."""
    data = (
        request
        if isinstance(request, bytes)
        else json_text(request, "the request", sort_keys=True).encode("ascii")
    )
    return hashlib.sha256(data).hexdigest()
