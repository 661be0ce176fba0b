"""Gradients of a network by PyTorch in float64 and float32, with every decision of ReLU and max-pooling.

    reference.py architecture|zoo|sample|full-size NAME FOLDER

For each line "SEED" on standard input, writes into FOLDER and answers with one line of JSON. Inputs, and the weights of
architectures, are drawn from the seed alone; no draw is looked at before it is used. Exported networks have the weights and constants of
their file (as_exported.py), and have to be the function in it (onnx_graph.py). Files of one seed:

    input.f32            the input, row-major
    gradient.f64         gradient of the target's logit (of the weighted output of a U-Net) in float64
    gradient.f32         the same in PyTorch's float32
    decision-<k>.u8      for each value that enters the k-th ReLU, how many thresholds it reaches in float64
    decision-<k>.i32     for each window of the k-th max-pooling, the position of its first maximum in float64
    single-<k>.u8, .i32  the same decisions of PyTorch's float32

and in the answer: shapes and logits of both precisions.
"""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

ROOT = Path(__file__).resolve().parents[2]
TARGET = 1

# The values at which the slope of an activation jumps; None: given by the call.
THRESHOLDS = {
    "relu": [0], "relu_": [0], "leaky_relu": [0], "leaky_relu_": [0], "prelu": [0], "elu": [0], "elu_": [0],
    "relu6": [0, 6], "hardtanh": None, "hardswish": [-3, 3], "hardsigmoid": [-3, 3],
}  # fmt: skip


POOLINGS = ("max_pool2d", "max_pool3d", "max_pool2d_with_indices", "max_pool3d_with_indices")


class Decisions(TorchFunctionMode):
    """Keeps what decides the path of the gradient, in the order of the calls."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")
        if name in THRESHOLDS:
            x = args[0].detach()
            thresholds = THRESHOLDS[name]
            if thresholds is None:
                thresholds = [kwargs.get("min_val", args[1] if len(args) > 1 else -1), kwargs.get("max_val", args[2] if len(args) > 2 else 1)]
            levels = sum((x > t if t <= 0 else x >= t).to(torch.uint8) for t in thresholds)
            self.kept.append(("relu", levels.numpy().ravel()))
        elif name in POOLINGS:
            pool = F.max_pool3d if args[0].dim() == 5 else F.max_pool2d
            given = {**kwargs, "return_indices": True}
            with torch.no_grad():
                _, chosen = pool(args[0].detach(), *args[1:], **given)
            self.kept.append(("max", chosen.numpy().astype(np.int32).ravel()))
        return function(*args, **kwargs)


def run(network, x, cotangent):
    x = x.clone().requires_grad_()
    with Decisions() as decisions:
        y = network(x)
    y.backward(cotangent(y))
    return y.detach(), x.grad, decisions.kept


def one_logit(y):
    chosen = torch.zeros_like(y)
    chosen[:, min(TARGET, y.shape[1] - 1)] = 1
    return chosen


def architecture(name):
    sys.path.insert(0, str(ROOT / "packages/model-loader/tests/fixtures/networks"))
    import make_networks as made

    def draw(seed):
        stream = "%s/%d" % (name, seed)
        network, dims, box = made.built(name)
        made.fill(network, stream)
        x = torch.from_numpy(made.make_input(stream, dims, box))[None]
        return network, x, one_logit

    return draw


def zoo(name):
    sys.path.insert(0, str(ROOT / "tests/zoo"))
    import make_zoo as made
    import onnx
    from as_exported import AsExported, take_norms
    from onnx_graph import logits_of, values_of

    export = next(e for e in (*made.TORCH, *made.KERAS) if e.name == name)
    network = made.built(export)[1]
    model = onnx.load(str(made.FOLDER / f"{name}.onnx"))
    logits = logits_of(model)

    def images(seed):
        return made.image_of(made.bytes_of((export.batch, *export.dims), seed), torch.float32)

    take_norms(network, model, images(0))
    network = AsExported(network, model)

    def cotangent(y):
        return made.image_of(made.bytes_of(y.shape, 7), y.dtype) if export.whole else one_logit(y)

    def draw(seed):
        x = images(seed)
        # Weights are drawn anew, and the code is not the graph's: is it the function in the file?
        of_code = run(copy.deepcopy(network).double(), x.double(), cotangent)
        of_file = run(lambda given: values_of(model, given)[logits], x.double(), cotangent)
        for what, ours, exact in zip(("output", "gradient"), of_code, of_file):
            away = float((ours - exact).norm())
            assert away <= 1e-12 * float(exact.norm()), f"{name}: {what} of another function than in the file ({away:.1e})"
        return network, x, cotangent

    return draw


def full_size(name):
    """Weights of an architecture, drawn from the seed, on the sample's images at 1 mm: linear between their voxels of 2 mm."""
    weights = architecture(name)
    image_of = sample("conv5_fc3_down/fold-0")

    def draw(seed):
        network, noise, cotangent = weights(seed)
        _, coarse, _ = image_of(seed)
        lengths = [2 * n - 1 for n in coarse.shape[2:]]
        fine = F.interpolate(coarse, size=lengths, mode="trilinear", align_corners=True)
        missing = [full - n for full, n in zip(noise.shape[2:], lengths)]
        return network, F.pad(fine, [k for n in reversed(missing) for k in (0, n)], mode="replicate"), cotangent

    return draw


def sample(name):
    """NAME: model/fold; a seed is the row of a session, those of AD.tsv first."""
    sys.path.insert(0, str(ROOT / "sample/scripts"))
    import pandas as pd
    import make_sample
    import networks

    model, fold = name.split("/")
    folder = ROOT / "sample/models" / model
    options = json.loads((folder / "commandline.json").read_text())
    network = networks.load_weights(
        networks.build(options), folder / fold / "models/best_balanced_accuracy/model_best.pth.tar"
    ).eval()
    tables = [pd.read_csv(ROOT / "sample/labels" / f"{d}.tsv", sep="\t") for d in ("AD", "CN")]
    sessions = pd.concat(tables).reset_index(drop=True)

    def draw(seed):
        row = sessions.iloc[seed]
        image = torch.load(str(make_sample.image_path(ROOT / "sample/caps", row.participant_id, row.session_id)))
        return network, networks.min_max(image[0])[None, None], one_logit

    return draw


def main():
    kind, name, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    torch.set_num_threads(2)
    draw = {"architecture": architecture, "zoo": zoo, "sample": sample, "full-size": full_size}[kind](name)
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        network, x, cotangent = draw(int(line))
        kept = {key: value.clone() for key, value in network.state_dict().items()}
        y, gradient, decisions = run(network.double(), x.double(), cotangent)
        network.float()
        network.load_state_dict(kept)
        y32, gradient32, decisions32 = run(network, x, cotangent)
        x.numpy().astype("<f4").tofile(folder / "input.f32")
        gradient.numpy().astype("<f8").tofile(folder / "gradient.f64")
        gradient32.numpy().astype("<f4").tofile(folder / "gradient.f32")
        for precision, made in (("decision", decisions), ("single", decisions32)):
            for k, (which, values) in enumerate(made):
                values.tofile(folder / f"{precision}-{k}.{'u8' if which == 'relu' else 'i32'}")
        answer = {
            "dims": list(x.shape),
            "outputDims": list(y.shape),
            "cotangent": cotangent(y).flatten().tolist() if y.dim() > 2 else None,
            "output": y.flatten().tolist(),
            "pytorchOutput": y32.flatten().tolist(),
            "decisions": [which for which, _ in decisions],
        }
        print(json.dumps(answer), flush=True)


main()
