// SPDX-License-Identifier: Apache-2.0
// A file on an HTTP server, of which only the parts that are wanted cross the net, in few requests.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/byte_file.hpp"
#include "io/raster.hpp"
#include "net/http_client.hpp"

namespace hls::chip {

// Requests for a file and its headers in the first of them.
inline constexpr int kMostRequests = 4;
inline constexpr std::uint64_t kHeadBytes = 64 << 10;

struct RemoteLink {
    net::Request request;  // GET with address and headers
    net::Authorizer* authorizer = nullptr;
    bool renews_on_403 = false;  // an expired signature is answered like a lack of rights
};

// What was asked of servers; shared by threads.
struct NetTally {
    std::atomic<std::int64_t> requests = 0;
    std::atomic<std::int64_t> bytes = 0;
};

// Errors: 404 and, without credentials, 403 missing_input, other refusals permission or bad_input;
// a server that knows no ranges unavailable (a file of up to 8 MB is then taken whole), answers
// that are not the part asked for bad_input, and what HttpClient::send throws. An object is used
// by one thread at a time.
class RemoteFile : public io::ByteSource {
 public:
    RemoteFile(net::HttpClient& client, RemoteLink link, NetTally& tally);

    std::uint64_t size() override;
    void read(std::uint64_t offset, std::span<std::byte> out) override;

    // Gets blocks that will be read, with as many requests as kMostRequests leaves, at least one.
    void prefetch(const std::vector<io::FileRange>& blocks);

 private:
    struct Part {
        std::uint64_t first = 0;
        std::string bytes;
    };

    void fetch(io::FileRange range);
    net::Response ask(const io::FileRange& range);
    bool take(const net::Response& response, const io::FileRange& range, Part& part);
    const Part* part_at(std::uint64_t offset) const;
    std::string name() const;

    net::HttpClient& client_;
    RemoteLink link_;
    NetTally& tally_;
    std::optional<std::uint64_t> size_;
    std::string etag_;
    int requests_ = 0;
    bool renewed_ = false;
    std::optional<net::Url> moved_to_;     // by a redirect, which is followed once
    std::map<std::uint64_t, Part> parts_;  // by first byte
};

}  // namespace hls::chip
