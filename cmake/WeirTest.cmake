# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# weir_test(NAME LABEL label [REQUIRE variable] [TIMEOUT seconds] COMMAND word...)
# One ctest entry. Exit status 77 is a skip; with the environment variable REQUIRE=1 it is a failure,
# and so it is always when REQUIRE is "never".
function(weir_test name)
    cmake_parse_arguments(TEST "" "LABEL;REQUIRE;TIMEOUT" "COMMAND" ${ARGN})
    if(NOT TEST_REQUIRE)
        set(TEST_REQUIRE never)
    endif()
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 120)
    endif()
    add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/run ${TEST_REQUIRE} ${TEST_COMMAND})
    set_tests_properties(${name} PROPERTIES
        LABELS ${TEST_LABEL} SKIP_RETURN_CODE 77 TIMEOUT ${TEST_TIMEOUT}
        ENVIRONMENT "WEIR_SOURCE=${CMAKE_SOURCE_DIR};WEIR_BUILD=${CMAKE_BINARY_DIR};WEIR=${CMAKE_BINARY_DIR}/weir")
endfunction()

# weir_test_programs(LABEL FOLDER [REQUIRE variable] [LIBRARIES target...])
# Every FOLDER/*.c is a cmocka program of its own; its test is named after its path.
function(weir_test_programs label folder)
    cmake_parse_arguments(GROUP "" "REQUIRE;TIMEOUT" "LIBRARIES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.c)
    string(REPLACE "/" "." prefix ${folder})
    foreach(source IN LISTS sources)
        get_filename_component(stem ${source} NAME_WE)
        set(test ${prefix}.${stem})
        add_executable(${test} ${source})
        target_link_libraries(${test} PRIVATE ${GROUP_LIBRARIES} weir_harness)
        weir_test(${test} LABEL ${label} REQUIRE ${GROUP_REQUIRE} TIMEOUT ${GROUP_TIMEOUT}
            COMMAND $<TARGET_FILE:${test}>)
    endforeach()
endfunction()
