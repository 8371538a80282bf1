# SPDX-License-Identifier: GPL-2.0-only
#
# make            modules for the running kernel (or KVER=...), and the tools
# make install    them, for those who want no packages (DESTDIR, prefix)
# make deb        Debian packages, in build/packages
# make demo       real Xen in QEMU, in-tree pair against xendrain, the table
# make check      static checks, unit tests, lab tests on real Xen
#
# "make help" lists everything else.

KVER    ?= $(shell uname -r)
KDIR    ?= /lib/modules/$(KVER)/build
BUILD   := build
CFLAGS  ?= -O2 -g
SHELL   := /bin/bash
# Debian wants the version there, so everybody else takes it from there.
VERSION := $(shell sed -nE '1s/.*\((.*)\).*/\1/p' debian/changelog)

.PHONY: all modules tools
all: modules tools ## modules for KVER, and the tools

# The modules are built in a copy of the sources, so that the trees of two
# kernels never mix and the source tree stays clean.
KSRC := Kbuild ring backend frontend compat
modules: ## build/KVER/*.ko for KVER (default: the running kernel)
	@mkdir -p $(BUILD)/$(KVER)
	@cp -ru $(KSRC) $(BUILD)/$(KVER)/
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(BUILD)/$(KVER) $(KBUILD_ARGS) modules

TOOLS := $(BUILD)/xendrain $(BUILD)/xendraind
tools: $(TOOLS) ## build/xendrain, build/xendraind

# Both are made of the same parts.
TOOL_C := $(filter-out tools/xendrain.c tools/xendraind.c,$(wildcard tools/*.c))
$(TOOLS): $(BUILD)/%: tools/%.c $(TOOL_C) $(wildcard tools/*.h ring/*.h) debian/changelog
	@mkdir -p $(BUILD)
	$(CC) $(CPPFLAGS) $(CFLAGS) -std=gnu11 -Wall -Wextra -Werror \
		-DXENDRAIN_VERSION='"$(VERSION)"' $(LDFLAGS) -o $@ $< $(TOOL_C) \
		-lxenstore -lxlutil

# Where things go. The modules go where those of the kernel KVER are, into a
# folder that modprobe prefers; Xen's services are looked for in /etc.
prefix     ?= /usr/local
sbindir    ?= $(prefix)/sbin
mandir     ?= $(prefix)/share/man
compdir    ?= $(prefix)/share/bash-completion/completions
unitdir    ?= $(prefix)/lib/systemd/system
sysconfdir ?= /etc
moddir     := /lib/modules/$(KVER)/updates
dkmsdir    := /usr/src/xendrain-$(VERSION)
INSTALL    ?= install

MODULES     := xen-drainback xen-drainfront
MAN_PAGES   := $(wildcard tools/*.[578] doc/*.[578])
COMPLETIONS := $(wildcard tools/*.bash-completion)
UNITS       := $(wildcard tools/*.service)
INIT        := $(wildcard tools/*.init)

man_path = $(mandir)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
# A recipe line for each file: $(call put,MODE,FILE,DESTINATION)
define put
$(INSTALL) -D -m $(1) $(2) $(DESTDIR)$(3)

endef

.PHONY: install install-modules install-tools install-dkms uninstall
install: install-modules install-tools ## modules for KVER, tools, manual; takes DESTDIR, prefix (/usr/local)

install-modules: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(BUILD)/$(KVER) $(KBUILD_ARGS) \
		INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates modules_install
	$(if $(DESTDIR),,depmod $(KVER))

# The daemon is started by its full path, and sbindir is not the same everywhere.
install-tools: tools
	$(foreach f,$(TOOLS),$(call put,755,$(f),$(sbindir)/$(notdir $(f))))
	$(foreach f,$(MAN_PAGES),$(call put,644,$(f),$(call man_path,$(f))))
	$(foreach f,$(COMPLETIONS),$(call put,644,$(f),$(compdir)/$(notdir $(f:.bash-completion=))))
	$(foreach f,$(UNITS),$(call put,644,$(f),$(unitdir)/$(notdir $(f))))
	$(foreach f,$(INIT),$(call put,755,$(f),$(sysconfdir)/init.d/$(notdir $(f:.init=))))
	$(if $(UNITS)$(INIT),sed -i 's|/usr/sbin/xendraind|$(sbindir)/xendraind|g' \
		$(foreach f,$(UNITS),$(DESTDIR)$(unitdir)/$(notdir $(f))) \
		$(foreach f,$(INIT),$(DESTDIR)$(sysconfdir)/init.d/$(notdir $(f:.init=))))

install-dkms: ## the modules' sources, for dkms(8)
	$(INSTALL) -d $(DESTDIR)$(dkmsdir)
	cp -r $(KSRC) LICENSES $(DESTDIR)$(dkmsdir)/
	sed 's/#MODULE_VERSION#/$(VERSION)/' dkms.conf >$(DESTDIR)$(dkmsdir)/dkms.conf

uninstall: ## what install has installed, with the same DESTDIR, prefix and KVER
	rm -f $(MODULES:%=$(DESTDIR)$(moddir)/%.ko*)
	rm -f $(foreach f,$(TOOLS),$(DESTDIR)$(sbindir)/$(notdir $(f)))
	rm -f $(foreach f,$(MAN_PAGES),$(DESTDIR)$(call man_path,$(f)))
	rm -f $(foreach f,$(COMPLETIONS),$(DESTDIR)$(compdir)/$(notdir $(f:.bash-completion=)))
	rm -f $(foreach f,$(UNITS),$(DESTDIR)$(unitdir)/$(notdir $(f)))
	rm -f $(foreach f,$(INIT),$(DESTDIR)$(sysconfdir)/init.d/$(notdir $(f:.init=)))
	$(if $(DESTDIR),,depmod $(KVER))

# From a copy: dpkg-buildpackage leaves its packages beside the tree it builds.
.PHONY: deb
deb: ## Debian packages, in build/packages
	rm -rf $(BUILD)/packages
	mkdir -p $(BUILD)/packages/source
	tar -c --exclude=./$(BUILD) --exclude=./.git . | tar -x -C $(BUILD)/packages/source
	cd $(BUILD)/packages/source && dpkg-buildpackage -us -uc $(DEB_BUILD_ARGS)
	rm -rf $(BUILD)/packages/source

.PHONY: check check-full check-long check-unit check-lab check-packages demo static
check: ## what is tested every day: static checks, unit tests, lab tests
	tests/check

check-full: check check-long check-packages check-hostile model ## that, and what it has no time for

check-long: ## lab tests that check has no time for: MTU, multicast, reloads, life-cycle under load, bridges, Open vSwitch, the init script, bars in virtual time
	tests/check --long

.PHONY: check-hostile
check-hostile: ## hostile guests and backends: all cases, what another guest feels of each, what one can cost
	lab/run --icount 1 --timeout 7200 --test-timeout 3600 --out $(BUILD)/hostile \
		tests/lab/hostile-guest.sh tests/lab/hostile-backend.sh
	lab/run --out $(BUILD)/bounds tests/lab/bounds.sh

.PHONY: check-debug
check-debug: ## the lab tests of check and some more, on a kernel with lockdep and kmemleak, some with KASAN and KCSAN; built once
	tests/check --debug

check-unit: ## ring/ in user space: cmocka, ASan+UBSan, TSan
	$(MAKE) -C tests/unit check

check-lab: ## the lab tests alone (LAB_TESTS=..., KERNEL=..., GUEST=...)
	tests/check --lab-only

check-packages: ## Debian packages built, installed, upgraded and purged in a chroot
	tests/packages

static: ## sparse, W=1 on both kernels, checkpatch, cppcheck, shellcheck, kernel-doc, documents
	tests/static

.PHONY: fuzz coverage model
fuzz: ## libFuzzer on the frame parser, the indices, the tool (SECONDS=60 each)
	$(MAKE) -C tests/fuzz check SECONDS=$(or $(SECONDS),60)

coverage: ## lines of ring/ that unit tests and the fuzzers' seeds reach
	$(MAKE) -C tests/fuzz coverage

model: ## Spin: the drain protocol in every state, and with each of its guards taken away
	tests/model/run full

.PHONY: check-patches
check-patches: ## patches/: they apply to Debian's Xen and Linux, build, and an xl made so works
	patches/check

.PHONY: bench bench-wall
bench: ## all drivers, all scenarios, virtual time: table, build/bench.json, chart
	lab/bench

bench-wall: ## the same in this machine's time, CPUs side by side
	lab/bench --wall

demo: ## the table: in-tree pair against xendrain on real Xen
	lab/demo

.PHONY: clean help
clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)
