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

# LOCKED=1 installs the versions of locks/ and no others, each file checked against its hash; on Linux torch's CPU build.
LOCKED ?=
# Other versions than those of locks/: make lock UPGRADE=1.
UPGRADE ?=

BIN := .venv/bin
LINUX := $(filter Linux,$(shell uname -s))
PIP := $(BIN)/pip --disable-pip-version-check
SMALL_TORCH = { $(PIP) install --quiet 'uv>=0.9,<1' && UV_HTTP_TIMEOUT=20 $(BIN)/uv pip install \
	--python $(BIN)/python --torch-backend=cpu $(TORCH); } || { echo "PyTorch's CPU builds cannot be reached; pip looks for torch."; false; }
HASHED := $(PIP) install --require-hashes --no-deps --no-build-isolation
APP := .venv/$(if $(LOCKED),locked,app).stamp
DEV := .venv/$(if $(LOCKED),locked-dev,dev).stamp
MANY := .venv/$(if $(LOCKED),locked,many).stamp
SOURCES := src bench scripts tests $(wildcard app.py pages)

# The engine against torch, the reader, the rules of the house and a visitor's session: a minute on one core.
QUICK := $(addprefix tests/,$(addprefix test_,$(addsuffix .py,rooms language catalogue chains_stay network blocks asking \
	random_graphs repair story)) source/test_reader.py source/test_reader_refusals.py ui/test_session.py ui/test_preview.py)

# With the lowest versions besides: what hands work to pandas, dask, optuna, SQLAlchemy, scikit-learn, pooch and segno.
FLOORS := $(QUICK) $(addprefix tests/,$(addsuffix .py,test_tables test_downloads test_teacher study/test_data \
	study/test_trials jobs/test_kept jobs/test_cluster))

# Without compiled files each start of Python compiles all of the app anew, which takes half a second.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run serve serve-many restart-many test test-quick check format bench load fuzz screenshot lock floors release clean

help:
	@echo 'make run     start the app at http://127.0.0.1:$(PORT) (another port: make run PORT=8600)'
	@echo 'make serve   start it for others: make serve HOST=<the name or address that they type>'
	@echo 'make serve-many  as serve, with a process for each core behind HAProxy (make restart-many: one after the other)'
	@echo 'make test    run every test, those in a real browser too'
	@echo 'make test-quick  a useful part of them, within a minute'
	@echo 'make check   lint, formatting, types, and known vulnerabilities where the network tells of them'
	@echo 'make format  put the code in shape'
	@echo 'make bench   compare speed and memory with the peers, as ratios'
	@echo 'make load    100 and 300 visitors at once, then 2,000 one after the other (some minutes)'
	@echo 'make load ATTACKS=1  one normal visitor while hostile ones attack (some minutes)'
	@echo 'make fuzz    hostile input of every kind, new each time (some minutes)'
	@echo 'make lock    write locks/ anew (make lock UPGRADE=1: with the newest versions); LOCKED=1 installs what is in there'
	@echo 'make floors  the quick tests and some more with the lowest versions that pyproject.toml allows (some minutes)'
	@echo 'make release  wheel, source and bill of materials in dist/, tried in a new environment (some minutes)'
	@echo 'make screenshot  make the picture in the README'
	@echo 'make clean   remove what these commands made, .venv too'

run: $(APP)
	$(BIN)/python -m layerscope.ui.start home --port '$(PORT)'

serve: $(APP)
	$(BIN)/python -m layerscope.ui.start served --host '$(HOST)' --bind '$(BIND)' --port '$(PORT)'

serve-many: $(MANY)
	$(BIN)/python -m layerscope.ui.many.command start --host '$(HOST)' --bind '$(BIND)' --port '$(PORT)' \
		--processes '$(PROCESSES)' $(if $(CERTIFICATE),--certificate '$(CERTIFICATE)')

restart-many: $(MANY)
	$(BIN)/python -m layerscope.ui.many.command restart

test: $(DEV) .venv/browser.stamp
	$(if $(PYTEST_ARGS),$(BIN)/pytest $(PYTEST_ARGS),$(BIN)/python -m scripts.side_by_side)

test-quick: $(DEV)
	$(BIN)/pytest -q $(QUICK)

check: $(DEV)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/python -m scripts.audit

format: $(DEV)
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: $(DEV) .venv/browser.stamp
	$(BIN)/python -m bench

load: $(DEV)
	$(BIN)/python -m scripts.$(if $(ATTACKS),attacks,load) $(LOAD_ARGS)

fuzz: $(DEV)
	$(BIN)/python -m scripts.fuzz $(FUZZ_ARGS)

screenshot: $(DEV) .venv/browser.stamp
	$(BIN)/python -m scripts.screenshot

lock: $(DEV)
	$(BIN)/python -m scripts.lock $(if $(UPGRADE),--upgrade) $(TORCH) $(TORCHVISION) $(TIMM) $(PEERS)

floors: $(DEV)
	$(BIN)/python -m scripts.floors $(TORCH) $(FLOORS)

release: $(DEV)
	$(PIP) install --quiet --editable '.[release]'
	$(BIN)/python -m scripts.release

clean:
	rm -rf .venv static build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
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

# The lock in place of ranges: first what installs the rest, then torch, whose CPU builds only uv finds by itself.
.venv/locked.stamp: $(BIN)/pip locks/app.txt locks/torch.txt pyproject.toml
	$(HASHED) -r locks/app.txt
	$(if $(LINUX),UV_HTTP_TIMEOUT=20 $(BIN)/uv pip install --python $(BIN)/python --torch-backend=cpu --require-hashes \
		--no-deps -r locks/torch.txt ||) $(HASHED) -r locks/torch.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(PIP) check
	@touch $@

.venv/locked-dev.stamp: .venv/locked.stamp locks/dev.txt locks/models.txt
	$(HASHED) -r locks/dev.txt -r locks/models.txt
	@touch $@

# A Chromium on the PATH will do. Without any browser the tests in it fail, and say why.
.venv/browser.stamp: $(DEV)
	@if command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || $(BIN)/playwright install chromium; \
		then touch $@; else echo 'No browser: the tests that need one will fail.'; fi
