"""The shape of every entity: one model a kind, keys in the order in which a file has them.

``KINDS`` maps a kind (the folder under ``catalog/``) to its model. The JSON Schemas that editors
use are generated from these models (``diffatlas.catalog.schema``), hence the descriptions. What a
type cannot say (references, dates, order) is checked by ``diffatlas.catalog.rules``.

An optional key is left out rather than set to null or an empty list.
"""

from __future__ import annotations

from datetime import date
from datetime import date as date_type
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from diffatlas.catalog.fields import (
    MARKDOWN,
    POINTER,
    SOURCED,
    Entity,
    Id,
    Ids,
    IdsOrNone,
    Link,
    Origin,
    PaperNote,
    Properties,
    Records,
    Shape,
    Text,
    Texts,
    Url,
    optional,
)
from diffatlas.catalog.guide import Candidate, Question

__all__ = [
    "FACETS",
    "FACT_FIELDS",
    "KINDS",
    "RELATIONS",
    "STATUSES",
    "Entity",
    "keys",
    "singular",
]


class Term(Entity):
    """A word of a vocabulary."""

    name: Text = Field(description="The name as a heading shows it.")
    aliases: Texts = optional("Other names, abbreviations and old names.")
    origin: Origin = optional("`survey` (default) or `beyond`: whether the survey has the term.")
    summary: Text = Field(description="One plain sentence.")
    definition: Text = Field(description=f"What it is, in our own words. {MARKDOWN}")
    not_: Text = optional(
        f"What it is easily confused with, and is not. {MARKDOWN}",
        alias="not",
    )
    broader: Ids = optional("Ids of the terms of the same kind that this one belongs to.")
    papers: Ids = optional("Ids of the papers that define it.")


class Framework(Term):
    """A generic framework or one of its variants."""

    forward: Text = optional(f"The forward (noising) process. {MARKDOWN}")
    objective: Text = optional(f"The training objective. {MARKDOWN}")
    reverse: Text = optional(f"The reverse (denoising) process and sampling. {MARKDOWN}")
    properties: Properties = optional("Short facts, compared across frameworks.")
    links: list[Link] = optional("How it follows from or leads to others.", min_length=1)
    provenance: Records = optional(SOURCED, min_length=1)


class Family(Term):
    """A related family of generative models."""

    shares: Text = Field(description=f"What it has in common with diffusion models. {MARKDOWN}")
    differs: Text = Field(description=f"Where it differs from diffusion models. {MARKDOWN}")
    bridges: list[PaperNote] = Field(min_length=1, description="Papers that join the two.")
    provenance: Records = optional(SOURCED, min_length=1)


class Task(Term):
    """What a paper's model is for."""

    headings: Texts = optional("Headings of the companion list that the term stands for, verbatim.")
    provenance: Records = optional(SOURCED, min_length=1)


class Condition(Term):
    """What steers the denoising."""

    provenance: Records = optional(SOURCED, min_length=1)


class Dataset(Term):
    """A data set."""

    modality: Text = optional("image, video, 3d, medical, audio, text, ...")
    homepage: Url = optional("Where it is described or had.")
    url: Url = optional("Another page about it.")
    provenance: Records = optional(SOURCED, min_length=1)


class Architecture(Term):
    """The network that denoises."""

    provenance: Records = optional(SOURCED, min_length=1)


class Metric(Term):
    """A measure of samples or models."""

    direction: Literal["lower", "higher"] = Field(description="Which values are better.")
    unit: Text = optional("The unit, such as bits/dim.")
    measures: Text = Field(description=f"What it measures. {MARKDOWN}")
    does_not_measure: Text = Field(description=f"What it is blind to. {MARKDOWN}")
    provenance: Records = optional(SOURCED, min_length=1)


class Limitation(Term):
    """A limitation that the survey names."""

    addressed_by: list[PaperNote] = Field(min_length=1, description="Papers that work on it.")
    provenance: Records = optional(SOURCED, min_length=1)


class Direction(Limitation):
    """A direction of research that the survey names."""


class Source(Entity):
    """A list, survey or repository that many facts come from."""

    name: Text = Field(description="Its name.")
    url: Url = Field(description="Where it can be read.")
    version: Text | date = optional("The commit or date that was read.")
    note: Text = optional("Whatever a reader must know about it; plain text.")


class Relations(Shape):
    """Typed relations to other papers, by id."""

    builds_on: Ids = optional("Papers whose method this one extends or starts from.")
    accelerates: Ids = optional("Papers whose sampling this one makes faster.")
    distills: Ids = optional("Papers whose model this one distills.")
    guides: Ids = optional("Papers whose model this one steers.")
    extends: Ids = optional("Papers that this one generalises.")
    applies: Ids = optional("Papers whose method this one applies to another task.")
    compares_with: Ids = optional("Papers that this one measures itself against.")
    unifies: Ids = optional("Papers that this one shows to be cases of one view.")


class Correction(Shape):
    """A mistake of the catalog that was mended."""

    date: date_type = Field(description="The day of the mend.")
    what: Text = Field(description="What was wrong and is right now; plain text.")


class Paper(Entity):
    """A paper."""

    title: Text = Field(description="The title as published.")
    aliases: Texts = optional("Old titles.")
    authors: Texts = Field(description="Full names in the paper's order.")
    year: int = Field(
        ge=1900, le=2100, description="Year of the first public version: the folder's name."
    )
    submitted: date = optional("Day of the first public version, YYYY-MM-DD without quotes.")
    venue: Text = optional("Where it was published, such as NeurIPS 2020.")
    arxiv: Text = optional(
        "The arXiv id in quotes: '2006.11239'.",
        json_schema_extra={"pattern": r"^(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})$"},
    )
    doi: Text = optional("The DOI without https://doi.org/.", json_schema_extra={"pattern": "^10"})
    url: Url = optional("A page about the paper.")
    code: Annotated[list[Url], Field(min_length=1)] = optional("Repositories with its code.")
    survey_heading: Texts = optional("Headings of the companion list it stands under, verbatim.")
    in_table1: bool = optional("Whether the survey's Table 1 lists it.")
    origin: Origin = optional("`survey` (default) or `beyond`: whether the survey cites it.")
    frameworks: IdsOrNone = Field(description="Ids of the frameworks it uses.")
    tasks: IdsOrNone = Field(description="Ids of the tasks it works on.")
    conditions: IdsOrNone = Field(description="Ids of what steers its denoising.")
    datasets: IdsOrNone = Field(description="Ids of the data sets it uses.")
    architectures: Ids = optional("Ids of the networks it uses.")
    summary: Text = optional("One or two plain sentences, our own: what it does differently.")
    relations: Relations = optional("Typed relations to other papers.")
    added: date = optional("Day on which the entry came into the catalog.")
    corrected: list[Correction] = optional("What was corrected since, latest last.", min_length=1)
    provenance: Records = Field(description=SOURCED, min_length=1)


class Result(Shape):
    """One measured value with its protocol."""

    paper: Id = Field(description="The paper that reports the model.")
    model: Text = Field(description="The model as the source names it.")
    resolution: int | Text = optional("Pixels along a side, or `height x width`.")
    metric: Id = Field(description="The metric's id.")
    value: float = Field(description="The value in the metric's unit.")
    bound: Literal["upper", "lower"] = optional("Set where the value is only a bound.")
    conditional: Literal["conditional", "unconditional", "unknown"] = optional(
        "Whether the samples were conditional."
    )
    guidance: float | Text = optional("Kind and scale of guidance.")
    nfe: int | Text = optional("Number of network evaluations for one sample.")
    sampler: Text = optional("The sampler.")
    samples: int = optional("Number of samples that were drawn.", ge=1)
    source: Text = Field(description=POINTER)
    recited: bool = optional("True where the source is another work that repeats the value.")
    note: Text = optional("Whatever a reader must know to compare it; plain text.")


class Results(Shape):
    """What papers report on one data set. Not ranked."""

    dataset: Id = Field(description="The data set's id; equals the file's stem.")
    results: list[Result] = Field(min_length=1, description="One entry a value.")


class Change(Shape):
    """What changes from another baseline to this one."""

    against: Id = Field(description="The other baseline.")
    what: Text = Field(description=f"What the reader of both files should see. {MARKDOWN}")


class Baseline(Entity):
    """A minimal implementation that runs."""

    name: Text = Field(description="Its name as a heading shows it.")
    summary: Text = Field(description="One plain sentence.")
    frameworks: Ids = Field(description="Ids of the frameworks it implements.")
    variants: Ids = optional("Ids of the framework variants it implements.")
    tasks: Ids = Field(description="Ids of its tasks.")
    conditions: Ids = Field(description="Ids of what steers its denoising.")
    datasets: Ids = Field(description="Ids of the data sets it runs on.")
    papers: Ids = Field(description="Ids of the papers it implements.")
    file: Text = Field(description="Its file, such as baselines/ddpm.py.")
    samplers: Texts = Field(description="Names of the samplers it offers.")
    changes: list[Change] = optional("What changes from another baseline to it.", min_length=1)


KINDS: dict[str, type[Shape]] = {
    "frameworks": Framework,
    "families": Family,
    "tasks": Task,
    "conditions": Condition,
    "datasets": Dataset,
    "architectures": Architecture,
    "metrics": Metric,
    "limitations": Limitation,
    "directions": Direction,
    "sources": Source,
    "papers": Paper,
    "results": Results,
    "baselines": Baseline,
    "questions": Question,
    "candidates": Candidate,
}

FACETS = ("frameworks", "tasks", "conditions", "datasets", "architectures")
RELATIONS = tuple(Relations.model_fields)
STATUSES = ("survey", "paper", "repository", "list", "inferred", "recall")

# The keys of a paper that need a source, beside its facets.
FACT_FIELDS = (
    "title",
    "authors",
    "submitted",
    "venue",
    "arxiv",
    "doi",
    "code",
    "survey_heading",
    "in_table1",
)


def singular(kind: str) -> str:
    """The name of a kind's schema: ``papers`` -> ``paper``, ``families`` -> ``family``."""
    return kind[:-3] + "y" if kind.endswith("ies") else kind.removesuffix("s")


def keys(model: type[BaseModel]) -> list[str]:
    """The keys of a mapping in the order in which a file has them."""
    return [field.alias or name for name, field in model.model_fields.items()]
