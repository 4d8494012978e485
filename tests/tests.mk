# The tests, by kind; tests/README.md says which test goes where.

TESTS := $(BUILD)/tests
TEST_LINK = -Imodel -I$(GEN)
LINK_CHECK = $(BUILD)/libsmref.a $(CHECK_LIBS)

# ---- One program a test file ---------------------------------------------------------------------------

UNIT       := $(patsubst tests/unit/%.c,$(TESTS)/%,$(wildcard tests/unit/*.c))
PROPERTIES := $(patsubst tests/properties/%.c,$(TESTS)/%,$(wildcard tests/properties/*.c))

$(TESTS)/%: tests/unit/%.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) $(CHECK_CFLAGS) $< $(LINK_CHECK) $(LDFLAGS) -o $@

$(TESTS)/%: tests/properties/%.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) $(CHECK_CFLAGS) $< $(LINK_CHECK) $(LDFLAGS) -o $@

$(TESTS)/selftest: $(GEN)/.done $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) $(GEN)/smref_selftest.c $(BUILD)/libsmref.a $(LDFLAGS) -o $@

# ---- Fuzzing -------------------------------------------------------------------------------------------

FUZZ_EXECUTIONS ?= 4000000
FUZZ_SEED ?= 1

$(TESTS)/fuzz_access: tests/fuzz/fuzz_access.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) $< $(BUILD)/libsmref.a $(LDFLAGS) -o $@

# ---- Bench ---------------------------------------------------------------------------------------------

.PHONY: bench
bench: $(TESTS)/bench ## measure translations per second (never part of a test)
	$(TESTS)/bench

$(TESTS)/bench: tests/bench/bench.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc $< $(BUILD)/libsmref.a -o $@
