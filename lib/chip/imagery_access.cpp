// SPDX-License-Identifier: Apache-2.0
#include "chip/imagery_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>

#include "chip/sas_token.hpp"
#include "core/error.hpp"
#include "net/s3.hpp"
#include "net/token.hpp"

namespace hls::chip {
namespace {

constexpr const char* kUserAgent = "hls-chip";

// A task of chips has seconds, not hours, for a file; what stays away is tried in a later attempt.
net::RetryPolicy retry_policy() {
    net::RetryPolicy policy = net::retry_policy_from_environment();
    policy.attempts = 6;
    if (std::getenv("HLS_RETRY_BASE") == nullptr) policy.base = net::Seconds{0.5};
    policy.cap = net::Seconds{60};
    policy.longest_retry_after = net::Seconds{120};
    policy.give_up_after = std::min(policy.give_up_after, net::Seconds{1800});
    return policy;
}

net::TransportOptions transport_options() {
    auto options = net::transport_options_from_environment(kUserAgent);
    options.connect_timeout = net::Seconds{10};
    return options;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
    if (const auto at = text.find(what); at != text.npos) text.replace(at, what.size(), by);
    return text;
}

}  // namespace

struct ImageryAccess::State {
    net::HttpClient client{transport_options(), retry_policy()};
    std::mutex mutex;
    std::map<std::string, std::unique_ptr<SasAuthorizer>> signers;  // by address of tokens
    std::map<std::string, std::unique_ptr<net::EarthdataAuthorizer>> earthdata;  // by host
    std::unique_ptr<net::S3Client> s3;
    std::set<std::string> known_buckets;  // whose region is found out
};

bool is_remote_link(const std::string& href) noexcept {
    return href.starts_with("https://") || href.starts_with("http://") || net::is_s3_uri(href);
}

ImageryAccess::ImageryAccess(const ImageryTable& table)
    : table_(table), state_(std::make_unique<State>()) {}

ImageryAccess::~ImageryAccess() = default;

net::HttpClient& ImageryAccess::client() {
    return state_->client;
}

RemoteLink ImageryAccess::link_to(const std::string& href, const std::string& collection) {
    RemoteLink link;
    link.request.url = net::parse_url(href);
    for (const AccessRule& rule : table_.access) {
        const auto within = [&](const auto& host) {
            return net::host_within(link.request.url.host, host);
        };
        if (std::ranges::none_of(rule.hosts, within)) continue;
        const std::lock_guard lock(state_->mutex);
        if (rule.earthdata) {
            const std::string host = net::authority(link.request.url);
            auto& authorizer = state_->earthdata[host];
            if (!authorizer)
                authorizer = std::make_unique<net::EarthdataAuthorizer>(
                    state_->client, std::vector<std::string>{host});
            link.authorizer = authorizer.get();
        } else if (!rule.sas.empty()) {
            const std::string url =
                replaced(rule.sas, "{collection}", net::percent_encode(collection));
            auto& signer = state_->signers[url];
            if (!signer) signer = std::make_unique<SasAuthorizer>(state_->client, url, rule.hosts);
            link.authorizer = signer.get();
            link.renews_on_403 = true;
        }
        break;
    }
    return link;
}

// Public buckets have an https address; others are asked at the cost of the caller.
RemoteLink ImageryAccess::object_link(const std::string& href, const std::string& collection) {
    const net::S3Uri uri = net::parse_s3_uri(href);
    if (const auto open = table_.buckets.find(uri.bucket); open != table_.buckets.end())
        return link_to(open->second + '/' + net::percent_encode(uri.key, "/"), collection);
    const std::lock_guard lock(state_->mutex);
    if (!state_->s3) {
        net::S3Options options;
        options.request_payer = true;
        state_->s3 = std::make_unique<net::S3Client>(state_->client, options);
    }
    // A first answer tells the bucket's region, without which no signature holds.
    if (!state_->known_buckets.contains(uri.bucket)) {
        if (!state_->s3->head(uri))
            throw Error{Exit::missing_input, fmt::format("{}: no such object", href)};
        state_->known_buckets.insert(uri.bucket);
    }
    return {state_->s3->request("GET", uri), &state_->s3->authorizer(uri.bucket), false};
}

RemoteFile ImageryAccess::open(const std::string& href, const std::string& collection,
                               NetTally& tally) {
    return {state_->client,
            net::is_s3_uri(href) ? object_link(href, collection) : link_to(href, collection),
            tally};
}

}  // namespace hls::chip
