"""torchvision's own network code, with fewer channels."""

from contextlib import contextmanager

from torch import nn


@contextmanager
def narrowed(factor):
    """Inside, every layer has `factor` times fewer channels than the code that builds it says.

    The three colours stay. A head of `factor * n` classes has n.
    """

    def less(channels):
        return channels if channels <= 3 else max(1, channels // factor)

    originals = {kind: kind.__init__ for kind in (nn.Conv2d, nn.Conv3d, nn.BatchNorm2d, nn.BatchNorm3d, nn.Linear)}

    def layer_of_two(original):
        def build(self, in_channels, out_channels, *args, **settings):
            if settings.get("groups", 1) > 1:
                settings["groups"] = less(settings["groups"])
            original(self, less(in_channels), less(out_channels), *args, **settings)

        return build

    def layer_of_one(original):
        return lambda self, channels, *args, **settings: original(self, less(channels), *args, **settings)

    for kind, original in originals.items():
        of_one = kind in (nn.BatchNorm2d, nn.BatchNorm3d)
        kind.__init__ = (layer_of_one if of_one else layer_of_two)(original)
    try:
        yield
    finally:
        for kind, original in originals.items():
            kind.__init__ = original
