// SPDX-License-Identifier: Apache-2.0
// What hls-lasrc does, a file each.
#pragma once

#include "cli/program.hpp"

// Without a command: corrects a granule.
void declare_correction(hls::cli::Program& program);

// The command `tables`.
void declare_tables_command(hls::cli::Program& program);
