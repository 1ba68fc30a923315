// SPDX-License-Identifier: Apache-2.0
// Tables of the log as NDJSON or CSV.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.hpp"

namespace hls::joblog {

enum class ExportFormat { ndjson, csv };

// Tables and views that can be exported.
const std::vector<std::string>& exported_tables();

// Calls `line` for each row that changed since `since` (log time, "" for all), in CSV for the
// header first. JSON columns are objects in NDJSON.
void export_table(store::Connection& connection, const std::string& table, const std::string& since,
                  ExportFormat format, const std::function<void(std::string_view)>& line);

}  // namespace hls::joblog
