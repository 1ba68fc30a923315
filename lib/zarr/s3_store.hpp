// SPDX-License-Identifier: Apache-2.0
// A Zarr store in a bucket.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/s3.hpp"
#include "zarr/object_store.hpp"

namespace hls::zarr {

// A connection that stores and sources share. Endpoint, region, credentials and path style come
// from the environment, as net::S3Client says; AWS_REQUEST_PAYER=requester pays for buckets whose
// owners do not.
struct S3Session {
    S3Session();
    net::HttpClient http;
    net::S3Client client;
};

// Keys are objects below s3://bucket/prefix. Every call retries what passes (net::HttpClient::send)
// and ends with Error{temporary} when nothing helped.
class S3Store final : public ObjectStore {
 public:
    // Without `conditional` the server is never asked for a condition: it is looked at before.
    S3Store(net::S3Client& client, const std::string& place, bool conditional = true);

    std::string name() const override { return net::to_string(place_); }
    bool get(std::string_view key, Bytes& out, std::uint64_t max_bytes = kMaxBytes) const override;
    bool get_range(std::string_view key, const ByteRange& range, Bytes& out) const override;
    // Version: the ETag.
    std::optional<ObjectInfo> head(std::string_view key) const override;
    std::vector<ObjectInfo> list(std::string_view prefix) const override;
    std::vector<std::string> folders(std::string_view path) const override;
    void put(std::string_view key, ByteView content, const PutCondition& condition = {}) override;
    void publish(const std::filesystem::path& staged, std::string_view key,
                 const PutCondition& condition = {}) override;
    bool remove(std::string_view key) override;
    void sync() override {}

 private:
    net::S3Uri object(std::string_view key) const;
    net::PutOptions options(std::string_view key, const PutCondition& condition) const;

    net::S3Client& client_;
    net::S3Uri place_;  // its key ends with '/' or is empty
    bool conditional_;
};

// True if the server writes an object only if it is absent (If-None-Match) and only if it has a
// given ETag (If-Match). Asked by writing and removing a small object below `place`: a server that
// ignores conditions says nothing.
bool honours_conditions(net::S3Client& client, const std::string& place);

}  // namespace hls::zarr
