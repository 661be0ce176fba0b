"""Small exported networks, and their gradients by PyTorch's autograd in float64. Writes fixtures/.

    /usr/bin/python3 make_zoo.py [name …]

README.md beside this file tells what the fixtures hold.
"""

import base64
import copy
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

from networks import keras_graphs, pictures, tokens, volumes

FOLDER = Path(__file__).parent / "fixtures"
TARGET = 1


@dataclass
class Export:
    name: str
    title: str
    # Of torch; or of (onnx.ModelProto, function of the same values), made by hand.
    build: Callable
    dims: Sequence[int]
    opset: int
    folded: bool = True
    batch: int = 1
    dynamic: bool = False
    # Exporters merge BatchNorm with the convolution before it, unless they are told not to.
    keeps_norms: bool = False
    whole: bool = False
    # Of tokens: the module whose output Grad-CAM looks at, and its part of the names of exported values.
    layer: tuple = None
    # Where the names of values would take more room than the weights.
    short_names: bool = False


TORCH = [
    Export("resnet", "ResNet", pictures.resnet, (3, 31, 25), 13, keeps_norms=True, batch=2, dynamic=True),
    Export("resnext", "ResNeXt", pictures.resnext, (3, 25, 32), 9),
    Export("densenet", "DenseNet", pictures.densenet, (3, 32, 24), 11, keeps_norms=True),
    Export("mobilenet_v2", "MobileNet v2", pictures.mobilenet_v2, (3, 24, 32), 9, folded=False, keeps_norms=True),
    Export("mobilenet_v3", "MobileNet v3", pictures.mobilenet_v3, (3, 32, 28), 14),
    Export("efficientnet", "EfficientNet", pictures.efficientnet, (3, 25, 28), 16, batch=2, dynamic=True),
    Export("efficientnet_v2", "EfficientNet v2", pictures.efficientnet_v2, (3, 28, 24), 12, keeps_norms=True),
    Export("squeezenet", "SqueezeNet", pictures.squeezenet, (3, 33, 29), 10),
    Export("inception", "Inception v3 blocks", pictures.Inception, (3, 33, 37), 11, folded=False, keeps_norms=True),
    Export("googlenet", "GoogLeNet blocks", pictures.googlenet, (3, 34, 30), 15, keeps_norms=True),
    Export("vgg", "VGG", pictures.VGG, (3, 32, 32), 9, folded=False),
    Export("convnext", "ConvNeXt", pictures.convnext, (3, 32, 24), 17),
    Export("shufflenet", "ShuffleNet v2", pictures.shufflenet, (3, 24, 28), 13, folded=False, short_names=True, dynamic=True, batch=2),
    Export("regnet", "RegNet Y", pictures.regnet, (3, 32, 24), 16, keeps_norms=True),
    Export("groupnorm", "GroupNorm ResNet, standardized weights", pictures.GroupNormResidual, (3, 24, 28), 14, folded=False),
    Export("vit", "ViT", tokens.vit, (3, 24, 24), 17, batch=2, dynamic=True, layer=("encoder.layers.encoder_layer_1.ln_1", "encoder_layer_1/ln_1/")),
    Export("vit_3d", "ViT 3D, einsum", tokens.TransposedAttentionViT, (1, 12, 16, 8), 12, folded=False, dynamic=True, batch=2, layer=("norms.2", "/norms.2/")),
    Export("swin", "Swin", tokens.swin, (3, 32, 32), 17, folded=False, dynamic=True, short_names=True, layer=("features.3.0.norm1", "features.3.0/norm1/")),
    Export("mixer", "MLP-Mixer", tokens.Mixer, (3, 24, 24), 13, batch=2, dynamic=True),
    Export("r3d", "ResNet 3D (r3d)", volumes.r3d, (3, 5, 18, 16), 13, keeps_norms=True),
    Export("se_cnn_3d", "SE-CNN 3D", volumes.se_cnn_3d, (1, 17, 20, 18), 11, keeps_norms=True),
    Export("vae_encoder_3d", "VAE encoder 3D", volumes.VAEEncoder3D, (1, 16, 16, 17), 9),
    Export("unet_2d", "U-Net 2D", volumes.UNet2D, (1, 22, 26), 11, whole=True),
    Export("unet_3d", "U-Net 3D", volumes.UNet3D, (1, 12, 16, 8), 16, folded=False, dynamic=True, batch=2),
]  # fmt: skip

KERAS = [
    Export("keras_cnn", "Keras CNN, NHWC", keras_graphs.cnn, (30, 27, 3), 9, batch=2, dynamic=True),
    Export("keras_separable", "Keras separable CNN with SE, NHWC", keras_graphs.separable, (32, 28, 3), 13, batch=2, dynamic=True),
    Export("keras_attention_3d", "Keras 3D CNN with attention, NDHWC", keras_graphs.attention_3d, (12, 16, 10, 1), 15),
]  # fmt: skip


def bytes_of(dims, seed):
    """Images of bytes, somewhat smooth."""
    draw = torch.Generator().manual_seed(seed)
    values = torch.randn(dims, generator=draw)
    for axis in range(1, len(dims)):
        if dims[axis] > 4:
            values = values + 0.7 * values.roll(1, axis)
    return (128 + 64 * values / values.std()).round().clamp(0, 255).to(torch.uint8)


def image_of(stored, dtype=torch.float64):
    return (stored.to(dtype) - 128) / 64


def train(network, export):
    """Random weights that look trained: statistics of the data in the norms, no zeros."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = None
    with torch.no_grad():
        for seed in range(3):
            network(image_of(bytes_of((4, *export.dims), 1000 + seed), torch.float32))
        for module in network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                if module.running_mean is not None:
                    module.running_mean += 0.1 * torch.randn_like(module.running_mean) * module.running_var.sqrt()
                    module.running_var *= torch.exp(0.1 * torch.randn_like(module.running_var))
            if isinstance(module, (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm)):
                module.weight.copy_(1 + 0.2 * torch.randn_like(module.weight))
                module.bias.copy_(0.1 * torch.randn_like(module.bias))
        for name, parameter in network.named_parameters():
            if (parameter == 0).all():
                parameter.copy_(0.1 * torch.randn_like(parameter))
            if "relative_position_bias_table" in name:
                parameter.mul_(15)
    return network.eval()


def gradient_of(function, x, cotangent):
    x = x.clone().requires_grad_()
    y = function(x)
    y.backward(cotangent.to(y.dtype).expand_as(y))
    return y.detach(), x.grad


def relative(found, expected):
    return float((found.double() - expected).norm() / expected.norm())


def grad_cam(network, layer, x):
    """Selvaraju 2017; of tokens without the class token, of channels that come last."""
    kept = {}
    hook = network.get_submodule(layer).register_forward_hook(lambda _, __, y: kept.update(values=y))
    logit = network(x)[:, TARGET].sum()
    hook.remove()
    values = kept["values"]
    gradient = torch.autograd.grad(logit, values)[0]
    axes = x.dim() - 2
    if values.dim() == 3:
        side = next(m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Conv3d))).kernel_size
        grid = [length // part for length, part in zip(x.shape[2:], side)]
        first = values.shape[1] - int(np.prod(grid))
        values, gradient = values[:, first:].unflatten(1, grid), gradient[:, first:].unflatten(1, grid)
    weights = gradient.mean(dim=tuple(range(1, axes + 1)), keepdim=True)
    cam = F.relu((weights * values).sum(-1)).unsqueeze(1)
    return F.interpolate(cam, x.shape[2:], mode="bilinear" if axes == 2 else "trilinear").detach()


def has_margin(network, x, cotangent, gradient):
    """Whether no maximum and no ReLU is decided by what float32 cannot hold."""
    weights = [parameter for parameter in network.parameters()]
    for seed in range(3):
        draw = torch.Generator().manual_seed(seed)
        kept = [w.detach().clone() for w in weights]
        with torch.no_grad():
            for w in weights:
                w.mul_(1 + 2e-7 * torch.randn(w.shape, generator=draw, dtype=w.dtype))
        moved = gradient_of(network, x, cotangent)[1]
        with torch.no_grad():
            for w, value in zip(weights, kept):
                w.copy_(value)
        if relative(moved, gradient) > 1e-5:
            return False
    return True


def exported(network, export, x):
    buffer = io.BytesIO()
    network(x)
    torch.onnx.export(
        network, x, buffer,
        opset_version=export.opset, do_constant_folding=export.folded,
        training=torch.onnx.TrainingMode.PRESERVE if export.keeps_norms else torch.onnx.TrainingMode.EVAL,
        input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}} if export.dynamic else None,
    )  # fmt: skip
    return buffer.getvalue()


def shorten_names(graph):
    fixed = {value.name for value in [*graph.input, *graph.output, *graph.initializer]}
    short = {}
    for k, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{k}"
        for names in (node.input, node.output):
            for j, name in enumerate(names):
                if name and name not in fixed:
                    names[j] = short.setdefault(name, f"v{len(short)}")
        assert not any(attribute.HasField("g") for attribute in node.attribute)
    del graph.value_info[:]
    return short


def text(values):
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def built(export):
    """The graph, where it was made by hand, and the network."""
    torch.manual_seed(sum(export.name.encode()))
    if export in KERAS:
        return export.build(export.opset)
    return None, train(export.build(), export)


def make(export):
    by_hand = export in KERAS
    proto, network = built(export)
    kept = {name: value.clone() for name, value in network.state_dict().items()}
    shape = (export.batch, *export.dims)

    def cotangent_like(y):
        if export.whole:
            return bytes_of(y.shape, 7)
        one_hot = torch.full(y.shape, 128, dtype=torch.uint8)
        one_hot[:, TARGET] = 192
        return one_hot

    for seed in range(60):
        stored = bytes_of(shape, seed)
        network.double()
        cotangent = cotangent_like(network(image_of(stored)))
        y, gradient = gradient_of(network, image_of(stored), image_of(cotangent))
        if not has_margin(network, image_of(stored), image_of(cotangent), gradient):
            continue
        network.float()
        network.load_state_dict(kept)
        y32, gradient32 = gradient_of(network, image_of(stored, torch.float32), image_of(cotangent, torch.float32))
        if relative(gradient32, gradient) < 5e-6:
            break
    else:
        raise ValueError(f"{export.name}: no input keeps away from the edges of ReLU and of maxima")
    if not by_hand:
        proto = onnx.load_from_string(exported(network, export, image_of(stored, torch.float32)))
    if export.layer:
        scope = export.layer[1]
        layer_value = [node for node in proto.graph.node if scope in node.name][-1].output[0]
        cam = grad_cam(copy.deepcopy(network).double(), export.layer[0], image_of(stored))
    if export.short_names:
        short = shorten_names(proto.graph)
        if export.layer:
            layer_value = short[layer_value]
    onnx.checker.check_model(proto)
    (FOLDER / f"{export.name}.onnx").write_bytes(proto.SerializeToString())
    record = {
        "title": export.title,
        "exporter": "by hand, as tf2onnx" if by_hand else f"PyTorch {torch.__version__.split('a')[0]}",
        "opset": export.opset,
        "constantFolding": export.folded,
        "dynamicBatch": export.dynamic,
        "inputDims": list(shape),
        "outputDims": list(y.shape),
        "seed": seed,
        "input": text(stored.numpy()),
        "cotangent": text(cotangent.numpy()) if export.whole else None,
        "target": None if export.whole else TARGET,
        "output": text(y.float().numpy()),
        "gradient": text(gradient.float().numpy()),
        "gradCam": {"layer": layer_value, "map": text(cam.float().numpy())} if export.layer else None,
        "pytorchFloat32": {"output": relative(y32, y), "gradient": relative(gradient32, gradient)},
    }
    (FOLDER / f"{export.name}.json").write_text(json.dumps({k: v for k, v in record.items() if v is not None}, indent=1) + "\n")
    size = (FOLDER / f"{export.name}.onnx").stat().st_size + (FOLDER / f"{export.name}.json").stat().st_size
    parameters = sum(p.numel() for p in network.parameters())
    errors = record["pytorchFloat32"]
    print(f"{export.name:24} opset {export.opset:2} {parameters:6} parameters {size/1000:4.0f} kB seed {seed:2} "
          f"|g| {float(gradient.norm()):.2g} f32 {errors['output']:.1e} {errors['gradient']:.1e} "
          f"{len(proto.graph.node)} nodes", flush=True)  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for export in (*TORCH, *KERAS):
        if len(sys.argv) == 1 or export.name in sys.argv[1:]:
            make(export)
