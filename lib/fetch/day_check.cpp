// SPDX-License-Identifier: Apache-2.0
#include "fetch/day_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/cancel.hpp"
#include "fs/digest.hpp"

namespace hls::fetch {

template <typename Check>
void StoreCheck::look(const std::string& name, const Check& check) {
    throw_if_cancelled();
    FileFinding finding;
    finding.file = store_.full_name(name);
    try {
        const auto path = store_.local(name);
        if (!path) throw Error{Exit::missing_input, "not there"};
        check(*path, finding);
    } catch (const Error& error) {
        if (error.code != Exit::bad_input && error.code != Exit::missing_input) throw;
        finding.exit = error.code;
        finding.message = error.message;
    }
    store_.release(name);
    bad_ += finding.exit == Exit::bad_input;
    absent_ += finding.exit == Exit::missing_input;
    tell_(finding);
}

void StoreCheck::check_file(const std::string& name,
                            const std::function<void(const std::filesystem::path&)>& read) {
    look(name, [&](const std::filesystem::path& path, FileFinding&) { read(path); });
}

void StoreCheck::check_day(const std::string& file, bool adopt, const ReadDay& read) {
    ++days_;
    const auto date = parse_day_file_name(file)->date;
    const std::string name = year_folder(date) + '/' + file;
    const auto stored = find_day(store_, date);
    std::string published;
    if (std::ranges::find(stored.recorded, file) != stored.recorded.end())
        published = day_record_from_json(store_.read(name + ".json").value_or("")).sha256;
    look(name, [&](const std::filesystem::path& path, FileFinding& finding) {
        const auto digest = fs::digest_of_file(fs::DigestKind::sha256, path);
        finding.day_record = published.empty()     ? "none"
                             : digest == published ? "agrees"
                                                   : "differs";
        if (finding.day_record == "differs")
            throw Error{Exit::bad_input, "not the content that was published"};
        const DayContent content = read(path);
        finding.unknown_percent = content.unknown_percent;
        if (!content.problem.empty()) throw Error{Exit::bad_input, content.problem};
        if (!published.empty() || !adopt) return;
        const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
        adopt_day(store_, file, digest, bytes, content.unknown);
        finding.day_record = "made";
    });
}

void StoreCheck::check_days(const std::vector<Date>& wanted, bool adopt, const ReadDay& read) {
    for (const auto& year : store_.folders("LADS"))
        for (const auto& file : day_files_of(store_, year)) {
            const auto date = parse_day_file_name(file)->date;
            if (wanted.empty() || std::ranges::find(wanted, date) != wanted.end())
                check_day(file, adopt, read);
        }
}

void StoreCheck::finish() const {
    if (bad_ > 0)
        throw Error{Exit::bad_input, fmt::format("{}: {} files are bad", store_.place(), bad_),
                    "remove them and get them again: hls-aux-modis sync --overwrite --date"};
    if (absent_ > 0 || days_ == 0)
        throw Error{
            Exit::missing_input,
            days_ == 0 ? store_.place() + ": no day is there"
                       : fmt::format("{}: {} files are not there", store_.place(), absent_),
            "lasrc's auxiliary package of USGS has CMGDEM.hdf and ratiomapndwiexp.hdf; days "
            "come with hls-aux-modis sync"};
}

}  // namespace hls::fetch
