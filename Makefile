# Needs make and Python 3.11 or later; everything else goes into .venv.

PYTHON ?= python3
PORT ?= 8501
# For make serve: what visitors type (several with commas between them), and the address to listen on.
HOST ?=
BIND ?=
# For make serve-many: how many processes (one a core unless given), and a PEM file for HTTPS.
PROCESSES ?=
CERTIFICATE ?=
# An index to take torch from, such as one of PyTorch's for a GPU. Without it: the CPU build, or what pip finds.
TORCH_INDEX ?=
# The one torch that everybody tests with; pyproject.toml says which others may do.
TORCH := torch==2.13.0
# What the tests read models from: the releases that belong to that torch.
TORCHVISION := torchvision==0.28.0
TIMM := timm==1.0.31
# Peers that the tests compare with.
PEERS := torchcam==0.5.0 torchlens==2.36.1 graphviz==0.21

BIN := .venv/bin
LINUX := $(filter Linux,$(shell uname -s))
PIP := $(BIN)/pip --disable-pip-version-check
SMALL_TORCH = { $(PIP) install --quiet 'uv>=0.9,<1' && UV_HTTP_TIMEOUT=20 $(BIN)/uv pip install \
	--python $(BIN)/python --torch-backend=cpu $(TORCH); } || { echo "PyTorch's CPU builds cannot be reached; pip looks for torch."; false; }
SOURCES := src bench scripts tests $(wildcard app.py pages)

# The engine against torch, the reader, the rules of the house and a visitor's session: a minute on one core.
QUICK := $(addprefix tests/,$(addprefix test_,$(addsuffix .py,rooms language catalogue chains_stay network blocks asking \
	random_graphs repair story)) source/test_reader.py source/test_reader_refusals.py ui/test_session.py ui/test_preview.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run serve serve-many restart-many test test-quick check format bench load fuzz screenshot clean

help:
	@echo 'make run     start the app at http://127.0.0.1:$(PORT) (another port: make run PORT=8600)'
	@echo 'make serve   start it for others: make serve HOST=<the name or address that they type>'
	@echo 'make serve-many  as serve, with a process for each core behind HAProxy (make restart-many: one after the other)'
	@echo 'make test    run every test, those in a real browser too'
	@echo 'make test-quick  a useful part of them, within a minute'
	@echo 'make check   lint, formatting and types'
	@echo 'make format  put the code in shape'
	@echo 'make bench   compare speed and memory with the peers, as ratios'
	@echo 'make load    100 and 300 visitors at once, then 2,000 one after the other (some minutes)'
	@echo 'make load ATTACKS=1  one normal visitor while hostile ones attack (some minutes)'
	@echo 'make fuzz    hostile input of every kind, new each time (some minutes)'
	@echo 'make screenshot  make the picture in the README'
	@echo 'make clean   remove what these commands made, .venv too'

run: .venv/app.stamp
	$(BIN)/python -m layerscope.ui.start home --port '$(PORT)'

serve: .venv/app.stamp
	$(BIN)/python -m layerscope.ui.start served --host '$(HOST)' --bind '$(BIND)' --port '$(PORT)'

serve-many: .venv/many.stamp
	$(BIN)/python -m layerscope.ui.many.command start --host '$(HOST)' --bind '$(BIND)' --port '$(PORT)' \
		--processes '$(PROCESSES)' $(if $(CERTIFICATE),--certificate '$(CERTIFICATE)')

restart-many: .venv/many.stamp
	$(BIN)/python -m layerscope.ui.many.command restart

test: .venv/dev.stamp .venv/browser.stamp
	$(if $(PYTEST_ARGS),$(BIN)/pytest $(PYTEST_ARGS),$(BIN)/python -m scripts.halves)

test-quick: .venv/dev.stamp
	$(BIN)/pytest -q $(QUICK)

check: .venv/dev.stamp
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)

format: .venv/dev.stamp
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: .venv/dev.stamp .venv/browser.stamp
	$(BIN)/python -m bench

load: .venv/dev.stamp
	$(BIN)/python -m scripts.$(if $(ATTACKS),attacks,load) $(LOAD_ARGS)

fuzz: .venv/dev.stamp
	$(BIN)/python -m scripts.fuzz $(FUZZ_ARGS)

screenshot: .venv/dev.stamp .venv/browser.stamp
	$(BIN)/python -m scripts.screenshot

clean:
	rm -rf .venv static build src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# What is installed. A stamp is newer than the files it was made from, so a second run skips it.

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Layerscope needs Python 3.11 or later; name one with PYTHON=...'; exit 1; }
	$(PYTHON) -m venv .venv

# torch goes first and alone: a later install keeps the build that it finds. What pip finds on Linux is the GPU build,
# several gigabytes. uv knows where PyTorch keeps the small CPU builds; where that does not answer, pip's will do.
.venv/torch.stamp: $(BIN)/pip
	$(if $(TORCH_INDEX),,$(if $(LINUX),@$(SMALL_TORCH) ||)) $(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@touch $@

.venv/app.stamp: .venv/torch.stamp requirements.txt pyproject.toml
	$(PIP) install -r requirements.txt
	@touch $@

.venv/many.stamp: .venv/app.stamp
	$(PIP) install --editable '.[serve]'
	@touch $@

# torchvision, timm and the peers come without what they ask for: they would take another torch, or another build of it.
.venv/dev.stamp: .venv/app.stamp requirements-dev.txt
	$(PIP) install -r requirements-dev.txt
	$(PIP) install --no-deps $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCHVISION)
	$(PIP) install --no-deps $(TIMM) $(PEERS)
	@touch $@

# A Chromium on the PATH will do. Without any browser the tests in it fail, and say why.
.venv/browser.stamp: .venv/dev.stamp
	@if command -v chromium || command -v chromium-browser || $(BIN)/playwright install chromium; \
		then touch $@; else echo 'No browser: the tests that need one will fail.'; fi
