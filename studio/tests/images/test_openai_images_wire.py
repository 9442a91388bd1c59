"""OpenAI's image API on the wire: what is sent, and what is made of every kind of answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import pytest_asyncio

from studio.images import ImageFailed, ImageMisconfigured, SceneToDraw, choose_renderer
from studio.images.explaining import seconds_of
from studio.images.openai import OpenAIImages

SCENE = SceneToDraw("INT. KITCHEN - NIGHT", "MARIA boils an egg.", ("MARIA",), "medium", 7, "3")
KEY = "sk-a-secret-key"


@pytest_asyncio.fixture
async def make_renderer(provider: Any) -> AsyncIterator[Callable[..., OpenAIImages]]:
    """Make a renderer that asks the provider on this machine; it waits for milliseconds where people would wait."""
    made: list[OpenAIImages] = []

    def make(**environment: str) -> OpenAIImages:
        settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url, **environment}
        renderer = choose_renderer(settings)
        assert isinstance(renderer, OpenAIImages)
        made.append(renderer)
        return renderer

    yield make
    for renderer in made:
        await renderer.close()


async def failure(renderer: OpenAIImages) -> ImageFailed:
    with pytest.raises(ImageFailed) as caught:
        await renderer.make(SCENE)
    assert KEY not in str(caught.value)
    return caught.value


async def test_what_is_asked_and_what_is_made_of_the_answer(provider: Any, make_renderer: Any) -> None:
    """One landscape image is asked for with the key, and its bytes, prompt, model and cost are returned."""
    image = await make_renderer().make(SCENE)
    (asked,) = provider.asked
    assert (asked.method, asked.path) == ("POST", "/v1/images/generations")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "gpt-image-2",
        "n": 1,
        "size": "1536x1024",
        "quality": "medium",
        "prompt": image.prompt,
    }
    for words in ("KITCHEN - NIGHT", "MARIA boils an egg", "Medium shot"):
        assert words in image.prompt
    assert image.data.startswith(b"\x89PNG")
    assert (image.media_type, image.model) == ("image/png", "gpt-image-2")
    assert image.cost == pytest.approx((100 * 5 + 1600 * 30) / 1e6)


async def test_model_quality_and_price_are_settings(provider: Any, make_renderer: Any) -> None:
    """STUDIO_IMAGE_MODEL, STUDIO_IMAGE_QUALITY and STUDIO_IMAGE_PRICE decide; without a price the cost is not known."""
    renderer = make_renderer(STUDIO_IMAGE_MODEL="gpt-image-9", STUDIO_IMAGE_QUALITY="high")
    assert (await renderer.make(SCENE)).cost is None
    assert renderer.price is None
    assert (provider.asked[0].body["model"], provider.asked[0].body["quality"]) == ("gpt-image-9", "high")
    priced = make_renderer(STUDIO_IMAGE_MODEL="gpt-image-9", STUDIO_IMAGE_PRICE="10/100")
    assert (await priced.make(SCENE)).cost == pytest.approx(0.161)
    assert priced.price == pytest.approx(0.1609)


async def test_an_answer_with_an_address_is_fetched_without_the_key(
    provider: Any, make_renderer: Any
) -> None:
    """Some servers answer where the image is; it is read from there, and the key stays away from that address."""
    provider.replies = [provider.json({"data": [{"url": f"{provider.host}/files/1.png"}]})]
    provider.files["/files/1.png"] = provider.plain(provider.png)
    image = await make_renderer().make(SCENE)
    assert image.data == provider.png
    assert image.cost is None
    assert "authorization" not in provider.asked[1].headers


async def test_an_address_that_leads_nowhere(provider: Any, make_renderer: Any) -> None:
    """An image that is not at its address, or at an address of another kind, is a failure with words."""
    provider.replies = [provider.json({"data": [{"url": f"{provider.host}/files/none.png"}]})]
    assert "404" in (await failure(make_renderer())).detail
    provider.replies = [provider.json({"data": [{"url": "file:///etc/passwd"}]})]
    assert "not with an image" in (await failure(make_renderer())).detail


async def test_429_is_waited_out_as_long_as_asked(provider: Any, make_renderer: Any) -> None:
    """After 429 with Retry-After the request is sent again, not before that time, and whoever waits hears of it."""
    provider.replies = [provider.error(429, "rate_limit_exceeded", Retry_After="1"), provider.image()]
    notes: list[str | None] = []

    async def tell(note: str | None) -> None:
        notes.append(note)

    start = time.monotonic()
    await make_renderer().make(SCENE, tell)
    assert time.monotonic() - start >= 1
    assert len(provider.posts) == 2
    assert notes[-1] is None
    assert "asks to slow down" in (notes[0] or "")


async def test_all_calls_wait_when_one_is_told_to(provider: Any, make_renderer: Any) -> None:
    """What the provider tells one call holds for the next ones, which do not try before."""
    provider.replies = [provider.error(429, Retry_After="1"), provider.image()]
    renderer = make_renderer()
    first = asyncio.create_task(renderer.make(SCENE))
    while not provider.posts:
        await asyncio.sleep(0.01)
    while renderer._not_before == 0:
        await asyncio.sleep(0.01)
    start = time.monotonic()
    await asyncio.gather(first, renderer.make(SCENE))
    assert time.monotonic() - start > 0.8
    assert len(provider.posts) == 3


async def test_a_wait_beyond_patience_is_told_at_once(provider: Any, make_renderer: Any) -> None:
    """When the provider asks to wait longer than STUDIO_IMAGE_RETRY_WAIT, nobody waits, and the words say for how long
    to leave it."""
    provider.replies = [provider.error(429, Retry_After="900")]
    problem = await failure(make_renderer(STUDIO_IMAGE_RETRY_WAIT="5"))
    assert len(provider.posts) == 1
    assert (problem.retry_after, problem.meets_all) == (900, False)
    assert "no more requests" in problem.detail


async def test_a_spent_quota_is_not_asked_again(provider: Any, make_renderer: Any) -> None:
    """429 for a spent quota does not pass with time, and meets every image."""
    provider.replies = [provider.error(429, "insufficient_quota")]
    problem = await failure(make_renderer())
    assert len(provider.posts) == 1
    assert problem.meets_all
    assert "quota" in problem.detail


@pytest.mark.parametrize("status", [500, 502, 503, 408])
async def test_failures_of_the_provider_are_tried_again(
    provider: Any, make_renderer: Any, status: int
) -> None:
    """A failure on the provider's side is followed by another attempt."""
    provider.replies = [provider.error(status, Retry_After="0"), provider.image()]
    assert (await make_renderer().make(SCENE)).data
    assert len(provider.posts) == 2


async def test_failures_that_stay_are_told(provider: Any, make_renderer: Any) -> None:
    """After the last attempt the words say that the provider fails, also when asked again."""
    provider.replies = [provider.error(500, Retry_After="0")]
    problem = await failure(make_renderer())
    assert "failed on its side (status 500)" in problem.detail
    assert len(provider.posts) == 6


async def test_a_connection_that_breaks_off_is_tried_again(provider: Any, make_renderer: Any) -> None:
    """A connection that is closed without an answer is no answer yet."""
    provider.replies = [provider.cut(), provider.image()]
    assert (await make_renderer().make(SCENE)).data
    assert len(provider.posts) == 2


async def test_nobody_at_the_address(make_renderer: Any) -> None:
    """A provider that cannot be reached is told with its name."""
    problem = await failure(
        make_renderer(OPENAI_BASE_URL="http://127.0.0.1:9/v1", STUDIO_IMAGE_RETRY_WAIT="0")
    )
    assert "127.0.0.1 cannot be reached" in problem.detail


async def test_silence_is_given_up(provider: Any, make_renderer: Any) -> None:
    """A provider that takes the request and says nothing is given up after STUDIO_IMAGE_TIMEOUT, for good."""
    provider.replies = [provider.silence()]
    problem = await failure(make_renderer(STUDIO_IMAGE_TIMEOUT="2.5"))
    assert "did not answer within 2.5 seconds" in problem.detail
    assert len(provider.posts) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>log in</html>",
        b'{"data": []}',
        b"{}",
        b'{"data": [{"b64_json": "%%%"}]}',
        b'{"data": [{"b64_json": "aGVsbG8="}]}',
        b'{"data": [{}]}',
        b"null",
    ],
)
async def test_answers_without_an_image_are_told(provider: Any, make_renderer: Any, body: bytes) -> None:
    """What is no image of the API is never taken for one."""
    provider.replies = [provider.plain(body)]
    assert "not with an image" in (await failure(make_renderer())).detail


@pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
async def test_a_declined_scene_is_no_reason_to_stop(provider: Any, make_renderer: Any, code: str) -> None:
    """A refusal of the content says so, is not sent again, and does not speak for other scenes."""
    provider.replies = [provider.error(400, code)]
    problem = await failure(make_renderer())
    assert "declined" in problem.detail
    assert not problem.meets_all
    assert len(provider.posts) == 1


@pytest.mark.parametrize(
    ("status", "code", "words", "meets_all"),
    [
        (401, "invalid_api_key", "OPENAI_API_KEY", True),
        (403, "", "OPENAI_API_KEY", True),
        (404, "", "STUDIO_IMAGE_MODEL", True),
        (400, "model_not_found", "STUDIO_IMAGE_MODEL", True),
        (400, "invalid_size", "did not accept", False),
    ],
)
async def test_refusals_name_what_to_change(
    provider: Any, make_renderer: Any, status: int, code: str, words: str, meets_all: bool
) -> None:
    """A refusal names the setting to look at, and tells whether the next image would meet it too."""
    provider.replies = [provider.error(status, code)]
    problem = await failure(make_renderer())
    assert words in problem.detail
    assert problem.meets_all is meets_all
    assert len(provider.posts) == 1


def test_retry_after_is_seconds_or_a_moment() -> None:
    """Both forms of Retry-After are read; anything else counts for nothing."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert seconds_of("2.5") == 2.5
    assert 80 < (seconds_of(later) or 0) <= 90
    assert seconds_of(format_datetime(datetime.now(UTC) - timedelta(seconds=9), usegmt=True)) == 0
    assert seconds_of("soon") is None
    assert seconds_of(None) is None


def test_without_a_key_images_are_drawn_here() -> None:
    """Without OPENAI_API_KEY, or with STUDIO_IMAGE_MODEL=local, no image leaves this machine."""
    assert choose_renderer({}).host is None
    assert choose_renderer({"OPENAI_API_KEY": KEY, "STUDIO_IMAGE_MODEL": "local"}).host is None
    assert choose_renderer({"OPENAI_API_KEY": KEY}).host == "api.openai.com"


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"STUDIO_IMAGE_MODEL": "gpt-image-2"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": KEY, "STUDIO_IMAGE_QUALITY": "best"}, "STUDIO_IMAGE_QUALITY"),
        ({"OPENAI_API_KEY": KEY, "STUDIO_IMAGE_TIMEOUT": "soon"}, "STUDIO_IMAGE_TIMEOUT"),
        ({"OPENAI_API_KEY": KEY, "STUDIO_IMAGE_PRICE": "5"}, "STUDIO_IMAGE_PRICE"),
        ({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "ftp://x"}, "OPENAI_BASE_URL"),
    ],
)
def test_a_setting_that_cannot_be_followed_is_named(environment: dict[str, str], variable: str) -> None:
    """A wrong setting is refused at the start, naming its variable and never the key."""
    with pytest.raises(ImageMisconfigured, match=variable) as caught:
        choose_renderer(environment)
    assert KEY not in str(caught.value)
