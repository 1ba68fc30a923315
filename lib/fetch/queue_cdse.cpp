// SPDX-License-Identifier: Apache-2.0
// Pull subscriptions of the Copernicus Data Space: read, write down, acknowledge up to there.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "fetch/json.hpp"
#include "fetch/queue.hpp"
#include "net/endpoints.hpp"
#include "net/token.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;

constexpr const char* kMostAtOnce = "20";
constexpr std::chrono::seconds kBetweenReads{10};  // when nothing was there

class Subscription : public MessageQueue {
 public:
    Subscription(net::HttpClient& client, const std::string& id)
        : client_(client),
          home_(below(net::endpoint("cdse-catalogue"), "/odata/v1/Subscriptions(" + id + ")")),
          account_(client, net::cdse_account(), {authority(home_)}) {}

    std::vector<QueueMessage> receive(std::chrono::seconds patience) override {
        auto messages = read();
        if (!messages.empty()) return messages;
        const auto until = std::chrono::steady_clock::now() + std::min(patience, kBetweenReads);
        while (std::chrono::steady_clock::now() < until) {
            throw_if_cancelled();
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return read();
    }

    // One acknowledgement takes all before it, too.
    void acknowledge(const std::vector<QueueMessage>& messages) override {
        net::Request request;
        request.method = "POST";
        request.url = below(home_, "/Ack");
        request.url.query = net::encode_query({{"$ackid", messages.back().handle}});
        send(request);
    }

 private:
    std::vector<QueueMessage> read() {
        net::Request request;
        request.url = below(home_, "/Read");
        request.url.query = net::encode_query({{"$top", kMostAtOnce}});
        Json answer = strict_json<Json>(send(request));
        if (const Json& list = member_at(answer, "value"); list.is_array()) answer = Json(list);
        if (!answer.is_array())
            throw Error{Exit::unavailable, "the subscription's answer holds no messages"};
        std::vector<QueueMessage> messages;
        for (const auto& message : answer)
            messages.push_back({message.dump(), text_at(message, "AckId")});
        return messages;
    }

    std::string send(const net::Request& request) {
        const auto response = client_.send(request, &account_);
        if (response.ok()) return response.body;
        Error error = net::refusal(response, "subscription");
        if (error.code == Exit::missing_input)
            error.hint = "it was cancelled or never was; make one that is running";
        throw error;
    }

    net::HttpClient& client_;
    net::Url home_;
    net::OAuthAuthorizer account_;
};

}  // namespace

std::unique_ptr<MessageQueue> cdse_subscription(net::HttpClient& client, const std::string& id) {
    if (id.size() != 36 || id.find_first_not_of("0123456789abcdefABCDEF-") != std::string::npos)
        throw Error{Exit::usage, fmt::format("'{}' is no subscription", id),
                    "subscriptions have a uuid like 880c4e1a-cfc7-4956-bc4c-4434069a0aa7"};
    return std::make_unique<Subscription>(client, id);
}

}  // namespace hls::fetch
