// SPDX-License-Identifier: Apache-2.0
// Tables that are there when they are needed: built once into the data directory, then read.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

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

// Tables that somebody asked for.
struct TableOrder {
    TableSettings settings;
    std::filesystem::path file;      // of ours; empty: default_table_path()
    std::filesystem::path official;  // folder to write in the official layout instead of `file`
    bool overwrite = false;

    // What will be made: `official`, `file` or the default file.
    std::filesystem::path target() const;
};

// Builds and writes; returns the files made. Throws Error{cannot_create} before building if the
// target exists and is not to be overwritten, Error{io_error}, or 128 + signal when cancelled.
std::vector<std::filesystem::path> fulfil(const TableOrder& order, int threads,
                                          const std::function<void(double)>& progress);

}  // namespace hls::atmosphere
