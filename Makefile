# run · test · bench · check (and install, which they all do first)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= logical
CATALOGS := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

.PHONY: run test bench check install

run: install
	@BACKOFFICE_MODE=$${BACKOFFICE_MODE:-demo} exec $(BIN)/python manage.py run

test: install
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

bench: install
	@exec $(BIN)/python -m benchmarks

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	BACKOFFICE_MODE=test $(BIN)/python manage.py makemigrations --check --dry-run
	BACKOFFICE_MODE=test $(BIN)/python manage.py translations --check
	BACKOFFICE_MODE=production ALLOWED_HOSTS=backoffice.example \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(BIN)/python -W error manage.py check --deploy --fail-level WARNING

install: $(VENV)/installed $(CATALOGS)

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed. Name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import tomllib; wanted = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
		print(*wanted["dependencies"], *wanted["optional-dependencies"]["dev"], sep="\n")' > $(VENV)/requirements.txt
	@echo "Installing what pyproject.toml names into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(VENV)/requirements.txt
	@touch $@

%.mo: %.po $(VENV)/installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
	@touch $@
