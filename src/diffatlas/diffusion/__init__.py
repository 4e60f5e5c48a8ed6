"""What the baselines share: schedules, SDEs, samplers, likelihood, networks, data and training.

Needs the extra ``diffatlas[diffusion]``. Knows nothing of the catalog.
"""
