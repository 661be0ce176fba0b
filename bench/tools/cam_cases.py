"""Class activation maps of pytorch-grad-cam and torch-cam."""

import numpy as np
import pytorch_grad_cam
import torch
import torchcam.methods as torchcam
from cases import Case
from formulas import enlarged, grad_cam_plus_plus

NOTE = "before it is scaled to 0…1, enlarged linearly"


def cases(given):
    yield from of_pytorch_grad_cam(given)
    yield from of_torch_cam(given)


def of_pytorch_grad_cam(given):
    def activation_map(make):
        def compute(given):
            layer = getattr(given.net, given.layer)
            method = make(given.net, [layer])
            kept = method.activations_and_grads
            kept(given.x)[0, given.target].backward()
            map_ = method.get_cam_image(given.x, layer, None, kept.activations[0].numpy(), kept.gradients[0].numpy(), False)
            kept.release()
            return enlarged(np.maximum(map_, 0), given.x)

        return compute

    options = {"layer": given.value}
    for name, method in (("GradCAM", "grad-cam"), ("HiResCAM", "hirescam"), ("LayerCAM", "layercam")):
        yield Case("pytorch-grad-cam", name, activation_map(getattr(pytorch_grad_cam, name)), method, options, note=NOTE)
    # What follows takes 2D images only.
    if given.axes == 2:
        plus_plus = activation_map(pytorch_grad_cam.GradCAMPlusPlus)
        yield Case(
            "pytorch-grad-cam", "GradCAMPlusPlus", plus_plus, "grad-cam-plus-plus", options, note=NOTE,
            difference="10⁻⁶ added to the denominator", ours=grad_cam_plus_plus,
            shown={"the formula with it": (plus_plus, lambda given: grad_cam_plus_plus(given, added=1e-6))},
        )  # fmt: skip
    if given.axes == 2 and given.only_relu:

        def guided(given):
            map_ = pytorch_grad_cam.GuidedBackpropReLUModel(given.net, device="cpu")(given.x, given.target)
            return torch.as_tensor(map_).permute(2, 0, 1)[None]

        yield Case("pytorch-grad-cam", "GuidedBackpropReLUModel", guided, "guided-backpropagation")


def of_torch_cam(given):
    def activation_map(make):
        def compute(given):
            with make(given.net, target_layer=given.layer) as extractor:
                scores = given.net(given.x.requires_grad_())
                map_ = extractor(given.target, scores, normalized=False)[0]
            return enlarged(map_.detach(), given.x)

        return compute

    options = {"layer": given.value}
    for name, method in (("GradCAM", "grad-cam"), ("LayerCAM", "layercam")):
        yield Case("torch-cam", name, activation_map(getattr(torchcam, name)), method, options, note=NOTE)
    plus_plus = activation_map(torchcam.GradCAMpp)
    yield Case(
        "torch-cam", "GradCAMpp", plus_plus, "grad-cam-plus-plus", options, note=NOTE,
        difference="no denominator: α = g²", ours=grad_cam_plus_plus,
        shown={"the formula without it": (plus_plus, lambda given: grad_cam_plus_plus(given, without_denominator=True))},
    )  # fmt: skip
