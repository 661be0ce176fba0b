"""Graphs as tf2onnx writes them from Keras, put together by hand, and the same functions in PyTorch.

Channels come last at the input, and between operators that Keras has no other place for; paddings
are TensorFlow's "same"; activations, variances and attention are composed of simple operators.
"""

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

PREFIX = "StatefulPartitionedCall/model/"


class Graph:
    """Nodes, and constants with the names of their tensors in TensorFlow."""

    def __init__(self):
        self.nodes, self.constants = [], {}

    def node(self, kind, inputs, name, **attributes):
        output = f"{PREFIX}{name}:0"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"{PREFIX}{name}", **attributes))
        return output

    def constant(self, values, name, dtype=None):
        values = values.detach().numpy() if isinstance(values, torch.Tensor) else np.asarray(values, dtype)
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def ints(self, values, name):
        return self.constant(values, name, np.int64)

    def scalar(self, value, name):
        return self.constant(np.float32(value), name, np.float32)

    def model(self, output, input_dims, batch, classes, opset):
        self.nodes.append(helper.make_node("Identity", [output], ["Identity:0"], name="Identity"))
        graph = helper.make_graph(
            self.nodes,
            "tf2onnx",
            [helper.make_tensor_value_info("input_1:0", TensorProto.FLOAT, [batch, *input_dims])],
            [helper.make_tensor_value_info("Identity:0", TensorProto.FLOAT, [batch, classes])],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 2)]
        return helper.make_model(graph, producer_name="tf2onnx", opset_imports=opsets, ir_version=8)


def same(length, kernel, stride):
    """TensorFlow's padding: what is odd goes behind."""
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


def onnx_pads(pairs):
    return [before for before, _ in pairs] + [after for _, after in pairs]


def padded(x, pairs, value=0.0):
    return F.pad(x, [amount for pair in reversed(pairs) for amount in pair], value=value)


def random(*dims, scale=None):
    scale = scale or 1.4 / np.sqrt(np.prod(dims[1:]))
    return nn.Parameter(torch.randn(*dims) * scale)


class CNN(nn.Module):
    """Conv2D "same" with stride 2, BatchNormalization, MaxPool2D "same", Flatten of NHWC, Dense, softmax."""

    def __init__(self):
        super().__init__()
        self.w1, self.b1 = random(8, 3, 4, 3), random(8, scale=0.1)
        self.gamma, self.beta = random(8, scale=1.0), random(8, scale=0.2)
        self.mean, self.variance = random(8, scale=0.2), nn.Parameter(torch.rand(8) + 0.5)
        self.w2, self.b2 = random(8, 8, 3, 3), random(8, scale=0.1)
        self.dense1, self.bias1 = random(4 * 4 * 8, 16, scale=0.12), random(16, scale=0.1)
        self.dense2, self.bias2 = random(16, 4, scale=0.3), random(4, scale=0.1)
        self.pads1 = [same(30, 4, 2), same(27, 3, 2)]
        self.pads2 = [same(15, 2, 2), same(14, 3, 2)]
        self.pads3 = [same(8, 3, 2), same(7, 3, 2)]

    def forward(self, x):
        x = x.permute(0, 3, 1, 2)
        x = F.conv2d(padded(x, self.pads1), self.w1, self.b1, 2)
        x = (x - self.mean.view(-1, 1, 1)) / torch.sqrt(self.variance.view(-1, 1, 1) + 1e-3)
        x = F.elu(x * self.gamma.view(-1, 1, 1) + self.beta.view(-1, 1, 1))
        x = F.max_pool2d(padded(x, self.pads2, -torch.inf), (2, 3), 2)
        x = F.relu(F.conv2d(padded(x, self.pads3), self.w2, self.b2, 2))
        x = x.permute(0, 2, 3, 1).flatten(1)
        return F.relu(x @ self.dense1 + self.bias1) @ self.dense2 + self.bias2


def cnn(opset):
    network, g = CNN(), Graph()
    x = g.node("Transpose", ["input_1:0"], "conv2d/Conv2D__6", perm=[0, 3, 1, 2])
    w = g.constant(network.w1, "conv2d/Conv2D/ReadVariableOp:0")
    x = g.node("Conv", [x, w, g.constant(network.b1, "conv2d/BiasAdd/ReadVariableOp:0")], "conv2d/BiasAdd",
               strides=[2, 2], kernel_shape=[4, 3], dilations=[1, 1], group=1, pads=onnx_pads(network.pads1))  # fmt: skip
    norm = [("gamma", "scale"), ("beta", "B"), ("mean", "mean"), ("variance", "var")]
    names = [g.constant(getattr(network, ours), f"batch_normalization/{theirs}:0") for ours, theirs in norm]
    x = g.node("BatchNormalization", [x, *names], "batch_normalization/FusedBatchNormV3", epsilon=1e-3, momentum=0.9)
    x = g.node("Elu", [x], "activation/Elu", alpha=1.0)
    x = g.node("MaxPool", [x], "max_pooling2d/MaxPool", kernel_shape=[2, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    w, b = g.constant(network.w2, "conv2d_1/Conv2D:0"), g.constant(network.b2, "conv2d_1/BiasAdd:0")
    x = g.node("Conv", [x, w, b], "conv2d_1/BiasAdd", strides=[2, 2], kernel_shape=[3, 3], auto_pad="SAME_UPPER")
    x = g.node("Relu", [x], "conv2d_1/Relu")
    x = g.node("Transpose", [x], "conv2d_1/Relu__28", perm=[0, 2, 3, 1])
    # The length of the batch is cut out of the shape, cast to and fro, as Keras's Flatten does it.
    shape = g.node("Cast", [g.node("Shape", [x], "flatten/Shape")], "flatten/Shape__29", to=TensorProto.INT32)
    shape = g.node("Cast", [shape], "flatten/Shape__30", to=TensorProto.INT64)
    starts, ends = g.ints([0], "flatten/starts"), g.ints([1], "flatten/ends")
    batch = g.node("Slice", [shape, starts, ends], "flatten/strided_slice") if opset >= 10 else g.node(
        "Slice", [shape], "flatten/strided_slice", starts=[0], ends=[1], axes=[0])  # fmt: skip
    if opset < 10:
        del g.constants[starts], g.constants[ends]
    shape = g.node("Concat", [batch, g.ints([-1], "flatten/Reshape/shape/1")], "flatten/Reshape/shape", axis=0)
    x = g.node("Reshape", [x, shape], "flatten/Reshape")
    for k, activation in ((1, "Relu"), (2, "Softmax")):
        x = g.node("MatMul", [x, g.constant(getattr(network, f"dense{k}"), f"dense_{k}/kernel:0")], f"dense_{k}/MatMul")
        x = g.node("Add", [x, g.constant(getattr(network, f"bias{k}"), f"dense_{k}/bias:0")], f"dense_{k}/BiasAdd")
        x = g.node(activation, [x], f"dense_{k}/{activation}", **({"axis": 1} if k == 2 else {}))
    return g.model(x, (30, 27, 3), "unk__32", 4, opset), network


class Separable(nn.Module):
    """SeparableConv2D with relu6, swish, squeeze-and-excitation and a skip, as in Keras's EfficientNet."""

    def __init__(self):
        super().__init__()
        self.stem = random(8, 3, 3, 3)
        self.depth1, self.point1, self.bias1 = random(8, 1, 5, 5), random(16, 8, 1, 1), random(16, scale=0.1)
        self.depth2, self.point2, self.bias2 = random(16, 1, 3, 3), random(16, 16, 1, 1), random(16, scale=0.1)
        self.reduce, self.reduce_bias = random(4, 16, 1, 1), random(4, scale=0.1)
        self.expand, self.expand_bias = random(16, 4, 1, 1), random(16, scale=0.1)
        self.kernel, self.bias = random(16, 4, scale=0.5), random(4, scale=0.1)

    def forward(self, x):
        x = x.permute(0, 3, 1, 2) * (1 / 0.75) - 0.1
        x = F.conv2d(padded(x, [same(32, 3, 2), same(28, 3, 2)]), self.stem, None, 2)
        x = x * torch.sigmoid(x)
        x = F.conv2d(padded(x, [(2, 2), (2, 2)]), self.depth1, None, 1, groups=8)
        x = (F.conv2d(x, self.point1) + self.bias1.view(-1, 1, 1)).clamp(0, 6)
        y = F.conv2d(padded(x, [(1, 1), (1, 1)]), self.depth2, None, 1, groups=16)
        y = F.conv2d(y, self.point2) + self.bias2.view(-1, 1, 1)
        y = y * torch.sigmoid(y)
        weights = F.conv2d(y.mean((2, 3), keepdim=True), self.reduce, self.reduce_bias)
        weights = F.conv2d(weights * torch.sigmoid(weights), self.expand, self.expand_bias)
        x = x + y * torch.sigmoid(weights)
        # "Same" average pooling does not count what it pads.
        ones = padded(torch.ones_like(x[:, :1]), [(0, 1), (0, 1)])
        pooled = F.avg_pool2d(padded(x, [(0, 1), (0, 1)]), 3, 2) / F.avg_pool2d(ones, 3, 2)
        return pooled.mean((2, 3)) @ self.kernel + self.bias


def separable(opset):
    network, g = Separable(), Graph()
    x = g.node("Mul", ["input_1:0", g.scalar(1 / 0.75, "rescaling/scale:0")], "rescaling/mul")
    x = g.node("Add", [x, g.scalar(-0.1, "rescaling/offset:0")], "rescaling/add")
    x = g.node("Transpose", [x], "stem_conv/Conv2D__34", perm=[0, 3, 1, 2])
    x = g.node("Conv", [x, g.constant(network.stem, "stem_conv/kernel:0")], "stem_conv/Conv2D",
               strides=[2, 2], kernel_shape=[3, 3], pads=onnx_pads([same(32, 3, 2), same(28, 3, 2)]))  # fmt: skip
    x = g.node("Mul", [x, g.node("Sigmoid", [x], "stem/Sigmoid")], "stem/mul")
    zero, six = g.scalar(0, "zero"), g.scalar(6, "six")

    def separable_convolution(x, k, kernel, groups):
        depth, point = getattr(network, f"depth{k}"), getattr(network, f"point{k}")
        bias = getattr(network, f"bias{k}").view(1, -1, 1, 1)
        x = g.node("Conv", [x, g.constant(depth, f"separable_{k}/depthwise_kernel:0")], f"separable_{k}/depthwise",
                   kernel_shape=[kernel, kernel], group=groups, auto_pad="SAME_UPPER", strides=[1, 1])  # fmt: skip
        x = g.node("Conv", [x, g.constant(point, f"separable_{k}/pointwise_kernel:0")], f"separable_{k}/Conv2D",
                   kernel_shape=[1, 1], strides=[1, 1], auto_pad="VALID")  # fmt: skip
        return g.node("Add", [x, g.constant(bias, f"separable_{k}/bias:0")], f"separable_{k}/BiasAdd")

    x = separable_convolution(x, 1, 5, 8)
    x = g.node("Min", [g.node("Relu", [x], "relu6/Relu"), six], "relu6/Minimum")
    x = g.node("Max", [x, zero], "relu6/Maximum")
    y = separable_convolution(x, 2, 3, 16)
    y = g.node("Mul", [g.node("Sigmoid", [y], "swish/Sigmoid"), y], "swish/mul")
    s = g.node("ReduceMean", [y], "se_squeeze/Mean", axes=[2, 3], keepdims=0)
    s = g.node("Reshape", [s, g.ints([-1, 16, 1, 1], "se_reshape/shape:0")], "se_reshape/Reshape")
    names = [g.constant(network.reduce, "se_reduce/kernel:0"), g.constant(network.reduce_bias, "se_reduce/bias:0")]
    s = g.node("Conv", [s, *names], "se_reduce/BiasAdd", kernel_shape=[1, 1])
    s = g.node("Mul", [g.node("Sigmoid", [s], "se_reduce/Sigmoid"), s], "se_reduce/mul")
    names = [g.constant(network.expand, "se_expand/kernel:0"), g.constant(network.expand_bias, "se_expand/bias:0")]
    s = g.node("Sigmoid", [g.node("Conv", [s, *names], "se_expand/BiasAdd", kernel_shape=[1, 1])], "se_expand/Sigmoid")
    x = g.node("Add", [x, g.node("Mul", [y, s], "se_excite/mul")], "add/add")
    x = g.node("AveragePool", [x], "average_pooling2d/AvgPool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    x = g.node("GlobalAveragePool", [x], "global_average_pooling2d/Mean")
    x = g.node("Squeeze", [x, g.ints([2, 3], "squeeze/axes")], "global_average_pooling2d/Mean_Squeeze__60")
    x = g.node("MatMul", [x, g.constant(network.kernel, "dense/kernel:0")], "dense/MatMul")
    x = g.node("Add", [x, g.constant(network.bias, "dense/bias:0")], "dense/BiasAdd")
    return g.model(g.node("Softmax", [x], "dense/Softmax", axis=-1), (32, 28, 3), "unk__61", 4, opset), network


class Attention3D(nn.Module):
    """Conv3D, LayerNormalization by moments, MultiHeadAttention (einsum over a head axis), GlobalAveragePooling1D."""

    def __init__(self, width=12, heads=2):
        super().__init__()
        self.size = width // heads
        self.w1, self.b1 = random(8, 1, 3, 3, 3), random(8, scale=0.1)
        self.w2, self.b2 = random(width, 8, 3, 3, 3), random(width, scale=0.1)
        self.gamma, self.beta = nn.Parameter(1 + 0.2 * torch.randn(width)), random(width, scale=0.1)
        for name in ("query", "key", "value"):
            setattr(self, f"{name}_kernel", random(width, heads, self.size, scale=0.4))
            setattr(self, f"{name}_bias", random(heads, self.size, scale=0.1))
        self.output_kernel, self.output_bias = random(heads, self.size, width, scale=0.3), random(width, scale=0.1)
        self.kernel, self.bias = random(width, 3, scale=0.5), random(3, scale=0.1)

    def forward(self, x):
        x = x.permute(0, 4, 1, 2, 3)
        x = F.conv3d(padded(x, [same(n, 3, 2) for n in (12, 16, 10)]), self.w1, self.b1, 2)
        x = F.leaky_relu(x, 0.3)
        x = F.conv3d(padded(x, [same(n, 3, 2) for n in (6, 8, 5)]), self.w2, self.b2, 2)
        x = F.softplus(x).flatten(2).transpose(1, 2)
        y = F.layer_norm(x, x.shape[-1:], self.gamma, self.beta, 1e-3)
        q, k, v = (
            torch.einsum("abc,cde->abde", y, getattr(self, f"{name}_kernel")) + getattr(self, f"{name}_bias")
            for name in ("query", "key", "value")
        )
        scores = torch.softmax(torch.einsum("aecd,abcd->acbe", k, q * self.size**-0.5), -1)
        y = torch.einsum("acbe,aecd->abcd", scores, v)
        x = x + torch.einsum("abcd,cde->abe", y, self.output_kernel) + self.output_bias
        return x.mean(1) @ self.kernel + self.bias


def attention_3d(opset):
    network, g = Attention3D(), Graph()
    width = network.w2.shape[0]
    x = g.node("Transpose", ["input_1:0"], "conv3d/Conv3D__8", perm=[0, 4, 1, 2, 3])
    names = [g.constant(network.w1, "conv3d/kernel:0"), g.constant(network.b1, "conv3d/bias:0")]
    pads = onnx_pads([same(n, 3, 2) for n in (12, 16, 10)])
    x = g.node("Conv", [x, *names], "conv3d/BiasAdd", strides=[2, 2, 2], kernel_shape=[3, 3, 3], pads=pads)
    x = g.node("LeakyRelu", [x], "leaky_re_lu/LeakyRelu", alpha=0.3)
    # A pair of transpositions that tf2onnx did not cancel.
    x = g.node("Transpose", [x], "conv3d_1/Conv3D__12", perm=[0, 2, 3, 4, 1])
    x = g.node("Transpose", [x], "conv3d_1/Conv3D__13", perm=[0, 4, 1, 2, 3])
    names = [g.constant(network.w2, "conv3d_1/kernel:0"), g.constant(network.b2, "conv3d_1/bias:0")]
    x = g.node("Conv", [x, *names], "conv3d_1/BiasAdd", strides=[2, 2, 2], kernel_shape=[3, 3, 3], auto_pad="SAME_UPPER")
    x = g.node("Transpose", [g.node("Softplus", [x], "conv3d_1/Softplus")], "conv3d_1/Softplus__20", perm=[0, 2, 3, 4, 1])
    x = g.node("Reshape", [x, g.ints([-1, 36, width], "reshape/shape:0")], "reshape/Reshape")

    mean = g.node("ReduceMean", [x], "layer_normalization/moments/mean", axes=[2], keepdims=1)
    centred = g.node("Sub", [x, mean], "layer_normalization/moments/sub")
    square = g.node("Mul", [centred, centred], "layer_normalization/moments/SquaredDifference")
    variance = g.node("ReduceMean", [square], "layer_normalization/moments/variance", axes=[2], keepdims=1)
    shifted = g.node("Add", [variance, g.scalar(1e-3, "layer_normalization/epsilon:0")], "layer_normalization/add")
    inverse = g.node("Reciprocal", [g.node("Sqrt", [shifted], "layer_normalization/Sqrt")], "layer_normalization/Rsqrt")
    scale = g.node("Mul", [inverse, g.constant(network.gamma, "layer_normalization/gamma:0")], "layer_normalization/mul")
    mean = g.node("Mul", [mean, scale], "layer_normalization/mul_2")
    shift = g.node("Sub", [g.constant(network.beta, "layer_normalization/beta:0"), mean], "layer_normalization/sub")
    y = g.node("Add", [g.node("Mul", [x, scale], "layer_normalization/mul_1"), shift], "layer_normalization/add_1")

    def einsum(equation, inputs, name):
        return g.node("Einsum", inputs, f"multi_head_attention/{name}/einsum/Einsum", equation=equation)

    def projected(name):
        kernel = g.constant(getattr(network, f"{name}_kernel"), f"multi_head_attention/{name}/kernel:0")
        bias = g.constant(getattr(network, f"{name}_bias"), f"multi_head_attention/{name}/bias:0")
        return g.node("Add", [einsum("abc,cde->abde", [y, kernel], name), bias], f"multi_head_attention/{name}/add")

    q, k, v = (projected(name) for name in ("query", "key", "value"))
    q = g.node("Mul", [q, g.scalar(network.size**-0.5, "multi_head_attention/Mul/y:0")], "multi_head_attention/Mul")
    scores = g.node("Softmax", [einsum("aecd,abcd->acbe", [k, q], "scores")], "multi_head_attention/softmax/Softmax", axis=-1)
    y = einsum("acbe,aecd->abcd", [scores, v], "mixed")
    y = einsum("abcd,cde->abe", [y, g.constant(network.output_kernel, "multi_head_attention/output/kernel:0")], "output")
    y = g.node("Add", [y, g.constant(network.output_bias, "multi_head_attention/output/bias:0")], "multi_head_attention/output/add")
    x = g.node("Add", [x, y], "add/add")
    x = g.node("ReduceMean", [x], "global_average_pooling1d/Mean", axes=[1], keepdims=0)
    x = g.node("MatMul", [x, g.constant(network.kernel, "dense/kernel:0")], "dense/MatMul")
    x = g.node("Add", [x, g.constant(network.bias, "dense/bias:0")], "dense/BiasAdd")
    return g.model(x, (12, 16, 10, 1), 1, 3, opset), network
