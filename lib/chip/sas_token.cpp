// SPDX-License-Identifier: Apache-2.0
#include "chip/sas_token.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace hls::chip {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;

constexpr microseconds kMargin = minutes(5);
constexpr std::size_t kMostBytes = 64 << 10;

}  // namespace

SasAuthorizer::SasAuthorizer(net::HttpClient& client, std::string token_url,
                             std::vector<std::string> hosts)
    : client_(client), token_url_(std::move(token_url)), hosts_(std::move(hosts)) {}

void SasAuthorizer::authorize(net::Request& request) {
    const auto within = [&](const std::string& host) {
        return net::host_within(request.url.host, host);
    };
    if (!std::ranges::any_of(hosts_, within)) return;
    std::string& query = request.url.query;
    query += (query.empty() ? "" : "&") + token();
}

bool SasAuthorizer::renew(const net::Response&) {
    const std::lock_guard lock(mutex_);
    token_.clear();
    return true;
}

std::string SasAuthorizer::token() {
    const std::lock_guard lock(mutex_);
    const UtcTime now = utc_now();
    if (!token_.empty() && now < renew_at_) return token_;
    net::Request request;
    request.url = net::parse_url(token_url_);
    request.max_reply_bytes = kMostBytes;
    const net::Response response = client_.send(request);
    if (!response.ok()) throw net::refusal(response, net::shown(token_url_));
    const auto json = nlohmann::json::parse(response.body, nullptr, false);
    const auto text = [&](const char* key) {
        const auto found = json.is_object() ? json.find(key) : json.end();
        return found != json.end() && found->is_string() ? found->get<std::string>() : "";
    };
    token_ = text("token");
    if (token_.empty() || token_.find_first_of(" \r\n#") != std::string::npos) {
        token_.clear();
        throw Error{Exit::bad_input, net::shown(token_url_) + ": the answer holds no token"};
    }
    if (token_.front() == '?') token_.erase(0, 1);
    // A token of a short life is used for most of it.
    const UtcTime expiry = parse_utc(text("msft:expiry"));
    renew_at_ = expiry - std::clamp((expiry - now) / 10, microseconds(0), kMargin);
    return token_;
}

}  // namespace hls::chip
