// SPDX-License-Identifier: Apache-2.0
#include "fetch/day_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/time.hpp"
#include "fetch/json.hpp"
#include "fetch/laads.hpp"
#include "fs/digest.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;

constexpr double kGlobeCells = 3600.0 * 7200.0;
constexpr std::string_view kFused = "L8ANC";

std::int64_t count_at(const Json& object, const char* name) {
    const auto it = object.find(name);
    if (it == object.end() || !it->is_number_integer() || it->get<std::int64_t>() < 0)
        throw Error{Exit::bad_input, fmt::format("the record has no \"{}\"", name)};
    return it->get<std::int64_t>();
}

const Json& list_at(const Json& object, const char* name) {
    static const Json none = Json::array();
    const auto it = object.find(name);
    return it != object.end() && it->is_array() ? *it : none;
}

}  // namespace

std::optional<DayFileName> parse_day_file_name(std::string_view name) {
    if (name.starts_with(kFused) && name.size() == 22 && name.ends_with(".hdf_fused")) {
        // The date as LAADS writes it, in a name that its parser knows.
        const auto day = name.substr(kFused.size(), 7);
        const auto parsed =
            parse_laads_name(fmt::format("MOD09CMG.A{}.061.0000000000000.hdf", day));
        if (!parsed) return std::nullopt;
        return DayFileName{parsed->date, std::string(kFused), 3, {}};
    }
    const auto parsed = parse_laads_name(name);
    if (!parsed || parsed->product.starts_with('M')) return std::nullopt;
    return DayFileName{parsed->date, parsed->product, parsed->product == "VJ104ANC" ? 1 : 2,
                       parsed->version};
}

double DayRecord::gap_percent() const {
    return 100.0 * static_cast<double>(cells.unknown) / kGlobeCells;
}

std::string to_json(const DayRecord& record) {
    nlohmann::ordered_json json;
    json["v"] = 1;
    json["kind"] = "ancillary_day";
    json["date"] = iso_date(record.date);
    json["file"] = record.file;
    json["rank"] = record.rank;
    json["bytes"] = record.bytes;
    json["sha256"] = record.sha256;
    json["sources"] = Json::array();
    for (const auto& source : record.sources)
        json["sources"].push_back(
            {{"name", source.name}, {"md5", source.md5}, {"sha256", source.sha256}});
    json["months"] = record.months;
    json["cells"] = {{"unknown", record.cells.unknown},
                     {"from_months", record.cells.from_months},
                     {"along_rows", record.cells.along_rows},
                     {"left", record.cells.left}};
    json["published_at"] = record.published_at;
    if (!record.replaces.empty()) json["replaces"] = record.replaces;
    return json.dump();
}

DayRecord day_record_from_json(std::string_view text) {
    const Json json = strict_json<Json>(text);
    if (!json.is_object() || text_at(json, "kind") != "ancillary_day")
        throw Error{Exit::bad_input, "not a record of an ancillary day"};
    DayRecord record;
    record.date = parse_iso_date(text_at(json, "date"));
    record.file = text_at(json, "file");
    record.rank = static_cast<int>(count_at(json, "rank"));
    record.bytes = count_at(json, "bytes");
    record.sha256 = text_at(json, "sha256");
    record.published_at = text_at(json, "published_at");
    record.replaces = text_at(json, "replaces");
    for (const Json& source : list_at(json, "sources"))
        record.sources.push_back(
            {text_at(source, "name"), text_at(source, "md5"), text_at(source, "sha256")});
    for (const Json& month : list_at(json, "months"))
        if (month.is_string()) record.months.push_back(month.get<std::string>());
    const auto cells = json.find("cells");
    if (cells == json.end() || !cells->is_object())
        throw Error{Exit::bad_input, "the record has no \"cells\""};
    record.cells = {count_at(*cells, "unknown"), count_at(*cells, "from_months"),
                    count_at(*cells, "along_rows"), count_at(*cells, "left")};
    return record;
}

std::string year_folder(Date date) {
    return fmt::format("LADS/{:04}", static_cast<int>(date.year()));
}

std::string iso_date(Date date) {
    return format_utc(UtcTime{std::chrono::sys_days{date}}).substr(0, 10);
}

Date parse_iso_date(std::string_view text) {
    try {
        if (text.size() != 10) throw Error{Exit::usage, {}};
        return Date{std::chrono::floor<std::chrono::days>(parse_utc(text))};
    } catch (const Error&) {
        throw Error{Exit::usage, fmt::format("'{}' is no date", text), "as in 2024-03-07"};
    }
}

std::string iso_month(std::chrono::year_month month) {
    return iso_date(month / std::chrono::day{1}).substr(0, 7);
}

std::chrono::year_month parse_iso_month(const std::string& text) {
    const Date date = parse_iso_date(text + "-01");
    return date.year() / date.month();
}

StoredDay find_day(DayStore& store, Date date) {
    const std::string folder = year_folder(date);
    const auto files = store.list(folder);
    StoredDay stored;
    std::tuple<int, std::string> best_order;
    for (const auto& [name, bytes] : files) {
        const auto parsed = parse_day_file_name(name);
        if (!parsed || parsed->date != date) continue;
        std::optional<DayRecord> record;
        try {
            if (const auto text = files.contains(name + ".json")
                                      ? store.read(folder + '/' + name + ".json")
                                      : std::nullopt)
                record = day_record_from_json(*text);
        } catch (const Error& error) {
            if (error.code != Exit::bad_input && error.code != Exit::usage) throw;
            log_warning("{}: {}", store.full_name(folder + '/' + name + ".json"), error.message);
        }
        if (!record || record->file != name || record->bytes != bytes || record->date != date) {
            stored.unrecorded.push_back(name);
            continue;
        }
        stored.recorded.push_back(name);
        const std::tuple order{-parsed->rank, parsed->version};
        if (!stored.best || order > best_order) {
            stored.best = std::move(record);
            best_order = order;
        }
    }
    return stored;
}

std::vector<std::string> day_files_of(DayStore& store, const std::string& year) {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : store.list("LADS/" + year))
        if (const auto parsed = parse_day_file_name(name);
            parsed && year_folder(parsed->date) == "LADS/" + year)
            names.push_back(name);
    return names;
}

std::vector<std::string> day_files_of(DayStore& store, std::chrono::year_month month) {
    std::vector<std::string> names;
    for (unsigned day = 1; day <= 31; ++day) {
        const Date date = month / std::chrono::day{day};
        if (!date.ok()) break;
        const StoredDay stored = find_day(store, date);
        if (stored.best)
            names.push_back(year_folder(date) + '/' + stored.best->file);
        else if (!stored.unrecorded.empty())
            names.push_back(year_folder(date) + '/' + stored.unrecorded.front());
    }
    return names;
}

std::string to_json(const FileFinding& finding) {
    const char* state = finding.exit == Exit::ok          ? "good"
                        : finding.exit == Exit::bad_input ? "bad"
                                                          : "absent";
    nlohmann::ordered_json json{
        {"v", 1}, {"kind", "ancillary_file"}, {"file", finding.file}, {"state", state}};
    if (!finding.day_record.empty()) json["record"] = finding.day_record;
    if (finding.unknown_percent >= 0)
        json["unknown_percent"] = std::round(finding.unknown_percent * 1000) / 1000;
    if (!finding.message.empty()) json["message"] = finding.message;
    return json.dump();
}

void adopt_day(DayStore& store, const std::string& file, const std::string& sha256,
               std::int64_t bytes, std::int64_t unknown) {
    const auto name = parse_day_file_name(file);
    if (!name) throw Error{Exit::internal, file + ": no day file"};
    DayRecord record;
    record.date = name->date;
    record.file = file;
    record.rank = name->rank;
    record.bytes = bytes;
    record.sha256 = sha256;
    record.cells.unknown = record.cells.left = unknown;
    record.published_at = format_utc(processing_time());
    store.write(year_folder(record.date) + '/' + file + ".json", to_json(record));
}

PublishedFile publish_file(DayStore& store, const std::string& name,
                           const std::function<void(const std::filesystem::path&)>& write,
                           const std::function<void(const PublishedFile&)>& finished) {
    PublishedFile file;
    store.publish(
        name,
        [&](const std::filesystem::path& path) {
            write(path);
            file.bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
            file.sha256 = fs::digest_of_file(fs::DigestKind::sha256, path);
            if (finished) finished(file);
        },
        [&] { return file.sha256; });
    return file;
}

void publish_day(DayStore& store, DayRecord& record,
                 const std::function<void(const std::filesystem::path&, DayRecord&)>& make) {
    const std::string folder = year_folder(record.date) + '/';
    const std::string name = folder + record.file;
    const StoredDay before = find_day(store, record.date);
    if (before.best) record.replaces = before.best->file;
    record.published_at = format_utc(processing_time());
    publish_file(
        store, name, [&](const auto& path) { make(path, record); },
        [&](const PublishedFile& file) {
            record.bytes = file.bytes;
            record.sha256 = file.sha256;
            // From here to the new record the day counts as not there.
            store.remove(name + ".json");
        });
    if (const auto there = store.known_sha256(name); !there.empty() && there != record.sha256)
        throw Error{Exit::temporary, store.full_name(name) + ": somebody else publishes it, too",
                    "run again"};
    store.write(name + ".json", to_json(record));
    for (const auto* names : {&before.recorded, &before.unrecorded})
        for (const auto& old : *names) {
            if (old == record.file || parse_day_file_name(old)->rank < record.rank) continue;
            store.remove(folder + old + ".json");
            store.remove(folder + old);
        }
}

}  // namespace hls::fetch
