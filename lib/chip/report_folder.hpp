// SPDX-License-Identifier: Apache-2.0
// A report as a folder to open in a browser.
#pragma once

#include <filesystem>
#include <vector>

#include "chip/report.hpp"
#include "fs/atomic_output.hpp"

namespace hls::chip {

struct ReportFolder {
    std::filesystem::path data_set, output;
    int per_class = 12;  // samples of a class
    fs::IfExists mode = fs::IfExists::refuse;
};

// index.html, report.json, report.md, contact.png and map.png, all or none. Throws what
// AtomicDirectory and RasterReader throw.
void write_report(const ReportFolder& folder, const DataSetReport& report,
                  const std::vector<ChipRecord>& chips);

}  // namespace hls::chip
