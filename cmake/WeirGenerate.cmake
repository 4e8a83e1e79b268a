# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# gen/detect_list.h includes every header of dataplane/detect: adding a detection touches no list.
# Written at configure time, which CONFIGURE_DEPENDS repeats when a header comes or goes.
file(GLOB detections CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/src/dataplane/detect/*.h)
list(SORT detections)
set(text "/* generated: every header of src/dataplane/detect */\n#pragma once\n")
foreach(header IN LISTS detections)
    string(APPEND text "#include \"${header}\"\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/gen/detect_list.h CONTENT "${text}" @ONLY)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/gen/version.h
    CONTENT "#pragma once\n#define WEIR_VERSION \"${PROJECT_VERSION}\"\n" @ONLY)
