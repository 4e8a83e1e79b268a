# SPDX-License-Identifier: Apache-2.0
option(WEIR_WERROR "Warnings are errors" OFF)
option(WEIR_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(WEIR_FUZZ "libFuzzer targets (clang)" OFF)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Every user-space target links it; include paths arrive through weir_room() alone.
add_library(weir_options INTERFACE)
target_compile_options(weir_options INTERFACE
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -fno-strict-aliasing
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_compile_definitions(weir_options INTERFACE _GNU_SOURCE)
if(WEIR_WERROR)
    target_compile_options(weir_options INTERFACE -Werror)
endif()
if(WEIR_SANITIZE OR WEIR_FUZZ)
    target_compile_options(weir_options INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(weir_options INTERFACE -fsanitize=address,undefined)
else()
    target_compile_options(weir_options INTERFACE -fstack-protector-strong)
    if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        target_compile_options(weir_options INTERFACE -D_FORTIFY_SOURCE=2)
    endif()
endif()
if(WEIR_FUZZ)
    target_compile_options(weir_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
