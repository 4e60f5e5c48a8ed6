"""What models are made of: types of keys, and the mappings that several kinds have."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "MARKDOWN",
    "POINTER",
    "SOURCED",
    "Entity",
    "Id",
    "Ids",
    "IdsOrNone",
    "Link",
    "Origin",
    "PaperNote",
    "Properties",
    "Provenance",
    "Records",
    "Shape",
    "Text",
    "Texts",
    "Url",
    "optional",
]

# Patterns are for the JSON Schema alone: the check has rules of its own with better messages.
Text = Annotated[str, StringConstraints(min_length=1)]
Id = Annotated[str, Field(json_schema_extra={"pattern": "^[a-z0-9][a-z0-9_-]*$"})]
Ids = Annotated[list[Id], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
IdsOrNone = Annotated[list[Id], Field(json_schema_extra={"uniqueItems": True})]
Texts = Annotated[list[Text], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
Url = Annotated[str, Field(json_schema_extra={"pattern": "^https?://"})]
Origin = Literal["survey", "beyond"]
Status = Literal["survey", "paper", "repository", "list", "inferred", "recall"]

POINTER = (
    "Where the source can be followed: a source's id (`companion`), `github:owner/name`, "
    "`github:owner/name/path`, an https URL, `arxiv:2006.11239` or `doi:10.1109/...`; "
    "`memory` for status recall."
)
MARKDOWN = "Markdown with $..$ and $$..$$ LaTeX."


def optional(description: str, **more: Any) -> Any:
    """A key that may be left out, but not set to null."""
    return Field(default=None, description=description, **more)


class Shape(BaseModel):
    """Any mapping of the catalog: no unknown keys, no coercion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Entity(Shape):
    """What every entity but a result list has."""

    id: Id = Field(description="Lower-case letters, digits and hyphens; equals the file's stem.")


class Provenance(Shape):
    """One source and the facts that it attests."""

    status: Status = Field(
        description="What kind of source it is: paper (the paper itself), repository (its authors' "
        "code), survey, list (a public list or other second-hand text), inferred (follows from "
        "other facts; the note says how), recall (memory, waits to be checked)."
    )
    source: Text = Field(description=POINTER)
    facts: Texts = optional(
        "What the source attests: names of keys (`title`) or `<facet>.<term id>` "
        "(`frameworks.ddpm`)."
    )
    contradicts: Texts = optional("Facts of this entity that the source denies; say how in `note`.")
    note: Text = optional("Whatever a reader must know about this record; plain text.")


class Link(Shape):
    """How one framework follows from, or leads to, another."""

    to: Id = Field(description="The other framework's id.")
    how: Text = Field(description=f"How the two connect. {MARKDOWN}")


class PaperNote(Shape):
    """A paper and what it does about the subject."""

    paper: Id = Field(description="The paper's id.")
    how: Text = Field(description=f"What the paper does about it. {MARKDOWN}")


class Properties(Shape):
    """A framework's row in the comparison of frameworks; short Markdown each."""

    time: Text = optional("Discrete or continuous time, and its range.")
    forward_kernel: Text = optional("The distribution of a noisy image given the clean one.")
    prior: Text = optional("The distribution that sampling starts from.")
    network_predicts: Text = optional("What the network is trained to give.")
    loss_weighting: Text = optional("How the loss weighs the noise levels.")
    sampler: Text = optional("How samples are drawn.")
    typical_nfe: Text = optional("Number of network evaluations for one sample.")
    likelihood: Text = optional("Whether and how the likelihood can be computed.")
    conditioning: Text = optional("How conditions enter.")


Records = list[Provenance]
SOURCED = "Where the facts come from: one record a source."
