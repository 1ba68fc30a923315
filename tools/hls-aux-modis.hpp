// SPDX-License-Identifier: Apache-2.0
// The commands of hls-aux-modis, a file each, and what they share.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ancillary/gap_fill.hpp"
#include "cli/program.hpp"
#include "cli/work_options.hpp"
#include "fetch/day_sync.hpp"

namespace hls::tool {

// Which days a command is about.
struct DayOptions {
    std::vector<std::string> dates;
    std::string from, to;
    int days = 0;

    // Newest first. Throws Error{usage}.
    std::vector<fetch::Date> list() const;
    // The days were named, so that each of them is wanted.
    bool named() const { return !dates.empty() || !from.empty(); }
};
void add_day_options(CLI::App& command, DayOptions& options, int default_days);

// -o or --ancillary as given, else $HLS_DATA_DIR/ancillary.
std::string ancillary_place(const std::string& given);

net::HttpClient& http();

// Turns what LAADS sends into day files, with the monthly means of a store.
class DayMaker {
 public:
    explicit DayMaker(fetch::DayStore& store) : store_(store) {}

    void make(const std::vector<std::filesystem::path>& sources,
              const std::filesystem::path& output, fetch::DayRecord& record);

 private:
    const ancillary::VapourGrid* mean_of(const std::array<std::chrono::year_month, 2>& choices,
                                         fetch::DayRecord& record);

    fetch::DayStore& store_;
    std::map<std::chrono::year_month, std::optional<ancillary::VapourGrid>> means_;
};

// False if what exists may stay; throws Error{cannot_create} if it exists otherwise and may not be
// replaced.
bool may_make(const cli::WorkOptions& work, bool exists, const std::string& target,
              cli::RunRecord& record);

// The file of a day that was published, as output.
void add_published(const fetch::DayStore& store, const fetch::DayRecord& day,
                   cli::RunRecord& record);
// Rank and quality of a day that is ready, among the gates.
void add_quality(const fetch::DayRecord& day, cli::RunRecord& record);

void add_climatology(cli::Program& program);
void add_combine(cli::Program& program);
void add_status(cli::Program& program);
void add_sync(cli::Program& program);
void add_verify(cli::Program& program);

}  // namespace hls::tool
