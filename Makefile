# smref: an executable reference of the Arm SMMUv3 architecture.  `make help` lists the targets.

# ---- Configuration -------------------------------------------------------------------------------------

BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
OPT     ?= -O2 -g
SOVER   := 0
VERSION := $(shell sed -n 's/^#define SMREF_VERSION "\(.*\)"/\1/p' model/smref.h)

WARN    := -std=c11 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wmissing-prototypes -Werror
CFLAGS  ?= $(OPT)
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
JANSSON_LIBS ?= -ljansson
PCRE2_LIBS   ?= -lpcre2-8
CHECK_CFLAGS ?= $(shell pkg-config --cflags check 2>/dev/null)
CHECK_LIBS   ?= $(shell pkg-config --libs check 2>/dev/null || echo -lcheck)

GEN     := $(BUILD)/gen
COMPILE  = $(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP

SPEC := $(sort $(wildcard spec/*.json spec/structures/*.json spec/descriptors/*.json spec/registers/*.json \
                          spec/rules/*.json))
GENERATED_H := $(addprefix $(GEN)/,smref_names.h smref_layout.h smref_env.h smref_rules.h smref_tables.h smref_access.h \
                          smref_pages.h)
GENERATED_C := $(addprefix $(GEN)/,smref_rules.c smref_tables.c smref_access.c smref_pages.c)

# ---- Main targets --------------------------------------------------------------------------------------

.PHONY: all
all: $(BUILD)/smref $(BUILD)/libsmref.a $(BUILD)/libsmref.so $(BUILD)/include/smref.h ## build everything

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  %-16s %s\n", $$1, $$2}'

.DELETE_ON_ERROR:

# ---- Generated code ------------------------------------------------------------------------------------

SPECGEN_SRC := $(wildcard spec/gen/*.c) $(wildcard spec/json/*.c)
SPECGEN_OBJ := $(SPECGEN_SRC:%.c=$(BUILD)/%.o)

$(BUILD)/specgen: $(SPECGEN_OBJ)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(JANSSON_LIBS) $(PCRE2_LIBS) -o $@

$(BUILD)/spec/%.o: spec/%.c
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Ispec/json -c $< -o $@

$(GEN)/.done: $(BUILD)/specgen $(SPEC)
	@mkdir -p $(GEN)
	$(Q)$(BUILD)/specgen --out $(GEN) $(SPEC)
	@touch $@

$(GENERATED_H) $(GENERATED_C) $(GEN)/smref_selftest.c: $(GEN)/.done ;

.PHONY: spec-check
spec-check: $(BUILD)/specgen ## check the data in spec/ without building anything else
	$(BUILD)/specgen --check $(SPEC)

# ---- Library -------------------------------------------------------------------------------------------

MODEL_C   := $(wildcard model/*.c) $(GENERATED_C)
MODEL_OBJ := $(patsubst %.c,$(BUILD)/model/%.o,$(notdir $(MODEL_C)))
PIC_OBJ   := $(patsubst %.c,$(BUILD)/pic/%.o,$(notdir $(MODEL_C)))
vpath %.c model $(GEN)

$(BUILD)/model/%.o: %.c $(GEN)/.done
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) -c $< -o $@

$(BUILD)/pic/%.o: %.c $(GEN)/.done
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -fPIC -Imodel -I$(GEN) -c $< -o $@

$(BUILD)/libsmref.a: $(MODEL_OBJ)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/libsmref.so.$(SOVER): $(PIC_OBJ) model/libsmref.map
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libsmref.so.$(SOVER) -Wl,--version-script=model/libsmref.map \
	    $(PIC_OBJ) -o $@

$(BUILD)/libsmref.so: $(BUILD)/libsmref.so.$(SOVER)
	$(Q)ln -sf libsmref.so.$(SOVER) $@

# The one public header of an installation: the hand-written one with the generated names in their place.
$(BUILD)/include/smref.h: model/smref.h $(GEN)/.done
	@mkdir -p $(@D)
	$(Q)awk '/^#include "smref_names.h"/ { while ((getline line < "$(GEN)/smref_names.h") > 0) print line; next } { print }' \
	    model/smref.h > $@

# ---- Command -------------------------------------------------------------------------------------------

EMBEDDED := $(sort $(wildcard interp/html/* spec/profiles/*.json spec/schema/*.json))
INTERP_SRC := $(filter-out interp/embed.c,$(wildcard interp/*.c interp/diff/*.c)) spec/json/located.c
INTERP_OBJ := $(INTERP_SRC:%.c=$(BUILD)/%.o) $(BUILD)/interp/smref_embedded.o

$(BUILD)/embed: interp/embed.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(WARN) $(CFLAGS) $< -o $@

$(GEN)/smref_embedded.c: $(BUILD)/embed $(EMBEDDED)
	@mkdir -p $(GEN)
	$(Q)$(BUILD)/embed $(EMBEDDED) > $@

$(BUILD)/interp/%.o: interp/%.c $(GEN)/.done
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) -Ispec/json -Iinterp -Iinterp/diff -c $< -o $@

$(BUILD)/interp/smref_embedded.o: $(GEN)/smref_embedded.c
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Iinterp -c $< -o $@

$(BUILD)/smref: $(INTERP_OBJ) $(BUILD)/libsmref.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(JANSSON_LIBS) $(PCRE2_LIBS) -o $@

# ---- Tests ---------------------------------------------------------------------------------------------

include tests/tests.mk

# ---- Install -------------------------------------------------------------------------------------------

.PHONY: install
install: all ## install command, library, header, man page and completions under PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig \
	    $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -m 755 $(BUILD)/smref $(DESTDIR)$(PREFIX)/bin/smref
	install -m 644 $(BUILD)/include/smref.h $(DESTDIR)$(PREFIX)/include/smref.h
	install -m 644 $(BUILD)/libsmref.a $(DESTDIR)$(PREFIX)/lib/libsmref.a
	install -m 755 $(BUILD)/libsmref.so.$(SOVER) $(DESTDIR)$(PREFIX)/lib/libsmref.so.$(SOVER)
	$(Q)ln -sf libsmref.so.$(SOVER) $(DESTDIR)$(PREFIX)/lib/libsmref.so
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' model/smref.pc.in \
	    > $(DESTDIR)$(PREFIX)/lib/pkgconfig/smref.pc
	$(Q)$(if $(wildcard interp/smref.1),install -m 644 interp/smref.1 $(DESTDIR)$(PREFIX)/share/man/man1/smref.1)
	$(Q)$(if $(wildcard interp/completions/smref.bash),install -m 644 interp/completions/smref.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/smref)
	$(Q)$(if $(wildcard interp/completions/_smref),install -m 644 interp/completions/_smref \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_smref)

.PHONY: clean
clean: ## remove the build folder
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
