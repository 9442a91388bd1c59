"""Images by OpenAI's Images API, and by servers that speak it: POST {base}/images/generations.

Source of the format: the types of OpenAI's own Python library, `openai.types.images_response` and
`image_generate_params`; GPT image models answer base64, older and other servers may answer an address.
"""

import asyncio
import base64
import binascii
import random
import time
from dataclasses import dataclass, field

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from studio.images.explaining import (
    Trouble,
    explain_answer,
    explain_connection,
    explain_garbage,
    explain_slowness,
)
from studio.images.prices import TokenPrice
from studio.images.prompting import prompt_for
from studio.images.recognising import media_type_of
from studio.images.rendering import MadeImage, SceneToDraw, Tell, tell_nobody

SIZE = "1536x1024"
LARGEST_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True)
class Patience:
    """Bound the time that one image may take, in seconds; `waits` is the sum of the pauses between attempts."""

    request: float = 180.0
    waits: float = 120.0
    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 30.0


class _Item(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class _Usage(BaseModel):
    input_tokens: int = 0
    output_tokens: int = 0


class _Answer(BaseModel):
    data: list[_Item]
    usage: _Usage | None = None


@dataclass
class OpenAIImages:
    """Make images with one of OpenAI's image models.

    When the provider asks one call to wait, all of them wait: the next would be told the same.
    """

    model: str
    key: SecretStr
    base_url: str
    quality: str = "medium"
    token_price: TokenPrice | None = None
    patience: Patience = field(default_factory=Patience)
    _client: httpx.AsyncClient | None = field(default=None, repr=False)
    _not_before: float = field(default=0.0, repr=False)

    @property
    def host(self) -> str:
        """Return where scenes are sent."""
        return httpx.URL(self.base_url).host

    @property
    def price(self) -> float | None:
        """Return about how many dollars one image costs; None when that is not known."""
        return None if self.token_price is None else self.token_price.about(self.quality)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def make(self, scene: SceneToDraw, tell: Tell = tell_nobody) -> MadeImage:
        """Make an image; ask again after 429, 5xx and broken connections, as long as patience lasts.

        Raises ImageFailed.
        """
        prompt = prompt_for(scene)
        waited = 0.0
        attempt = 1
        while True:
            waited += await self._hold(tell)
            try:
                return await self._ask(prompt)
            except Trouble as trouble:
                wait = trouble.retry_after if trouble.retry_after is not None else self._backoff(attempt)
                if (
                    not trouble.passes
                    or attempt >= self.patience.attempts
                    or waited + wait > self.patience.waits
                ):
                    raise trouble.problem() from trouble
                if trouble.retry_after is not None:
                    self._not_before = max(self._not_before, time.monotonic() + wait)
                else:
                    await tell(f"{trouble.short}; asking again.")
                    await asyncio.sleep(wait)
                    waited += wait
                attempt += 1

    def _backoff(self, attempt: int) -> float:
        longest = min(self.patience.longest_wait, self.patience.first_wait * 2 ** (attempt - 1))
        # Full jitter: calls that failed together shall not come again together.
        return random.uniform(longest / 2, longest)

    async def _hold(self, tell: Tell) -> float:
        """Wait as long as the provider asked any call to; return the seconds that it took."""
        start = time.monotonic()
        while (left := self._not_before - time.monotonic()) > 0:
            await tell(f"{self.host} asks to slow down: waiting {max(1, round(left))} s.")
            await asyncio.sleep(left)
        if time.monotonic() - start > 0.01:
            await tell(None)
        return time.monotonic() - start

    async def _ask(self, prompt: str) -> MadeImage:
        try:
            # httpx bounds each read, not the whole: a trickle would never end.
            async with asyncio.timeout(self.patience.request):
                return await self._exchange(prompt)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise explain_slowness(self.host, self.patience.request) from error
        except httpx.HTTPError as error:
            raise explain_connection(self.host, error) from error

    async def _exchange(self, prompt: str) -> MadeImage:
        request = {"model": self.model, "prompt": prompt, "n": 1, "size": SIZE, "quality": self.quality}
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"}
        status, answer_headers, body = await self._send(
            "POST", f"{self.base_url}/images/generations", json=request, headers=headers
        )
        if status != 200:
            raise explain_answer(self.host, self.model, status, answer_headers, body)
        try:
            answer = _Answer.model_validate_json(body)
        except ValidationError as error:
            raise explain_garbage(self.host) from error
        data = await self._bytes_of(answer)
        media_type = await asyncio.to_thread(media_type_of, data)
        if media_type is None:
            raise explain_garbage(self.host)
        return MadeImage(data, media_type, prompt, self.model, self._cost(answer.usage))

    async def _bytes_of(self, answer: _Answer) -> bytes:
        item = answer.data[0] if answer.data else _Item()
        if item.b64_json:
            try:
                return base64.b64decode(item.b64_json, validate=True)
            except (binascii.Error, ValueError) as error:
                raise explain_garbage(self.host) from error
        if item.url is None or httpx.URL(item.url).scheme not in ("http", "https"):
            raise explain_garbage(self.host)
        # Without the key: the address may be anybody's.
        status, headers, body = await self._send("GET", item.url, follow_redirects=True)
        if status != 200:
            raise explain_answer(httpx.URL(item.url).host, self.model, status, headers, b"")
        return body

    async def _send(self, method: str, url: str, **options: object) -> tuple[int, httpx.Headers, bytes]:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=httpx.Timeout(self.patience.request, connect=10.0))
        async with self._client.stream(method, url, **options) as response:  # type: ignore[arg-type]
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise explain_garbage(self.host)
            return response.status_code, response.headers, bytes(body)

    def _cost(self, usage: _Usage | None) -> float | None:
        if self.token_price is None or usage is None:
            return None
        return round(self.token_price.of(usage.input_tokens, usage.output_tokens), 6)
