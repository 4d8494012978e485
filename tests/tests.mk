# The tests, by kind; tests/README.md says which test goes where.

.PHONY: bench
bench: $(BUILD)/tests/bench ## measure translations per second (never part of a test)
	$(BUILD)/tests/bench

$(BUILD)/tests/bench: tests/bench/bench.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(COMPILE) -Imodel -I$(GEN) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc $< $(BUILD)/libsmref.a -o $@

$(BUILD)/tests/selftest: $(GEN)/.done $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(COMPILE) -Imodel -I$(GEN) $(GEN)/smref_selftest.c $(BUILD)/libsmref.a -o $@
