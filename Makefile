# Front door: every target is one verb of one package. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

MODEL ?= mnist
N ?=
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# MODEL and N reach the shell as environment variables, so nothing in them is run.
TARGET ?=
WAVES ?=
SAIF ?=
NAME ?=
RUN ?=
HOST ?=
FOLDER ?=
BOARD ?=
CLOCK ?=
FPS ?=
BUDGET ?=
PLAN ?=
SYNTHESIZE ?=
SCHEDULER ?=
ACCEPT ?=
export MODEL N TARGET WAVES SAIF NAME RUN HOST FOLDER BOARD CLOCK FPS BUDGET PLAN SYNTHESIZE SCHEDULER ACCEPT
comma := ,
IMAGES = $${N:+-n "$$N"}
# Every verb of the hardware takes the same plan: what is given here, else the saved one.
PLANNED = $${BOARD:+--board="$$BOARD"} $${CLOCK:+--clock="$$CLOCK"} $${FPS:+--fps="$$FPS"} $${BUDGET:+--budget="$$BUDGET"} $${PLAN:+--plan="$$PLAN"}

.PHONY: help doctor train evaluate csim dataflow cosim simulate-board notebook bitstream package deploy explore estimate timing compare test test-slow bench lint format clean

help: ## List the targets
	@echo 'Dual-threshold spiking CNNs from training to a PYNQ board. Targets:'; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo; echo 'MODEL=<zoo name or QONNX file> (mnist)   N=<test images> (the sample of 200)   TARGET=rtl|hls   WAVES=1   SAIF=1   HOST=   FOLDER=<on the board>   PYTHON=<python 3.11+>   CXX=<compiler>'
	@echo 'The plan of engines and folds: BOARD=<name or JSON file> (pynq-z2)   CLOCK=<MHz>   FPS=<images/s>|max (max)   BUDGET=70%|lut=70%$(comma)bram=90%   PLAN=<file> (build/MODEL/plan.json)'

csim: $(VENV)/.stamp-csim ## Simulate the generated C++ and compare every score with onnxruntime
	@$(PY) -m hls_project csim "$$MODEL" $(IMAGES) $(PLANNED)

dataflow: $(VENV)/.stamp-csim ## csim, then run each process as a thread on bounded streams and size them
	@$(PY) -m hls_project csim "$$MODEL" $(IMAGES) $(PLANNED) --dataflow

cosim: $(VENV)/.stamp-rtl ## Simulate the hardware, every image through shell and core, and compare every score
	@$(PY) -m hls_project cosim "$$MODEL" $(IMAGES) $(PLANNED) $${TARGET:+--target "$$TARGET"} $${WAVES:+--waves} $${SAIF:+--saif}

simulate-board: $(VENV)/.stamp-board ## Drive the simulated board with pynq and the driver, and check every golden score
	@$(PY) -W ignore -m hls_project simulate-board "$$MODEL" $(PLANNED)

bitstream: $(VENV)/.stamp-rtl ## Make the overlay of MODEL for BOARD with Vivado: TARGET=rtl|hls, ACCEPT=warning IDs
	@$(PY) -m hls_project bitstream "$$MODEL" $(PLANNED) $${TARGET:+--target "$$TARGET"} $${ACCEPT:+--accept "$$ACCEPT"}

package: $(VENV)/.stamp-board ## Pack driver, overlay and notebook of MODEL into one archive for the board
	@$(PY) -m hls_project package "$$MODEL"

deploy: $(VENV)/.stamp-board ## Copy the package to a board over ssh: HOST=xilinx@192.168.2.99
	@$(PY) -m hls_project deploy "$$MODEL" --host "$$HOST" --folder "$$FOLDER"

notebook: $(VENV)/.stamp-board ## Open the classify notebook on the simulated board; RUN=1 runs it, NAME=train|simulate|classify
	@$(PY) -W ignore -m hls_project notebook "$$MODEL" $${NAME:+--name "$$NAME"} $${RUN:+--run}

explore: $(VENV)/.stamp-explore ## Plan MODEL for BOARD and draw what each rate costs; SYNTHESIZE=3 points by yosys too, SCHEDULER=tcp://...
	@$(PY) -W ignore -m hls_project explore "$$MODEL" $(PLANNED) $${SYNTHESIZE:+--synthesize="$$SYNTHESIZE"} $${SCHEDULER:+--scheduler="$$SCHEDULER"}

estimate: $(VENV)/.stamp-rtl ## Synthesize the RTL core with yosys: LUT, FF, BRAM and DSP of each layer
	@$(PY) -m hls_project estimate "$$MODEL" $(PLANNED)

timing: $(VENV)/.stamp-rtl ## Place and route the RTL core on an ECP5, a stand-in for xc7z020
	@$(PY) -m hls_project timing "$$MODEL" $(PLANNED)

train: $(VENV)/.stamp-train ## Train MODEL by its recipe and export build/MODEL/model.onnx; goes on after an interruption
	@$(PY) -m quant_train train "$$MODEL"

evaluate: $(VENV)/.stamp-train ## Count the right labels of MODEL on all test images
	@$(PY) -m quant_train evaluate "$$MODEL"

compare: $(VENV)/.stamp-compare ## Show MODEL beside the conventional SCNN with the same spike maps; TRAIN=1 trains both first
	@$(PY) -W ignore -m hls_project compare "$$MODEL" $${TRAIN:+--train}

doctor: $(VENV)/.stamp-csim ## Say what is installed and what is missing
	@$(PY) -m hls_project doctor

test: $(VENV)/.stamp-dev ## Run the tests (a few minutes on two cores)
	$(PY) -m pytest -n 2 --dist worksteal

test-slow: $(VENV)/.stamp-dev ## Run the tests that take minutes each
	$(PY) -m pytest -n 2 -m slow

bench: $(VENV)/.stamp-bench ## Measure speed beside stock hls4ml, snnTorch and SpikingJelly; prints JSON
	@$(PY) -m tests.benchmarks

lint: $(VENV)/.stamp-dev ## Check style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/clang-format --dry-run -Werror $$(git ls-files '*.h' '*.cpp')

format: $(VENV)/.stamp-dev ## Format Python and C++
	$(VENV)/bin/ruff check --fix-only -q .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/clang-format -i $$(git ls-files '*.h' '*.cpp')

clean: ## Remove build/ (not the environment, not data)
	rm -rf build

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "error: $(PYTHON) is missing or older than 3.11; set PYTHON to a newer one, such as PYTHON=python3.12" >&2; exit 1; }
	@echo "creating the environment $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)

# The stamp is the last thing that is made: an interrupted installation is repeated.
define install
	@echo "installing into $(VENV): $(1) (once; minutes on a slow line)"
	@$(PY) -m pip install --quiet -c constraints.txt -e '.[$(1)]'
	@touch $@
endef

$(VENV)/.stamp-csim: pyproject.toml constraints.txt | $(PY)
	$(call install,csim)

$(VENV)/.stamp-rtl: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl)

$(VENV)/.stamp-board: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl$(comma)train$(comma)board$(comma)notebook)

$(VENV)/.stamp-train: pyproject.toml constraints.txt | $(PY)
	$(call install,train)

$(VENV)/.stamp-dev: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl$(comma)train$(comma)board$(comma)notebook$(comma)explore$(comma)cluster$(comma)dev)

$(VENV)/.stamp-compare: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)train$(comma)compare)

# Dask is there for SCHEDULER=; a few MB.
$(VENV)/.stamp-explore: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl$(comma)explore$(comma)cluster)

# The two other frameworks ask for more than their neurons need.
$(VENV)/.stamp-bench: constraints.txt $(VENV)/.stamp-dev
	@echo "installing into $(VENV): snntorch and spikingjelly"
	@$(PY) -m pip install --quiet -c constraints.txt --no-deps snntorch spikingjelly
	@$(PY) -m pip install --quiet -c constraints.txt loguru matplotlib pandas tqdm scipy
	@touch $@
