// SPDX-License-Identifier: Apache-2.0
// Shared access signatures of blob storage: a token per collection that any link into it needs,
// kept in memory alone and renewed before it runs out.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "net/http_client.hpp"

namespace hls::chip {

// Adds the token to the query of links to the given hosts and to no other. Thread-safe.
class SasAuthorizer : public net::Authorizer {
 public:
    // `token_url` answers {"token": "<query>", "msft:expiry": "<instant>"}.
    SasAuthorizer(net::HttpClient& client, std::string token_url, std::vector<std::string> hosts);

    // Throws what HttpClient::send throws, Error{permission} for a refusal, Error{bad_input} for an
    // answer without token.
    void authorize(net::Request& request) override;
    // Forgets the token: the next request asks for another.
    bool renew(const net::Response& refusal) override;

 private:
    std::string token();

    net::HttpClient& client_;
    std::string token_url_;
    std::vector<std::string> hosts_;
    std::mutex mutex_;
    std::string token_;
    UtcTime renew_at_{};
};

}  // namespace hls::chip
