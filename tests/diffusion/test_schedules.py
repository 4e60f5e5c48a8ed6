"""Schedules and grids of times, against their definitions and against diffusers."""

from __future__ import annotations

import math

import diffusers
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffatlas.diffusion import schedules as sch
from diffatlas.diffusion import sdes
from diffatlas.diffusion import times as tm

CONTINUOUS = [
    sch.VP(),
    sch.VP(0.3, 5.0),
    sch.SubVP(),
    sch.VE(),
    sch.EDM(),
    sch.Cosine(),
    sch.FlowMatching(),
]
names = [repr(s) for s in CONTINUOUS]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(sch.ddpm_linear(), "linear"), (sch.ddpm_cosine(), "squaredcos_cap_v2")],
)
def test_discrete_tables_equal_diffusers(ours, theirs):
    bars = diffusers.DDPMScheduler(beta_schedule=theirs).alphas_cumprod.double()
    torch.testing.assert_close(ours.alphas[1:] ** 2, bars, atol=2e-6, rtol=1e-3)


@pytest.mark.parametrize("table", [sch.ddpm_linear(), sch.ddpm_cosine(50)])
def test_discrete_time_zero_is_clean_and_variance_is_preserved(table):
    assert table(0) == (1.0, 0.0)
    alpha, sigma = table(torch.arange(table.T + 1, dtype=torch.float64))
    torch.testing.assert_close(alpha**2 + sigma**2, torch.ones_like(alpha))
    assert (sigma.diff() > 0).all()
    assert table(1)[1] ** 2 == pytest.approx(table.betas[0], rel=1e-9)


@pytest.mark.parametrize("t", [-1, 1001, 0.5, 2.7])
def test_discrete_times_outside_the_table_are_refused(t):
    table = sch.ddpm_linear()
    with pytest.raises(ValueError, match="whole numbers 0 to 1000"):
        table(t)
    with pytest.raises(ValueError, match="whole numbers 0 to 1000"):
        table(torch.tensor([1.0, t]))
    with pytest.raises(TypeError, match="no inverse"):
        table.time(0.0)


@pytest.mark.parametrize("betas", [[], [0.0], [0.5, 1.0]])
def test_betas_must_be_probable(betas):
    with pytest.raises(ValueError, match="betas"):
        sch.DiscreteSchedule(betas)


def test_vp_is_the_limit_of_the_linear_table():
    table, vp = sch.ddpm_linear(), sch.VP(0.1, 20.0)
    for t in (10, 100, 500, 1000):
        assert table(t)[0] == pytest.approx(vp(t / 1000)[0], rel=0.04, abs=1e-3)
        assert table(t)[1] == pytest.approx(vp(t / 1000)[1], rel=0.04)


@pytest.mark.parametrize("t", [0.0, 1e-6, 0.2, 1.0])
def test_vp_and_sub_vp_follow_from_the_integral_of_beta(t):
    integral = sum(0.1 + 19.9 * t * (i + 0.5) / 2000 for i in range(2000)) * t / 2000
    alpha, sigma = sch.VP()(t)
    assert alpha == pytest.approx(math.exp(-integral / 2), rel=1e-9)
    assert sigma == pytest.approx(math.sqrt(-math.expm1(-integral)), rel=1e-9)
    assert sch.SubVP()(t) == pytest.approx((alpha, sigma**2), rel=1e-9)


def test_the_closed_forms_at_hand():
    assert sch.VE(0.01, 50)(0.0) == pytest.approx((1, 0.01))
    assert sch.VE(0.01, 50)(0.5) == pytest.approx((1, math.sqrt(0.01 * 50)))
    assert sch.VE(0.01, 50)(1.0) == pytest.approx((1, 50))
    assert sch.EDM()(3.0) == (1.0, 3.0)
    assert sch.FlowMatching()(0.25) == (0.75, 0.25)
    assert sch.Cosine()(0.5) == pytest.approx((math.sqrt(0.5), math.sqrt(0.5)))


@pytest.mark.parametrize("schedule", CONTINUOUS, ids=names)
@settings(max_examples=50, deadline=None)
@given(t=st.floats(1e-3, 0.999))
def test_time_is_the_inverse_of_log_snr(schedule, t):
    assert schedule.time(schedule.log_snr(t)) == pytest.approx(t, rel=1e-7)


@pytest.mark.parametrize("schedule", [*CONTINUOUS, sch.ddpm_linear()], ids=[*names, "table"])
def test_floats_and_tensors_agree_and_log_snr_falls(schedule):
    ts = [1, 300, 999] if isinstance(schedule, sch.DiscreteSchedule) else [0.01, 0.3, 0.9]
    for dtype, rel in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
        alpha, sigma = schedule(torch.tensor(ts, dtype=dtype))
        assert alpha.dtype == sigma.dtype == dtype
        assert alpha.shape == sigma.shape == (3,)
        for t, a, s in zip(ts, alpha.tolist(), sigma.tolist(), strict=True):
            assert schedule(t) == pytest.approx((a, s), rel=rel)
            assert schedule.log_snr(t) == pytest.approx(2 * math.log(a / s), rel=1e-4)
    assert (schedule.log_snr(torch.tensor(ts)).diff() < 0).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sch.VE(50, 0.01),
        lambda: sch.VE(0, 50),
        lambda: sch.VE(1.0, 1.0),
        lambda: sdes.VESDE(50, 0.01),
        lambda: sch.VP(20.0, 0.1),
        lambda: sch.VP(-0.1, 20.0),
        lambda: sch.SubVP(0.0, 0.0),
        lambda: sdes.VPSDE(0.1, math.nan),
    ],
)
def test_noise_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"_min=.*must be 0 <=? (sigma|beta)_min <=? \w+_max"):
        wrong()


@pytest.mark.parametrize("path", [sch.FlowMatching(), sch.Cosine()], ids=repr)
def test_pure_noise_and_pure_image_are_infinitely_far_apart(path):
    assert (path.log_snr(0.0), path.log_snr(1.0)) == (math.inf, -math.inf)
    ends = path.log_snr(torch.tensor([0.0, 1.0]))
    assert ends.tolist() == [math.inf, -math.inf]
    for start, stop, where in ((1.0, 0.1, 1.0), (0.9, 0.0, 0.0)):
        with pytest.raises(ValueError, match=f"infinite at t = {where} of {type(path).__name__}"):
            tm.log_snr_times(path, 5, start, stop)
    for dtype in (torch.float32, torch.float64):
        t = torch.linspace(0, 1, 1001, dtype=dtype)
        assert all((part >= 0).all() for part in path(t))


def test_single_precision_is_exact_near_the_clean_end():
    t = torch.tensor([1e-5], dtype=torch.float32)
    assert sch.VP()(t)[1].item() == pytest.approx(sch.VP()(1e-5)[1], rel=1e-4)
    assert sch.VP().log_snr(0.0) == math.inf


@pytest.mark.parametrize("schedule", CONTINUOUS[:-2], ids=names[:-2])
def test_transitions_compose(schedule):
    """Going from r to s and from s to t is going from r to t."""
    r, s, t = 0.1, 0.4, 0.9
    (a1, v1), (a2, v2) = sch.transition(schedule, s, r), sch.transition(schedule, t, s)
    a, v = sch.transition(schedule, t, r)
    assert (a2 * a1, a2**2 * v1 + v2) == pytest.approx((a, v), rel=1e-9)


def test_transition_of_neighbours_is_beta():
    table = sch.ddpm_linear()
    a, v = sch.transition(table, 700, 699)
    assert (a, v) == pytest.approx((math.sqrt(1 - table.betas[699]), table.betas[699]), rel=1e-9)


@pytest.mark.parametrize("n", [1, 7, 50, 1000])
def test_leading_times_equal_diffusers(n):
    scheduler = diffusers.DDIMScheduler(timestep_spacing="leading")
    scheduler.set_timesteps(n)
    assert tm.leading_times(n) == [t + 1 for t in scheduler.timesteps.tolist()] + [0]


@pytest.mark.parametrize("n", [1, 7, 50, 1000])
def test_trailing_times_equal_diffusers(n):
    scheduler = diffusers.DDIMScheduler(timestep_spacing="trailing")
    scheduler.set_timesteps(n)
    assert tm.trailing_times(n) == [t + 1 for t in scheduler.timesteps.tolist()] + [0]


@pytest.mark.parametrize("spacing", [tm.leading_times, tm.trailing_times])
def test_a_table_has_no_more_steps_than_there_are(spacing):
    assert spacing(10, 10) == list(range(10, -1, -1))
    for n in (0, 11):
        with pytest.raises(ValueError, match="1 to 10 steps"):
            spacing(n, 10)


def test_karras_sigmas_equal_diffusers():
    scheduler = diffusers.EDMEulerScheduler(sigma_min=0.002, sigma_max=80, rho=7)
    scheduler.set_timesteps(18)
    assert tm.karras_sigmas(18) == pytest.approx(scheduler.sigmas.tolist(), rel=1e-5)


def test_grids_have_the_spacing_they_claim():
    assert tm.uniform_times(4) == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    snr = [sch.SubVP().log_snr(t) for t in tm.log_snr_times(sch.SubVP(), 9, 1.0, 1e-3)]
    gaps = [b - a for a, b in zip(snr, snr[1:], strict=False)]
    assert len(gaps) == 9
    assert gaps == pytest.approx([gaps[0]] * 9, rel=1e-6)
    sigmas = tm.geometric_sigmas(10, 0.01, 50)
    ratios = [b / a for a, b in zip(sigmas, sigmas[1:], strict=False)]
    assert (len(sigmas), sigmas[0], sigmas[-1]) == pytest.approx((10, 50, 0.01))
    assert ratios == pytest.approx([ratios[0]] * 9)


def test_ncsn_levels_overlap_by_half():
    """Song & Ermon 2020, technique 2; on CIFAR-10 they use 232 levels from 50 to 0.01."""
    dims = 3 * 32 * 32
    levels = tm.ncsn_levels(dims, 0.01, 50)
    assert 200 < levels < 250
    g = (50 / 0.01) ** (1 / (levels - 1))
    phi = torch.distributions.Normal(0.0, 1.0).cdf
    centre = torch.tensor(math.sqrt(2 * dims) * (g - 1))
    assert (phi(centre + 3 * g) - phi(centre - 3 * g)).item() == pytest.approx(0.5, abs=0.01)


def test_normal_log_snrs_are_those_of_logit_normal_times():
    levels = torch.tensor(tm.normal_log_snrs(20_000, mean=0.0), dtype=torch.float64)
    assert (levels.diff() > 0).all()
    assert abs(levels.mean()) < 1e-3 and abs(levels.std() - 2) < 1e-2
    drawn = torch.randn(200_000, generator=torch.Generator().manual_seed(0)).sigmoid()
    flow = torch.tensor([sch.FlowMatching().log_snr(t) for t in drawn.tolist()]).sort().values
    torch.testing.assert_close(flow[5::10].double(), levels, atol=0.25, rtol=0.02)
    narrow = torch.tensor(tm.normal_log_snrs(1000, mean=1.0, std=0.5))
    assert abs(narrow.mean() - 1) < 1e-3 and narrow.std() < 0.51
    for n, std in ((0, 2.0), (10, 0.0)):
        with pytest.raises(ValueError, match="at least one level"):
            tm.normal_log_snrs(n, std=std)
