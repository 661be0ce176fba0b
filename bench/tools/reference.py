"""Maps of Captum, zennit, MONAI, pytorch-grad-cam and torch-cam in float64 and in float32, and the networks as ONNX files.

    PYTHONPATH=<the tools> python3 bench/tools/reference.py FOLDER [NETWORK …]

Weights and images come from fixed seeds. Where a tool draws random numbers, it gets those of Voxplain. Writes into FOLDER
<network>.onnx, images and labels, the maps in float64, and comparisons.json, which names them.
"""

import json
import sys
import traceback
import warnings
from pathlib import Path

import installed  # noqa: F401
import numpy as np
import onnx
import torch

import cam_cases
import captum_cases
import monai_cases
import randomization_cases
import zennit_cases
from cases import Given
from networks import export, networks

MODULES = (captum_cases, zennit_cases, monai_cases, cam_cases, randomization_cases)


def given_for(network, folder):
    path = folder / f"{network.name}.onnx"
    value = export(network, path)
    weights = [one.name for one in onnx.load(str(path)).graph.initializer]
    generator = np.random.default_rng(sum(map(ord, network.name)))
    draw = lambda count: torch.from_numpy(generator.uniform(0, 1, (count, *network.dims)).astype(np.float32))
    x, image, references = draw(1), draw(1), draw(3)
    first, second, *_ = torch.from_numpy(np.indices(network.dims[1:]))
    target = int(network.net(x).argmax())
    labels = 1 + 2 * (first >= network.dims[1] // 2).long() + (second >= network.dims[2] // 3).long()
    for key, array in (("x", x), ("image", image), ("references", references)):
        array.numpy().astype("<f4").tofile(folder / f"{network.name}-{key}.f32")
    labels.numpy().astype("<i4").tofile(folder / f"{network.name}-labels.i32")
    return Given(network.name, network.net, x, image, references, labels, network.layer, value, weights, target)


def computed(compute, given, dtype):
    # Tools take numbers of their own, such as positions on a path, in the default type.
    torch.set_default_dtype(dtype)
    try:
        return torch.as_tensor(compute(given.fresh(dtype))).detach().double().numpy()
    finally:
        torch.set_default_dtype(torch.float32)


def distance(found, expected):
    norm = np.linalg.norm(expected)
    assert norm > 0, "the map is 0 everywhere"
    return float(np.linalg.norm(found - expected) / norm)


class Kept:
    """Writes maps into files by number."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def keep(self, map_):
        file = f"{self.count}.f64"
        self.count += 1
        map_.astype("<f8").tofile(self.folder / file)
        return file


def compared(case, given, kept):
    map_ = computed(case.compute, given, torch.float64)
    row = {
        **{key: getattr(case, key) for key in ("tool", "call", "method", "options", "note", "difference")},
        "network": given.name,
        "toolFloat32": distance(computed(case.compute, given, torch.float32), map_),
        "file": kept.keep(map_),
    }
    if case.difference is not None:
        row["ours"] = kept.keep(computed(case.ours, given, torch.float64))
        row["shown"] = [
            {"claim": claim, "error": distance(*(computed(side, given, torch.float64) for side in sides))}
            for claim, sides in case.shown.items()
        ]
    return row


def main():
    folder = Path(sys.argv[1])
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    kept, rows, shapes, failed = Kept(folder), [], {}, 0
    for network in networks():
        if sys.argv[2:] and network.name not in sys.argv[2:]:
            continue
        given = given_for(network, folder)
        shapes[network.name] = {"target": given.target, "dims": network.dims, "references": len(given.references)}
        for module in MODULES:
            for case in module.cases(given):
                try:
                    rows.append(compared(case, given, kept))
                except Exception:  # all of them at once
                    failed += 1
                    print(f"{network.name}: {case.tool} {case.call}", traceback.format_exc(), sep="\n", file=sys.stderr)
    head = {"torch": torch.__version__, "networks": shapes, "comparisons": rows}
    (folder / "comparisons.json").write_text(json.dumps(head, allow_nan=False))
    sys.exit(f"{failed} comparisons failed" if failed else 0)


main()
