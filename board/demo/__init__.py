"""The demo page: draw or choose a picture in Jupyter, and see the hardware's scores and latency, and every layer's spike maps.

    demo = Demo(DTSCNNOverlay("mnist.bit"))
    demo                   # the page, in a notebook
    demo.show("digit.png")  # the same for a picture file, without a page

The page needs ipywidgets, its canvas ipycanvas; where they are missing, as on older PYNQ images, files take their place.
"""

from __future__ import annotations

from .answer import Answer
from .demo import Demo

__all__ = ["Answer", "Demo"]
