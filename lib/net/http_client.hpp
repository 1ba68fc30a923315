// SPDX-License-Identifier: Apache-2.0
// Sends single requests and stays with them through everything that passes: throttling, resets,
// time-outs, expired credentials, redirects.
#pragma once

#include <memory>
#include <string>

#include "net/http.hpp"
#include "net/retry.hpp"

namespace hls::net {

struct TransportOptions {
    std::string user_agent = "hls-tools";
    std::filesystem::path ca_file;  // HLS_CA_FILE or SSL_CERT_FILE; empty: the system's
    Seconds connect_timeout{30};
    Seconds stall_timeout{60};  // HLS_STALL_TIMEOUT: less than 1 kB/s for so long is a failure
    std::int64_t max_bytes_per_second = 0;  // 0: no limit
    // May talk to what gives a machine or container its credentials. Else no address or redirect
    // leads there.
    bool machine_services = false;
};
TransportOptions transport_options_from_environment(std::string user_agent);

// Thread-safe; threads get a connection each and keep it.
class HttpClient {
 public:
    explicit HttpClient(std::string user_agent = "hls-tools");
    HttpClient(TransportOptions transport, RetryPolicy policy);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // The answer when it is 2xx, 304 or a refusal that waiting will not change (401, 403, 404, 409,
    // 412, 416, 400 ..). Throws Error{temporary} when the policy's attempts or time ran out and
    // when an answer to a request that is not idempotent got lost, Error{unavailable} for a
    // certificate that does not hold or a redirect that leads in circles, Error{bad_input} for an
    // answer that is too long, 128 + signal when cancelled.
    Response send(const Request& request, Authorizer* authorizer = nullptr);

    const TransportOptions& transport() const { return transport_; }
    const RetryPolicy& policy() const { return policy_; }

 private:
    struct Pool;

    TransportOptions transport_;
    RetryPolicy policy_;
    std::unique_ptr<Pool> pool_;
};

}  // namespace hls::net
