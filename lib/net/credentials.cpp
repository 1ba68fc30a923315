// SPDX-License-Identifier: Apache-2.0
#include "net/credentials.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "core/ulid.hpp"
#include "net/credential_sources.hpp"
#include "net/endpoints.hpp"
#include "net/host_gate.hpp"
#include "net/redact.hpp"
#include "net/s3_xml.hpp"

namespace hls::net {
namespace {

constexpr std::chrono::minutes kFreshFor{5};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

bool fresh(const Credentials& credentials) {
    return !credentials.expires || *credentials.expires - utc_now() > kFreshFor;
}

}  // namespace

CredentialChain::CredentialChain(HttpClient& client, CredentialOptions options)
    : client_(client), options_(std::move(options)) {
    if (options_.region.empty()) options_.region = default_region(options_.profile);
}

std::optional<Credentials> CredentialChain::get() {
    if (options_.anonymous) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (cached_ && fresh(*cached_)) return cached_;
    forbid_core_dumps();
    if (!options_.keys.access_key.empty()) return cached_ = options_.keys;
    const GateBypass bypass;
    Credentials found = find();
    if (!options_.role_arn.empty())
        found = assume_role(client_, found, options_.role_arn, options_.region);
    log_info("AWS credentials from {}", found.source);
    cached_ = std::move(found);
    return cached_;
}

void CredentialChain::drop() {
    const std::lock_guard lock(mutex_);
    cached_.reset();
}

namespace {

using Source = std::optional<Credentials> (*)(const CredentialRequest&);
constexpr std::array<std::pair<const char*, Source>, 5> kPlaces{
    {{"environment", credentials_of_environment},
     {"web identity", credentials_of_web_identity},
     {"profile", credentials_of_profile},
     {"container", credentials_of_container},
     {"instance", credentials_of_instance}}};

}  // namespace

std::vector<CredentialPlace> look_for_credentials(HttpClient& client) {
    forbid_core_dumps();
    const std::string region = default_region();
    std::vector<CredentialPlace> places;
    for (const auto& [name, source] : kPlaces) {
        CredentialPlace place{name, false, {}, Exit::ok};
        try {
            place.present = source({client, {}, region}).has_value();
        } catch (const Error& error) {
            place.present = true;
            place.problem = error.message;
            place.exit = error.code;
        }
        places.push_back(place);
        if (place.present) break;
    }
    return places;
}

Credentials CredentialChain::find() {
    const CredentialRequest request{client_, options_.profile, options_.region};
    // A profile that was asked for by option goes before keys that happen to be set.
    if (!options_.profile.empty()) {
        if (auto found = credentials_of_profile(request)) return *found;
        throw Error{Exit::permission,
                    fmt::format("no credentials in AWS profile '{}'", options_.profile),
                    "see ~/.aws/credentials and ~/.aws/config"};
    }
    for (const auto& [name, source] : kPlaces)
        if (auto found = source(request)) return *found;
    throw Error{Exit::permission,
                "no AWS credentials in environment, profile, container or instance",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"};
}

std::string default_region(const std::string& profile) {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
        if (auto value = environment(name); !value.empty()) return value;
    if (auto value = region_of_profile(profile); !value.empty()) return value;
    return "us-east-1";
}

void SigV4Authorizer::authorize(Request& request) {
    const auto credentials = chain_.get();
    if (!credentials) return;
    SigningScope scope;
    std::chrono::microseconds offset;
    {
        const std::lock_guard lock(mutex_);
        scope = scope_;
        offset = clock_offset_;
    }
    sign(request, *credentials, scope, utc_now() + offset);
}

bool SigV4Authorizer::renew(const Response& refusal) {
    const std::string code = error_code(refusal);
    if (code == "RequestTimeTooSkewed" || code == "SignatureExpired" || code == "RequestExpired") {
        const auto date = parse_http_date(refusal.header("Date"));
        if (!date) return false;
        const std::lock_guard lock(mutex_);
        clock_offset_ = *date - utc_now();
        log_warning("this machine's clock is {:.0f} s off",
                    std::chrono::duration<double>(clock_offset_).count());
        return true;
    }
    if (code.find("Token") == std::string::npos) return false;
    chain_.drop();
    return true;
}

void SigV4Authorizer::set_region(std::string region) {
    const std::lock_guard lock(mutex_);
    scope_.region = std::move(region);
}

std::string SigV4Authorizer::region() const {
    const std::lock_guard lock(mutex_);
    return scope_.region;
}

}  // namespace hls::net
