// SPDX-License-Identifier: Apache-2.0
#include "net/retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <mutex>

#include "core/parse.hpp"
#include "net/redact.hpp"

namespace hls::net {
namespace {

constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Refusals that mean "later" whatever their status says (S3 and AWS JSON services).
constexpr std::array<std::string_view, 12> kPassingCodes{"SlowDown",
                                                         "InternalError",
                                                         "RequestTimeout",
                                                         "ServiceUnavailable",
                                                         "ConditionalRequestConflict",
                                                         "OperationAborted",
                                                         "ThrottlingException",
                                                         "TooManyRequestsException",
                                                         "RequestThrottled",
                                                         "Throttling",
                                                         "KMS.ThrottlingException",
                                                         "RequestLimitExceeded"};
// Some thirty years: more than anybody waits, and no clock runs over.
constexpr Seconds kLongestTold{1e9};

// Refusals of a credential or a clock rather than of the caller.
constexpr std::array<std::string_view, 7> kStaleCodes{
    "RequestTimeTooSkewed", "ExpiredToken",     "ExpiredTokenException", "RequestExpired",
    "TokenRefreshRequired", "SignatureExpired", "InvalidToken"};

bool among(const auto& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
    const auto start = text.find(open);
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start + open.size());
    return text.substr(0, text.find(close));
}

// The text of a member anywhere in a JSON document, as written; good enough for what refuses us.
std::string_view json_text(std::string_view text, std::string_view name) {
    const auto start = text.find(name);
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start + name.size());
    const auto value = text.find_first_not_of(" :\r\n\t");
    if (value == std::string_view::npos || text[value] != '"') return {};
    text.remove_prefix(value + 1);
    return text.substr(0, text.find('"'));
}

double seconds_from(const char* variable, double fallback) {
    const char* text = std::getenv(variable);
    if (text == nullptr) return fallback;
    const auto value = to_double(text);
    if (!value || *value < 0 || *value > 1e7)
        throw Error{Exit::usage, fmt::format("{}={} is no number of seconds", variable, text)};
    return *value;
}

// The service's own words in an error document.
std::string spoken(const Response& response) {
    std::string_view text = between(response.body, "<Message>", "</Message>");
    for (const char* name : {"\"message\"", "\"Message\"", "\"detail\""})
        if (text.empty()) text = json_text(response.body, name);
    std::string line(text.substr(0, 200));
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return redacted(line);
}

}  // namespace

RetryPolicy retry_policy_from_environment() {
    RetryPolicy policy;
    policy.base = Seconds{seconds_from("HLS_RETRY_BASE", policy.base.count())};
    policy.give_up_after = Seconds{seconds_from("HLS_GIVE_UP_AFTER", policy.give_up_after.count())};
    return policy;
}

Seconds jittered_delay(const RetryPolicy& policy, int attempt) {
    static std::mutex mutex;
    static std::mt19937_64 numbers = [] {
        const char* seed = std::getenv("HLS_RETRY_SEED");
        if (seed != nullptr) return std::mt19937_64(std::strtoull(seed, nullptr, 10));
        return std::mt19937_64(std::random_device{}());
    }();
    const double longest =
        std::min(policy.cap.count(), policy.base.count() * std::exp2(std::min(attempt, 30)));
    const std::lock_guard lock(mutex);
    return Seconds{std::uniform_real_distribution<double>(0, longest)(numbers)};
}

std::optional<UtcTime> parse_http_date(std::string_view text) {
    const auto words = split_words(text);  // Sun, 06 Nov 1994 08:49:37 GMT
    if (words.size() != 6 || words[5] != "GMT") return std::nullopt;
    const auto month = std::find(kMonths.begin(), kMonths.end(), words[2]);
    const auto day = to_int(words[1]);
    const auto year = to_int(words[3]);
    if (month == kMonths.end() || !day || !year) return std::nullopt;
    try {
        return parse_utc(fmt::format("{:04}-{:02}-{:02}T{}Z", *year, month - kMonths.begin() + 1,
                                     *day, words[4]));
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::optional<Seconds> parse_retry_after(std::string_view value, UtcTime now) {
    value = trim(value);
    if (value.empty()) return std::nullopt;
    if (const auto seconds = to_double(value))
        return *seconds >= 0 ? std::optional(std::min(Seconds{*seconds}, kLongestTold))
                             : std::nullopt;
    const auto date = parse_http_date(value);
    if (!date) return std::nullopt;
    return std::clamp(std::chrono::duration_cast<Seconds>(*date - now), Seconds{0}, kLongestTold);
}

std::string error_code(const Response& response) {
    std::string_view code = between(response.body, "<Code>", "</Code>");
    if (code.empty()) code = response.header("x-amzn-ErrorType");
    if (code.empty()) code = json_text(response.body, "\"__type\"");
    code = code.substr(0, code.find(':'));
    const auto hash = code.rfind('#');
    return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

Judgement judge(const Response& response, UtcTime now) {
    Judgement result;
    result.reason = std::to_string(response.status);
    result.told = parse_retry_after(response.header("Retry-After"), now);
    const int status = response.status;
    if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) {
        result.verdict = Verdict::redirect;
        return result;
    }
    if ((status >= 200 && status < 300) || status == 304) return result;
    const std::string code = error_code(response);
    if (!code.empty()) result.reason += ' ' + code;
    result.verdict = Verdict::refused;
    if (among(kStaleCodes, code) || status == 401) {
        result.verdict = Verdict::renew;
    } else if (status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
               status == 503 || status == 504 || status == 509 || among(kPassingCodes, code)) {
        result.verdict = Verdict::again;
        result.throttled = status == 429 || (status == 503 && result.told.has_value()) ||
                           code == "SlowDown" || code.find("hrottl") != std::string::npos ||
                           code == "TooManyRequestsException";
    }
    return result;
}

Error refusal(const Response& response, std::string_view what) {
    const int status = response.status;
    const std::string code = error_code(response);
    const std::string words = spoken(response);
    std::string message = fmt::format("{}: the server answers {}", what, status);
    if (!code.empty()) message += ' ' + code;
    if (!words.empty()) message += ": " + words;
    if (status == 401)
        return {Exit::permission, message, "check the credentials: hls-fetch doctor"};
    if (status == 403)
        return {Exit::permission, message,
                "no right to this, or the credentials are wrong: hls-fetch doctor"};
    if (status == 404 || status == 410) return {Exit::missing_input, message};
    if (status == 408 || status == 425 || status == 429 || status >= 500)
        return {Exit::temporary, message, "try again later"};
    return {Exit::bad_input, message};
}

}  // namespace hls::net
