# Every target sets up what it needs; a set-up that is there costs a fraction of a second.
.DEFAULT_GOAL := help
PYTHON := .dev/venv/bin/python

.PHONY: help setup demo demo-check test test-plain test-odoo test-install test-live test-odoo-own lint lock wheel icloud-fidelity bench-slots race faults foreign bench-sync fuzz histories seeded-bugs clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 18

setup: ## virtual environment and Odoo 19; the other targets call it
	@devtools/setup

demo: setup ## Odoo with demo data and a local iCloud, in the browser
	@$(PYTHON) -m devtools.demo

demo-check: setup ## does what the demo's reader does, and says whether it worked
	@$(PYTHON) -m devtools.demo.check

test: setup ## all tests; nothing may be skipped; TESTS="-k name" or TESTS=tests/… chooses
	@$(PYTHON) -m devtools.run_tests

test-plain: setup ## the tests that need no Odoo
	@$(PYTHON) -m devtools.run_tests plain

test-odoo: setup ## the tests of the models, inside Odoo
	@$(PYTHON) -m devtools.run_tests odoo

test-install: setup ## a fresh environment, Odoo's own test command, Odoo's own limits
	@$(PYTHON) -m devtools.run_tests install

test-live: setup ## the tests of real servers and a real browser
	@$(PYTHON) -m devtools.run_tests pages servers

test-odoo-own: setup ## Odoo's own tests with the addon and without, and the difference: long
	@$(PYTHON) -m devtools.own

lint: setup ## ruff, pylint-odoo, who imports whom, unused code
	@$(PYTHON) -m devtools.lint

lock: ## new versions into devtools/requirements.lock
	@devtools/lock

wheel: setup ## the addon as a wheel, in dist/
	@$(PYTHON) -m devtools.wheel

icloud-fidelity: setup ## how close the local iCloud is to the real one
	@$(PYTHON) -m devtools.fidelity

bench-slots: setup ## how long a month of free times takes, here and in a peer
	@$(PYTHON) -m benchmarks.slots

bench-sync: setup ## how long syncing takes, here and in vdirsyncer; ROWS="first-import …" chooses
	@$(PYTHON) -m benchmarks.sync

fuzz: setup ## what reads files and answers, fed with what nobody wrote; SECONDS=3600 for an hour
	@$(PYTHON) -m tests.fuzz

race: setup ## thousands who want the same times at once; nothing may be sold twice
	@$(PYTHON) -m benchmarks.race

faults: setup ## every operation of the sync × every fault; FAULTS="cancel / 412" chooses: long
	@$(PYTHON) -m tests.faults.matrix
	@$(if $(FAULTS),,$(PYTHON) -m tests.histories.seeded)

# Faults on demand are the local iCloud's alone.
FOREIGN := tests/main_job --ignore=tests/main_job/test_faults.py
foreign: setup ## the main job against other CalDAV servers, one from the Linux distribution among them
	@CALDAV_SERVERS="radicale xandikos cyrus" TESTS="$${TESTS-$(FOREIGN)}" $(PYTHON) -m devtools.run_tests servers

histories: setup ## random histories of hosts, phones, faults and crashes: COUNT=1000 SEED=…
	@$(PYTHON) -m tests.histories $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

seeded-bugs: setup ## plants bugs of one line each: the histories must catch every one; BUGS="token" chooses: long
	@$(PYTHON) -m tests.histories.seeded $(BUGS)

clean: ## delete what was made in this checkout; the cache outside it stays
	@devtools/clean
