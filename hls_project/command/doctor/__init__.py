"""`doctor`: what there is on this machine, what is missing, and which verbs can run with it."""

from __future__ import annotations

from hls_project.command.doctor.diagnosis import Diagnosis, diagnose
from hls_project.command.doctor.show import main

__all__ = ["Diagnosis", "diagnose", "main"]
