"""The stand-ins for synthesis tools and the example core, which the verbs are run on too."""

from __future__ import annotations

from tests.hls_project.synthesis.conftest import fake_nextpnr, fake_yosys, rtl

__all__ = ["fake_nextpnr", "fake_yosys", "rtl"]
