// SPDX-License-Identifier: Apache-2.0
#include "ancillary/ancillary_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <system_error>
#include <vector>

#include "core/error.hpp"

namespace hls::ancillary {
namespace {

namespace stdfs = std::filesystem;

std::string year_and_day(std::chrono::year_month_day date) {
    const std::chrono::sys_days day = date;
    const std::chrono::sys_days new_year = date.year() / std::chrono::January / 1;
    return fmt::format("{:04}{:03}", static_cast<int>(date.year()), (day - new_year).count() + 1);
}

// Lower is better; -1 = not a file of that day.
int rank(const std::string& name, const std::string& day) {
    if (name == "L8ANC" + day + ".hdf_fused") return 3;
    if (!name.starts_with('V') || !name.ends_with(".h5")) return -1;
    if (name.find("04ANC.A" + day + ".") == std::string::npos) return -1;
    if (name.starts_with("VJ104ANC.")) return 0;
    return name.starts_with("VNP04ANC.") ? 1 : 2;
}

// The best file of the day; an empty path when there is none.
AncillaryFiles find_day(const stdfs::path& year_folder, const std::string& day) {
    AncillaryFiles files;
    int best = -1;
    std::error_code absent;
    for (const auto& entry : stdfs::directory_iterator(year_folder, absent)) {
        const int found = rank(entry.path().filename().string(), day);
        if (found < 0) continue;
        if (best < 0 || found < best || (found == best && entry.path() > files.day)) {
            best = found;
            files.day = entry.path();
            files.kind = found == 3 ? DayKind::modis : DayKind::viirs;
        }
    }
    return files;
}

}  // namespace

AncillaryFiles find_ancillary(const stdfs::path& folder, std::chrono::year_month_day date) {
    const std::string day = year_and_day(date);
    const stdfs::path year_folder = folder / "LADS" / day.substr(0, 4);
    AncillaryFiles files = find_day(year_folder, day);
    files.elevation = folder / "CMGDEM.hdf";
    files.ratios = folder / "ratiomapndwiexp.hdf";
    std::vector<std::string> missing;
    for (const stdfs::path& path : {files.elevation, files.ratios})
        if (!stdfs::exists(path)) missing.push_back(path.string());
    if (files.day.empty())
        missing.push_back(fmt::format("{} (or V*04ANC.A{}.*.h5)",
                                      (year_folder / ("L8ANC" + day + ".hdf_fused")).string(),
                                      day));
    if (!missing.empty())
        throw Error{Exit::missing_input,
                    fmt::format("missing ancillary files: {}", fmt::join(missing, ", ")),
                    "get them with hls-aux-modis, or go without: --ancillary climatology"};
    return files;
}

}  // namespace hls::ancillary
