// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4: who asks, what for, and when, proven by a keyed hash of the request.
#pragma once

#include <optional>
#include <string>

#include "core/time.hpp"
#include "net/http.hpp"

namespace hls::net {

struct Credentials {
    std::string access_key;
    std::string secret_key;
    std::string session_token;  // empty for long-lived keys
    std::optional<UtcTime> expires;
    std::string source;  // "environment", "profile default", "container", "instance"
};

struct SigningScope {
    std::string region;   // us-west-2
    std::string service;  // s3, batch, sqs, sts
};

// Adds x-amz-date, x-amz-content-sha256 (S3 only), x-amz-security-token and Authorization.
// Signed are host and all headers but Expect and User-Agent. The payload's hash is
// request.body_sha256, else that of request.body; Error{internal} for a file without it.
// request.url must be encoded as percent_encode() does; a query is signed in sorted order.
void sign(Request& request, const Credentials& credentials, const SigningScope& scope,
          UtcTime time);

// The text that is hashed and signed, for tests and for messages about refused signatures.
std::string canonical_request(const Request& request, const SigningScope& scope);

}  // namespace hls::net
