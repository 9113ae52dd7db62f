"""The demo: a newsroom on loopback, the very same service watching it, and the outcome held against the plan."""

from __future__ import annotations

from monitor.demo.rehearsal import run_demo
from monitor.demo.report import outcome_data

__all__ = ["outcome_data", "run_demo"]
