// SPDX-License-Identifier: Apache-2.0
#include "fetch/sources.hpp"

#include <cstdlib>

#include "core/error.hpp"
#include "net/endpoints.hpp"

namespace hls::fetch {
namespace {

std::string secret(const char* name) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
    const char* file = std::getenv((std::string(name) + "_FILE").c_str());
    return file != nullptr && *file != '\0' ? net::read_secret_file(file) : std::string{};
}

}  // namespace

net::S3Options landsat_bucket_options() {
    net::S3Options options;
    options.region = "us-west-2";
    return options;
}

net::S3Options sentinel_bucket_options() {
    net::S3Options options;
    options.region = "eu-central-1";
    return options;
}

net::S3Options eodata_options() {
    net::S3Options options;
    options.region = "default";
    options.endpoint = to_string(net::endpoint("cdse-s3"));
    auto& keys = options.credentials.keys;
    keys.access_key = secret("CDSE_S3_ACCESS_KEY");
    keys.secret_key = secret("CDSE_S3_SECRET_KEY");
    keys.source = "CDSE_S3_ACCESS_KEY";
    if (keys.access_key.empty() != keys.secret_key.empty())
        throw Error{Exit::permission,
                    "only half of the S3 keys of the Copernicus Data Space is set",
                    "set both CDSE_S3_ACCESS_KEY and CDSE_S3_SECRET_KEY"};
    if (keys.access_key.empty()) options.credentials.profile = "cdse";
    return options;
}

net::S3Client& Sources::made(std::unique_ptr<net::S3Client>& place, net::S3Options (*options)()) {
    const std::lock_guard lock(mutex_);
    if (!place) place = std::make_unique<net::S3Client>(client_, options());
    return *place;
}

net::S3Client& Sources::landsat() {
    return made(landsat_, landsat_bucket_options);
}

net::S3Client& Sources::sentinel() {
    return made(sentinel_, sentinel_bucket_options);
}

net::S3Client& Sources::eodata() {
    return made(eodata_, eodata_options);
}

net::S3Client& Sources::own() {
    return made(own_, [] { return net::S3Options{}; });
}

net::Authorizer& Sources::cdse() {
    const std::lock_guard lock(mutex_);
    if (!cdse_)
        cdse_ = std::make_unique<net::OAuthAuthorizer>(
            client_, net::cdse_account(), std::vector{authority(net::endpoint("cdse-download"))});
    return *cdse_;
}

}  // namespace hls::fetch
