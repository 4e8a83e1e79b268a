# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)
find_package(PkgConfig REQUIRED)

# weir_packages(TARGET SCOPE package...): link pkg-config packages.
function(weir_packages target scope)
    foreach(package IN LISTS ARGN)
        string(MAKE_C_IDENTIFIER ${package} id)
        if(NOT TARGET PkgConfig::${id})
            pkg_check_modules(${id} REQUIRED IMPORTED_TARGET GLOBAL ${package})
        endif()
        target_link_libraries(${target} ${scope} PkgConfig::${id})
    endforeach()
endfunction()

# weir_room(NAME [ROOMS room...] [PACKAGES pkg-config...])
# One static library weir_NAME of all *.c in the current folder. It links the rooms and packages it
# names, and no others. All rooms share one include root (src/), as do system libraries: that a room
# includes only what it may is what tests/check/includes.py proves, from tests/check/rooms.txt.
function(weir_room name)
    cmake_parse_arguments(ROOM "" "" "ROOMS;PACKAGES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
    if(NOT sources)
        set(sources ${WEIR_EMPTY_SOURCE})
    endif()
    add_library(weir_${name} STATIC ${sources})
    target_include_directories(weir_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/gen)
    target_link_libraries(weir_${name} PUBLIC weir_options)
    target_compile_options(weir_${name} PRIVATE -Wmissing-prototypes) # tests have entry points without
    foreach(room IN LISTS ROOM_ROOMS)
        target_link_libraries(weir_${name} PUBLIC weir_${room})
    endforeach()
    weir_packages(weir_${name} PUBLIC ${ROOM_PACKAGES})
endfunction()

# A room whose first source is still to come is an empty library.
set(WEIR_EMPTY_SOURCE ${CMAKE_BINARY_DIR}/gen/empty.c)
file(CONFIGURE OUTPUT ${WEIR_EMPTY_SOURCE} CONTENT "/* no source yet */\n")
