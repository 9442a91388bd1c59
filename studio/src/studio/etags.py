"""ETags: a reader is not sent what it has, a writer does not overwrite what it has not seen."""

import hashlib
import re
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

TAG = re.compile(r'(W/)?"([^"]*)"')

IfNoneMatch = Annotated[
    str | None, Header(description="Answer 304 when what is stored has one of these ETags.")
]
IfMatch = Annotated[
    str | None, Header(description="Answer 412 unless what is stored has one of these ETags.")
]


def tagged(
    view: BaseModel,
    version: int,
    *,
    status: int = 200,
    location: str | None = None,
    if_none_match: str | None = None,
) -> Response:
    """Answer with `view` and its version as ETag, or with 304 when the reader has that version."""
    headers = {"ETag": f'"{version}"', "Cache-Control": "private, no-cache"}
    if location is not None:
        headers["Location"] = location
    if if_none_match is not None and _reader_has(if_none_match, version):
        return Response(status_code=304, headers=headers)
    return Response(view.model_dump_json(), status, headers, "application/json")


def tagged_by_content(view: BaseModel, if_none_match: str | None = None) -> Response:
    """Answer with `view`, which changes without its version, and a hash of it as ETag; or with 304."""
    body = view.model_dump_json()
    tag = hashlib.sha256(body.encode()).hexdigest()[:32]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if if_none_match is not None and (tag in if_none_match or if_none_match.strip() == "*"):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def matched_versions(if_match: str | None) -> frozenset[int] | None:
    """Return the versions that If-Match allows, or None when it allows any."""
    if if_match is None or if_match.strip() == "*":
        return None
    # A weak tag never matches here (RFC 9110, 13.1.1), nor does one that Studio does not make.
    return frozenset(
        int(tag) for weak, tag in TAG.findall(if_match) if not weak and tag.isascii() and tag.isdigit()
    )


def _reader_has(if_none_match: str, version: int) -> bool:
    return if_none_match.strip() == "*" or str(version) in {tag for _, tag in TAG.findall(if_none_match)}
