from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dt_scnn.errors import ConfigurationError
from quant_train.spec import Conv, Dense, Layer, Pool, completed, parse, widened


def test_every_form_of_token() -> None:
    assert parse("8C3-P2-16C5x3s2v-4C1-P3-FC20-FC10") == (
        Conv(8, (3, 3)),
        Pool(2),
        Conv(16, (5, 3), 2, True),
        Conv(4, (1, 1)),
        Pool(3),
        Dense(20),
        Dense(10),
    )
    assert parse("8C3-FC10")[0].padding == (1, 1)  # type: ignore[union-attr]
    assert parse("8C7x1-FC10")[0].padding == (3, 0)  # type: ignore[union-attr]
    assert parse("8C4v-FC10")[0].padding == (0, 0)  # type: ignore[union-attr]


odd = st.sampled_from([1, 3, 5, 7])
convs = st.one_of(
    st.builds(Conv, st.integers(1, 99), st.tuples(odd, odd), st.integers(1, 9)),
    st.builds(
        Conv,
        st.integers(1, 99),
        st.tuples(st.integers(1, 7), st.integers(1, 7)),
        st.integers(1, 9),
        st.just(True),
    ),
)
dense = st.builds(Dense, st.integers(1, 999))
networks = st.tuples(
    st.lists(convs, min_size=1, max_size=2),
    st.lists(st.one_of(convs, st.builds(Pool, st.integers(1, 9))), max_size=4),
    st.lists(dense, min_size=1, max_size=3),
).map(lambda parts: tuple(layer for part in parts for layer in part))


def notation(layer: Layer) -> str:
    if isinstance(layer, Conv):
        return f"{layer.kernels}C{layer.size[0]}x{layer.size[1]}s{layer.stride}{'v' * layer.valid}"
    return f"P{layer.size}" if isinstance(layer, Pool) else f"FC{layer.units}"


@given(networks)
def test_what_is_written_is_read(layers: tuple[Layer, ...]) -> None:
    assert parse("-".join(map(notation, layers))) == layers


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "token 1: ''"),
        ("8C3--FC10", "token 2: ''"),
        ("8c3-FC10", "token 1: '8c3'"),
        ("8C3-FC10 ", "token 2: 'FC10 '"),
        ("0C3-FC10", "token 1"),
        ("8C3s0-FC10", "token 1"),
        ("8C3-P0-FC10", "token 2"),
        ("8C9v-FC10", "at most 7 x 7"),
        ("8C4-FC10", "needs odd kernels, not '8C4'; append v"),
        ("8C3", "must end in FC<classes>, not '8C3'"),
        ("8C3-FC10-P2", "token 3: only FC can follow FC, not 'P2'"),
        ("P2-8C3-FC10", "token 1: P pools spikes"),
    ],
)
def test_bad_notation_is_refused_with_its_position(spec: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(spec)
    assert message in str(caught.value)


@given(convs, st.integers(1, 64), st.integers(2, 4))
def test_a_widened_network_has_more_kernels_and_nothing_else(conv: Conv, units: int, factor: int) -> None:
    spec = f"{notation(conv)}-P2-FC{units}-FC10"
    first, pool, hidden, last = parse(widened(spec, factor))
    assert isinstance(first, Conv) and first == replace(conv, kernels=factor * conv.kernels)
    assert (pool, hidden, last) == (Pool(2), Dense(factor * units), Dense(10))


def test_the_last_layer_may_leave_its_size_to_the_data() -> None:
    assert completed("8C3-P2-FC20-FC", 3) == "8C3-P2-FC20-FC3"
    assert completed("8C3-FC10", 3) == "8C3-FC10"
    assert widened("8C3-P2-FC20-FC", 2) == "16C3-P2-FC40-FC"
    for spec in ("8C3-FC", "FC"):
        with pytest.raises(ConfigurationError, match="leaves its size to the data.*write FC10"):
            parse(spec)
    with pytest.raises(ConfigurationError, match="token 2"):
        parse(completed("8C3-FC-FC", 3))
