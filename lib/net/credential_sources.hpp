// SPDX-License-Identifier: Apache-2.0
// Each place where AWS credentials can be found. Internal to net.
#pragma once

#include <optional>
#include <string>

#include "net/credentials.hpp"

namespace hls::net {

struct CredentialRequest {
    HttpClient& client;
    std::string profile;
    std::string region;
};

// nullopt: this place does not apply. Throw Error{permission} when it applies and refuses.
std::optional<Credentials> credentials_of_environment(const CredentialRequest& request);
std::optional<Credentials> credentials_of_web_identity(const CredentialRequest& request);
std::optional<Credentials> credentials_of_profile(const CredentialRequest& request);
std::optional<Credentials> credentials_of_container(const CredentialRequest& request);
std::optional<Credentials> credentials_of_instance(const CredentialRequest& request);

std::string region_of_profile(const std::string& profile);

Credentials assume_role(HttpClient& client, const Credentials& base, const std::string& role_arn,
                        const std::string& region);

// {"AccessKeyId","SecretAccessKey","Token"|"SessionToken","Expiration"}
Credentials parse_credential_json(const std::string& text, const std::string& source);

}  // namespace hls::net
