"""What the baselines share: schedules, SDEs, samplers, likelihood, networks, data and training.

Needs the extra ``diffatlas[diffusion]``. Knows nothing of the catalog.
"""

import os

# An idle OpenMP thread spins by default and steals the core from its neighbours: measuring 2,000
# images beside two busy processes takes ten times as long. The setting counts only when it is made
# before torch is imported, which is why it stands here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
