"""Faults that users meet, each made for real: the page docs/faults.md lists the message that each one gets."""
