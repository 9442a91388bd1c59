"""Summaries by AI: a local model, or one of a provider, behind one function. Knows no database."""

from studio.ai.choosing import SummaryModel, choose_model, describe_model
from studio.ai.errors import (
    Declined,
    EmptyAnswer,
    GarbageAnswer,
    KeyRefused,
    ModelMisconfigured,
    NoAnswer,
    ProviderError,
    ProviderFailed,
    QuotaSpent,
    RateLimited,
    RequestRefused,
    SceneTooLong,
)
from studio.ai.patience import Patience
from studio.ai.summarising import SceneSummary, summarise_scene

__all__ = [
    "Declined",
    "EmptyAnswer",
    "GarbageAnswer",
    "KeyRefused",
    "ModelMisconfigured",
    "NoAnswer",
    "Patience",
    "ProviderError",
    "ProviderFailed",
    "QuotaSpent",
    "RateLimited",
    "RequestRefused",
    "SceneSummary",
    "SceneTooLong",
    "SummaryModel",
    "choose_model",
    "describe_model",
    "summarise_scene",
]
