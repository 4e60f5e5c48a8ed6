"""One page of each sort, by its address below the site's root."""

from __future__ import annotations

PAGES = {
    "home": "",
    "framework": "frameworks/ddpm/",
    "frameworks": "frameworks/",
    "comparison": "compare/",
    "compared": "compare/?ids=ddpm,ncsn,sde",
    "compared papers": "compare/?ids=ho2020denoising,song2020score",
    "choice": "choose/?task=restoration&nfe=few",
    "family": "families/vae/",
    "task": "tasks/inpainting/",
    "tasks": "tasks/",
    "data set": "datasets/cifar-10/",
    "limitation": "limitations/slow-sampling/",
    "paper": "papers/ho2020denoising/",
    "papers": "papers/",
    "explorer": "explore/?filter=framework:sde",
    **{
        f"explorer, {view}": f"explore/?view={view}&filter=framework:sde"
        for view in ("cards", "matrix", "timeline", "graph")
    },
    "results": "results/",
    "vocabulary": "vocabulary/",
    "matrix": "matrix/",
    "timeline": "timeline/",
    "baseline": "baselines/ddpm/",
    "baselines": "baselines/",
    "query": "query/",
    "speed": "speed/",
    "about": "about/",
    "coverage": "coverage/",
    "data": "data/",
}
