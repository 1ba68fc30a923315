// SPDX-License-Identifier: Apache-2.0
// Tables that are there when they are needed: built once into the data directory, then read.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "atmosphere/table_builder.hpp"
#include "atmosphere/table_file.hpp"

namespace hls::atmosphere {

// data_dir()/tables/<sensor>.tables
std::filesystem::path default_table_path(Sensor sensor);

// Tables for a correction. `choice` is a path for load_tables(), or empty for the default file,
// which is built with default settings when it does not exist; of several processes that need it
// at once, one builds and the others wait. `progress` hears the fraction of a build.
// Throws as load_tables(); Error{cannot_create, io_error} when a build cannot be kept.
Tables obtain_tables(const std::string& choice, Sensor sensor, int threads,
                     const std::function<void(double)>& progress);

}  // namespace hls::atmosphere
