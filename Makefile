# SPDX-License-Identifier: GPL-2.0-only
#
# make            modules for the running kernel (or KVER=...), and the tools
# make demo       real Xen in QEMU, in-tree pair against xendrain, the table
# make check      static checks, unit tests, lab tests on real Xen
#
# "make help" lists everything else.

KVER    ?= $(shell uname -r)
KDIR    ?= /lib/modules/$(KVER)/build
BUILD   := build
CFLAGS  ?= -O2 -g
SHELL   := /bin/bash

.PHONY: all modules tools
all: modules tools ## modules for KVER, and the tools

# The modules are built in a copy of the sources, so that the trees of two
# kernels never mix and the source tree stays clean.
KSRC := Kbuild ring backend frontend compat
modules: ## build/KVER/*.ko for KVER (default: the running kernel)
	@mkdir -p $(BUILD)/$(KVER)
	@cp -ru $(KSRC) $(BUILD)/$(KVER)/
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(BUILD)/$(KVER) $(KBUILD_ARGS) modules

tools: $(BUILD)/xendrain ## build/xendrain

TOOL_C := $(wildcard tools/*.c)
$(BUILD)/xendrain: $(TOOL_C) $(wildcard tools/*.h ring/*.h)
	@mkdir -p $(BUILD)
	$(CC) $(CFLAGS) -std=gnu11 -Wall -Wextra -Werror -o $@ $(TOOL_C) -lxenstore -lxlutil

.PHONY: check check-unit check-lab demo static
check: ## everything: static checks, unit tests, lab tests
	tests/check

check-unit: ## ring/ in user space: cmocka, ASan+UBSan, TSan
	$(MAKE) -C tests/unit check

check-lab: ## the lab tests alone (LAB_TESTS=..., KERNEL=..., GUEST=...)
	tests/check --lab-only

static: ## sparse, W=1 on both kernels, checkpatch, cppcheck, shellcheck, kernel-doc
	tests/static

.PHONY: fuzz coverage model
fuzz: ## libFuzzer on the frame parser, the indices, the tool (SECONDS=60 each)
	$(MAKE) -C tests/fuzz check SECONDS=$(or $(SECONDS),60)

coverage: ## lines of ring/ that unit tests and the fuzzers' seeds reach
	$(MAKE) -C tests/fuzz coverage

model: ## Spin: the drain protocol in every state, and with each of its guards taken away
	tests/model/run full

demo: ## the table: in-tree pair against xendrain on real Xen
	lab/demo

.PHONY: clean help
clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)
