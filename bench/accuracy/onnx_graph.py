"""The graph of an ONNX file, node by node in PyTorch: in any precision, and with autograd. It has the operators of the exported networks."""

import itertools
import math

import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

BOTH = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Pow": torch.pow, "Mod": torch.remainder, "Min": torch.minimum,
        "Max": torch.maximum, "MatMul": torch.matmul, "Equal": torch.eq, "Where": torch.where}  # fmt: skip
ONE = {"Erf": torch.erf, "Exp": torch.exp, "Log": torch.log, "Sqrt": torch.sqrt, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid,
       "Relu": torch.relu, "Reciprocal": torch.reciprocal, "Not": torch.logical_not}  # fmt: skip
KINDS = {TensorProto.INT32: torch.int32, TensorProto.INT64: torch.int64, TensorProto.BOOL: torch.bool}


def values_of(model, x):
    """Every value of the graph by its name; where the file has float32, the type is that of `x`."""

    def tensor(proto):
        value = torch.from_numpy(numpy_helper.to_array(proto).copy())
        return value.to(x.dtype) if value.is_floating_point() else value

    opset = next(entry.version for entry in model.opset_import if not entry.domain)
    values = {given.name: tensor(given) for given in model.graph.initializer}
    (image,) = [value.name for value in model.graph.input if value.name not in values]
    values[image] = x
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        for name, value in attributes.items():
            if isinstance(value, TensorProto):
                attributes[name] = tensor(value)
            elif isinstance(value, bytes):
                attributes[name] = value.decode()
        inputs = [values[name] if name else None for name in node.input]
        found = apply(node.op_type, inputs, attributes, x.dtype, opset)
        values.update(zip(node.output, found if isinstance(found, (list, tuple)) else [found]))
    return values


def logits_of(model):
    """The name of the output, in front of a final softmax."""
    makers = {name: node for node in model.graph.node for name in node.output}
    output = model.graph.output[0].name
    while makers[output].op_type in ("Identity", "Softmax"):
        output = makers[output].input[0]
    return output


def apply(kind, inputs, a, dtype, opset):
    if kind in BOTH:
        return BOTH[kind](*inputs)
    if kind in ONE:
        return ONE[kind](*inputs)
    x, *rest = inputs or [None]

    def given(name, position, otherwise=None):
        """An attribute, which later operator sets made an input."""
        if name in a:
            return a[name]
        found = inputs[position] if position < len(inputs) else None
        return otherwise if found is None else found.tolist()

    if kind == "Div":
        return torch.div(*inputs, rounding_mode=None if x.is_floating_point() else "trunc")
    if kind in ("Identity", "Dropout"):
        return x
    if kind == "Constant":
        return a["value"]
    if kind == "Cast":
        return x.to(KINDS[a["to"]] if a["to"] in KINDS else dtype)
    if kind == "Clip":
        return x.clamp(given("min", 1), given("max", 2))
    if kind == "Elu":
        return F.elu(x, a.get("alpha", 1.0))
    if kind == "LeakyRelu":
        return F.leaky_relu(x, a["alpha"])
    if kind == "HardSigmoid":
        return (a.get("alpha", 0.2) * x + a.get("beta", 0.5)).clamp(0, 1)
    if kind == "HardSwish":
        return x * (x / 6 + 0.5).clamp(0, 1)
    if kind == "Softplus":
        return torch.logaddexp(x, torch.zeros_like(x))
    if kind == "Softmax":
        axis = a.get("axis", -1 if opset >= 13 else 1)
        assert opset >= 13 or axis in (-1, x.dim() - 1)
        return x.softmax(axis)
    if kind == "Einsum":
        return torch.einsum(a["equation"], *inputs)
    if kind == "Gemm":
        left, right = (m.T if a.get(side) else m for m, side in zip(inputs, ("transA", "transB")))
        return a.get("alpha", 1.0) * (left @ right) + a.get("beta", 1.0) * inputs[2]
    if kind in ("Conv", "ConvTranspose", "MaxPool", "AveragePool"):
        return slide(kind, x, rest, a)
    if kind == "GlobalAveragePool":
        return x.mean(tuple(range(2, x.dim())), keepdim=True)
    if kind == "ReduceMean":
        return x.mean(given("axes", 1), keepdim=bool(a.get("keepdims", 1)))
    if kind == "BatchNormalization":
        scale, shift, mean, variance = (v.view(-1, *[1] * (x.dim() - 2)) for v in rest)
        return (x - mean) / torch.sqrt(variance + a["epsilon"]) * scale + shift
    if kind == "InstanceNormalization":
        scale, shift = (v.view(-1, *[1] * (x.dim() - 2)) for v in rest)
        return normalized(x, tuple(range(2, x.dim())), a["epsilon"]) * scale + shift
    if kind == "LayerNormalization":
        assert a["axis"] == -1
        return normalized(x, -1, a["epsilon"]) * rest[0] + rest[1]
    if kind == "Resize":
        assert a["mode"] == "linear" and a["coordinate_transformation_mode"] in ("align_corners", "half_pixel")
        scales, sizes = given("", 2), given("", 3)
        lengths = sizes[2:] if sizes else [math.floor(n * s) for n, s in zip(x.shape[2:], scales[2:])]
        mode = "bilinear" if x.dim() == 4 else "trilinear"
        return F.interpolate(x, lengths, mode=mode, align_corners=a["coordinate_transformation_mode"] == "align_corners")
    return arranged(kind, x, rest, a, given)


def arranged(kind, x, rest, a, given):
    """Operators that move values, and those on shapes."""
    if kind == "Shape":
        return torch.tensor(x.shape)
    if kind == "ConstantOfShape":
        return torch.full(x.tolist(), a["value"].item(), dtype=a["value"].dtype)
    if kind == "Range":
        return torch.arange(x.item(), rest[0].item(), rest[1].item())
    if kind == "Transpose":
        return x.permute(a["perm"])
    if kind == "Flatten":
        return x.reshape(math.prod(x.shape[: a["axis"]]), -1)
    if kind == "Reshape":
        assert not a.get("allowzero")
        return x.reshape([length or x.shape[k] for k, length in enumerate(rest[0].tolist())])
    if kind == "Expand":
        return x.expand(torch.broadcast_shapes(x.shape, rest[0].tolist()))
    if kind == "Concat":
        return torch.cat([x, *rest], a["axis"])
    if kind == "Split":
        return x.split(given("split", 1), a["axis"])
    if kind == "Squeeze":
        for axis in sorted((axis % x.dim() for axis in given("axes", 1)), reverse=True):
            x = x.squeeze(axis)
        return x
    if kind == "Unsqueeze":
        axes = given("axes", 1)
        for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
            x = x.unsqueeze(axis)
        return x
    if kind == "Gather":
        axis, (places,) = a.get("axis", 0) % x.dim(), rest
        found = x.index_select(axis, places.flatten() % x.shape[axis])
        return found.reshape([*x.shape[:axis], *places.shape, *x.shape[axis + 1 :]])
    if kind == "ScatterND":
        places, updates = rest
        return x.clone().index_put(tuple(places.movedim(-1, 0)), updates)
    if kind == "Slice":
        starts, ends = given("starts", 1), given("ends", 2)
        axes, steps = given("axes", 3, range(len(starts))), given("steps", 4, [1] * len(starts))
        for axis, *bounds in zip(axes, starts, ends, steps):
            x = x.index_select(axis, torch.tensor(range(x.shape[axis])[slice(*bounds)], dtype=torch.int64))
        return x
    if kind == "Pad":
        pads = given("pads", 1)
        assert a.get("mode", "constant") == "constant"
        return F.pad(x, both_ends(pads[: x.dim()], pads[x.dim() :]), value=given("value", 2, 0.0))
    raise NotImplementedError(kind)


def normalized(x, axes, epsilon):
    centred = x - x.mean(axes, keepdim=True)
    return centred / torch.sqrt((centred * centred).mean(axes, keepdim=True) + epsilon)


def both_ends(before, after):
    return [*itertools.chain.from_iterable(reversed([*zip(before, after)]))]


def slide(kind, x, rest, a):
    """Convolutions and pooling; padding first, so that it may differ between the ends."""
    kernel, axes = a.get("kernel_shape") or list(rest[0].shape[2:]), x.dim() - 2
    strides, dilations = a.get("strides", [1] * axes), a.get("dilations", [1] * axes)
    pads = a.get("pads", [0] * 2 * axes)
    if a.get("auto_pad", "NOTSET").startswith("SAME"):
        assert a["auto_pad"] == "SAME_UPPER"
        total = [
            max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, s, k, d in zip(x.shape[2:], strides, kernel, dilations)
        ]
        pads = [t // 2 for t in total] + [t - t // 2 for t in total]
    if kind == "ConvTranspose":
        assert pads[:axes] == pads[axes:]
        transposed = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[axes]
        bias = rest[1] if len(rest) > 1 else None
        return transposed(x, rest[0], bias, strides, pads[:axes], a.get("output_padding", 0), a.get("group", 1), dilations)
    ends, ceil = both_ends(pads[:axes], pads[axes:]), bool(a.get("ceil_mode", 0))
    if kind == "MaxPool":
        pool = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[axes]
        return pool(F.pad(x, ends, value=-math.inf), kernel, strides, 0, dilations, ceil)
    if kind == "AveragePool":
        assert not ceil and not a.get("count_include_pad")
        pool = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[axes]
        return pool(F.pad(x, ends), kernel, strides) / pool(F.pad(torch.ones_like(x), ends), kernel, strides)
    convolution = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
    return convolution(F.pad(x, ends), rest[0], rest[1] if len(rest) > 1 else None, strides, 0, dilations, a.get("group", 1))
