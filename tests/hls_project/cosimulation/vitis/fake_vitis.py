"""Takes the place of Vitis HLS: prints and leaves what the test wants. Made an executable by conftest.py."""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(sys.argv[0]).parent
BEHAVIOUR = (HERE / "behaviour").read_text()
RELEASE = (HERE / "release").read_text() if (HERE / "release").exists() else "2023.2"
TOP = "other" if BEHAVIOUR == "another top" else "dtscnn"
SOLUTION = pathlib.Path("dtscnn_prj/solution1")

CSYNTH = """<?xml version="1.0" encoding="UTF-8"?>
<profile>
<ReportVersion><Version>2023.2</Version></ReportVersion>
<UserAssignments><unit>ns</unit><ProductFamily>zynq</ProductFamily><Part>xc7z020-clg400-1</Part>
<TopModelName>{name}</TopModelName><TargetClockPeriod>10.00</TargetClockPeriod>
<ClockUncertainty>2.70</ClockUncertainty><FlowTarget>vivado</FlowTarget></UserAssignments>
<PerformanceEstimates><PipelineType>dataflow</PipelineType>
<SummaryOfTimingAnalysis><unit>ns</unit><EstimatedClockPeriod>6.914</EstimatedClockPeriod></SummaryOfTimingAnalysis>
<SummaryOfOverallLatency><unit>clock cycles</unit><Best-caseLatency>{latency}</Best-caseLatency>
<Average-caseLatency>{latency}</Average-caseLatency><Worst-caseLatency>{latency}</Worst-caseLatency>
<Interval-min>841</Interval-min><Interval-max>842</Interval-max></SummaryOfOverallLatency>
{loops}</PerformanceEstimates>
<AreaEstimates><Resources><BRAM_18K>3</BRAM_18K><FF>5123</FF><LUT>9876</LUT><DSP>0</DSP><URAM>0</URAM></Resources>
<AvailableResources><BRAM_18K>280</BRAM_18K><DSP>220</DSP><FF>106400</FF><LUT>53200</LUT></AvailableResources>
</AreaEstimates></profile>
"""
# A core that is as fast as its project says.
STEPS = pathlib.Path("steps.json")
TRIPS = max(json.loads(STEPS.read_text()).values()) if STEPS.exists() else 841
LOOP = f"""<SummaryOfLoopLatency><StepLoop><Name>StepLoop</Name><Slack>7.30</Slack><TripCount>{TRIPS}</TripCount>
<Latency>{TRIPS + 4}</Latency><AbsoluteTimeLatency>{10 * (TRIPS + 4)}</AbsoluteTimeLatency><PipelineII>1</PipelineII>
<PipelineDepth>6</PipelineDepth><PipelineType>yes</PipelineType></StepLoop></SummaryOfLoopLatency>
"""
if BEHAVIOUR == "slow loop":
    LOOP = LOOP.replace("<PipelineII>1<", "<PipelineII>3<").replace(
        f"<Latency>{TRIPS + 4}<", "<Latency>2526<"
    )
if BEHAVIOUR == "long loop":
    LOOP = LOOP.replace(f"<TripCount>{TRIPS}<", "<TripCount>12000<").replace(
        f"<Latency>{TRIPS + 4}<", "<Latency>12004<"
    )
if BEHAVIOUR == "endless loop":
    LOOP = LOOP.replace(f"<Latency>{TRIPS + 4}<", "<Latency>undef<")
if BEHAVIOUR == "no pipeline":
    LOOP = LOOP.replace(
        "<PipelineII>1</PipelineII>\n<PipelineDepth>6</PipelineDepth>",
        "<IterationLatency>5</IterationLatency>",
    )
CSYNTH = CSYNTH.replace("6.914", "10.35" if BEHAVIOUR == "slow clock" else "6.914")
RULE = "+----------+----------+" + 2 * ("-" * 47 + "+") + "----------------------+\n"
COSIM = (
    "Report time       : Tue Jun 20 10:11:12 CEST 2023.\nSolution          : solution1.\n"
    "Simulation tool   : xsim.\n\n" + RULE + "+   RTL    +  Status  +\n"
    "|          |          |      min      |      avg      |      max      |      min      |      avg      |"
    "      max      |                      |\n"
    + RULE
    + "|      VHDL|        NA|"
    + "             NA|" * 6
    + "                    NA|\n"
    "|   Verilog|      {status}|            850|            851|            853|            841|            841|"
    "            843|                  2535|\n" + RULE
)


def say(*lines):
    print(*lines, sep="\n", flush=True)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


if sys.argv[-1] in ("-version", "--version"):
    name = (
        "vitis-run"
        if "vitis-run" in sys.argv[0]
        else "Vitis HLS - High-Level Synthesis from C, C++ and OpenCL"
    )
    say(f"****** {name} v{RELEASE} (64-bit)" if BEHAVIOUR != "no release" else "command not found")
    sys.exit(0)
settings = pathlib.Path(sys.argv[-1])
(HERE / "call").write_text("\0".join(sys.argv[1:]))
words = dict(re.findall(r'set (\w+) "?([^"\n]*)"?', settings.read_text()))
if tclsh := shutil.which("tclsh"):
    # The solution's commands, as this release takes them; what comes after them is made up below.
    *solution, _ = settings.read_text().splitlines()
    script = pathlib.Path("release_run.tcl")
    script.write_text("\n".join([f"source {{{HERE / 'release.tcl'}}}", *solution, "dtscnn_solution", ""]))
    ran = subprocess.run(
        [tclsh, str(script)],
        env={**os.environ, "RELEASE": RELEASE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    script.unlink()
    say(ran.stdout.rstrip())
    if ran.returncode:
        sys.exit(1)
if "cosim_golden" not in words:  # synthesis alone
    say("INFO: [HLS 200-10] Running 'vitis_hls'", "dtscnn: synthesis")
    if BEHAVIOUR == "fail":
        say("ERROR: [HLS 207-3776] use of undeclared identifier 'w32'")
        sys.exit(1)
    write(SOLUTION / "syn/report/dtscnn_csynth.xml", CSYNTH.format(name=TOP, latency="846", loops=LOOP))
    if BEHAVIOUR != "no verilog":
        write(SOLUTION / "syn/verilog/dtscnn.v", "module dtscnn ();\nendmodule\n")
    write(SOLUTION / "syn/verilog/dtscnn_weights_ROM.dat", "0\n")
    write(SOLUTION / "syn/verilog/dtscnn_widths.vh", "`define WIDTH 8\n")
    if BEHAVIOUR == "needs IP":
        write(SOLUTION / "syn/verilog/dtscnn_fadd_ip.tcl", "create_ip\n")
    if BEHAVIOUR == "stale verilog":
        os.utime(SOLUTION / "syn/verilog/dtscnn.v", (1, 1))
    say("dtscnn: done")
    sys.exit(0)
golden = pathlib.Path(words["cosim_golden"]).read_bytes()
_, _, images, height, width, channels, classes, _ = struct.unpack("<8I", golden[:32])
flat = struct.unpack(f"<{images * classes}i", golden[32 + images * height * width * channels :])
rows = [list(flat[i * classes : (i + 1) * classes]) for i in range(images)]

say("INFO: [HLS 200-10] Running 'vitis_hls'", "dtscnn: synthesis")
if BEHAVIOUR == "fail":
    say("ERROR: [HLS 207-3776] use of undeclared identifier 'w32'")
    sys.exit(1)
if BEHAVIOUR == "killed":
    os.kill(os.getpid(), 9)
if BEHAVIOUR == "hang":
    while True:
        say("INFO: [HLS 200-10] still here")
        time.sleep(0.05)
if BEHAVIOUR in ("hang silently", "leave a child"):
    child = subprocess.Popen(["sleep", "100"])
    (HERE / "child").write_text(str(child.pid))
    if BEHAVIOUR == "hang silently":
        time.sleep(100)
if BEHAVIOUR == "exit at once":
    sys.exit(0)

final = 3 if BEHAVIOUR in ("slow loop", "slow loop in the log") else 1
if final > 1:
    say(
        "WARNING: [HLS 200-880] The II Violation in module 'spiking_conv2d_config32_s' (loop 'StepLoop'): Unable to enforce a "
        "carried dependence constraint (II = 1, distance = 1, offset = 1) between 'store' operation 0 bit and 'load' operation"
    )
say(f"INFO: [HLS 200-1470] Pipelining result : Target II = 1, Final II = {final}, Depth = 6, loop 'StepLoop'")
for name, latency, loops in ((TOP, "undef", ""), ("spiking_conv2d_config32_s", "846", LOOP)):
    top = "other" if BEHAVIOUR == "report on another top" else name
    text = CSYNTH.format(name=top, latency=latency, loops=loops)
    if BEHAVIOUR == "truncated xml":
        text = text[:700]
    if BEHAVIOUR == "xml without resources":
        text = text.replace("<LUT>9876</LUT>", "")
    if BEHAVIOUR == "xml with entities":
        text = text.replace("<profile>", '<!DOCTYPE p [<!ENTITY e "e">]><profile>')
    if BEHAVIOUR not in ("stale synthesis", "stale both"):
        write(SOLUTION / f"syn/report/{name}_csynth.xml", text)

say("INFO: [COSIM 212-302] Starting C TB testing ... ", f"exact {images} of {images}")
if BEHAVIOUR == "error but exit 0":
    say("ERROR: [COSIM 212-359] Aborting co-simulation: C TB simulation failed.")
say("INFO: [COSIM 212-323] Starting verilog simulation.", "INFO: [COSIM 212-15] Starting XSIM ...")
for image in range(images + 1):
    say(f'// RTL Simulation : {image} / {images} [n/a] @ "{image}000"')
exact = images
if BEHAVIOUR == "wrong scores":
    rows[1][2] += 1
if BEHAVIOUR in ("bench disagrees", "failed post check", "failed post check and said so"):
    exact -= 1
if BEHAVIOUR != "no post check":
    say("INFO: [COSIM 212-316] Starting C post checking ...")
    if BEHAVIOUR.startswith("failed post check"):
        say("mismatch image 1 class 2 expected 5 got 6")
    say(f"exact {exact} of {images}")
content = b"".join(
    struct.pack(f"<{classes + 1}i", *row, (row.index(max(row)) + (BEHAVIOUR == "wrong label")) % classes)
    for row in rows
)
if BEHAVIOUR == "short results":
    content = content[:-3]
if BEHAVIOUR != "no results":
    pathlib.Path(words["cosim_results"]).write_bytes(content)

status = (
    "Fail" if BEHAVIOUR in ("failed report", "failed post check", "failed post check and said so") else "Pass"
)
report = COSIM.format(status=status)
if BEHAVIOUR == "truncated report":
    report = report[: report.index("841")]
if BEHAVIOUR == "one image":
    report = report.replace("            841|            841|            843|", "             NA|" * 3)
if BEHAVIOUR not in ("no report", "stale both", "stale cosim"):
    write(SOLUTION / f"sim/report/{TOP}_cosim.rpt", report)
if BEHAVIOUR.startswith("failed post check"):
    say("ERROR: [COSIM 212-361] Aborting co-simulation: C TB post check failed, nonzero return value '1'.")
    say("ERROR: [COSIM 212-4] *** C/RTL co-simulation finished: FAIL ***")
    if BEHAVIOUR.endswith("said so"):
        say(*30 * ["INFO: [HLS 200-112] Total time"])
        sys.exit(1)
elif BEHAVIOUR != "log without verdict":
    say("INFO: [COSIM 212-1000] *** C/RTL co-simulation finished: PASS ***")
