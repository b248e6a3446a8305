"""From facts to the file: one HTML page that loads nothing from elsewhere."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path, sha256
from hls_project.page import hardware, remains, sections
from hls_project.page.facts import Facts
from hls_project.page.view import Missing, Page
from hls_project.pictures.style import Picture, variables

_TEMPLATES = Path(__file__).with_name("templates")


def templates() -> Any:
    """Return the page's templates.

    Raises:
        ConfigurationError: jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError as error:
        raise ConfigurationError(
            "the page needs jinja2; install it: pip install 'dt-scnn[report]'; in a clone: make report"
        ) from error
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def assemble(facts: Facts, folder: Path, now: datetime) -> Page:
    """Return the page; its pictures are written into `folder`."""
    card, workspace = facts.trained.card, facts.workspace
    about = [("model", workspace.origin or str(workspace.model)), ("SHA-256", sha256(workspace.model))]
    if facts.dataset:
        about.append(("data set", facts.dataset))
    if card is not None:
        about.append(("network", f"{card.spec}, weights of {card.weight_bits} bits, seed {card.seed}"))
    plan = facts.planned.plan
    about.append(("plan", f"{plan.board or plan.part}, {plan.clock_mhz:g} MHz" if plan else "none yet"))
    return Page(
        workspace.name,
        tuple(about),
        remains.tiles(facts),
        (
            sections.ladder(facts),
            sections.network(facts, folder),
            sections.accuracy(facts, folder),
            sections.activity(facts, folder),
            hardware.hardware(facts, folder),
            remains.made_of(facts),
            remains.versions(facts),
        ),
        f"{now:%Y-%m-%d %H:%M}",
        _version(),
    )


def write_page(page: Page, path: Path) -> tuple[Picture, ...]:
    """Write the page, whole or not at all; return its pictures. Those that an older page had and this one has not are removed."""
    text = (
        templates()
        .get_template("report.html")
        .render(
            page=page,
            light=variables("light"),
            dark=variables("dark"),
            is_missing=lambda slot: isinstance(slot, Missing),
        )
    )
    with atomic_path(path) as partial:
        partial.write_text(text)
    slots = [slot for section in page.sections for slot in section.slots if isinstance(slot, Picture)]
    pictures = tuple(one for slot in slots for one in (slot, slot.wide) if one is not None)
    kept = {picture.path for picture in pictures}
    for old in {place for picture in kept for place in picture.parent.glob("*.svg")} - kept:
        old.unlink()
    return pictures


def _version() -> str:
    try:
        return version("dt-scnn")
    except PackageNotFoundError:  # a clone that is not installed
        from hls_project import __version__

        return __version__
