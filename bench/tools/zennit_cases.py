"""zennit's composites and attributors."""

from dataclasses import replace
from unittest import mock

import torch
from cases import Case
from drawn import SEED, NoiseOf
from networks import merged
from zennit import attribution, composites, rules
from zennit.canonizers import SequentialMergeBatchNorm
from zennit.layer import Sum
from zennit.types import Activation, AvgPool, BatchNorm, Convolution, Linear

STEPS, SAMPLES, SPREAD = 12, 6, 0.15


def case(call, compute, method, options=None, **others):
    return Case("zennit", call, compute, method, options or {}, **others)


def cases(given):
    yield from named_composites()
    yield from single_rules()
    yield from attributors(given)


def one(given):
    return torch.eye(3, dtype=given.x.dtype)[[given.target]]


def attributed(given, composite, of_output=lambda y, chosen: y * chosen):
    chosen = one(given)
    with attribution.Gradient(given.net, composite, attr_output=lambda y: of_output(y, chosen)) as attributor:
        return attributor(given.x)[1]


class WithoutEps(SequentialMergeBatchNorm):
    """zennit leaves eps in the normalization that it has merged."""

    @staticmethod
    def merge_batch_norm(modules, batch_norm):
        SequentialMergeBatchNorm.merge_batch_norm(modules, batch_norm)
        batch_norm.eps = 0.0


def lrp(call, make, options):
    """make: from a list of canonizers, because a composite serves one network."""
    by_pytorch = lambda given: attributed(replace(given, net=merged(given.net)), make(given, []))
    without_eps = lambda given: attributed(given, make(given, [WithoutEps()]))
    return case(
        call, lambda given: attributed(given, make(given, [SequentialMergeBatchNorm()])), "lrp", options,
        difference="the normalization that `SequentialMergeBatchNorm` has merged keeps its ε of 10⁻⁵: each divides by √(1 + 10⁻⁵) "
        "once more",
        ours=by_pytorch,
        shown={"zennit with that ε set to 0, and zennit on a network merged by PyTorch": (without_eps, by_pytorch)},
    )  # fmt: skip


def named_composites():
    for name, ours in (
        ("EpsilonPlus", "epsilon-plus"),
        ("EpsilonPlusFlat", "epsilon-plus-flat"),
        ("EpsilonAlpha2Beta1", "epsilon-alpha2-beta1"),
        ("EpsilonAlpha2Beta1Flat", "epsilon-alpha2-beta1-flat"),
    ):
        make = lambda given, merge, of=getattr(composites, name): of(canonizers=merge)
        yield lrp(name, make, {"composite": ours})
    yield lrp(
        'EpsilonPlus(zero_params="bias")', lambda given, merge: composites.EpsilonPlus(zero_params="bias", canonizers=merge),
        {"composite": "epsilon-plus", "zeroBias": True},
    )  # fmt: skip
    yield lrp(
        "EpsilonGammaBox(low, high)",
        lambda given, merge: composites.EpsilonGammaBox(
            low=torch.full_like(given.x, float(given.x.min())), high=torch.full_like(given.x, float(given.x.max())), canonizers=merge
        ),
        {"composite": "epsilon-gamma-box"},
    )  # fmt: skip


def layer_map(rule):
    shared = [(Activation, rules.Pass()), (BatchNorm, rules.Pass()), (Sum, rules.Norm()), (AvgPool, rules.Norm())]
    return [*shared, (Convolution, rule), (Linear, rule)]


def single_rules():
    for call, rule, options in (
        ("Epsilon(1e-6)", lambda: rules.Epsilon(1e-6), {"composite": "epsilon"}),
        ("Epsilon(0.01)", lambda: rules.Epsilon(0.01), {"composite": "epsilon", "epsilon": 0.01}),
        ("Gamma(0.25)", lambda: rules.Gamma(0.25), {"composite": "gamma"}),
        ("Gamma(0.1)", lambda: rules.Gamma(0.1), {"composite": "gamma", "gamma": 0.1}),
        ("ZPlus", rules.ZPlus, {"composite": "z-plus"}),
        ("AlphaBeta(2, 1)", lambda: rules.AlphaBeta(2, 1), {"composite": "alpha2-beta1"}),
    ):
        make = lambda given, merge, of=rule: composites.LayerMapComposite(layer_map(of()), canonizers=merge)
        yield lrp(call, make, options)
    plus = {"rule": "alpha-beta", "alpha": 1, "beta": 0}
    yield lrp(
        "ZPlus, WSquare first",
        lambda given, merge: composites.SpecialFirstLayerMapComposite(
            layer_map(rules.ZPlus()), [(Convolution, rules.WSquare())], canonizers=merge
        ),
        {"composite": {"convolution": plus, "dense": plus, "firstConvolution": {"rule": "w-square"}}},
    )  # fmt: skip


def attributors(given):
    gradient = lambda y, chosen: chosen
    yield case("Gradient", lambda given: attributed(given, None, gradient), "gradients")
    if given.only_relu:
        yield case("GuidedBackprop", lambda given: attributed(given, composites.GuidedBackprop(), gradient), "guided-backpropagation")
        yield case("DeconvNet", lambda given: attributed(given, composites.DeconvNet(), gradient), "deconvolution")
    yield case(
        "IntegratedGradients",
        lambda given: attribution.IntegratedGradients(given.net, n_iter=STEPS, attr_output=lambda y: one(given))(given.x)[1],
        "integrated-gradients", {"steps": STEPS, "rule": "riemann_right"},
    )  # fmt: skip

    def smooth(given):
        with mock.patch("torch.randn_like", NoiseOf(given.x).randn_like):
            attributor = attribution.SmoothGrad(given.net, noise_level=SPREAD, n_iter=SAMPLES + 1, attr_output=lambda y: one(given))
            map_ = attributor(given.x)[1]
        return ((SAMPLES + 1) * map_ - attributed(given, None, gradient)) / SAMPLES

    yield case(
        "SmoothGrad", smooth, "smoothgrad", {"stdev": SPREAD, "samples": SAMPLES, "seed": SEED},
        note="without its last sample, which has no noise",
    )  # fmt: skip

    steps = given.steps

    def occluded(given):
        hide = lambda x, mask: attribution.occlude_independent(x, mask, invert=True)
        window = (given.x.shape[1], *steps)
        attributor = attribution.Occlusion(
            given.net, window=window, stride=window, occlusion_fn=hide, attr_output=lambda y: y * one(given)
        )  # fmt: skip
        with torch.no_grad():
            return given.net(given.x)[0, given.target] - attributor(given.x)[1][:, :1]

    yield case("Occlusion", occluded, "occlusion", {"window": steps, "stride": steps}, note="as the drop of the logit")
