"""Lets tools be imported from their sources: without metadata, and without modules that only their other methods need."""

import importlib.metadata
import importlib.util
import sys
from unittest import mock

for name, *inside in (["ttach"], ["cv2"], ["sklearn", "sklearn.decomposition"]):
    if importlib.util.find_spec(name) is None:
        for module in (name, *inside):
            sys.modules[module] = mock.MagicMock()

version_of = importlib.metadata.version


def version(name):
    try:
        return version_of(name)
    except importlib.metadata.PackageNotFoundError:
        if name == "torchcam":
            return "0"
        raise


importlib.metadata.version = version
