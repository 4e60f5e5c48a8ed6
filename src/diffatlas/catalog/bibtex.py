"""Papers as BibTeX entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from diffatlas.catalog.latex import escape
from diffatlas.catalog.people import PARTICLES, person

__all__ = ["entries", "entry", "venue_of"]

# Short names of venues -> what a bibliography prints.
_PROCEEDINGS = {
    "NeurIPS": "Advances in Neural Information Processing Systems (NeurIPS)",
    "NeurrIPS": "Advances in Neural Information Processing Systems (NeurIPS)",
    "NIPS": "Advances in Neural Information Processing Systems (NeurIPS)",
    "ICML": "International Conference on Machine Learning (ICML)",
    "ICLR": "International Conference on Learning Representations (ICLR)",
    "AISTATS": "International Conference on Artificial Intelligence and Statistics (AISTATS)",
    "CVPR": "IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)",
    "ICCV": "IEEE/CVF International Conference on Computer Vision (ICCV)",
    "ECCV": "European Conference on Computer Vision (ECCV)",
    "WACV": "IEEE/CVF Winter Conference on Applications of Computer Vision (WACV)",
    "BMVC": "British Machine Vision Conference (BMVC)",
    "MICCAI": "Medical Image Computing and Computer Assisted Intervention (MICCAI)",
    "MIDL": "Medical Imaging with Deep Learning (MIDL)",
    "ISBI": "IEEE International Symposium on Biomedical Imaging (ISBI)",
    "CLeaR": "Conference on Causal Learning and Reasoning (CLeaR)",
    "SIGGRAPH": "ACM SIGGRAPH Conference Proceedings",
}
_JOURNALS = {
    "TPAMI": "IEEE Transactions on Pattern Analysis and Machine Intelligence",
    "TMI": "IEEE Transactions on Medical Imaging",
    "TIP": "IEEE Transactions on Image Processing",
    "TMLR": "Transactions on Machine Learning Research",
    "JMLR": "Journal of Machine Learning Research",
    "IJCV": "International Journal of Computer Vision",
    "TOG": "ACM Transactions on Graphics",
    "MIA": "Medical Image Analysis",
    "MedIA": "Medical Image Analysis",
}
_JOURNAL_WORDS = re.compile(
    r"\b(?:journal|transactions|letters|magazine|nature|trans\.|image analysis|computation$)", re.I
)
# "12(3):313-326", "6:695-709" or a bare volume at the end of a journal's name.
_VOLUME = re.compile(r"[\s,]+([0-9]{1,4})(?:\(([0-9]+)\))?(?::\s?([0-9]+)(?:[-–]+([0-9]+))?)?$")

# Names that keep their capital in the middle of a sentence, which BibTeX styles would lower.
_NAMES = """
Bayes Bayesian Bernoulli Brownian Euler Fourier Frechet Fréchet Gauss Gaussian Gaussians Hamiltonian
Heun Itô Ito Kutta Langevin Laplacian Lipschitz Markov Markovian Monte Carlo Poisson Riemannian
Runge Schrodinger Schrödinger Stein Taylor Tweedie Wasserstein Wiener
"""
_PROPER = frozenset(_NAMES.split())


def entries(records: Iterable[Mapping[str, Any]]) -> str:
    """The BibTeX entries of paper records in their order, a blank line between two."""
    return "\n".join(entry(record) for record in records)


def entry(record: Mapping[str, Any]) -> str:
    """One entry whose key is the paper's id.

    ``@inproceedings`` or ``@article`` where the venue tells, else ``@misc``; the arXiv id goes
    into ``eprint``/``archiveprefix``. The year is the venue's, or else that of first appearance.
    """
    kind, venue = venue_of(record.get("venue") or "")
    year = venue.pop("year", "")
    values = {
        "title": _title(record["title"]),
        "author": " and ".join(_author(name) for name in record.get("authors") or ()),
        **{key: escape(value) for key, value in venue.items()},
        "year": year or str(record["year"]),
        "eprint": record.get("arxiv") or "",
        "archiveprefix": "arXiv" if record.get("arxiv") else "",
        "doi": _verbatim(record.get("doi") or ""),
        "url": _verbatim(_address(record)),
    }
    lines = [f"  {key} = {{{value}}}," for key, value in values.items() if value]
    return "\n".join([f"@{kind}{{{record['id']},", *lines, "}", ""])


def venue_of(text: str) -> tuple[str, dict[str, str]]:
    """Entry type and fields of a venue: ``NeurIPS 2020``, ``A Journal 6:695-709, 2005``."""
    text = " ".join(text.split())
    years = re.findall(r"\b(?:19|20)[0-9]{2}\b(?![-–:])", text)
    year = years[-1] if years else ""
    bare = re.sub(r"\s*\((?:oral|spotlight|poster|highlight)[^)]*\)", "", text, flags=re.I)
    bare = re.sub(rf"[\s,]*\b{year}\b(?![-–:])", "", bare) if year else bare
    bare = bare.strip(" ,")
    if not bare or re.search(r"\barxiv\b|\bpreprint\b", bare, re.I):
        return "misc", {}
    tail = _VOLUME.search(bare)
    name = bare[: tail.start()] if tail else bare
    words = re.findall(r"[A-Za-z]+", name)
    journal = next((full for short, full in _JOURNALS.items() if short in words), "")
    if not journal and (_JOURNAL_WORDS.search(name) or (tail and (tail[2] or tail[3]))):
        journal = name
    if journal:
        found = {"journal": journal, "volume": "", "number": "", "pages": "", "year": year}
        if tail:
            pages = f"{tail[3]}-{tail[4]}".replace("-", "--") if tail[4] else tail[3] or ""
            found |= {"volume": tail[1], "number": tail[2] or "", "pages": pages}
        return "article", found
    # A workshop keeps its own name: it is not the conference.
    return "inproceedings", {"booktitle": _PROCEEDINGS.get(bare, bare), "year": year}


def _title(text: str) -> str:
    return " ".join(_protected(word) for word in text.split())


def _protected(word: str) -> str:
    """``word`` escaped, in braces where a bibliography style must not lower its capitals."""
    escaped = escape(word)
    if "$" in word:
        return escaped
    for part in re.split(r"[-/–]", word):
        bare = re.sub(r"^\W+|\W+$", "", part)
        if (
            any(c.isupper() for c in bare[1:])
            or (len(bare) == 1 and bare.isupper() and (bare != "A" or part != word))
            or bare.removesuffix("'s").removesuffix("’s") in _PROPER
        ):
            return f"{{{escaped}}}"
    return escaped


@lru_cache(maxsize=1 << 14)
def _author(name: str) -> str:
    family, given, junior = person(name)
    if not given:
        # Braces keep the words of a group in one piece.
        return f"{{{escape(family)}}}" if " " in family else escape(family)
    # BibTeX tells lower-case particles by itself.
    if junior or not PARTICLES.isdisjoint(family.split()[:-1]):
        return escape(", ".join(part for part in (family, junior, given) if part))
    return escape(f"{given} {family}")


def _address(record: Mapping[str, Any]) -> str:
    if record.get("url"):
        return str(record["url"])
    if record.get("arxiv") and not record.get("doi"):
        return f"https://arxiv.org/abs/{record['arxiv']}"
    return ""


def _verbatim(text: str) -> str:
    """For fields that BibTeX packages read verbatim: only what would end the field is encoded."""
    return re.sub(r"[{}\\\s]", lambda m: f"%{ord(m[0]):02X}", text)
