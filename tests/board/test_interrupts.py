"""Registers of the simulated interrupt controller, as the product guide (PG099) has them."""

from __future__ import annotations

from board.simulated.interrupts import (
    ACKNOWLEDGE,
    CLEAR_ENABLE,
    ENABLE,
    ENABLED_PENDING,
    MASTER,
    PENDING,
    SET_ENABLE,
    InterruptController,
)


def test_an_input_interrupts_when_it_and_the_whole_are_enabled() -> None:
    levels = [False, True]
    controller = InterruptController(lambda: levels)
    assert (controller.read(PENDING), controller.read(ENABLED_PENDING), controller.irq) == (2, 0, False)
    controller.write(SET_ENABLE, 2)
    assert (controller.read(ENABLE), controller.read(ENABLED_PENDING), controller.irq) == (2, 2, False)
    controller.write(MASTER, 3)
    assert controller.read(MASTER) == 3 and controller.irq
    controller.write(CLEAR_ENABLE, 2)
    assert (controller.read(ENABLE), controller.irq) == (0, False)


def test_an_input_stays_pending_until_it_is_acknowledged_and_its_cause_is_gone() -> None:
    levels = [True, True]
    controller = InterruptController(lambda: levels)
    controller.write(ACKNOWLEDGE, 1)
    assert controller.read(PENDING) == 3
    levels[:] = [False, False]
    assert controller.read(PENDING) == 3
    controller.write(ACKNOWLEDGE, 1)
    assert controller.read(PENDING) == 2
