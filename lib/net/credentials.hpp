// SPDX-License-Identifier: Apache-2.0
// Where AWS credentials come from, and keeping them fresh.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "net/sigv4.hpp"

namespace hls::net {

struct CredentialOptions {
    std::string profile;   // empty: AWS_PROFILE, else "default"
    std::string role_arn;  // assumed with what the chain finds
    std::string region;    // for the token service
    bool anonymous = false;
    Credentials keys;  // if not empty, used as they are and nothing else is asked
};

// The first of: environment, web identity (EKS), shared credentials and config files (keys,
// source_profile + role_arn, credential_process), container (ECS, Batch), instance (IMDSv2).
class CredentialChain {
 public:
    CredentialChain(HttpClient& client, CredentialOptions options = {});

    // Valid for five minutes at least when the source renews them. nullopt: anonymous. Throws
    // Error{permission} that names every place that was looked at. Thread-safe.
    std::optional<Credentials> get();
    // Forgets, so that the next get() asks the source again.
    void drop();

 private:
    Credentials find();

    HttpClient& client_;
    CredentialOptions options_;
    std::mutex mutex_;
    std::optional<Credentials> cached_;
};

// Sections of an AWS credentials or config file: section -> key -> value.
using IniFile = std::map<std::string, std::map<std::string, std::string>>;
IniFile parse_ini(std::string_view text);

// Region: AWS_REGION, AWS_DEFAULT_REGION, the profile's, "us-east-1".
std::string default_region(const std::string& profile = {});

// What one place of the chain has, for people who look for what is wrong. Never a secret.
struct CredentialPlace {
    std::string name;  // "environment"
    bool present = false;
    std::string problem;  // why what is there cannot be used; empty otherwise
    Exit exit = Exit::ok;
};
// Every place in the order they are asked, up to and with the first that has credentials.
std::vector<CredentialPlace> look_for_credentials(HttpClient& client);

// Signs for one service. Learns the offset of this machine's clock from refusals.
class SigV4Authorizer : public Authorizer {
 public:
    SigV4Authorizer(CredentialChain& chain, SigningScope scope)
        : chain_(chain), scope_(std::move(scope)) {}

    void authorize(Request& request) override;
    bool renew(const Response& refusal) override;
    bool follows_redirects() const override { return false; }

    // After an answer that named another region.
    void set_region(std::string region);
    std::string region() const;

 private:
    CredentialChain& chain_;
    mutable std::mutex mutex_;
    SigningScope scope_;
    std::chrono::microseconds clock_offset_{0};
};

}  // namespace hls::net
