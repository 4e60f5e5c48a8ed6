"""A run that is killed twenty times ends with the very weights of one that was left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KILLS = 20
SCRIPT = """
import os, random, signal, sys, time
from pathlib import Path

import torch
from torch import nn

from diffatlas.diffusion.checkpoints import Checkpoints
from diffatlas.diffusion.networks import UNet
from diffatlas.diffusion.training import train

KILLS, ROOT = int(sys.argv[1]), Path(sys.argv[2])
images = torch.randn(70, 1, 8, 8, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)


def loss(model, x0, generator):
    noise = torch.randn(x0.shape, generator=generator)
    return (model(x0 + noise, 0.5) - noise).square().mean()


def go(out):
    torch.manual_seed(0)
    model = UNet(1, widths=(16, 16), patch=1, middle=0)
    resume = Checkpoints(out).exists()
    run = train(model, loss, images, "700steps", batch=8, quiet=True, out=out, resume=resume,
                device="cpu", checkpoint_every="4steps")
    return torch.cat([p.flatten() for p in run.model.parameters()])


def child(out):
    # A fork of this process, in which torch is loaded already: a life costs no seconds to begin.
    pid = os.fork()
    if pid == 0:
        torch.save(go(out), ROOT / "weights.pt")
        os._exit(0)
    return pid


chance, kills = random.Random(0), 0
while kills < KILLS:
    pid = child(ROOT / "killed")
    time.sleep(chance.uniform(0.02, 0.25))
    if os.waitpid(pid, os.WNOHANG) != (0, 0):
        sys.exit(f"the run ended after only {kills} kills")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    kills += 1
_, status = os.waitpid(child(ROOT / "killed"), 0)
assert status == 0, status
killed = torch.load(ROOT / "weights.pt", weights_only=True)
print("equal" if torch.equal(killed, go(ROOT / "alone")) else "different")
"""


def test_twenty_kills_change_no_bit(tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(KILLS), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "equal"
