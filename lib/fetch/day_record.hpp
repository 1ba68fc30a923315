// SPDX-License-Identifier: Apache-2.0
// What is known of the ancillary file of one day: LADS/<yyyy>/<file>.json beside the file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "fetch/day_store.hpp"

namespace hls::fetch {

using Date = std::chrono::year_month_day;

// 1 VJ104ANC, 2 VNP04ANC, 3 L8ANC of MODIS; 0 for the name of no day file.
struct DayFileName {
    Date date;
    std::string product;  // VJ104ANC, VNP04ANC, L8ANC
    int rank = 0;
    std::string version;  // of VIIRS: collection and production
};
std::optional<DayFileName> parse_day_file_name(std::string_view name);

struct DaySource {
    std::string name, md5, sha256;
};

// Counts of cells of the 3600 x 7200 grid.
struct DayCells {
    std::int64_t unknown = 0;      // before the gaps were filled
    std::int64_t from_months = 0;  // filled from monthly means
    std::int64_t along_rows = 0;   // filled between neighbours in the row
    std::int64_t left = 0;         // unknown still
};

struct DayRecord {
    Date date;
    std::string file;  // name in its folder
    int rank = 0;
    std::int64_t bytes = 0;
    std::string sha256;
    std::vector<DaySource> sources;   // as LAADS publishes them
    std::vector<std::string> months;  // "2023-04": means that the gaps were filled from
    DayCells cells;
    std::string published_at;
    std::string replaces;  // file of this day that stood there before

    double gap_percent() const;  // unknown before filling
};
std::string to_json(const DayRecord& record);
// Throws Error{bad_input}.
DayRecord day_record_from_json(std::string_view text);

// "LADS/2024"
std::string year_folder(Date date);
// "2024-03-07"; throws Error{usage} for anything else.
std::string iso_date(Date date);
Date parse_iso_date(std::string_view text);
// "2024-03", and back.
std::string iso_month(std::chrono::year_month month);
std::chrono::year_month parse_iso_month(const std::string& text);

// Everything a store has for one day.
struct StoredDay {
    std::optional<DayRecord> best;        // file of the best rank and version that has a record
    std::vector<std::string> recorded;    // names of all such files
    std::vector<std::string> unrecorded;  // day files without record or not as it says
};
// A record counts when its file is there with the length it says.
StoredDay find_day(DayStore& store, Date date);

// Names of all day files of a year's folder ("2024").
std::vector<std::string> day_files_of(DayStore& store, const std::string& year);

// Of each day of a month that is there the name of its best file, "LADS/2024/...", of those with a
// record if there are any.
std::vector<std::string> day_files_of(DayStore& store, std::chrono::year_month month);

// What was found out about a file.
struct FileFinding {
    std::string file;        // full name
    std::string day_record;  // agrees, differs, none, made; empty for what has none
    Exit exit = Exit::ok;    // or bad_input, missing_input
    std::string message;
    double unknown_percent = -1;  // < 0: not known
};
std::string to_json(const FileFinding& finding);

// Makes the record of a day file that has none: `unknown` of its cells are.
void adopt_day(DayStore& store, const std::string& file, const std::string& sha256,
               std::int64_t bytes, std::int64_t unknown);

struct PublishedFile {
    std::string sha256;
    std::int64_t bytes = 0;
};
// Publishes what `write` leaves at the path it is given. `finished` is called when the content is
// known and nobody else sees it yet.
PublishedFile publish_file(DayStore& store, const std::string& name,
                           const std::function<void(const std::filesystem::path&)>& write,
                           const std::function<void(const PublishedFile&)>& finished = {});

// File, then record, then away with other files of the day that are no better. `make` leaves the
// file at the path it is given and fills record.cells and record.months. Killed in between, the day
// has either no record, and is done again, or the old one. Throws Error{temporary} when somebody
// else published the same file in a bucket at the same time.
void publish_day(DayStore& store, DayRecord& record,
                 const std::function<void(const std::filesystem::path&, DayRecord&)>& make);

}  // namespace hls::fetch
