# SPDX-License-Identifier: Apache-2.0
# How a library module, a tool and a test are declared, and the flags they all share.

# -ffp-contract=off: a fused multiply-add would change the last bit of float32 results that must
# equal those of the reference programs. Warnings are errors unless HLS_WERROR is off.
add_library(hls_flags INTERFACE)
target_include_directories(hls_flags INTERFACE ${CMAKE_SOURCE_DIR}/lib)
target_compile_options(hls_flags INTERFACE
  -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${HLS_WERROR}>:-Werror>
  # gcc 12 sees overlaps that are not there in std::string's operator+ (GCC bug 105651)
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(HLS_SANITIZE)
  # GCC takes members of std::regex for uninitialised in such code.
  target_compile_options(hls_flags INTERFACE -fsanitize=${HLS_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(hls_flags INTERFACE -fsanitize=${HLS_SANITIZE})
endif()

# hls_add_module(NAME USES module... LIBS target...)
# All *.cpp of the folder become static library hls_NAME, alias hls::NAME. USES are our modules
# (scripts/check-layers holds them to the table of the architecture), LIBS are external targets.
function(hls_add_module name)
  cmake_parse_arguments(ARG "" "" "USES;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(TRANSFORM ARG_USES PREPEND hls::)
  add_library(hls_${name} STATIC ${sources})
  add_library(hls::${name} ALIAS hls_${name})
  target_link_libraries(hls_${name} PUBLIC hls_flags ${ARG_USES} PRIVATE ${ARG_LIBS})
endfunction()

# hls_add_tool(NAME USES module...): tools/NAME.cpp, with NAME-<command>.cpp for commands that fill a
# file of their own, becomes the executable NAME and is installed.
function(hls_add_tool name)
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND hls::)
  file(GLOB commands CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}-*.cpp)
  add_executable(${name} ${name}.cpp ${commands})
  target_link_libraries(${name} PRIVATE hls::cli ${ARG_USES})
  target_include_directories(${name} SYSTEM PRIVATE ${CLI11_INCLUDE_DIR})
  # A library that a module needs and the tool does not would only delay its start.
  target_link_options(${name} PRIVATE LINKER:--as-needed)
  install(TARGETS ${name})
endfunction()

# hls_add_tool_pair(NAME USES module... SOURCES file...): as hls_add_tool, twice from one set of
# objects: bin/NAME, and libexec/hls-tools/NAME with the network (tools/remote.hpp says why). SOURCES
# are those that are not named after the tool.
function(hls_add_tool_pair name)
  cmake_parse_arguments(ARG "" "" "USES;SOURCES" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND hls::)
  file(GLOB commands CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}-*.cpp)
  add_library(${name}_objects OBJECT ${name}.cpp ${commands} ${ARG_SOURCES})
  target_link_libraries(${name}_objects PUBLIC hls::cli ${ARG_USES})
  target_include_directories(${name}_objects SYSTEM PRIVATE ${CLI11_INCLUDE_DIR})
  add_executable(${name} remote_exec.cpp)
  add_executable(${name}_network remote_net.cpp)
  target_link_libraries(${name}_network PRIVATE hls::net)
  foreach(target ${name} ${name}_network)
    target_link_libraries(${target} PRIVATE ${name}_objects)
    target_link_options(${target} PRIVATE LINKER:--as-needed)
  endforeach()
  set(folder libexec/hls-tools)
  set_target_properties(${name}_network PROPERTIES
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder})
  add_dependencies(${name} ${name}_network)
  install(TARGETS ${name})
  install(TARGETS ${name}_network DESTINATION ${folder})
endfunction()
