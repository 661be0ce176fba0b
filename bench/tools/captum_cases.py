"""Captum's methods and metrics."""

from unittest import mock

import captum.attr as captum
import torch
from captum import metrics as captum_metrics
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule
from cases import Case
from drawn import PERTURBATION, SEED, SENSITIVITY, NoiseOf, in_float32, normal, references_of, uniform
from formulas import deep_lift, enlarged
from networks import Residual, merged
from torch import nn

STEPS, SAMPLES, SPREAD = 12, 6, 0.15


def case(call, compute, method, options=None, **others):
    return Case("Captum", call, compute, method, options or {}, **others)


def cases(given):
    yield from gradients(given)
    yield from paths(given)
    yield from lifted()
    yield from perturbed(given)
    yield from noisy(given)
    yield from layers(given)
    if given.name.startswith("blocks"):
        yield from relevance()
    yield from metrics()


def attribute(method, /, **options):
    return lambda given: method(given.net).attribute(given.x, target=given.target, **options)


def gradients(given):
    signed = attribute(captum.Saliency, abs=False)
    yield case("Saliency(abs=False)", signed, "gradients")
    yield case("Saliency", attribute(captum.Saliency), "absolute-gradients")
    yield case("Saliency(abs=False)", lambda given: signed(given) ** 2, "squared-gradients", note="squared")
    yield case("InputXGradient", attribute(captum.InputXGradient), "input-x-gradient")
    if given.only_relu:
        yield case("GuidedBackprop", attribute(captum.GuidedBackprop), "guided-backpropagation")
        yield case("Deconvolution", attribute(captum.Deconvolution), "deconvolution")


def paths(given):
    for rule in ("gausslegendre", "riemann_left", "riemann_middle", "riemann_right"):
        compute = attribute(captum.IntegratedGradients, n_steps=STEPS, method=rule)
        yield case(f"IntegratedGradients({rule})", compute, "integrated-gradients", {"steps": STEPS, "rule": rule})
    rule = "riemann_trapezoid"
    weighted = attribute(captum.IntegratedGradients, n_steps=STEPS, method=rule)
    yield case(
        f"IntegratedGradients({rule})", lambda given: weighted(given) * STEPS / (STEPS - 1), "integrated-gradients",
        {"steps": STEPS, "rule": rule}, note="times n / (n − 1): Captum's weights add up to 1 − 1/n",
    )  # fmt: skip
    yield case(
        "IntegratedGradients(baselines)",
        lambda given: captum.IntegratedGradients(given.net).attribute(given.x, given.image, target=given.target, n_steps=STEPS),
        "integrated-gradients", {"steps": STEPS, "rule": "gausslegendre", "baselineImage": "image"},
    )  # fmt: skip

    def gradient_shap(given):
        which, positions = references_of(len(given.references), 8)
        with mock.patch("numpy.random.choice", lambda *_, **__: which), mock.patch("numpy.random.uniform", lambda *_: positions):
            explained = captum.GradientShap(given.net)
            return explained.attribute(given.x, given.references, target=given.target, n_samples=8, stdevs=0.0)

    yield case("GradientShap", gradient_shap, "expected-gradients", {"references": "references", "samples": 8, "seed": SEED})


class Between(nn.Module):
    def forward(self, x):
        return 1 * x


def set_apart(net):
    """The same network with a module between any two for which DeepLift has a rule."""
    layers = []
    for layer in net:
        if isinstance(layer, Residual):
            layer.branch = set_apart(layer.branch)
        if isinstance(layer, (nn.ReLU, nn.LeakyReLU, nn.MaxPool2d, nn.MaxPool3d)):
            layers.append(Between())
        layers.append(layer)
    return nn.Sequential(*layers).eval()


def lifted():
    for title, options, reference in (
        ("DeepLift", {}, lambda given: torch.zeros_like(given.x)),
        ("DeepLift(baselines)", {"baselineImage": "image"}, lambda given: given.image),
    ):
        apart = lambda given, of=reference: captum.DeepLift(set_apart(given.net)).attribute(given.x, of(given), target=given.target)
        rule = lambda given, of=reference: deep_lift(given.net, given.x, of(given), given.target)
        yield case(
            title, lambda given, of=reference: captum.DeepLift(given.net).attribute(given.x, of(given), target=given.target),
            "deep-lift", options,
            difference="where a module with a rule directly follows another, as max-pooling does ReLU, the first one misses what "
            "the second one changes",
            ours=rule, shown={"Captum, a module `1 * x` in front of each, and the rescale rule written anew": (apart, rule)},
        )  # fmt: skip
        yield case(f"{title}, a module between", apart, "deep-lift", options)


def perturbed(given):
    channels, mask = given.x.shape[1], given.labels[None, None].expand_as(given.x).contiguous()
    steps = given.steps
    sizes = [2 * step for step in steps]

    def occluded(given):
        attribution = captum.Occlusion(given.net)
        return attribution.attribute(given.x, (channels, *sizes), (channels, *steps), target=given.target)[:, :1]

    yield case("Occlusion", occluded, "occlusion", {"window": sizes, "stride": steps})
    by_regions = lambda method: lambda given: method(given.net).attribute(given.x, feature_mask=mask, target=given.target)[:, :1]
    yield case("FeatureAblation", by_regions(captum.FeatureAblation), "region-occlusion", {"labels": "labels"})
    yield case("ShapleyValues", by_regions(captum.ShapleyValues), "kernel-shap", {"labels": "labels"})
    yield case("ShapleyValues", by_regions(captum.ShapleyValues), "shapley-value-sampling", {"labels": "labels", "permutations": 24})


def noisy(given):
    noise = {"stdev": SPREAD, "samples": SAMPLES, "seed": SEED}

    def tunnel(inner, kind, **options):
        def compute(given):
            stdev = SPREAD * float(given.x.max() - given.x.min())
            with mock.patch("torch.normal", NoiseOf(given.x).normal):
                explained = captum.NoiseTunnel(inner(given.net))
                return explained.attribute(given.x, target=given.target, nt_type=kind, nt_samples=SAMPLES, stdevs=stdev, **options)

        return compute

    for kind, method in (("smoothgrad", "smoothgrad"), ("smoothgrad_sq", "smoothgrad-squared"), ("vargrad", "vargrad")):
        yield case(f"NoiseTunnel(Saliency, {kind})", tunnel(captum.Saliency, kind, abs=False), method, noise)
    inner = [(captum.InputXGradient, "input-x-gradient")]
    if given.only_relu:
        inner.append((captum.GuidedBackprop, "guided-backpropagation"))
    for attribution, method in inner:
        title = f"NoiseTunnel({attribution.__name__}, smoothgrad)"
        yield case(title, tunnel(attribution, "smoothgrad"), "smoothgrad", {"innerMethod": method, **noise})


def layers(given):
    layer = lambda given: getattr(given.net, given.layer)
    yield case(
        "LayerGradCam(relu_attributions=True)",
        lambda given: enlarged(
            captum.LayerGradCam(given.net, layer(given)).attribute(given.x, target=given.target, relu_attributions=True).detach(), given.x
        ),
        "grad-cam", {"layer": given.value}, note="enlarged linearly",
    )  # fmt: skip
    if given.only_relu:
        mode = "bilinear" if given.axes == 2 else "trilinear"
        yield case(
            "GuidedGradCam",
            lambda given: captum.GuidedGradCam(given.net, layer(given)).attribute(given.x, target=given.target, interpolate_mode=mode),
            "guided-grad-cam", {"layer": given.value},
        )  # fmt: skip


def relevance():
    """Captum has no rules for 3D convolutions and padding by itself, and does not merge batch normalization."""
    noted = "batch normalization merged; ε of 10⁻⁶"

    def lrp(rule, **options):
        def compute(given):
            net = merged(given.net)
            for module in net:
                if isinstance(module, nn.ReLU):
                    continue
                has_weights = hasattr(module, "weight")
                module.rule = rule(**options) if has_weights else EpsilonRule()
                # What has no weights hands on everything.
                module.rule.STABILITY_FACTOR = 1e-6 if has_weights else 1e-30
            return captum.LRP(net).attribute(given.x, target=given.target)

        return compute

    yield case("LRP(EpsilonRule)", lrp(EpsilonRule), "lrp", {"composite": "epsilon"}, note=noted)
    yield case(
        "LRP(Alpha1_Beta0_Rule(set_bias_to_zero))", lrp(Alpha1_Beta0_Rule, set_bias_to_zero=True), "lrp",
        {"composite": "z-plus", "zeroBias": True}, note=noted,
    )  # fmt: skip
    yield case(
        "LRP(GammaRule(0.25, set_bias_to_zero))", lrp(GammaRule, set_bias_to_zero=True), "lrp",
        {"composite": "gamma", "zeroBias": True}, note=noted,
    )  # fmt: skip


def metrics():
    spread, samples, radius = 0.1, 6, 0.02

    def changed(given, purpose, by):
        width = float(given.x.max() - given.x.min())
        draw = normal if purpose != SENSITIVITY else (lambda *arguments: 2 * uniform(*arguments) - 1)
        drawn = torch.stack([draw(given.x, k, purpose) for k in range(samples)])
        return in_float32(given.x + by * width * drawn)

    def infidelity(given):
        map_ = attribute(captum.Saliency, abs=False)(given)
        images = changed(given, PERTURBATION, -spread)
        measure = lambda normalize: captum_metrics.infidelity(
            given.net, lambda x: (x - images, images), given.x, map_, target=given.target, n_perturb_samples=samples, normalize=normalize
        )
        return torch.stack([measure(False), measure(True)]).detach()

    options = {"samples": samples, "seed": SEED}
    yield case("infidelity", infidelity, "infidelity", {"stdev": spread, **options})

    def sensitivity(given):
        images = changed(given, SENSITIVITY, radius)
        explain = lambda x: captum.Saliency(given.net).attribute(x, target=given.target, abs=False)
        return captum_metrics.sensitivity_max(explain, given.x, lambda x: images, n_perturb_samples=samples, norm_ord=2)

    yield case("sensitivity_max", sensitivity, "max-sensitivity", {"radius": radius, **options})
