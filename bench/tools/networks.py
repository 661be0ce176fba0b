"""Six small networks with weights from fixed seeds, 2D and 3D, and their ONNX files."""

from collections import OrderedDict
from dataclasses import dataclass

import onnx
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from zennit.layer import Sum


class Residual(nn.Module):
    """x + branch(x). The sum is a module, for which zennit has a rule, except in the file."""

    def __init__(self, branch):
        super().__init__()
        self.branch = branch
        self.sum = Sum()
        self.plain = False

    def forward(self, x):
        if self.plain:
            return x + self.branch(x)
        return self.sum(torch.stack([x, self.branch(x)], dim=-1))


@dataclass
class Network:
    name: str
    net: nn.Sequential
    # Channels and lengths of the image.
    dims: tuple
    # The module whose output class activation maps take: the last activation in front of the head.
    layer: str


def networks():
    for axes in (2, 3):
        yield blocks(axes)
        yield residual(axes)
        yield strided(axes)


def blocks(axes):
    """As Conv5_FC3: convolution, batch normalization, ReLU, max-pooling, a zero in front of odd lengths. Kernels suit the first blocks."""
    dims, size, channels = ((1, 32, 36), 5, (1, 8, 12)) if axes == 2 else ((1, 16, 24, 34), 3, (1, 8, 16, 12))
    layers, lengths = OrderedDict(), dims[1:]
    for k, (inputs, outputs) in enumerate(zip(channels, channels[1:]), 1):
        layers |= convolution(axes, k, inputs, outputs, size)
        layers[f"relu{k}"] = nn.ReLU()
        odd = [length % 2 for length in lengths]
        if any(odd):
            zeros = [count for length in reversed(odd) for count in (length, 0)]
            layers[f"pad{k}"] = of(axes, "ConstantPad")(zeros, 0.0)
        layers[f"pool{k}"] = of(axes, "MaxPool")(2)
        lengths = [(length + 1) // 2 for length in lengths]
    layers |= convolution(axes, "_last", channels[-1], 8, 3)
    layers["relu_last"] = nn.ReLU()
    return finished(f"blocks-{axes}d", dims, layers, layer="relu_last", hidden=10)


def residual(axes):
    """Two channels, a residual block, and the mean over all positions in front of a single linear layer."""
    dims = (2, 24, 20) if axes == 2 else (2, 12, 14, 16)
    layers = convolution(axes, 1, 2, 6, 3)
    layers["relu1"] = nn.ReLU()
    layers["pool1"] = of(axes, "MaxPool")(2)
    branch = convolution(axes, 1, 6, 6, 3)
    branch["relu1"] = nn.ReLU()
    branch |= convolution(axes, 2, 6, 6, 3)
    layers["residual"] = Residual(nn.Sequential(branch))
    layers["relu2"] = nn.ReLU()
    layers["mean"] = of(axes, "AdaptiveAvgPool")(1)
    return finished(f"residual-{axes}d", dims, layers, layer="relu2")


def strided(axes):
    """Steps of 2, LeakyReLU and average pooling."""
    dims = (1, 24, 20) if axes == 2 else (1, 16, 18, 20)
    layers = convolution(axes, 1, 1, 4, 3, stride=2)
    layers["leaky1"] = nn.LeakyReLU(0.1)
    layers |= convolution(axes, 2, 4, 6, 3)
    layers["leaky2"] = nn.LeakyReLU(0.1)
    layers["pool"] = of(axes, "AvgPool")(2)
    return finished(f"strided-{axes}d", dims, layers, layer="leaky2", hidden=10)


def of(axes, name):
    return getattr(nn, f"{name}{axes}d")


def convolution(axes, k, inputs, outputs, size, stride=1):
    conv = of(axes, "Conv")(inputs, outputs, size, padding=size // 2, stride=stride)
    return OrderedDict({f"conv{k}": conv, f"norm{k}": of(axes, "BatchNorm")(outputs)})


def finished(name, dims, layers, layer, hidden=None):
    layers["flatten"] = nn.Flatten()
    torch.manual_seed(sum(map(ord, name)))
    width = nn.Sequential(layers).eval()(torch.zeros(1, *dims)).shape[1]
    if hidden is not None:
        layers["linear_hidden"] = nn.Linear(width, hidden)
        layers["relu_hidden"] = nn.ReLU()
    layers["linear"] = nn.Linear(hidden or width, 3)
    net = nn.Sequential(layers)
    torch.manual_seed(sum(map(ord, name)))
    for module in net.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
        if hasattr(module, "running_mean"):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, mean=0.05, std=0.4)
    return Network(name, net.eval(), dims, layer)


def merged(net):
    """The same network without batch normalization: PyTorch puts it into the convolution in front."""
    layers = []
    for layer in net:
        if isinstance(layer, Residual):
            layer.branch = merged(layer.branch)
        if isinstance(layer, (nn.BatchNorm2d, nn.BatchNorm3d)):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers).eval()


def export(network, path):
    """Writes the file, with its batch normalization, and gives the name of the layer's value in it."""
    net = network.net
    residuals = [module for module in net.modules() if isinstance(module, Residual)]
    for module in residuals:
        module.plain = True
    torch.onnx.export(
        net, torch.zeros(1, *network.dims), str(path), opset_version=13, input_names=["input"], output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, do_constant_folding=False,
        training=torch.onnx.TrainingMode.PRESERVE,
    )  # fmt: skip
    for module in residuals:
        module.plain = False
    nodes = onnx.load(str(path)).graph.node
    assert any(node.op_type == "BatchNormalization" for node in nodes)
    kind = {nn.ReLU: "Relu", nn.LeakyReLU: "LeakyRelu"}[type(getattr(net, network.layer))]
    values = [node.output[0] for node in nodes if node.op_type == kind and f"/{network.layer}/" in node.output[0]]
    assert len(values) == 1, values
    return values[0]
