# The tests, by kind; tests/README.md says which test goes where.

TESTS := $(BUILD)/tests
SUITE := tests/suite.sh
COMPILERS := $(foreach c,gcc clang,$(if $(shell command -v $c 2>/dev/null),$c))
CLANG ?= clang
CLANG_FORMAT ?= clang-format
export CK_DEFAULT_TIMEOUT ?= 60# seconds, so that only what hangs comes to it, however busy the machine

# ---- One program a test file ---------------------------------------------------------------------------

UNIT       := $(patsubst tests/unit/%.c,$(TESTS)/%,$(wildcard tests/unit/*.c))
PROPERTIES := $(patsubst tests/properties/%.c,$(TESTS)/%,$(wildcard tests/properties/*.c))
TEST_FLAGS  = -Imodel -I$(GEN) -Ispec/json -Iinterp -Iinterp/diff $(CHECK_CFLAGS)

# Unit tests share small systems (tests/unit/system), and may reach into the command's own files.
SYSTEMS  := $(patsubst tests/unit/system/%.c,$(TESTS)/system/%.o,$(wildcard tests/unit/system/*.c))
UNIT_OBJ = $(SYSTEMS) $(filter-out %/main.o,$(INTERP_OBJ))

$(TESTS)/system/%.o: tests/unit/system/%.c $(GEN)/.done
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(TEST_FLAGS) -c $< -o $@

$(TESTS)/%: tests/unit/%.c $(SYSTEMS) $(INTERP_OBJ) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(TEST_FLAGS) -Itests/unit $< $(UNIT_OBJ) $(BUILD)/libsmref.a $(CHECK_LIBS) $(JANSSON_LIBS) \
	    $(PCRE2_LIBS) $(LDFLAGS) -o $@

$(TESTS)/test_plugin: private CPPFLAGS += -DSMREF_REFERENCE_PLUGIN='"$(TESTS)/plugins/reference"'
$(TESTS)/test_plugin: $(TESTS)/plugins/reference
$(TESTS)/test_capture: LDFLAGS += -Wl,--wrap=smref_live_read,--wrap=smref_live_register,--wrap=smref_live_function
$(TESTS)/test_no_memory: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

# Implementations to test against: the model itself as a plugin (interp/diff/PLUGIN.md).
PLUGIN_OBJ := $(filter-out %/main.o %/interp/diff/% %/interp/cmd_%,$(INTERP_OBJ))

$(TESTS)/plugins/%: tests/plugins/%.c $(PLUGIN_OBJ) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(TEST_FLAGS) $< $(PLUGIN_OBJ) $(BUILD)/libsmref.a $(JANSSON_LIBS) $(PCRE2_LIBS) $(LDFLAGS) -o $@

# The properties share an oracle that does not know the model (tests/properties/oracle).
ORACLE := $(patsubst tests/properties/oracle/%.c,$(TESTS)/oracle/%.o,$(wildcard tests/properties/oracle/*.c))

# The objects stay, though only pattern rules name them.
.SECONDARY: $(SYSTEMS) $(ORACLE)

$(TESTS)/oracle/%.o: tests/properties/oracle/%.c $(wildcard tests/properties/oracle/*.h) $(GEN)/.done
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) -c $< -o $@

$(TESTS)/%: tests/properties/%.c $(ORACLE) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(TEST_FLAGS) -Itests/properties $< $(ORACLE) $(BUILD)/libsmref.a $(CHECK_LIBS) $(LDFLAGS) -o $@

# Cases on a real QEMU.
$(TESTS)/qemu/target: tests/qemu/target.c tests/qemu/world.c tests/qemu/world.h $(INTERP_OBJ) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(TEST_FLAGS) tests/qemu/target.c tests/qemu/world.c $(filter-out %/main.o,$(INTERP_OBJ)) \
	    $(BUILD)/libsmref.a $(CHECK_LIBS) $(JANSSON_LIBS) $(PCRE2_LIBS) $(LDFLAGS) -o $@

$(TESTS)/positions: tests/spec/positions.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) $< $(BUILD)/libsmref.a $(LDFLAGS) -o $@

$(TESTS)/selftest: $(GEN)/.done $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) $(GEN)/smref_selftest.c $(BUILD)/libsmref.a $(LDFLAGS) -o $@

# ---- The fast tests ------------------------------------------------------------------------------------

CORE := check-generator check-selftest check-positions check-schemas check-unit check-properties check-cli check-vectors check-negative check-machine check-corners

.PHONY: check
check: $(CORE) check-library check-plugins ## the fast tests: generator, model, command, vectors, library (less than a minute)

.PHONY: check-core $(CORE) check-library
check-core: $(CORE)

GENERATOR_COMPILERS ?= $(COMPILERS)
check-generator: $(BUILD)/specgen
	@$(SUITE) generator tests/spec/run.sh $(BUILD)/specgen $(GENERATOR_COMPILERS)

check-selftest: $(TESTS)/selftest
	@$(SUITE) selftest $(TESTS)/selftest

check-positions: $(TESTS)/positions
	@$(SUITE) positions $(TESTS)/positions tests/spec/positions

check-schemas: $(BUILD)/smref $(TESTS)/plugins/reference
	@$(SUITE) schemas tests/spec/schemas.sh $(BUILD)/smref

.PHONY: $(UNIT:%=%.run) $(PROPERTIES:%=%.run)
check-unit: $(UNIT:%=%.run)
check-properties: $(PROPERTIES:%=%.run)

$(UNIT:%=%.run) $(PROPERTIES:%=%.run): %.run: %
	@$(SUITE) $(notdir $<) $(RUNNER) $<

check-cli: $(BUILD)/smref
	@$(SUITE) cli tests/cli/run.sh --build $(abspath $(BUILD))

# The model against the published vectors, and against what real machines did.
check-vectors: $(BUILD)/smref
	@$(SUITE) vectors $(BUILD)/smref check vectors vectors/qemu
	@$(SUITE) recipes $(BUILD)/smref gen --check vectors/recipes

# The checkers against vectors and recipes that are wrong.
check-negative: $(BUILD)/smref
	@$(SUITE) negative tests/negative/run.sh $(BUILD)/smref

check-machine: $(BUILD)/smref
	@$(if $(wildcard vectors/*.observed.jsonl),$(SUITE) machine tests/machine.sh $(BUILD)/smref vectors,:)

check-corners: $(BUILD)/smref
	@$(SUITE) corners tests/corners.sh $(BUILD)/smref vectors

# Bad input of every kind through the command.
.PHONY: check-hostile
check-hostile: $(BUILD)/smref
	@$(SUITE) hostile tests/hostile/run.sh $(abspath $(BUILD))

# QEMU, unpacked once for the suites below; where it cannot be had each of them says so.
.PHONY: install-qemu
install-qemu: ## QEMU 10.0 and 11.1 in build-qemu/, from the Debian mirror of this machine
	@tests/qemu/install.sh >/dev/null 2>&1 || :

# A campaign on each version of QEMU: needs a Debian mirror once.
.PHONY: check-qemu
check-qemu: $(BUILD)/smref $(TESTS)/qemu/target install-qemu ## smref diff on QEMU 10.0 and 11.1, in which nothing is news
	@$(SUITE) qemu-target tests/qemu/target.sh $(BUILD)/smref $(TESTS)/qemu/target
	@$(SUITE) qemu tests/qemu/campaign.sh $(BUILD)/smref
	@$(SUITE) qemu-findings tests/qemu/findings.sh $(BUILD)/smref

# Debian guests in QEMU, whose SMMU is captured: needs a Debian mirror once (about 350 MB), and a minute and a half.
.PHONY: check-capture
check-capture: $(BUILD)/smref install-qemu ## smref capture on Debian guests in QEMU 10.0 and 11.1
	@$(SUITE) capture tests/qemu/capture.sh $(BUILD)/smref

# An implementation that speaks smref-plugin: the model itself, and with defects.
.PHONY: check-plugins
check-plugins: $(BUILD)/smref $(TESTS)/plugins/reference
	@$(SUITE) plugins tests/plugins/run.sh $(BUILD)

# Campaigns that are killed again and again, and campaigns over machines: the recipes of interp/diff/CAMPAIGNS.md.
.PHONY: check-campaigns
check-campaigns: $(BUILD)/smref $(TESTS)/plugins/reference ## campaigns with GNU parallel, and on a Slurm cluster of their own
	@$(SUITE) resume tests/diff/resume.sh $(BUILD)
	@$(SUITE) parallel tests/diff/parallel.sh $(abspath $(BUILD))
	@$(SUITE) slurm tests/diff/slurm.sh $(abspath $(BUILD))

check-library: all
	@$(SUITE) library tests/library/run.sh $(abspath $(BUILD)) $(COMPILERS)

.PHONY: vectors
vectors: $(BUILD)/smref ## make the vectors from their recipes anew
	$(BUILD)/smref gen --update vectors/recipes

# ---- All tests -----------------------------------------------------------------------------------------

# A build with sanitizers, also instrumented for libFuzzer.
SANITIZED := $(BUILD)-sanitized
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZED_BUILD = CC=$(CLANG) OPT="-O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link"

.PHONY: setup test check-full
setup: ## install what is missing, build, run a real machine's snapshot
	./setup.sh

test: ## all tests, on all processors
	+$(Q)$(MAKE) --no-print-directory -j$(shell nproc) --output-sync=target check-full

check-full: check check-qemu check-capture check-campaigns check-mutants check-valgrind check-sanitized check-clang cppcheck format-check ## all tests, with as many jobs as make was given

.PHONY: check-valgrind
VALGRIND := valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
check-valgrind: $(UNIT) ## unit tests under valgrind
	+$(Q)$(MAKE) --no-print-directory RUNNER="$(VALGRIND)" CK_TIMEOUT_MULTIPLIER=20 SMREF_PROPERTY_ROUNDS=8 SMREF_SAVE_ROUNDS=6 SMREF_PUBLISHED_EVERY=20 check-unit

.PHONY: check-sanitized
check-sanitized: ## core tests, hostile input and short fuzzing with sanitizers
	+$(Q)$(MAKE) --no-print-directory BUILD=$(SANITIZED) $(SANITIZED_BUILD) GENERATOR_COMPILERS= \
	    CK_TIMEOUT_MULTIPLIER=10 SMREF_PROPERTY_ROUNDS=15000 SMREF_CACHES_STEPS=400 check-core check-hostile fuzz-short

.PHONY: check-clang
check-clang: ## core tests of a build with clang
	+$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)-clang CC=$(CLANG) GENERATOR_COMPILERS= check-core

C_FILES := $(wildcard spec/gen/*.[ch] spec/json/*.[ch] model/*.[ch] interp/*.[ch] interp/diff/*.[ch] tests/*.h tests/*/*.[ch] tests/*/*/*.[ch] tests/spec/valid/*/*.c)

.PHONY: cppcheck
cppcheck: $(GEN)/.done ## static analysis
	@$(SUITE) cppcheck cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --suppress='identicalConditionAfterEarlyExit:$(GEN)/*' \
	    --error-exitcode=1 -j 2 -Imodel -I$(GEN) -Ispec/json -Iinterp -Iinterp/diff $(filter %.c,$(C_FILES)) $(GENERATED_C)

.PHONY: format format-check
format: ## format all C files
	$(CLANG_FORMAT) -i $(C_FILES)

format-check: ## fail when a C file is not formatted
	@$(SUITE) format $(CLANG_FORMAT) --dry-run --Werror $(C_FILES)

# ---- Defects that differential tests must find ---------------------------------------------------------

# All of them take five minutes of one processor, and those without a mutation one more; the share of a full test changes
# from day to day.
MUTANTS_SHARE ?= $(shell expr $$(date +%s) / 86400 % 10 + 1)/10
MUTANTS := $(BUILD)/smref $(BUILD)/embed $(TESTS)/plugins/reference

.PHONY: mutants check-mutants
mutants: $(MUTANTS) ## small defects of the model: does smref diff find each? writes the table of them
	tests/mutants/run.sh $(BUILD) --update

check-mutants: $(MUTANTS)
	@$(SUITE) mutants tests/mutants/run.sh $(BUILD) --jobs 1 --share $(MUTANTS_SHARE)

# ---- Coverage ------------------------------------------------------------------------------------------

.PHONY: coverage
coverage: ## branch coverage of model/ by the core tests
	$(Q)find $(BUILD)-coverage -name '*.gcda' -delete 2>/dev/null || true
	+$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)-coverage CC=gcc OPT="-Og -g --coverage" GENERATOR_COMPILERS= \
	    CK_TIMEOUT_MULTIPLIER=10 check-core
	@tests/coverage.sh $(BUILD)-coverage

# ---- Fuzzing -------------------------------------------------------------------------------------------

FUZZ_SEED ?= 1
FUZZ_SECONDS ?= 600
FUZZ_JSON := vectors/start.json $(wildcard tests/cli/run/*.json)
FUZZ_FLAGS = -Imodel -I$(GEN) -Ispec/json -Iinterp -Itests/properties
FUZZ_ACCESS_LINK = $(ORACLE) $(BUILD)/libsmref.a $(LDFLAGS)
FUZZ_JSON_LINK = $(filter-out %/main.o,$(INTERP_OBJ)) $(BUILD)/libsmref.a $(JANSSON_LIBS) $(PCRE2_LIBS) $(LDFLAGS)

# Each fuzzer stands alone, with a seed and a count, and is a target of libFuzzer (clang only).
$(TESTS)/fuzz_access: tests/fuzz/fuzz_access.c $(ORACLE) $(BUILD)/libsmref.a
	$(Q)$(COMPILE) $(FUZZ_FLAGS) $< $(FUZZ_ACCESS_LINK) -o $@
$(TESTS)/libfuzzer_access: tests/fuzz/fuzz_access.c $(ORACLE) $(BUILD)/libsmref.a
	$(Q)$(COMPILE) $(FUZZ_FLAGS) -DSMREF_LIBFUZZER -fsanitize=fuzzer $< $(FUZZ_ACCESS_LINK) -o $@
$(TESTS)/fuzz_registers: tests/fuzz/fuzz_registers.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) $< $(BUILD)/libsmref.a $(LDFLAGS) -o $@
$(TESTS)/libfuzzer_registers: tests/fuzz/fuzz_registers.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) -DSMREF_LIBFUZZER -fsanitize=fuzzer $< $(BUILD)/libsmref.a $(LDFLAGS) -o $@
$(TESTS)/fuzz_interface: tests/fuzz/fuzz_interface.c tests/fuzz/twins.c tests/fuzz/twins.h $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) $(filter %.c,$^) $(BUILD)/libsmref.a $(LDFLAGS) -o $@
$(TESTS)/libfuzzer_interface: tests/fuzz/fuzz_interface.c tests/fuzz/twins.c tests/fuzz/twins.h $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) -DSMREF_LIBFUZZER -fsanitize=fuzzer $(filter %.c,$^) $(BUILD)/libsmref.a $(LDFLAGS) -o $@
ISOLATION := $(addprefix tests/fuzz/,fuzz_isolation.c isolation.c isolation_facts.c isolation_world.c)
ISOLATION_H := $(wildcard tests/fuzz/isolation*.h)
$(TESTS)/fuzz_isolation: $(ISOLATION) $(ISOLATION_H) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) $(ISOLATION) $(BUILD)/libsmref.a $(LDFLAGS) -o $@
$(TESTS)/libfuzzer_isolation: $(ISOLATION) $(ISOLATION_H) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) -DSMREF_LIBFUZZER -fsanitize=fuzzer $(ISOLATION) $(BUILD)/libsmref.a $(LDFLAGS) -o $@
$(TESTS)/fuzz_json: tests/fuzz/fuzz_json.c $(INTERP_OBJ) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) $< $(FUZZ_JSON_LINK) -o $@
$(TESTS)/libfuzzer_json: tests/fuzz/fuzz_json.c $(INTERP_OBJ) $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(FUZZ_FLAGS) -DSMREF_LIBFUZZER -fsanitize=fuzzer $< $(FUZZ_JSON_LINK) -o $@

.PHONY: fuzz-short
fuzz-short: $(addprefix $(TESTS)/,$(foreach f,access registers interface isolation json,fuzz_$(f) libfuzzer_$(f)))
	@$(SUITE) fuzz_access $(TESTS)/fuzz_access 400000 $(FUZZ_SEED)
	@$(SUITE) fuzz_registers $(TESTS)/fuzz_registers 400000 $(FUZZ_SEED)
	@$(SUITE) fuzz_interface $(TESTS)/fuzz_interface 400000 $(FUZZ_SEED)
	@$(SUITE) fuzz_isolation $(TESTS)/fuzz_isolation 400000 $(FUZZ_SEED)
	@$(SUITE) fuzz_json $(TESTS)/fuzz_json 1500 $(FUZZ_SEED) $(FUZZ_JSON)
	@$(SUITE) libfuzzer_access tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_access -runs=5000 -seed=$(FUZZ_SEED)
	@$(SUITE) libfuzzer_registers tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_registers -runs=1500 -seed=$(FUZZ_SEED)
	@$(SUITE) libfuzzer_interface tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_interface -runs=1000 -seed=$(FUZZ_SEED)
	@$(SUITE) libfuzzer_isolation tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_isolation -runs=1000 -seed=$(FUZZ_SEED)
	@$(SUITE) libfuzzer_json tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_json -runs=5000 -seed=$(FUZZ_SEED) $(FUZZ_JSON)

.PHONY: fuzz fuzz-long
fuzz: ## fuzz accesses, registers and JSON with libFuzzer and sanitizers, FUZZ_SECONDS each
	+$(Q)$(MAKE) --no-print-directory BUILD=$(SANITIZED) $(SANITIZED_BUILD) fuzz-long

fuzz-long: $(addprefix $(TESTS)/libfuzzer_,access registers interface isolation json)
	tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_access -max_total_time=$(FUZZ_SECONDS)
	tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_registers -max_total_time=$(FUZZ_SECONDS)
	tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_interface -max_total_time=$(FUZZ_SECONDS)
	tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_isolation -max_total_time=$(FUZZ_SECONDS)
	tests/fuzz/libfuzzer.sh $(TESTS)/libfuzzer_json -max_total_time=$(FUZZ_SECONDS) $(FUZZ_JSON)

# ---- Bench ---------------------------------------------------------------------------------------------

.PHONY: bench
bench: $(TESTS)/bench $(BUILD)/smref ## measure translations per second (never part of a test)
	$(TESTS)/bench
	tests/bench/snapshot.sh $(BUILD)/smref

$(TESTS)/bench: tests/bench/bench.c $(BUILD)/libsmref.a
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Imodel -I$(GEN) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc $< $(BUILD)/libsmref.a -o $@
