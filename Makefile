# SPDX-License-Identifier: Apache-2.0
# Short names for what cmake, ctest and tools/ do; CMakePresets.json has the build variants.
.PHONY: build deps run check bench test fuzz soak format clean
.NOTPARALLEL:

build: # build/weir; needs neither root nor network
	@test -f build/build.ninja || cmake --preset release
	@cmake --build --preset release

deps: # packages to build, run and test; root, and network if any is missing
	@tools/install-deps build run check

run: # set up, build, and do the main job: a lab; or PCAP=file, or IFACE=interface
	@tools/install-deps build run
	@$(MAKE) --no-print-directory build
	@tools/run-main "$(PCAP)" "$(IFACE)"

check: deps # every tier of tests, the last line says how many passed
	@tools/check

test: # unit tests alone, quick
	@tools/check --quick

fuzz: # libFuzzer on every surface, SECONDS=10 each
	@WEIR_FUZZ_SECONDS=$(or $(SECONDS),10) tools/check --fuzz

soak: deps build # 90 minutes: 20 of ordinary traffic, 500 times kill -9, every scan, 30 of floods; root
	@WEIR_SOAK_SECONDS=$(or $(SECONDS),1200) WEIR_SOAK_KILLS=$(or $(KILLS),500) WEIR_SOAK_SCANS=1 \
		WEIR_SOAK_FLOODS=$(or $(FLOODS),1800) tools/soak

bench: # measure; root. WHAT="progs flows lab rx service replay", all but flows and service unless told
	@tools/install-deps build bench
	@tools/bench $(WHAT)

format:
	@git ls-files 'src/*.[ch]' 'tests/*.[ch]' | xargs clang-format-14 -i

clean:
	@rm -rf build
