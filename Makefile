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

# What is given here reaches the shell as environment variables, so nothing in it is run.
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
TRAIN ?=
DATA ?=
VERB ?=
FILE ?=
export VERB FILE TRAIN DATA MODEL N TARGET WAVES SAIF NAME RUN HOST FOLDER BOARD CLOCK FPS BUDGET PLAN SYNTHESIZE SCHEDULER ACCEPT
comma := ,
# bash has a variable SECONDS of its own, which counts.
quoted = '$(subst ','"'"',$(1))'
# Lines of at most 80 columns.
WRAP = n = split($$2, words, " "); line = sprintf("  make %-14s", $$1); \
	for (i = 1; i <= n; i++) { \
		if (length(line) + length(words[i]) > 78) { print line; line = sprintf("%21s", "") } \
		line = line " " words[i] } \
	print line
IMAGES = $${N:+-n "$$N"} $(OWN)
OWN = $${DATA:+--data "$$DATA"}
# Every verb of the hardware takes the same plan: what is given here, else the saved one.
PLANNED = $${BOARD:+--board="$$BOARD"} $${CLOCK:+--clock="$$CLOCK"} $${FPS:+--fps="$$FPS"} $${BUDGET:+--budget="$$BUDGET"} $${PLAN:+--plan="$$PLAN"}

.PHONY: help doctor download train evaluate csim dataflow cosim simulate-board notebook bitstream package deploy board-report explore estimate timing gatesim compare report docs test test-slow prove fuzz mutate bench lint format clean

# A variable that is misspelt would be ignored, and a verb run on something else than was asked for.
KNOWN := MODEL N TARGET WAVES SAIF NAME RUN HOST FOLDER BOARD CLOCK FPS BUDGET PLAN SYNTHESIZE SCHEDULER ACCEPT TRAIN DATA VERB FILE SECONDS PYTHON VENV PY
TOOLS := CXX CXXFLAGS VIVADO VITIS_HLS VERILATOR NEXTPNR_ECP5 SHELL CPATH PATH HOME TMPDIR DTSCNN_% PIP_% PYTHON% OMP_% LD_% XILINX% MAKE% -%
$(foreach variable,$(filter-out $(KNOWN) $(TOOLS),$(.VARIABLES)),$(if $(filter command%line,$(subst $() ,%,$(origin $(variable)))),$(error $(variable)= is not known; variables are written in capitals: $(KNOWN))))

help: ## List the targets
	@echo 'Dual-threshold spiking CNNs from training to a PYNQ board. Targets:'; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { $(WRAP) }' $(MAKEFILE_LIST)
	@echo; echo 'MODEL=<name of the zoo or of a training, or QONNX file> (mnist)'
	@echo 'N=<test images> (the sample of 200)  TARGET=rtl|hls  WAVES=1  SAIF=1'
	@echo 'HOST=user@address  FOLDER=<folder on the board>'
	@echo 'NAME=train|simulate|classify|demo  RUN=1  TRAIN=1  VERB=<verb> of doctor'
	@echo 'DATA=<data set: name, folder of class folders, or .npz> (the model'"'"'s own)'
	@echo 'PYTHON=<python 3.11+>  CXX=<compiler>'
	@echo 'The plan of engines and folds: BOARD=<name or JSON file> (pynq-z2)  CLOCK=<MHz>'
	@echo 'FPS=<images/s>|max  BUDGET=70%|lut=70%$(comma)bram=90%  PLAN=<file> (the saved one)'

csim: $(VENV)/.stamp-csim ## Simulate the generated C++ and compare every score with onnxruntime
	@$(PY) -m hls_project csim "$$MODEL" $(IMAGES) $(PLANNED)

dataflow: $(VENV)/.stamp-csim ## csim, then run each process as a thread on bounded streams and size them
	@$(PY) -m hls_project csim "$$MODEL" $(IMAGES) $(PLANNED) --dataflow

cosim: $(VENV)/.stamp-rtl ## Simulate the hardware, every image through shell and core, and compare every score
	@$(PY) -m hls_project cosim "$$MODEL" $(IMAGES) $(PLANNED) $${TARGET:+--target "$$TARGET"} $${WAVES:+--waves} $${SAIF:+--saif}

simulate-board: $(VENV)/.stamp-board ## Drive the simulated board with pynq and the driver, and check every golden score
	@$(PY) -W ignore -m hls_project simulate-board "$$MODEL" $(PLANNED) $(OWN)

bitstream: $(VENV)/.stamp-rtl ## Make the overlay of MODEL for BOARD with Vivado: TARGET=rtl|hls, ACCEPT=warning IDs
	@$(PY) -m hls_project bitstream "$$MODEL" $(PLANNED) $(OWN) $${TARGET:+--target "$$TARGET"} $${ACCEPT:+--accept "$$ACCEPT"}

package: $(VENV)/.stamp-csim ## Pack driver, overlay and notebook of MODEL into one archive for the board
	@$(PY) -m hls_project package "$$MODEL"

deploy: host-is-given $(VENV)/.stamp-csim ## Copy the package to a board over ssh: HOST=xilinx@192.168.2.99
	@$(PY) -m hls_project deploy "$$MODEL" --host "$$HOST" --folder "$$FOLDER"

notebook: $(VENV)/.stamp-notebook $(if $(filter train,$(NAME)),$(VENV)/.stamp-train) ## Open the classify notebook on the simulated board; RUN=1 runs it, NAME=train|simulate|classify|demo
	@$(PY) -W ignore -m hls_project notebook $(NOTEBOOK_MODEL) $${NAME:+--name "$$NAME"} $${RUN:+--run} $(OWN)

# The training notebook takes digits, which train in seconds, unless a model is named.
NOTEBOOK_MODEL = $(if $(and $(filter train,$(NAME)),$(filter file,$(origin MODEL))),digits,"$$MODEL")

board-report: host-is-given $(VENV)/.stamp-csim ## Run the driver's checks on the board over ssh: HOST=, one file with what they found
	@$(PY) -m hls_project board-report "$$MODEL" --host "$$HOST" --folder "$$FOLDER"

host-is-given:
	@[ -n "$$HOST" ] || { echo 'error: say which board: make $(firstword $(filter deploy board-report,$(MAKECMDGOALS))) HOST=xilinx@192.168.2.99' >&2; exit 1; }

explore: $(VENV)/.stamp-explore ## Plan MODEL for BOARD and draw what each rate costs; SYNTHESIZE=3 points by yosys too, SCHEDULER=tcp://...
	@$(PY) -W ignore -m hls_project explore "$$MODEL" $(PLANNED) $${SYNTHESIZE:+--synthesize="$$SYNTHESIZE"} $${SCHEDULER:+--scheduler="$$SCHEDULER"}

estimate: $(VENV)/.stamp-rtl ## Synthesize the RTL core with yosys: LUT, FF, BRAM and DSP of each layer
	@$(PY) -m hls_project estimate "$$MODEL" $(PLANNED)

timing: $(VENV)/.stamp-rtl ## Place and route the RTL core on an ECP5, a stand-in for xc7z020
	@$(PY) -m hls_project timing "$$MODEL" $(PLANNED)

gatesim: $(VENV)/.stamp-rtl ## Simulate the netlist that yosys makes for 7 series, and compare every score
	@$(PY) -m hls_project gatesim "$$MODEL" $(IMAGES) $(PLANNED)

download: $(VENV)/.stamp-csim ## Fetch the official files of DATA, checked by checksum: mnist, fashion-mnist or cifar-10
	@$(PY) -m quant_train download "$${DATA:-mnist}"

train: $(VENV)/.stamp-train ## Train MODEL by its recipe and export work/MODEL/model.onnx; goes on after an interruption
	@$(PY) -m quant_train train "$$MODEL" $(OWN)

evaluate: $(VENV)/.stamp-train ## Count the right labels of MODEL on all test images
	@$(PY) -m quant_train evaluate "$$MODEL" $(OWN)

compare: $(VENV)/.stamp-compare ## Show MODEL beside the conventional SCNN with the same spike maps; TRAIN=1 trains both first
	@$(PY) -W ignore -m hls_project compare "$$MODEL" $(OWN) $${TRAIN:+--train}

report: $(VENV)/.stamp-report ## Write one HTML page of all that is known of MODEL, with pictures: build/MODEL/report.html
	@$(PY) -W ignore -m hls_project report "$$MODEL" $(OWN)

doctor: $(VENV)/.stamp-csim ## Say what each verb needs, and what of it is missing; VERB=cosim asks for one
	@$(PY) -m hls_project doctor $${VERB:+"$$VERB"} $${BOARD:+--board="$$BOARD"}

docs: $(VENV)/.stamp-docs ## Build the documentation's site into build/site
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict
	@echo 'build/site/index.html; with search: $(PY) -m http.server -d build/site'

test: $(VENV)/.stamp-dev ## Run the tests (a few minutes on two cores)
	$(PY) -m pytest -n 2 --dist worksteal

test-slow: $(VENV)/.stamp-dev ## Run the tests that take minutes each
	$(PY) -m pytest -n 2 -m slow

prove: $(VENV)/.stamp-dev ## Prove that FIFOs, buffers, pool, result, registers and frames lose and double nothing
	@$(PY) -m tests.formal

fuzz: $(VENV)/.stamp-fuzz ## Damage files of every kind that is read, for SECONDS=7200; resumable, in build/fuzz; NAME=one reader
	@$(PY) -W ignore -m tests.fuzz $(if $(SECONDS),--seconds=$(call quoted,$(SECONDS))) $${NAME:+"$$NAME"}

mutate: $(VENV)/.stamp-dev ## Count the small faults in kernels, RTL, shell, folding and bounds that tests notice: N=, FILE=
	@$(PY) -m tests.mutation $${N:+-n "$$N"} $${FILE:+--file "$$FILE"}

bench: $(VENV)/.stamp-bench ## Measure speed beside stock hls4ml, snnTorch and SpikingJelly; prints JSON
	@$(PY) -m tests.benchmarks

# Not by git, which a downloaded archive has not.
CXX_FILES = $$(find dt_scnn quant_train hls_project board tests -name '*.h' -o -name '*.cpp')

lint: $(VENV)/.stamp-dev ## Check style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/clang-format --dry-run -Werror $(CXX_FILES)

format: $(VENV)/.stamp-dev ## Format Python and C++
	$(VENV)/bin/ruff check --fix-only -q .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/clang-format -i $(CXX_FILES)

clean: ## Remove the results in build/; trainings and edited notebooks, in work/, data and environment stay
	@$(PYTHON) -m dt_scnn.clean

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "error: $(PYTHON) is missing or older than 3.11; set PYTHON to a newer one, such as PYTHON=python3.12" >&2; exit 1; }
	@$(LOCKED) [ -x $(PY) ] || { echo "creating the environment $(VENV)"; $(PYTHON) -m venv --clear $(VENV) && { $(PIP) --upgrade pip || true; }; }

# The pip that comes with Python 3.11 takes twice the time of this one. What is compiled before it is imported is mostly never imported.
PIP = $(PY) -m pip install -qq --no-compile -c constraints.txt

# Of two runs at once one installs, and the other waits for it and finds it done.
LOCKED = exec 9>$(VENV).lock; ! command -v flock >/dev/null || flock 9;
current = { [ -e $(1) ] && ! [ pyproject.toml -nt $(1) ] && ! [ constraints.txt -nt $(1) ]; }

# The stamp is the last thing that is made: an interrupted installation is repeated. What `dev` brings is all there is.
define install
	@$(LOCKED) if $(call current,$@); then exit 0; fi; \
	if $(call current,$(VENV)/.stamp-dev); then touch $@; else \
		echo "installing into $(VENV): $(1) (once; minutes on a slow line)"; \
		$(PIP) -e '.[$(1)]' && touch $@; fi
endef

$(VENV)/.stamp-csim: pyproject.toml constraints.txt | $(PY)
	$(call install,csim)

$(VENV)/.stamp-rtl: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl)

$(VENV)/.stamp-board: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl$(comma)board)

$(VENV)/.stamp-notebook: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl$(comma)board$(comma)notebook)

$(VENV)/.stamp-train: pyproject.toml constraints.txt | $(PY)
	$(call install,train)

$(VENV)/.stamp-docs: pyproject.toml constraints.txt | $(PY)
	$(call install,docs)

$(VENV)/.stamp-dev: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl$(comma)train$(comma)board$(comma)notebook$(comma)explore$(comma)cluster$(comma)report$(comma)docs$(comma)dev)

$(VENV)/.stamp-compare: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)train$(comma)compare)

$(VENV)/.stamp-report: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)report)

# Dask is there for SCHEDULER=; a few MB.
$(VENV)/.stamp-explore: pyproject.toml constraints.txt | $(PY)
	$(call install,csim$(comma)rtl$(comma)explore$(comma)cluster)

$(VENV)/.stamp-fuzz: pyproject.toml constraints.txt $(VENV)/.stamp-dev
	@echo "installing into $(VENV): fuzz"
	@$(PIP) -e '.[fuzz]'
	@touch $@

# The two other frameworks ask for more than their neurons need.
$(VENV)/.stamp-bench: constraints.txt $(VENV)/.stamp-dev
	@echo "installing into $(VENV): snntorch and spikingjelly"
	@$(PIP) --no-deps snntorch spikingjelly
	@$(PIP) loguru matplotlib pandas tqdm scipy
	@touch $@
