"""One comparison: a call of a tool, and the method of Voxplain that should give the same."""

import copy
from dataclasses import dataclass, field
from typing import Callable, Optional

import torch


@dataclass
class Given:
    """A network, an image, and what methods take beside them, all of one type."""

    name: str
    net: torch.nn.Sequential
    x: torch.Tensor
    image: torch.Tensor
    references: torch.Tensor
    labels: torch.Tensor
    # The module that class activation maps take, and the name of its output in the ONNX file.
    layer: str
    value: str
    # Names of the weights in the order of the file.
    weights: list
    # The predicted class.
    target: int

    def fresh(self, dtype):
        """A copy, because tools leave hooks behind."""
        tensors = {name: getattr(self, name).to(dtype).clone() for name in ("x", "image", "references")}
        return Given(**{**self.__dict__, **tensors, "net": copy.deepcopy(self.net).to(dtype)})

    @property
    def axes(self):
        return self.x.dim() - 2

    @property
    def steps(self):
        """Windows of these lengths fill the image; tools treat those that reach beyond it in different ways."""
        return [next(step for step in (4, 3, 2) if length % step == 0) for length in self.x.shape[2:]]

    @property
    def only_relu(self):
        return not self.name.startswith("strided")

    def name_of(self, parameter):
        return next(name for name, one in self.net.named_parameters() if one is parameter)


@dataclass
class Case:
    tool: str
    call: str
    compute: Callable[[Given], torch.Tensor]
    # A method, or a check of maps.
    method: str
    options: dict = field(default_factory=dict)
    # How the tool was set, or what was computed from its map to get the same quantity.
    note: Optional[str] = None
    # For a tool that computes something else by definition: what; the map by Voxplain's definition; and for each
    # claim about the tool two maps that are equal if it is true.
    difference: Optional[str] = None
    ours: Optional[Callable[[Given], torch.Tensor]] = None
    shown: dict = field(default_factory=dict)
