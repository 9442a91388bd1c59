"""What models write: summaries, questions, plans; a local model or a provider's, a function each. Knows no database."""

import importlib
from typing import TYPE_CHECKING

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
from studio.ai.patience import Patience

if TYPE_CHECKING:
    from studio.ai.interviewing import NextQuestion, ask_question
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

# What asks a model brings pydantic-ai along, which takes as long to import as all the rest of a command that asks none.
_MODULE_OF = {
    "NextQuestion": "interviewing",
    "ask_question": "interviewing",
    "PlannedItem": "planning",
    "WorkPlan": "planning",
    "make_plan": "planning",
    "SceneSummary": "summarising",
    "summarise_scene": "summarising",
}


def __getattr__(name: str) -> object:
    """Load what asks a model."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
