// SPDX-License-Identifier: Apache-2.0
#include "chip/remote_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "chip/range_plan.hpp"
#include "core/error.hpp"
#include "core/parse.hpp"

namespace hls::chip {
namespace {

constexpr std::uint64_t kWholeFileBytes = 8 << 20;
constexpr std::uint64_t kLeastGap = 32 << 10;
constexpr int kBadAnswers = 3;

struct ContentRange {
    std::uint64_t first = 0, size = 0;
};

// "bytes 0-65535/1234567"
std::optional<ContentRange> parse_content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) return std::nullopt;
    text.remove_prefix(6);
    const auto dash = text.find('-'), slash = text.find('/');
    if (dash == text.npos || slash == text.npos) return std::nullopt;
    const auto first = to_int(text.substr(0, dash)), size = to_int(text.substr(slash + 1));
    if (!first || !size || *first < 0 || *size <= *first) return std::nullopt;
    return ContentRange{static_cast<std::uint64_t>(*first), static_cast<std::uint64_t>(*size)};
}

}  // namespace

RemoteFile::RemoteFile(net::HttpClient& client, RemoteLink link, NetTally& tally)
    : client_(client), link_(std::move(link)), tally_(tally) {}

std::string RemoteFile::name() const {
    return net::shown(net::to_string(link_.request.url));
}

net::Response RemoteFile::ask(const io::FileRange& range) {
    net::Request request = link_.request;
    if (moved_to_) request.url = *moved_to_;
    net::set_header(request.headers, "Range",
                    fmt::format("bytes={}-{}", range.first, range.first + range.bytes - 1));
    request.max_reply_bytes = std::max(range.bytes, size_ ? 0 : kWholeFileBytes);
    net::Response response = client_.send(request, link_.authorizer);
    requests_ += response.attempts;
    tally_.requests += response.attempts;
    tally_.bytes += static_cast<std::int64_t>(response.body.size());
    if (!response.ok() && moved_to_) {  // the other address may hold for a time only
        moved_to_.reset();
        return ask(range);
    }
    if (response.ok() && !(response.url == link_.request.url)) moved_to_ = response.url;
    if (response.status == 403 && link_.renews_on_403 && !renewed_ &&
        link_.authorizer->renew(response)) {
        renewed_ = true;
        return ask(range);
    }
    if (response.ok()) return response;
    // Public buckets answer so for what is not there.
    if (response.status == 403 && link_.authorizer == nullptr)
        throw Error{Exit::missing_input, name() + ": the server answers 403"};
    throw net::refusal(response, name());
}

// Adds what the answer holds to `part`; false if it is not what was asked for.
bool RemoteFile::take(const net::Response& response, const io::FileRange& range, Part& part) {
    const std::string tag(response.header("ETag"));
    if (!etag_.empty() && !tag.empty() && tag != etag_)
        throw Error{Exit::bad_input, name() + ": changed while it was read"};
    if (etag_.empty()) etag_ = tag;
    if (response.status == 200) {
        if (size_ && *size_ != response.body.size()) return false;
        size_ = response.body.size();
        part = {0, response.body};
        return true;
    }
    const auto content = parse_content_range(response.header("Content-Range"));
    if (!content || content->first != range.first || response.body.empty() ||
        response.body.size() > range.bytes || (size_ && *size_ != content->size))
        return false;
    size_ = content->size;
    part.bytes += response.body;
    return true;
}

void RemoteFile::fetch(io::FileRange range) {
    Part part{range.first, {}};
    for (int bad = 0;;) {
        if (size_) {
            if (range.first >= *size_)
                throw Error{Exit::bad_input, name() + ": a block lies beyond the end of the file"};
            range.bytes = std::min(range.bytes, *size_ - range.first);
        }
        const auto had = part.bytes.size();
        const net::Response response = ask(range);
        const bool useful = take(response, range, part);
        if (useful && response.status == 200) break;
        if (size_) range.bytes = std::min(range.bytes, *size_ - range.first);
        const auto got = useful ? part.bytes.size() - had : 0;
        if (useful && got >= range.bytes) break;
        if (++bad == kBadAnswers)
            throw Error{Exit::bad_input, name() + ": the server sends other parts than asked for"};
        range.first += got;
        range.bytes -= got;
    }
    parts_[part.first] = std::move(part);
}

std::uint64_t RemoteFile::size() {
    if (!size_) fetch({0, kHeadBytes});
    return *size_;
}

const RemoteFile::Part* RemoteFile::part_at(std::uint64_t offset) const {
    const Part* best = nullptr;
    for (auto it = parts_.upper_bound(offset); it != parts_.begin();) {
        const Part& part = (--it)->second;
        if (offset < part.first + part.bytes.size()) {
            best = &part;
            break;
        }
    }
    return best;
}

void RemoteFile::read(std::uint64_t offset, std::span<std::byte> out) {
    size();
    while (!out.empty()) {
        const Part* part = part_at(offset);
        if (part == nullptr) {
            fetch({offset, std::max<std::uint64_t>(out.size(), kHeadBytes)});
            continue;
        }
        const std::uint64_t from = offset - part->first;
        const std::size_t count = std::min<std::uint64_t>(out.size(), part->bytes.size() - from);
        std::memcpy(out.data(), part->bytes.data() + from, count);
        out = out.subspan(count);
        offset += count;
    }
}

void RemoteFile::prefetch(const std::vector<io::FileRange>& blocks) {
    std::vector<io::FileRange> missing;
    for (const io::FileRange& block : blocks) {
        const Part* part = part_at(block.first);
        if (part == nullptr || part->first + part->bytes.size() < block.first + block.bytes)
            missing.push_back(block);
    }
    const auto most = static_cast<std::size_t>(std::max(1, kMostRequests - requests_));
    for (const io::FileRange& range : few_ranges(std::move(missing), most, kLeastGap)) fetch(range);
}

}  // namespace hls::chip
