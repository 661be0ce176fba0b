"""MONAI's visualizations."""

from unittest import mock

import monai.visualize as monai
import torch
from cases import Case
from drawn import SEED, NoiseOf
from formulas import grad_cam_plus_plus

SAMPLES, SPREAD = 6, 0.15
NOISE = {"stdev": SPREAD, "samples": SAMPLES, "seed": SEED}


def case(call, compute, method, options=None, **others):
    return Case("MONAI", call, compute, method, options or {}, **others)


def cases(given):
    yield case("VanillaGrad", lambda given: monai.VanillaGrad(given.net)(given.x, index=given.target), "gradients")
    yield from noisy(given)
    yield from layers(given)

    steps = given.steps
    sizes = [2 * step for step in steps]

    def occluded(given):
        sensitivity = monai.OcclusionSensitivity(given.net, mask_size=sizes, overlap=0.5, mode=0.0, activate=False, verbose=False)
        with torch.no_grad():
            return given.net(given.x)[0, given.target] - sensitivity(given.x)[0][:, [given.target]].as_tensor()

    yield case(
        "OcclusionSensitivity(mode=0.0, activate=False)", occluded, "occlusion", {"window": sizes, "stride": steps},
        note="as the drop of the logit",
    )  # fmt: skip


def noisy(given):
    def smooth(make, magnitude=False):
        def compute(given):
            with mock.patch("torch.normal", NoiseOf(given.x).normal):
                method = make(given.net, stdev_spread=SPREAD, n_samples=SAMPLES, magnitude=magnitude, verbose=False)
                return method(given.x, index=given.target)

        return compute

    yield case("SmoothGrad(magnitude=False)", smooth(monai.SmoothGrad), "smoothgrad", NOISE)
    magnitude = smooth(monai.SmoothGrad, magnitude=True)
    yield case(
        "SmoothGrad(magnitude=True)", lambda given: SAMPLES * magnitude(given) ** 2, "smoothgrad-squared", NOISE,
        note="squared, times the number of samples",
    )  # fmt: skip
    if given.only_relu:
        note = "modules named relu"
        yield case(
            "GuidedBackpropGrad", lambda given: monai.GuidedBackpropGrad(given.net)(given.x, index=given.target),
            "guided-backpropagation", note=note,
        )  # fmt: skip
        yield case(
            "GuidedBackpropSmoothGrad(magnitude=False)", smooth(monai.GuidedBackpropSmoothGrad), "smoothgrad",
            {"innerMethod": "guided-backpropagation", **NOISE}, note=note,
        )  # fmt: skip


def layers(given):
    def activation_map(make):
        return lambda given: make(given.net, given.layer, postprocessing=lambda map_: map_)(given.x, class_idx=given.target)

    yield case("GradCAM", activation_map(monai.GradCAM), "grad-cam", {"layer": given.value})
    plus_plus = activation_map(monai.GradCAMpp)
    as_monai = lambda given: grad_cam_plus_plus(given, added=1e-7, each_gradient=True, with_exp=True)
    yield case(
        "GradCAMpp", plus_plus, "grad-cam-plus-plus", {"layer": given.value},
        difference="Σ g³ a in place of g³ Σ a in the denominator, 10⁻⁷ added to it, and the factor exp(score)",
        ours=grad_cam_plus_plus,
        shown={"the formula with these": (plus_plus, as_monai)},
    )  # fmt: skip
    if given.name.startswith("residual"):

        def cam(given):
            method = monai.CAM(given.net, given.layer, fc_layers="linear", postprocessing=lambda map_: map_)
            map_ = method(given.x, class_idx=[given.target])
            positions = given.x[0, 0].numel() / 2**given.axes
            return (map_ - given.net.linear.bias[given.target]) / positions

        yield case(
            "CAM", cam, "hirescam", {"layer": given.value, "relu": False},
            note="without the bias, divided by the number of positions",
        )  # fmt: skip
