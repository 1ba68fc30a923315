# SPDX-License-Identifier: Apache-2.0
# Run at build time: writes version.cpp from version.cpp.in with the project version and git id.
execute_process(COMMAND git describe --always --dirty --abbrev=8 --exclude=*
  WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE git_id OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(HLS_VERSION ${VERSION})
if(git_id)
  string(APPEND HLS_VERSION " (${git_id})")
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
