// SPDX-License-Identifier: Apache-2.0
// Landsat scenes from the bucket of USGS, file by file.
#include <fmt/format.h>

#include <set>

#include "fetch/get_from.hpp"
#include "granule/landsat.hpp"

namespace hls::fetch {
namespace {

constexpr std::size_t kMostMtlBytes = 1 << 20;

// The files an MTL names.
std::set<std::string> files_named_by(const granule::LandsatMetadata& mtl) {
    std::set<std::string> names;
    for (const auto& [key, value] : mtl.keys)
        if (key.starts_with("FILE_NAME_")) names.insert(value);
    return names;
}

// An RT scene disappears when its T1 or T2 comes.
bool take_successor(const GetRun& run, net::S3Client& s3) {
    GranuleRecord& record = run.result.record;
    if (run.options.successor == Successor::none) return false;
    const net::S3Uri gone = net::parse_s3_uri(landsat_s3_prefix(record.id));
    const std::string parent = gone.key.substr(0, gone.key.size() - record.id.size() - 1);
    std::vector<std::string> present;
    for (const auto& folder : s3.list({gone.bucket, parent}, "/").prefixes)
        present.push_back(normalised_id(folder));
    const std::string next = best_landsat_successor(record.id, present);
    if (next.empty() || next == record.id) return false;
    record.requested_id = record.id;
    record.id = next;
    record.event = "successor";
    record.produced_at.clear();
    record.file_sums.clear();
    describe_by_id(record);
    record.urls = {{"s3", landsat_s3_prefix(next), "usgs"}};
    return true;
}

// A successor has to pass the rules that the scene asked for had passed. Where these want RT, what
// RT turns into will do.
bool may_succeed(GranuleRecord successor, Preset preset) {
    for (const Preset rules : {preset, preset == Preset::none ? preset : Preset::hls_forward2}) {
        apply_preset(successor, rules);
        if (successor.accept) return true;
    }
    return false;
}

}  // namespace

// The metadata file comes last: a folder that has it has everything it names.
void get_landsat(const GetRun& run) {
    GranuleRecord& record = run.result.record;
    if (landsat_s3_prefix(record.id).empty())
        throw Error{Exit::not_accepted, record.id + ": not a Level-1 product of Landsat 8 or 9"};
    net::S3Client& s3 = run.sources.landsat();
    const auto objects_of = [&s3](const std::string& id) {
        return objects_below(s3, net::parse_s3_uri(landsat_s3_prefix(id)));
    };
    auto objects = objects_of(record.id);
    if (objects.empty() && take_successor(run, s3)) objects = objects_of(record.id);
    if (objects.empty())
        throw Error{Exit::missing_input, record.id + ": no such scene in the bucket",
                    "an RT scene disappears when its T1 or T2 comes"};
    if (!record.requested_id.empty() && !may_succeed(record, run.options.preset))
        throw Error{Exit::not_accepted, fmt::format("{}: gone, and its successor is {}",
                                                    record.requested_id, record.id)};
    std::erase_if(objects, [&](const auto& entry) {
        return entry.first.find('/') != std::string::npos || !entry.first.starts_with(record.id);
    });
    const std::string mtl_name = record.id + "_MTL.txt";
    if (!objects.contains(mtl_name)) not_yet_there(record.id, mtl_name);
    const std::string text = s3.get({kLandsatBucket, objects.at(mtl_name).key}, {}, kMostMtlBytes);
    for (const auto& name : files_named_by(granule::parse_landsat_mtl(text, mtl_name)))
        if (!objects.contains(name)) not_yet_there(record.id, name);
    run.result.verified.emplace_back("members");

    run.result.local = run.options.folder / record.id;
    std::vector<ProductFile> files;
    for (const auto& [name, object] : objects) {
        ProductFile file{object, name, {}};
        if (const auto sum = record.file_sums.find(name); sum != record.file_sums.end())
            file.sums.push_back({fs::DigestKind::sha512, sum->second});
        files.push_back(std::move(file));
    }
    fetch_files(run, s3, kLandsatBucket, files, mtl_name);
}

}  // namespace hls::fetch
