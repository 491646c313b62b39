"""What clients may send: one model per shape; anything else is answered with ``error`` and changes nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

Id = Annotated[str, Field(min_length=1, max_length=200)]
Title = Annotated[str, Field(max_length=1_000)]
Words = Annotated[str, Field(min_length=1, max_length=4_000)]
Count = Annotated[int, Field(ge=0, le=2**31)]
# A client's clock decides nothing here, so its time is only checked to be one.
ClientTime = Annotated[int | float, Field(ge=0, le=1e15)]
DurationMs = Annotated[int | float, Field(gt=0, le=3_600_000)]


class Payload(BaseModel):
    """Base of all: no conversions, no infinities; fields that are not known are passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, frozen=True)


class Nothing(Payload):
    """An event that says all by its name."""


class ProjectRef(Payload):
    """One project."""

    project_id: Id


class AnyProjectRef(Payload):
    """One project, or the one joined last."""

    project_id: Id | None = None


class ProgressRef(Payload):
    """One progress."""

    progress_id: Id


class TaskRef(Payload):
    """One task: a crawl, by its progress id."""

    task_id: Id


class DocumentRef(Payload):
    """One document."""

    project_id: Id
    document_id: Id


class Edit(Payload):
    """One change of one document. ``data`` is the whole new content, a title, or metadata to merge."""

    id: Id | None = None
    change_type: Literal["content", "title", "metadata", "delete"]
    data: JsonValue = None
    user_id: Id | None = None
    timestamp: ClientTime | None = None
    version: Count
    patch: JsonValue = None

    @model_validator(mode="after")
    def _check_data(self) -> Self:
        if self.change_type == "title" and not isinstance(self.title, str):
            raise ValueError("data of a title must be a text, or an object with a text 'title'")
        if self.change_type == "metadata" and not isinstance(self.data, dict):
            raise ValueError("data of metadata must be an object")
        return self

    @property
    def title(self) -> Any:
        """The new title, where this is one."""
        return self.data.get("title") if isinstance(self.data, dict) else self.data


class DocumentEdit(Edit, DocumentRef):
    """A change that names its document."""


class DocumentChange(Payload):
    """``document_change``."""

    change: DocumentEdit


class DocumentBatch(DocumentRef):
    """``document_batch_update``."""

    changes: Annotated[list[Edit], Field(min_length=1, max_length=100)]
    user_id: Id | None = None


class LockRequest(Payload):
    """``lock_document``; the duration is in milliseconds."""

    document_id: Id
    user_id: Id | None = None
    project_id: Id | None = None
    duration: DurationMs | None = None


class UnlockRequest(Payload):
    """``unlock_document``."""

    document_id: Id
    user_id: Id | None = None
    project_id: Id | None = None


class DeleteRequest(DocumentRef):
    """``delete_document``."""

    user_id: Id | None = None


class ChatRef(Payload):
    """One conversation."""

    session_id: Id


class ChatWords(ChatRef):
    """``chat_message``."""

    message: Words
    context: JsonValue = None


class NewSession(Payload):
    """``POST /api/agent-chat/sessions``."""

    project_id: Id | None = None
    agent_type: Id = "rag"


class PostedWords(Payload):
    """``POST /api/agent-chat/sessions/{id}/messages``."""

    message: Words
    context: JsonValue = None


class CrawlRequest(Payload):
    """``POST /knowledge-items/crawl``."""

    url: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^https?://")]
    max_depth: Annotated[int, Field(ge=0, le=10)] = 1


def explain(error: ValidationError) -> str:
    """Return the first complaint about a payload as a sentence that does not repeat the payload."""
    first = error.errors(include_url=False, include_context=False, include_input=True)[0]
    place = ".".join(str(part)[:50] for part in first["loc"][:8]) or "payload"
    return f"{place}: {first['msg'][:200]}; got {type(first['input']).__name__}"
