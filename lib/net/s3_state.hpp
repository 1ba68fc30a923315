// SPDX-License-Identifier: Apache-2.0
// What an S3 client remembers between calls. Internal to net.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/s3.hpp"

namespace hls::net {

struct S3Client::State {
    State(HttpClient& client, S3Options& options);

    // Base of a bucket's objects: host and path with a '/' at the end.
    Url address(const std::string& bucket, const std::string& region) const;
    SigV4Authorizer& authorizer(const std::string& bucket, const std::string& region);

    CredentialChain chain;
    std::optional<Url> server;  // not AWS
    bool virtual_hosts = true;
    std::mutex mutex;
    std::map<std::string, std::unique_ptr<SigV4Authorizer>> authorizers;  // of buckets
    std::map<std::string, bool> conditions;                               // bucket -> supported
};

}  // namespace hls::net
