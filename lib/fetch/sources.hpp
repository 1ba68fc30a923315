// SPDX-License-Identifier: Apache-2.0
// The agencies' stores and the keys to them. Internal to fetch.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "net/http_client.hpp"
#include "net/s3.hpp"
#include "net/token.hpp"

namespace hls::fetch {

inline constexpr const char* kLandsatBucket = "usgs-landsat";
inline constexpr const char* kSentinelBucket = "sentinel-s2-l1c";
inline constexpr const char* kEodataBucket = "eodata";

net::S3Options landsat_bucket_options();   // us-west-2
net::S3Options sentinel_bucket_options();  // eu-central-1
// The Copernicus Data Space: CDSE_S3_ACCESS_KEY and CDSE_S3_SECRET_KEY (or ..._FILE), else the AWS
// profile "cdse". Throws Error{permission}.
net::S3Options eodata_options();

// Clients that are made when first asked for. Thread-safe.
class Sources {
 public:
    explicit Sources(net::HttpClient& client) : client_(client) {}

    net::S3Client& landsat();
    net::S3Client& sentinel();
    net::S3Client& eodata();
    net::S3Client& own();  // any other bucket, in the default region
    net::Authorizer& cdse();

 private:
    net::S3Client& made(std::unique_ptr<net::S3Client>& place, net::S3Options (*options)());

    net::HttpClient& client_;
    std::mutex mutex_;
    std::unique_ptr<net::S3Client> landsat_, sentinel_, eodata_, own_;
    std::unique_ptr<net::OAuthAuthorizer> cdse_;
};

}  // namespace hls::fetch
