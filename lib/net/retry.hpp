// SPDX-License-Identifier: Apache-2.0
// Which failures pass, and how long to wait for that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

namespace hls::net {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct RetryPolicy {
    int attempts = 8;  // of one request or one download
    Seconds base{1};   // HLS_RETRY_BASE
    Seconds cap{300};
    Seconds longest_retry_after{3600};  // told to wait longer: Error{temporary} at once
    Seconds give_up_after{6 * 3600};    // HLS_GIVE_UP_AFTER
};

// The default policy with what the environment says.
RetryPolicy retry_policy_from_environment();

// Full jitter: uniform in [0, min(cap, base 2^attempt)], attempt = 0 after the first failure.
// Thread-safe; each process draws its own numbers unless HLS_RETRY_SEED fixes them.
Seconds jittered_delay(const RetryPolicy& policy, int attempt);

// Retry-After as seconds or as HTTP date, seen at `now`; nullopt if absent or not understood.
// Dates in the past are 0, and more than 1e9 s is 1e9 s.
std::optional<Seconds> parse_retry_after(std::string_view value, UtcTime now);

// "Sun, 06 Nov 1994 08:49:37 GMT", nullopt for anything else.
std::optional<UtcTime> parse_http_date(std::string_view text);

enum class Verdict {
    ok,        // 2xx, 304
    again,     // the same request later
    renew,     // the credentials first
    redirect,  // 301, 302, 303, 307, 308
    refused,   // the answer is final: the caller decides what it means
};

struct Judgement {
    Verdict verdict = Verdict::ok;
    bool throttled = false;       // the host asks for less: everybody slows down
    std::optional<Seconds> told;  // Retry-After
    std::string reason;           // "503", "connection refused", "SlowDown"
};

// An answer with its error code of S3 or of an AWS JSON service, if it has one.
Judgement judge(const Response& response, UtcTime now);

// <Code> of an S3 error document, the type of an AWS JSON error, else empty.
std::string error_code(const Response& response);

// The Error a final refusal stands for: 401, 403 permission; 404, 410 missing_input; 408, 425, 429,
// 5xx temporary; 400, 405, 422 and the rest bad_input. `what` names the thing for people.
Error refusal(const Response& response, std::string_view what);

}  // namespace hls::net
