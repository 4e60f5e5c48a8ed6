"""The shape of the guided choice: questions with options, and candidates with rules.

A candidate is a framework. A rule says which answers speak for or against it, or exclude it, in a
sentence that the reader sees, with the entities of the catalog that attest it.
``diffatlas.catalog.choosing`` evaluates them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from diffatlas.catalog.fields import Entity, Id, Ids, Shape, Text, Texts, optional

__all__ = ["Candidate", "Option", "Question", "Rule"]

Reference = Annotated[str, Field(json_schema_extra={"pattern": "^[a-z]+/[a-z0-9_-]+$"})]


class Option(Shape):
    """One answer to a question."""

    id: Id = Field(description="What a link and a command call it.")
    label: Text = Field(description="How a page shows it.")
    aliases: Texts = optional("What else a person may type.")
    least: int = optional("The least number that it stands for, where answers are numbers.", ge=0)
    terms: Ids = optional("Terms of the question's vocabulary that it covers, narrower ones too.")


class Question(Entity):
    """A question of the guided choice."""

    name: Text = Field(description="One or two words, the head of a column.")
    place: int = Field(ge=1, description="Its place in the order in which questions are asked.")
    asks: Text = Field(description="The question.")
    help: Text = optional("A plain sentence on how to answer it.")
    vocabulary: Literal["tasks", "conditions"] = optional("The kind that `terms` are of.")
    options: list[Option] = Field(min_length=2, description="The answers, in order.")


class Rule(Shape):
    """What some answers mean for a candidate."""

    when: dict[str, Ids] = Field(
        min_length=1,
        description="Question -> options: all questions must be answered by one of these.",
    )
    weight: int = optional("Points for the candidate, or against it.", ge=-3, le=3)
    excludes: Literal[True] = optional("True where the candidate is out of the question.")
    because: Text = Field(description="Why, in one plain sentence of our own.")
    sources: list[Reference] = Field(
        min_length=1, description="Entities that attest it, as kind/id: `frameworks/ddim`."
    )


class Candidate(Entity):
    """A framework that the guided choice may recommend; its id is the framework's."""

    use: Text = Field(description="When to take it, in a few plain words.")
    rules: list[Rule] = Field(min_length=1, description="What speaks for and against it.")
