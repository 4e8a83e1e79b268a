# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# In order of preference. Presets dev and asan differ here, so that `make check` loads what either
# of the oldest and the newest compiler makes.
set(WEIR_BPF_CLANG_NAMES "clang;clang-19;clang-14" CACHE STRING "BPF compilers, the first found is used")
find_program(WEIR_BPF_CLANG NAMES ${WEIR_BPF_CLANG_NAMES})
find_program(WEIR_BPFTOOL NAMES bpftool PATHS /usr/sbin /sbin)
find_program(WEIR_LLVM_STRIP NAMES llvm-strip llvm-strip-19 llvm-strip-14)
foreach(tool WEIR_BPF_CLANG WEIR_BPFTOOL WEIR_LLVM_STRIP)
    if(NOT ${tool})
        message(FATAL_ERROR "${tool} not found: run `sudo make deps`")
    endif()
endforeach()
message(STATUS "BPF compiler: ${WEIR_BPF_CLANG}")

# UAPI headers include <asm/...>, which Debian keeps in the multiarch folder.
set(WEIR_BPF_FLAGS -g -O2 -target bpf -mcpu=v3 -std=gnu17 -Wall -Wextra -Werror
    -I${CMAKE_SOURCE_DIR}/src -I${CMAKE_BINARY_DIR}/gen
    -idirafter /usr/include/${CMAKE_C_LIBRARY_ARCHITECTURE}
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -fdebug-compilation-dir=.)

# weir_bpf(NAME): NAME.bpf.c in the current folder -> NAME.bpf.o and gen/NAME.skel.h, target
# bpf_NAME. The compiler writes the header dependencies, so a change in the core rebuilds object and
# skeleton. Whoever includes the skeleton says add_dependencies(<target> bpf_NAME).
function(weir_bpf name)
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/${name}.bpf.c)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
    set(skeleton ${CMAKE_BINARY_DIR}/gen/${name}.skel.h)
    add_custom_command(OUTPUT ${object}
        COMMAND ${WEIR_BPF_CLANG} ${WEIR_BPF_FLAGS} -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
        COMMAND ${WEIR_LLVM_STRIP} -g ${object}
        DEPENDS ${source} DEPFILE ${object}.d VERBATIM COMMENT "BPF ${name}")
    add_custom_command(OUTPUT ${skeleton}
        COMMAND sh -c "\"$1\" gen skeleton \"$2\" name \"$3\" > \"$4.tmp\" && mv \"$4.tmp\" \"$4\""
            skeleton ${WEIR_BPFTOOL} ${object} ${name} ${skeleton}
        DEPENDS ${object} VERBATIM COMMENT "skeleton ${name}")
    add_custom_target(bpf_${name} ALL DEPENDS ${object} ${skeleton})
endfunction()
