// SPDX-License-Identifier: Apache-2.0
// The command `hls-lasrc tables`.
#pragma once

#include "cli/program.hpp"

void declare_tables_command(hls::cli::Program& program);
