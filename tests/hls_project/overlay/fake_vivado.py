"""Takes the place of Vivado: runs the Tcl in a plain interpreter and leaves what the test wants. Made an executable by conftest.py."""

import os
import pathlib
import re
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(sys.argv[0]).parent
TESTS = pathlib.Path((HERE / "tests").read_text())
BEHAVIOUR = (HERE / "behaviour").read_text()
SCRIPT = sys.argv[-1]
CALLS = pathlib.Path("calls")
SYNTHESIS = "synthesize" in SCRIPT

UTILIZATION = """
1. Slice Logic
--------------

+----------------------------+------+-------+------------+-----------+-------+
|          Site Type         | Used | Fixed | Prohibited | Available | Util% |
+----------------------------+------+-------+------------+-----------+-------+
| {luts}*                | 6120 |     0 |          0 |     53200 | 11.50 |
|   LUT as Logic             | 5871 |     0 |          0 |     53200 | 11.04 |
| {registers}            | 8450 |     0 |          0 |    106400 |  7.94 |
| Block RAM Tile             |  4.5 |     0 |          0 |       140 |  3.21 |
| DSPs                       |    0 |     0 |          0 |       220 |  0.00 |
+----------------------------+------+-------+------------+-----------+-------+
"""
TIMING = """
------------------------------------------------------------------------------------------------
| Design Timing Summary
| ---------------------
------------------------------------------------------------------------------------------------

    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)      THS(ns)  THS Failing Endpoints  THS Total Endpoints     WPWS(ns)     TPWS(ns)  TPWS Failing Endpoints  TPWS Total Endpoints  
    -------      -------  ---------------------  -------------------      -------      -------  ---------------------  -------------------     --------     --------  ----------------------  --------------------  
      {wns}        0.000                      0                21630        0.021        0.000                      0                21630        3.750        0.000                       0                  9012  
"""
POWER = """
+--------------------------+--------------+
| Total On-Chip Power (W)  | 1.466        |
| Dynamic (W)              | 1.327        |
| Device Static (W)        | 0.139        |
| Effective TJA (C/W)      | 11.5         |
| Confidence Level         | {confidence}       |
| Setting File             | ---          |
| Simulation Activity File | {activity} |
| Design Nets Matched      | {matched} |
+--------------------------+--------------+
"""
TOO_LARGE = (
    "ERROR: [DRC UTLZ-1] Resource utilization: LUT as Logic over-utilized in Top Level Design (This design requires more LUT as "
    "Logic cells than are available in the target device. This design requires 61234 of such cell types but only 53200 compatible "
    "sites are available in the target device.)"
)


def say(*lines):
    print(*lines, sep="\n", flush=True)


def bit_file(part):
    fields = [b"overlay_wrapper;UserID=0XFFFFFFFF\0", part.encode() + b"\0", b"2024/01/02\0", b"03:04:05\0"]
    content = bytes.fromhex("00090ff00ff00ff00ff0000001")
    for key, text in zip(b"abcd", fields, strict=True):
        content += bytes([key]) + struct.pack(">H", len(text)) + text
    data = bytes(range(256)) * 40
    return content + b"e" + struct.pack(">I", len(data)) + data


with open(HERE / "runs", "a") as runs:
    runs.write("\0".join(sys.argv[1:]) + "\n")
say("****** Vivado v2023.2 (64-bit)")
if BEHAVIOUR == "fail":
    say("dtscnn: block design", "ERROR: [BD 41-51] Could not find a suitable IP.")
    sys.exit(1)
if BEHAVIOUR == "unknown part":
    say("ERROR: [Coretcl 2-106] Specified part could not be found.", "ERROR: [dtscnn] no part")
    sys.exit(1)
if BEHAVIOUR == "killed":
    os.kill(os.getpid(), 9)
if BEHAVIOUR == "exit at once":
    sys.exit(0)
if BEHAVIOUR == "hang":
    while True:
        say("INFO: [Synth 8-7079] Multithreading enabled")
        time.sleep(0.05)
if BEHAVIOUR == "hang silently":
    child = subprocess.Popen(["sleep", "100"])
    (HERE / "child").write_text(str(child.pid))
    time.sleep(100)
if BEHAVIOUR == "hang in placement" and not SYNTHESIS:
    say("dtscnn: placement")
    time.sleep(100)
if BEHAVIOUR == "too large" and not SYNTHESIS:
    say(
        "dtscnn: optimization",
        "dtscnn: placement",
        TOO_LARGE,
        "ERROR: [dtscnn] ERROR: [Common 17-69] Command failed",
    )
    sys.exit(1)

environment = {**os.environ, "CALLS": str(CALLS.resolve())}
if BEHAVIOUR != "no handoff":
    environment["HANDOFF"] = f"{{{sys.executable}}} {{{TESTS / 'board/vivado/write_handoff.py'}}}"
if BEHAVIOUR == "misses its timing":
    environment["SLACK"] = "-0.412"
main = pathlib.Path("recorded.tcl")
main.write_text(f"source {{{TESTS / 'board/vivado/recorder.tcl'}}}\nsource {SCRIPT}\n")
ended = subprocess.run(["tclsh", str(main)], env=environment, check=False)
main.unlink()

handoff = pathlib.Path("overlay.hwh")
if SYNTHESIS and handoff.exists():
    text = handoff.read_text()
    if BEHAVIOUR == "truncated handoff":
        handoff.write_text(text[: len(text) // 2])
    if BEHAVIOUR == "another handoff":
        handoff.write_text(text.replace("dtscnn_axi", "blinking_lights"))
    if BEHAVIOUR == "handoff at another address":
        handoff.write_text(text.replace("43C0", "43D0"))
    if BEHAVIOUR == "short lengths":
        handoff.write_text(text.replace('"c_sg_length_width" VALUE="26"', '"c_sg_length_width" VALUE="14"'))
    if BEHAVIOUR.startswith("another width of "):
        name = BEHAVIOUR.removeprefix("another width of ")
        handoff.write_text(re.sub(f'(NAME="{name}" VALUE=)"[0-9]+"', r'\1"128"', text))
    if BEHAVIOUR == "no interrupt":
        handoff.write_text(text.replace('NAME="mm2s_introut"', 'NAME="unused"'))
    if BEHAVIOUR == "slow clock":
        handoff.write_text(text.replace('CLKFREQUENCY="100000000"', 'CLKFREQUENCY="90909088"'))
if BEHAVIOUR == "no checkpoint":
    pathlib.Path("synthesized.dcp").unlink(missing_ok=True)
if not SYNTHESIS:
    calls = CALLS.read_text()
    series7 = "processing_system7" in calls
    names = {
        "luts": "Slice LUTs" if series7 else "CLB LUTs",
        "registers": "Slice Registers" if series7 else "CLB Registers",
    }
    reports = {
        "utilization.rpt": UTILIZATION.format(**names),
        "timing.rpt": TIMING.format(wns="-0.123" if BEHAVIOUR == "lies about timing" else " 1.234"),
        "power.rpt": POWER.format(
            **{"confidence": "High", "activity": "activity.saif", "matched": "61% (4210/6901)"}
            if pathlib.Path("activity.saif").exists()
            else {"confidence": "Low", "activity": "---", "matched": "NA"}
        ),
    }
    for name, text in reports.items():
        if name not in calls or f"no {name}" == BEHAVIOUR:
            continue
        pathlib.Path(name).write_text(text[: len(text) // 2] if f"truncated {name}" == BEHAVIOUR else text)
    if "write_bitstream" in calls and BEHAVIOUR != "no bitstream":
        part = (HERE / "part").read_text()
        content = bit_file("7z010clg400" if BEHAVIOUR == "another part" else part)
        if BEHAVIOUR == "truncated bitstream":
            content = content[:-1000]
        if BEHAVIOUR == "no bitstream inside":
            content = b"<html>"
        pathlib.Path("overlay.bit").write_bytes(content)
    if BEHAVIOUR == "critical warnings":
        say("CRITICAL WARNING: [Timing 38-282] The design failed to meet the timing requirements.")
        say("CRITICAL WARNING: [BD 41-1356] Slave segment is not assigned.")
    if BEHAVIOUR == "error but exit 0":
        say("ERROR: [Route 35-7] Design has 3 unroutable pins")
sys.exit(ended.returncode)
