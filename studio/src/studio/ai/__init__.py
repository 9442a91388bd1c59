"""What models write: summaries, questions, plans; a local model or a provider's, a function each. Knows no database."""

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
from studio.ai.interview_prompting import Exchange
from studio.ai.interviewing import NextQuestion, ask_question
from studio.ai.patience import Patience
from studio.ai.planning import PlannedItem, WorkPlan, make_plan
from studio.ai.summarising import SceneSummary, summarise_scene

__all__ = [
    "Declined",
    "EmptyAnswer",
    "Exchange",
    "GarbageAnswer",
    "KeyRefused",
    "ModelMisconfigured",
    "NextQuestion",
    "NoAnswer",
    "Patience",
    "PlannedItem",
    "ProviderError",
    "ProviderFailed",
    "QuotaSpent",
    "RateLimited",
    "RequestRefused",
    "SceneSummary",
    "SceneTooLong",
    "SummaryModel",
    "WorkPlan",
    "ask_question",
    "choose_model",
    "describe_model",
    "make_plan",
    "summarise_scene",
]
