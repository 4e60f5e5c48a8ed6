"""The training loop: budgets, resuming to the bit, damage, and errors that say what to do."""

from __future__ import annotations

import io
import math
import os
import signal
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from diffatlas.diffusion.budget import Budget
from diffatlas.diffusion.checkpoints import Checkpoints, load_weights, save_weights
from diffatlas.diffusion.networks import UNet, parameter_count, unet_for
from diffatlas.diffusion.optim import Muon, MuonAdamW
from diffatlas.diffusion.problems import BadBudget, CheckpointError, DeviceMissing, TrainingFailed
from diffatlas.diffusion.training import Run, train

IMAGES = torch.randn(70, 1, 8, 8, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)


class Tiny(nn.Module):
    """A small network with a buffer, which averaging must leave alone."""

    table: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.net = UNet(1, widths=(16, 16), patch=1, middle=0)
        self.register_buffer("table", torch.arange(5.0))


def loss(model: Tiny, x0: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(x0.shape, generator=generator)
    return (model.net(x0 + noise, 0.5) - noise).square().mean()


def tiny() -> Tiny:
    torch.manual_seed(0)
    return Tiny()


def go(budget: str = "30steps", **options: object) -> Run:
    return train(tiny(), loss, IMAGES, budget, batch=16, quiet=True, **options)  # type: ignore[arg-type]


def weights(run: Run) -> Tensor:
    return torch.cat([p.flatten() for p in run.model.parameters()])


@pytest.mark.parametrize(
    "text, amount, in_steps",
    [("300s", 300, False), ("5m", 300, False), ("1.5h", 5400, False), ("2000steps", 2000, True)],
)
def test_budgets_are_read(text: str, amount: float, in_steps: bool) -> None:
    assert Budget.parse(text) == Budget(amount, in_steps)


@pytest.mark.parametrize("text", ["300s", "1.5h", "0.1s", "1234567steps", "2000000steps"])
def test_a_budget_is_written_as_it_is_read(text: str) -> None:
    budget = Budget.parse(text)
    assert Budget.parse(str(budget)) == budget


@pytest.mark.parametrize("text", ["", "300", "0s", "-5m", "5 apples", "1.5steps", "nan s", "1e3s"])
def test_what_is_no_budget_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadBudget, match="300s, 5m, 1h or 2000steps"):
        Budget.parse(text)


def test_a_budget_of_steps_is_kept_exactly_and_one_of_seconds_nearly() -> None:
    assert go("7steps").step == 7
    run = go("0.5s")
    assert 0.5 <= run.seconds < 2.0 and run.step > 1


def test_training_lowers_the_loss() -> None:
    run = go("200steps")
    assert run.curve[-1][2] < 0.8 * run.curve[0][2]
    assert [point[0] for point in run.curve] == list(range(20, 201, 20))


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    assert torch.equal(weights(go()), weights(go()))
    assert not torch.equal(weights(go()), weights(go(seed=1)))


def test_the_average_is_of_parameters_only() -> None:
    run = go()
    assert torch.equal(run.model.table, torch.arange(5.0))  # type: ignore[arg-type]
    assert not any(p.requires_grad for p in run.model.parameters())


class Stop(Exception):
    pass


@pytest.mark.parametrize("at", [1, 10, 23])
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path: Path, at: int) -> None:
    calls = 0

    def dies(model: Tiny, x0: Tensor, generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        if calls > at:
            raise Stop
        return loss(model, x0, generator)

    with pytest.raises(Stop):
        train(tiny(), dies, IMAGES, "30steps", batch=16, out=tmp_path, quiet=True,
              checkpoint_every="5steps")  # fmt: skip
    torch.manual_seed(99)  # the global generator must not matter
    again = go(out=tmp_path, resume=True)
    whole = go()
    assert torch.equal(weights(again), weights(whole))
    assert [(a, c) for a, _, c in again.curve] == [(a, c) for a, _, c in whole.curve]


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_ends_between_two_steps(
    which: signal.Signals, tmp_path: Path
) -> None:
    calls = 0

    def asked(model: Tiny, x0: Tensor, generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 11:
            os.kill(os.getpid(), which)
        return loss(model, x0, generator)

    before = signal.getsignal(which)
    with pytest.raises(KeyboardInterrupt):
        train(tiny(), asked, IMAGES, "30steps", batch=16, quiet=True, out=tmp_path)
    assert signal.getsignal(which) is before
    assert Checkpoints(tmp_path).load()[0]["step"] == 11
    assert torch.equal(weights(go(out=tmp_path, resume=True)), weights(go()))


def test_drawing_samples_on_the_way_changes_nothing() -> None:
    seen: list[tuple[int, float]] = []

    def draws(model: nn.Module, step: int, fraction: float) -> None:
        torch.randn(1000)
        seen.append((step, fraction))

    run = go(on_milestone=draws, milestones=(0.5, 1.0))
    assert seen == [(15, 0.5), (30, 1.0)]
    assert torch.equal(weights(run), weights(go()))


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    go("20steps", out=tmp_path, checkpoint_every="5steps")
    newest = max(tmp_path.glob("checkpoint-*.pt"), key=lambda p: step_of(p))
    raw = newest.read_bytes()
    middle = len(raw) // 2
    newest.write_bytes(
        {
            "cut": raw[:middle],
            "flip": raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :],
            "empty": b"",
            "text": b"not a checkpoint\n",
        }[damage]
    )
    run = go("20steps", out=tmp_path, resume=True)
    said = capsys.readouterr().out
    assert newest.name in said and "is damaged" in said and "step 15 instead" in said
    assert torch.equal(weights(run), weights(go("20steps")))


def step_of(path: Path) -> int:
    payload = path.read_bytes().partition(b"\n")[2]
    return int(torch.load(io.BytesIO(payload), weights_only=True)["step"])


def test_if_both_checkpoints_are_damaged_that_is_said(tmp_path: Path) -> None:
    go(out=tmp_path, checkpoint_every="5steps")
    for slot in tmp_path.glob("checkpoint-*.pt"):
        slot.write_bytes(b"x")
    with pytest.raises(CheckpointError, match="Start again without --resume"):
        go(out=tmp_path, resume=True)


def test_resuming_nothing_or_another_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no checkpoint in"):
        go(out=tmp_path, resume=True)
    go(out=tmp_path)
    with pytest.raises(CheckpointError, match="of another run"):
        go(out=tmp_path, resume=True, seed=3)


def test_resuming_with_another_budget_is_refused(tmp_path: Path) -> None:
    """The rate of a finished run is zero; it would rise to half of what it was at first."""
    go("6steps", out=tmp_path)
    with pytest.raises(CheckpointError, match="budget of 6steps, now it is 12steps.*--fresh"):
        go("12steps", out=tmp_path, resume=True)
    assert go("6 steps", out=tmp_path, resume=True).step == 6
    assert go("12steps", out=tmp_path, fresh=True).step == 12


def test_resuming_with_another_network_is_refused(tmp_path: Path) -> None:
    go("6steps", out=tmp_path)
    other = Tiny()
    other.net = UNet(1, widths=(24, 24), patch=1, middle=0)
    with pytest.raises(CheckpointError, match="another network.*size mismatch.*--fresh"):
        train(other, loss, IMAGES, "6steps", batch=16, quiet=True, out=tmp_path, resume=True)


def test_an_unfinished_run_is_not_overwritten(tmp_path: Path) -> None:
    def dies(*_: object) -> Tensor:
        raise Stop

    with pytest.raises(Stop):
        train(tiny(), dies, IMAGES, "30steps", batch=16, out=tmp_path, quiet=True)
    with pytest.raises(CheckpointError, match="unfinished run.*--resume.*--fresh"):
        go(out=tmp_path)
    go(out=tmp_path, resume=True)
    go(out=tmp_path)  # a finished one may be replaced


def test_a_kill_while_writing_leaves_the_older_checkpoint(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    store.save({"step": 1})
    (tmp_path / f".checkpoint-1.pt.{os.getpid()}.tmp").write_bytes(b"half of a file")
    state, messages = Checkpoints(tmp_path).load()
    assert state["step"] == 1 and messages == []


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    calls = 0

    def explodes(model: Tiny, x0: Tensor, generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        return loss(model, x0, generator) * (math.nan if calls > 12 else 1.0)

    with pytest.raises(TrainingFailed, match="no longer finite.*step 15"):
        train(tiny(), explodes, IMAGES, "30steps", out=tmp_path, checkpoint_every="5steps",
              batch=16, quiet=True)  # fmt: skip
    assert Checkpoints(tmp_path).load()[0]["step"] == 10


def test_a_full_disk_is_reported_and_the_older_checkpoint_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go("10steps", out=tmp_path)
    before = Checkpoints(tmp_path).load()[0]["step"]

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TrainingFailed, match="No space left on device.*--resume"):
        store = Checkpoints(tmp_path)
        store.load()
        store.save({"step": 99})
    assert Checkpoints(tmp_path).load()[0]["step"] == before
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_folder_that_cannot_be_written_is_an_error_before_the_first_step(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file is in the way")
    with pytest.raises(TrainingFailed, match="cannot be written"):
        go(out=blocked / "run")


def test_a_device_that_is_absent_is_an_error() -> None:
    for name in ("cuda:99", "tpu", "meta"):
        with pytest.raises(DeviceMissing, match="device"):
            go(device=name)


def test_muon_gets_the_inner_kernels_and_shares_their_memory() -> None:
    network = unet_for((1, 28, 28))
    optimizer = MuonAdamW(network)
    assert len(optimizer.kernels) + len(optimizer.rest) == len(list(network.parameters()))
    assert not any(k is network.stem.weight or k is network.head.weight for k in optimizer.kernels)
    for kernel, matrix in zip(optimizer.kernels, optimizer.matrices, strict=True):
        assert matrix.ndim == 2 and matrix.data_ptr() == kernel.data_ptr()
    before = optimizer.kernels[0].detach().clone()
    for _ in range(3):  # what starts at zero passes no gradient on in the first steps
        (network(torch.randn(2, 1, 28, 28), 0.1) - 1).square().sum().backward()
        optimizer.step(1.0)
    assert not torch.equal(before, optimizer.kernels[0])


@pytest.mark.parametrize("size, groups", [(3, 1), (3, 16), (1, 1)])
def test_ordinary_convolutions_are_trained_too(size: int, groups: int) -> None:
    """Those of a network that does not lay its kernels out for Muon, as ours does."""
    torch.manual_seed(0)
    inner = nn.Conv2d(16, 16, size, padding=size // 2, groups=groups)
    net = nn.Sequential(nn.Conv2d(1, 16, 1), inner, nn.Conv2d(16, 1, 1))
    before = [p.detach().clone() for p in net.parameters()]

    def plain(model: nn.Module, x0: Tensor, generator: torch.Generator) -> Tensor:
        return (model(x0) - x0).square().mean()

    run = train(net, plain, IMAGES, "20steps", batch=16, quiet=True)
    for start, now, average in zip(before, net.parameters(), run.model.parameters(), strict=True):
        assert not torch.equal(start, now) and not torch.equal(start, average)


def test_muon_moves_as_that_of_torch_does() -> None:
    """In float32 and with the products in another order; that of torch rounds to bfloat16."""
    torch.manual_seed(0)
    start = [torch.randn(shape) for shape in ((8, 72), (8, 72), (24, 8), (16, 16))]
    ours, theirs = ([torch.nn.Parameter(x.clone()) for x in start] for _ in range(2))
    settings = {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0}
    both = Muon(ours, **settings), torch.optim.Muon(theirs, **settings)
    for _ in range(5):
        for a, b in zip(ours, theirs, strict=True):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        for optimizer in both:
            optimizer.step()
    for x, a, b in zip(start, ours, theirs, strict=True):
        assert (a - b).norm() < 0.03 * (b - x).norm()


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32)])
def test_networks_start_at_zero_and_keep_the_shape(shape: tuple[int, int, int]) -> None:
    network = unet_for(shape)
    x = torch.randn(2, *shape)
    assert torch.equal(network(x, torch.tensor([0.1, 0.9])), torch.zeros_like(x))
    assert parameter_count(network) * 2 < 1.3e6


def test_weights_are_stored_in_half_precision_and_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, {"a": torch.tensor([1.0, 2.5])}, {"data": "x"})
    state, notes = load_weights(path)
    assert state["a"].tolist() == [1.0, 2.5] and notes == {"data": "x"}
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CheckpointError, match="damaged"):
        load_weights(path)
    with pytest.raises(CheckpointError, match="no weights at"):
        load_weights(tmp_path / "absent.safetensors")
