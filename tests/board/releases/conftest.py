"""Where releases of pynq are kept between runs of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest) -> Path:
    found = request.config.cache
    if found is None:
        pytest.skip("pytest runs without its cache, which keeps what is fetched")
    return Path(found.mkdir("pynq"))
