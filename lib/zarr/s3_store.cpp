// SPDX-License-Identifier: Apache-2.0
#include "zarr/s3_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/ulid.hpp"

namespace hls::zarr {
namespace {

net::S3Options options_from_environment() {
    net::S3Options options;
    const char* payer = std::getenv("AWS_REQUEST_PAYER");
    options.request_payer = payer != nullptr && std::string_view(payer) == "requester";
    return options;
}

void assign(Bytes& out, std::string_view content) {
    out.resize(content.size());
    if (!content.empty()) std::memcpy(out.data(), content.data(), content.size());
}

std::string_view text_of(ByteView content) {
    return {reinterpret_cast<const char*>(content.data()), content.size()};
}

net::PutCondition condition_for(const PutCondition& condition) {
    if (condition.must_be_absent) return net::PutCondition::if_absent();
    if (!condition.must_have_version.empty())
        return net::PutCondition::if_unchanged(condition.must_have_version);
    return {};
}

void require_written(const net::PutResult& result, std::string_view key) {
    if (result.written) return;
    PutCondition failed;
    failed.must_be_absent = true;
    require_condition(failed, true, "", key);
}

}  // namespace

S3Session::S3Session() : http("hls-zarr-update"), client(http, options_from_environment()) {}

S3Store::S3Store(net::S3Client& client, const std::string& place, bool conditional)
    : client_(client), place_(net::parse_s3_uri(place)), conditional_(conditional) {
    while (place_.key.ends_with('/')) place_.key.pop_back();
    if (!place_.key.empty()) {
        net::require_safe_key(place_.key);
        place_.key += '/';
    }
}

net::S3Uri S3Store::object(std::string_view key) const {
    require_key(key);
    return {place_.bucket, place_.key + std::string(key)};
}

bool S3Store::get(std::string_view key, Bytes& out, std::uint64_t max_bytes) const {
    const auto content = client_.try_get(object(key), {}, max_bytes);
    if (!content) return false;
    assign(out, *content);
    return true;
}

bool S3Store::get_range(std::string_view key, const ByteRange& range, Bytes& out) const {
    const auto info = head(key);
    if (!info) return false;
    const auto [first, bytes] = require_range(range, info->bytes, key);
    out.clear();
    if (bytes == 0) return true;
    const net::ByteRange part{static_cast<std::int64_t>(first), static_cast<std::int64_t>(bytes)};
    const auto content = client_.try_get(object(key), part, bytes, info->version);
    if (!content) return false;
    if (content->size() != bytes)
        throw Error{Exit::temporary,
                    fmt::format("{}: {} bytes came, not {}", key, content->size(), bytes),
                    "run it again"};
    assign(out, *content);
    return true;
}

std::optional<ObjectInfo> S3Store::head(std::string_view key) const {
    const auto found = client_.head(object(key));
    if (!found) return std::nullopt;
    return ObjectInfo{std::string(key), static_cast<std::uint64_t>(found->bytes), found->etag};
}

std::vector<ObjectInfo> S3Store::list(std::string_view prefix) const {
    std::vector<ObjectInfo> found;
    const net::S3Uri below{place_.bucket, place_.key + std::string(prefix)};
    client_.list_pages(below, {}, [&](const net::S3Listing& page) {
        for (const net::S3Object& one : page.objects)
            if (one.key.starts_with(place_.key))
                found.push_back({one.key.substr(place_.key.size()),
                                 static_cast<std::uint64_t>(one.bytes), one.etag});
        return true;
    });
    std::ranges::sort(found, {}, &ObjectInfo::key);
    return found;
}

std::vector<std::string> S3Store::folders(std::string_view path) const {
    net::S3Uri below = place_;
    if (!path.empty()) below.key = object(path).key + '/';
    std::vector<std::string> names;
    for (const std::string& prefix : client_.list(below, "/").prefixes) {
        if (!prefix.starts_with(below.key)) continue;
        std::string name = prefix.substr(below.key.size());
        while (name.ends_with('/')) name.pop_back();
        if (!name.empty()) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
}

net::PutOptions S3Store::options(std::string_view key, const PutCondition& condition) const {
    net::PutOptions options;
    if (key.ends_with(".json")) options.content_type = "application/json";
    if (conditional_) {
        options.condition = condition_for(condition);
    } else if (condition.must_be_absent || !condition.must_have_version.empty()) {
        const auto present = head(key);
        require_condition(condition, present.has_value(), present ? present->version : "", key);
    }
    return options;
}

void S3Store::put(std::string_view key, ByteView content, const PutCondition& condition) {
    require_written(client_.put(object(key), text_of(content), options(key, condition)), key);
}

void S3Store::publish(const std::filesystem::path& staged, std::string_view key,
                      const PutCondition& condition) {
    require_written(client_.put_file(object(key), staged, options(key, condition)), key);
}

bool S3Store::remove(std::string_view key) {
    const net::S3Uri gone = object(key);
    if (!client_.head(gone)) return false;
    client_.remove(gone);
    return true;
}

bool honours_conditions(net::S3Client& client, const std::string& place) {
    net::S3Uri probe = net::parse_s3_uri(place);
    if (!probe.key.empty() && !probe.key.ends_with('/')) probe.key += '/';
    probe.key += "probe-" + new_ulid();
    const auto put = [&](std::string_view content, net::PutCondition condition) {
        net::PutOptions options;
        options.condition = std::move(condition);
        return client.put(probe, content, options);
    };
    const auto first = put("first", net::PutCondition::if_absent());
    bool honoured = first.written && first.conditional;
    if (honoured) honoured = !put("second", net::PutCondition::if_absent()).written;
    if (honoured) honoured = !put("third", net::PutCondition::if_unchanged("0000")).written;
    if (honoured) {
        const auto last = put("last", net::PutCondition::if_unchanged(first.etag));
        honoured = last.written && last.conditional;
    }
    try {
        client.remove(probe);
    } catch (const Error& error) {
        // A role without the right to delete leaves a few bytes behind, which harm nobody.
        if (error.code != Exit::permission) throw;
        log_debug("cannot remove {}: {}", net::to_string(probe), error.message);
    }
    return honoured;
}

}  // namespace hls::zarr
