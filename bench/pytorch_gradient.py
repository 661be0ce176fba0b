#!/usr/bin/python3
"""Answers every line on standard input with the milliseconds of one forward pass and input gradient.

    pytorch_gradient.py ARCHITECTURE LENGTH…        of the batch, its channels and the axes
"""

import sys
import time

import torch

from networks import NETWORKS, as_laid_out, as_set, gradient_of, seeded

network = as_set(seeded(NETWORKS[sys.argv[1]]))
images = torch.rand([int(length) for length in sys.argv[2:]], generator=torch.Generator().manual_seed(1))
images = as_laid_out(images)
for _ in sys.stdin:
    start = time.perf_counter()
    gradient_of(network, images)
    print(1000 * (time.perf_counter() - start), flush=True)
