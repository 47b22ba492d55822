# Set-up in two commands: `make report` and `make test`. Both work in .venv/, which they create.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT := outputs
SAMPLES := xuncha_nb/samples
# The published half-year brief and bulletins, then each of the other documents of the sample.
DOCUMENTS := $(addprefix parameters/,$(addsuffix .yaml,half_year_summary.huaian \
  discipline_half_year.national discipline_half_year.guangdong annual_summary status_brief \
  discipline_half_year mobilization_brief city_rollup))

.PHONY: report measure compiled test lint slow fuzz faults bench bench-cluster scale audit lock clean sample docs golden

report: $(VENV)/report.done
	@$(BIN)/xuncha batch $(SAMPLES)/plan.yaml --out $(OUT)
	@$(BIN)/xuncha run $(DOCUMENTS) --out $(OUT)
	@echo "报告在这里："
	@find $(OUT) -name 'report.pdf' -o -name 'report.html' -o -name 'report.docx' | sort | sed 's/^/  /'

# The tests and the commands of the bench are hundreds of processes: where PYTHONDONTWRITEBYTECODE is set
# each would compile the package again.
compiled: $(VENV)/test.done
	@$(BIN)/python -m compileall -q xuncha_nb tests

test: lint compiled
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

lint: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

slow: $(VENV)/test.done
	$(BIN)/python -m pytest -m slow -n 2

# Thousands of broken files: FUZZ="--seed 7 --count 1000 --kinds csv,plan"; one: FUZZ="--only csv:7:31".
fuzz: $(VENV)/test.done
	@cd tests && ../$(BIN)/python fuzz.py $(FUZZ)

# Kills, full disks, lost permission, jumping clocks, two at once; other points: FAULTS_SEED=2.
faults: $(VENV)/test.done
	$(BIN)/python -m pytest -m slow tests/test_faults.py

# What the README states of checks, roll-ups and the panel.
measure: $(VENV)/test.done
	@cd tests && ../$(BIN)/python measurements.py
	@cd tests && ../$(BIN)/python export_speed.py
	@cd tests && ../$(BIN)/python panel_speed.py

# Five ways to make the same reports, side by side; BENCH="--counties 40 --few 6" for a quick look.
bench: compiled
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target build/ploomber \
	  --no-deps ploomber-engine==0.0.33 ploomber-core==0.2.27 debuglater==1.4.4
	$(BIN)/python tests/bench.py $(BENCH)

# The whole country in one batch: cost, memory, an unchanged run; SCALE="--counties 400" for less.
scale: $(VENV)/test.done
	$(BIN)/python tests/scale.py $(SCALE)

# How much of the local executor's speed a Dask cluster of two workers on this machine keeps.
bench-cluster: $(VENV)/test.done
	@cd tests && ../$(BIN)/python cluster_bench.py $(BENCH)

$(VENV)/python.done:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更高版本；可用 make report PYTHON=python3.12 指定"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/report.done: requirements.lock pyproject.toml | $(VENV)/python.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.done: requirements-test.lock $(VENV)/report.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.lock
	@touch $@

# Known weaknesses of the pinned packages. Needs a network with PyPI's advisories; what could not
# be looked up is a failure, not a pass.
audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet pip-audit
	build/audit/bin/pip-audit --strict --no-deps --disable-pip -r requirements.lock -r requirements-test.lock

# Renew both lock files: pins only, without the addresses they came from.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet hatchling editables
	build/lock/bin/python -m pip install --quiet . 'soupsieve<3'  # later ones refuse Python 3.11.0 to 3.11.4
	build/lock/bin/python -m pip freeze --exclude xuncha_nb | grep -v ' @ ' > requirements.lock
	build/lock/bin/python -m pip install --quiet '.[test]'
	build/lock/bin/python -m pip freeze --exclude xuncha_nb | grep -v ' @ ' > requirements-test.lock
	rm -rf build/lock

# The packaged sample, as `xuncha sample` writes it; a test holds it.
sample: $(VENV)/report.done
	$(BIN)/xuncha sample $(SAMPLES) --counties 3 --seed 1
	cd tests && ../$(BIN)/python city_sample.py

# The page of the dictionary, from the definitions; a test holds it.
docs: $(VENV)/report.done
	$(BIN)/xuncha indicators --markdown > $(VENV)/indicators.md
	mv $(VENV)/indicators.md docs/indicators.md

# The golden pictures, drawn anew: look at what changed before committing.
golden: $(VENV)/test.done
	XUNCHA_GOLDEN=renew $(BIN)/python -m pytest tests/test_golden*.py

clean:
	rm -rf build dist $(OUT)/2*
