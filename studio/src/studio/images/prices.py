"""What OpenAI's images cost, in US dollars; providers change prices, so STUDIO_IMAGE_PRICE goes before this table."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.images.errors import ImageMisconfigured

# Output tokens of one landscape image of 1536 x 1024, by quality.
TOKENS_BY_QUALITY = {"low": 400, "medium": 1584, "high": 6208}
# The prompts of `studio.images.prompting` have about so many tokens.
PROMPT_TOKENS = 250


@dataclass(frozen=True)
class TokenPrice:
    """Dollars for a million tokens of text going in, and of image coming out."""

    text: float
    image: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """Return the dollars for so many tokens."""
        return (input_tokens * self.text + output_tokens * self.image) / 1_000_000

    def about(self, quality: str) -> float | None:
        """Return about how many dollars one landscape image costs; None for a quality that the model chooses."""
        tokens = TOKENS_BY_QUALITY.get(quality)
        return None if tokens is None else self.of(PROMPT_TOKENS, tokens)


# As providers listed them in 2026.
PRICES = {
    "gpt-image-1-mini": TokenPrice(2, 8),
    "gpt-image-1.5": TokenPrice(5, 32),
    "gpt-image-2": TokenPrice(5, 30),
}


def read_price(environment: Mapping[str, str], model: str) -> TokenPrice | None:
    """Return the price of a model's tokens: STUDIO_IMAGE_PRICE ("5/30") or the table's; None when not known.

    Raises ImageMisconfigured.
    """
    text = environment.get("STUDIO_IMAGE_PRICE", "").strip()
    if not text:
        return PRICES.get(model)
    try:
        going_in, coming_out = map(float, text.split("/"))
    except ValueError:
        going_in = coming_out = -1.0
    if not (0 <= going_in < 10_000 and 0 <= coming_out < 10_000):
        raise ImageMisconfigured(
            f"STUDIO_IMAGE_PRICE is {text!r}: write dollars for a million tokens of text and of image, as 5/30."
        )
    return TokenPrice(going_in, coming_out)
