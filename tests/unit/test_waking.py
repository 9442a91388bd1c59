"""How a worker and a relay wait for news, without a database."""

from __future__ import annotations

import asyncio
import time

import pytest

from indelible.outbox.waking import wait_for_news


@pytest.mark.parametrize("steps", range(6))
def test_a_wait_that_is_cancelled_together_with_news_ends(steps: int) -> None:
    """However many steps of the loop lie between the news and the cancellation, a loop of waits ends by it."""

    async def main() -> bool:
        news = asyncio.Event()

        async def wait_forever() -> None:
            while True:
                await wait_for_news(news, 60)
                news.clear()

        waiting = asyncio.create_task(wait_forever())
        await asyncio.sleep(0.01)
        news.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        ended, _ = await asyncio.wait({waiting}, timeout=5)
        waiting.cancel()
        return bool(ended) and waiting.cancelled()

    assert asyncio.run(main())


def test_a_wait_without_news_ends_after_its_seconds() -> None:
    """Nothing is raised, and no earlier than asked."""

    async def main() -> float:
        began = time.monotonic()
        await wait_for_news(asyncio.Event(), 0.05)
        return time.monotonic() - began

    assert asyncio.run(main()) >= 0.05
