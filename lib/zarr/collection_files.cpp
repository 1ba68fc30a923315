// SPDX-License-Identifier: Apache-2.0
// Collections on disk, and the choice of one by an object's key.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "fs/read_text.hpp"
#include "zarr/collection.hpp"

namespace hls::zarr {
namespace {

// A configuration is written by hand; anything longer is another file.
constexpr std::size_t kMaxConfigBytes = 4 << 20;

void resolve(std::string& place, const std::filesystem::path& folder) {
    if (place.empty() || place.starts_with("s3://") || place.starts_with('/')) return;
    place = (folder / place).lexically_normal().string();
}

Collection load_collection(const std::filesystem::path& path) {
    Collection collection = parse_collection(fs::read_text(path, kMaxConfigBytes), path.string());
    for (std::string* place : {&collection.store, &collection.state, &collection.source})
        resolve(*place, path.parent_path());
    return collection;
}

bool fed(const CollectionVariable& variable, const pattern::Captures& captures) {
    return std::ranges::all_of(variable.conditions, [&](const auto& condition) {
        const auto found = captures.find(condition.first);
        return found != captures.end() && found->second == condition.second;
    });
}

}  // namespace

std::vector<Collection> load_collections(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        for (const auto& entry : std::filesystem::directory_iterator(path))
            if (entry.path().extension() == ".json") files.push_back(entry.path());
        std::ranges::sort(files);
        if (files.empty())
            throw Error{Exit::missing_input, fmt::format("no *.json in {}", path.string())};
    } else {
        files.push_back(path);
    }
    std::vector<Collection> collections;
    std::set<std::string> names;
    for (const auto& file : files) {
        collections.push_back(load_collection(file));
        if (!names.insert(collections.back().name).second)
            throw Error{Exit::usage, fmt::format("{}: a second collection {}", file.string(),
                                                 collections.back().name)};
    }
    return collections;
}

std::optional<KeyMatch> match_key(const Collection& collection, std::string_view key) {
    for (const KeyPattern& pattern : collection.match) {
        auto captures = pattern.regex.match(key);
        if (!captures) continue;
        KeyMatch match;
        const auto read = [&](const char* group, const std::string& format) {
            std::optional<UtcTime> time;
            const auto found = captures->find(group);
            if (!format.empty() && found != captures->end())
                time = parse_time(found->second, format);
            return time;
        };
        match.time = read("time", pattern.time_format);
        match.production = read("production", pattern.production_format);
        for (const auto& variable : collection.variables)
            if (fed(variable, *captures)) match.variables.push_back(variable.name);
        if (match.variables.empty()) continue;
        match.captures = std::move(*captures);
        return match;
    }
    return std::nullopt;
}

}  // namespace hls::zarr
