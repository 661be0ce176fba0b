#!/usr/bin/python3
"""Answers every line on standard input with the milliseconds of one forward pass and input gradient.

    pytorch_gradient.py THREADS contiguous_format|channels_last_3d
"""

import sys
import time

import torch

from networks import SHAPE, seeded

torch.set_num_threads(int(sys.argv[1]))
network = seeded()
for parameter in network.parameters():
    parameter.requires_grad_(False)  # only the gradient at the input is asked for, as of ours
layout = getattr(torch, sys.argv[2])
network = network.to(memory_format=layout)
image = torch.rand((1, 1) + SHAPE, generator=torch.Generator().manual_seed(1)).to(memory_format=layout)
print(torch.__version__, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    x = image.clone().requires_grad_(True)
    network(x)[0, 1].backward()
    print(1000 * (time.perf_counter() - start), flush=True)
