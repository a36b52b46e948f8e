# One way to run things. `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: docs help setup up demo redrive naive down env test verify check format lock bench template
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv/bin/python
UV := .venv/bin/uv pip
LOCALCLOUD := $(VENV) -m localcloud
# `pulumi new` drops this section: a project made from the template is its owner's, and so are the tests that it runs.
TEMPLATE := $(shell grep '^template:' Pulumi.yaml)
TESTS ?= $(if $(TEMPLATE),tests,tests/reference_stack tests/lambda_src tests/e2e tests/template)
# The files that take longest come first (tests/file_order.py), so that no worker begins one when the others are done.
PYTEST := $(VENV) -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=15

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.done .venv-aws/.done ## the environments, the engine and the provider; quick when done
	@$(LOCALCLOUD) setup

up: setup ## deploy the reference stack to a local AWS, under the policy pack
	@$(LOCALCLOUD) up

demo: setup ## send 200 items through it and count what comes out
	@$(LOCALCLOUD) demo

redrive: setup ## move the dead letters back to the queue they came from
	@$(LOCALCLOUD) redrive

naive: setup ## preview the naive stack under the policy pack: it fails, and says why
	@$(LOCALCLOUD) naive

down: setup ## destroy what `make up` deployed and stop the local AWS
	@$(LOCALCLOUD) down

env: .venv/.done .venv-aws/.done ## eval "$(make -s env)": the same engine and backend in your own shell
	@$(LOCALCLOUD) env

test: setup check ## every check, and the tests but for the long ones (in your own project the stack's, or TESTS=tests)
	$(PYTEST) -m "not long" --hypothesis-profile=quick $(TESTS)

verify: setup check ## the same with the long tests: before a release, and when a long test is about what you changed
	$(PYTEST) $(TESTS)

check: .venv/.done ## lint, format, types, the layers of imports, and whether generated files are up to date
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy
	.venv/bin/lint-imports
	$(VENV) -m tools.generated --check
	$(VENV) -m tools.docs --check

format: .venv/.done ## write the code as the formatter has it
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

docs: .venv/.done ## write everything that is generated: profiles, the report's schema, parts of docs/reference-stack.md
	$(VENV) -m tools.generated
	$(VENV) -m tools.docs

bench: setup ## what the pack costs, side by side with pulumi_policy's own server
	$(VENV) -m benchmarks

template: ## build/template: what is committed here, to make projects from with `pulumi new`
	@[ -n "$(TEMPLATE)" ] || { echo "error: this project came from a template and is none: see where that is kept" >&2; exit 2; }
	@rm -rf build/template && mkdir -p build/template
	@set -o pipefail; git archive HEAD | tar -x -C build/template
	@echo "In an empty folder:  pulumi new $(CURDIR)/build/template"

lock: .venv/.done ## choose versions anew and write the lock files
	$(UV) compile -q pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock" -o requirements.lock
	$(UV) compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --constraints requirements.lock \
		--no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock" -o requirements-core.lock
	$(UV) compile -q bootstrap.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock" -o bootstrap.lock
	$(UV) compile -q localcloud/aws/requirements.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --upgrade --custom-compile-command "make lock" -o localcloud/aws/requirements.lock

.venv/.done: bootstrap.lock requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "error: $(PYTHON) is not Python 3.11 or later" >&2; \
		echo "       make PYTHON=/path/to/python3.13" >&2; exit 2; }
	@echo "  making .venv: pulumi, pulumi-aws, pulumi-policy and the tools" >&2
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r bootstrap.lock
	@$(UV) install -q --python $(VENV) --require-hashes -r requirements.lock
	@$(UV) install -q --python $(VENV) --no-deps --no-build-isolation -e .
	@# From here on `pulumi new` would copy environments and state out of this folder. It copies in the order of names and
	@# stops at a link that leads nowhere, before anything is copied, with this name in its message.
	@$(if $(TEMPLATE),ln -sfn nowhere .IN-USE--run-make-template)
	@touch $@

.venv-aws/.done: localcloud/aws/requirements.lock .venv/.done
	@echo "  making .venv-aws: moto and ministack, the local AWS" >&2
	@.venv/bin/uv venv -q --clear --python $(VENV) .venv-aws
	@$(UV) install -q --python .venv-aws/bin/python --require-hashes -r localcloud/aws/requirements.lock
	@touch $@
