"""A network in PyTorch as its ONNX file has it: with the weights and the constants of the file."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from onnx import AttributeProto, helper, numpy_helper
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.overrides import TorchFunctionMode

from onnx_graph import values_of


def take_norms(network, model, x):
    """Batch normalization, whose statistics depend on the machine, as in the file: by itself, or merged with the convolution in front of it."""
    nodes = model.graph.node
    normalized = [node.input[0] for node in nodes if node.op_type == "BatchNormalization"]
    norms = {module: name for name, module in network.named_modules() if isinstance(module, _BatchNorm)}
    if not norms:
        return
    calls, order, behind = [], [], {}

    def look(module, given, found):
        if isinstance(module, _ConvNd):
            calls.append((module, found))
        elif module in norms:
            order.append(module)
            behind.update({id(before): module for before, y in calls if y is given[0]})

    hooks = [module.register_forward_hook(look) for module in network.modules()]
    with torch.no_grad():
        network(x)
        values = values_of(model, x)
    for hook in hooks:
        hook.remove()
    convolutions = [node for node in nodes if node.op_type in ("Conv", "ConvTranspose")]
    assert len(calls) == len(convolutions), f"{len(calls)} convolutions, {len(convolutions)} in the file"
    for (module, _), node in zip(calls, convolutions):
        weight, *bias = (values[name].clone() for name in node.input[1:])
        assert weight.shape == module.weight.shape, f"{node.name}: {weight.shape} instead of {module.weight.shape}"
        module.weight = nn.Parameter(weight)
        module.bias = nn.Parameter(bias[0]) if bias else None
        if id(module) in behind and node.output[0] not in normalized:
            parent, _, last = norms.pop(behind[id(module)]).rpartition(".")
            setattr(network.get_submodule(parent), last, nn.Identity())
    left = [module for module in order if module in norms]
    assert len(left) == len(normalized), f"{len(left)} norms, {len(normalized)} in the file"
    for module, node in zip(left, (node for node in nodes if node.op_type == "BatchNormalization")):
        for key, name in zip(("weight", "bias", "running_mean", "running_var"), node.input[1:]):
            getattr(module, key).data = values[name].clone()


class AsExported(nn.Module):
    """In float64 with the constants of the file, which are float32; in float32 PyTorch rounds them itself."""

    def __init__(self, network, model):
        super().__init__()
        self.network = network
        self.constants = constants_of(model)

    def forward(self, x):
        if x.dtype == torch.float32:
            return self.network(x)
        with Constants(self.constants):
            return self.network(x)


def constants_of(model):
    found, tensors = set(), list(model.graph.initializer)
    for attribute in (a for node in model.graph.node for a in node.attribute):
        if attribute.type == AttributeProto.FLOAT:
            found.add(abs(helper.get_attribute_value(attribute)))
        elif attribute.type == AttributeProto.TENSOR:
            tensors.append(attribute.t)
    for values in map(numpy_helper.to_array, tensors):
        if values.dtype == np.float32 and values.size == 1:
            found.add(abs(float(values.reshape(()))))
    return found


class Constants(TorchFunctionMode):
    """Rounds numbers in calls to float32 where the file has them so."""

    def __init__(self, known):
        super().__init__()
        self.known = known

    def rounded(self, value):
        if not isinstance(value, float):
            return value
        single = float(np.float32(value))
        return single if abs(single) in self.known else value

    def __torch_function__(self, function, types, args=(), kwargs=None):
        args = tuple(map(self.rounded, args))
        kwargs = {key: self.rounded(value) for key, value in (kwargs or {}).items()}
        # Functions with a constant inside: by their argument.
        if function is F.gelu:
            factor = math.sqrt(2) / self.rounded(math.sqrt(2))
            return function(args[0] * factor, *args[1:], **kwargs) / factor
        if function is F.hardsigmoid:
            # The gradient of PyTorch's own has a sixth in float32, in float64 too.
            return F.relu6(args[0] * (6 * self.rounded(1 / 6)) + 3) / 6
        if function is F.multi_head_attention_forward:
            query, key, value, width, heads, weight, bias, *others = args
            root = math.sqrt(width // heads)
            factors = torch.ones(3 * width, dtype=weight.dtype)
            factors[:width] = root / self.rounded(root)
            args = (query, key, value, width, heads, weight * factors[:, None], bias * factors, *others)
        return function(*args, **kwargs)
