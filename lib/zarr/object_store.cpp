// SPDX-License-Identifier: Apache-2.0
#include "zarr/object_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "zarr/json_value.hpp"

namespace hls::zarr {
namespace {

constexpr std::size_t kMaxKey = 1024;

bool legal_key(std::string_view key) {
    if (key.empty() || key.size() > kMaxKey || !is_utf8(key)) return false;
    if (key.find_first_of(std::string_view("\0\n\r\\", 4)) != std::string_view::npos) return false;
    for (std::size_t at = 0; at <= key.size();) {
        const std::size_t end = std::min(key.find('/', at), key.size());
        const auto segment = key.substr(at, end - at);
        if (segment.empty() || segment == "." || segment == "..") return false;
        at = end + 1;
    }
    return true;
}

}  // namespace

void require_key(std::string_view key) {
    if (!legal_key(key))
        throw Error{Exit::bad_input,
                    fmt::format("\"{}\" is no key of an object inside a store",
                                json_escape(key.substr(0, 200))),
                    "keys are relative paths without \"..\""};
}

std::string join_key(std::string_view path, std::string_view name) {
    if (path.empty()) return std::string(name);
    return fmt::format("{}/{}", path, name);
}

std::pair<std::uint64_t, std::uint64_t> require_range(const ByteRange& range, std::uint64_t size,
                                                      std::string_view key) {
    const std::uint64_t first = range.from_end ? size - range.offset : range.offset;
    if (range.offset > size || range.bytes > size - first)
        throw Error{Exit::bad_input,
                    fmt::format("{}: bytes {}+{}{} of an object of {} bytes", key, range.offset,
                                range.bytes, range.from_end ? " from its end" : "", size)};
    return {first, range.bytes};
}

bool MemoryStore::get(std::string_view key, Bytes& out, std::uint64_t max_bytes) const {
    require_key(key);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return false;
    require_size(found->second.content.size(), max_bytes, key);
    out = found->second.content;
    return true;
}

bool MemoryStore::get_range(std::string_view key, const ByteRange& range, Bytes& out) const {
    require_key(key);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return false;
    const Bytes& content = found->second.content;
    const auto [first, bytes] = require_range(range, content.size(), key);
    const auto begin = content.begin() + static_cast<std::ptrdiff_t>(first);
    out.assign(begin, begin + static_cast<std::ptrdiff_t>(bytes));
    return true;
}

std::optional<ObjectInfo> MemoryStore::head(std::string_view key) const {
    require_key(key);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return std::nullopt;
    return ObjectInfo{std::string(key), found->second.content.size(),
                      std::to_string(found->second.version)};
}

std::vector<ObjectInfo> MemoryStore::list(std::string_view prefix) const {
    const std::lock_guard lock(mutex_);
    std::vector<ObjectInfo> found;
    for (auto at = objects_.lower_bound(prefix);
         at != objects_.end() && at->first.starts_with(prefix); ++at)
        found.push_back({at->first, at->second.content.size(), std::to_string(at->second.version)});
    return found;
}

std::vector<std::string> MemoryStore::folders(std::string_view path) const {
    const std::string prefix = path.empty() ? std::string() : fmt::format("{}/", path);
    std::vector<std::string> names;
    for (const auto& object : list(prefix)) {
        const auto slash = object.key.find('/', prefix.size());
        if (slash == std::string::npos) continue;
        auto name = object.key.substr(prefix.size(), slash - prefix.size());
        if (names.empty() || names.back() != name) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

void MemoryStore::put(std::string_view key, ByteView content, const PutCondition& condition) {
    require_key(key);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    const bool there = found != objects_.end();
    require_condition(condition, there,
                      there ? std::to_string(found->second.version) : std::string(), key);
    auto& object = objects_[std::string(key)];
    object.content.assign(content.begin(), content.end());
    object.version = ++writes_;
}

void MemoryStore::publish(const std::filesystem::path& staged, std::string_view key,
                          const PutCondition& condition) {
    std::ifstream file(staged, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(file)), {});
    if (!file) throw Error{Exit::io_error, fmt::format("cannot read {}", staged.string())};
    put(key, std::as_bytes(std::span(content)), condition);
}

bool MemoryStore::remove(std::string_view key) {
    require_key(key);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return false;
    objects_.erase(found);
    return true;
}

void require_size(std::uint64_t bytes, std::uint64_t max_bytes, std::string_view key) {
    if (bytes > max_bytes)
        throw Error{Exit::bad_input, fmt::format("{}: {} bytes, more than the {} it may have", key,
                                                 bytes, max_bytes)};
}

void require_condition(const PutCondition& condition, bool there, std::string_view version,
                       std::string_view key) {
    const bool failed =
        (condition.must_be_absent && there) || (!condition.must_have_version.empty() &&
                                                (!there || version != condition.must_have_version));
    if (failed)
        throw Error{Exit::temporary, fmt::format("{}: changed by another writer", key),
                    "run it again"};
}

}  // namespace hls::zarr
