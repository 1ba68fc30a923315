// SPDX-License-Identifier: Apache-2.0
// SQS by its JSON protocol: long polls, and deletion of what was written down.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "fetch/json.hpp"
#include "fetch/queue.hpp"
#include "fs/digest.hpp"
#include "net/aws.hpp"
#include "net/endpoints.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;

constexpr int kMostAtOnce = 10;  // of SQS, for receiving and for deleting

// sqs.us-west-2.amazonaws.com, us-west-2.queue.amazonaws.com
std::string region_of(const net::Url& url) {
    if (!net::host_within(url.host, "amazonaws.com")) return {};
    for (const auto piece : split(url.host, '.'))
        if (std::count(piece.begin(), piece.end(), '-') >= 2) return std::string(piece);
    return {};
}

class SqsQueue : public MessageQueue {
 public:
    SqsQueue(net::HttpClient& client, const std::string& url, std::chrono::seconds visibility)
        : url_(url),
          visibility_(visibility),
          stall_(client.transport().stall_timeout),
          aws_(client, region_of(net::parse_url(url))) {
        net::Url home = net::parse_url(url);
        home.path = "/";
        home.query.clear();
        if (net::endpoint_overridden("sqs")) return;
        server_ = to_string(home);
        net::trust_origin(home);
    }

    std::vector<QueueMessage> receive(std::chrono::seconds patience) override {
        // The server says nothing while it waits, which must not look like a stall.
        const auto wait = std::min<std::int64_t>(
            {patience.count(), 20, static_cast<std::int64_t>(stall_.count() / 2)});
        Json body{{"QueueUrl", url_},
                  {"MaxNumberOfMessages", kMostAtOnce},
                  {"WaitTimeSeconds", std::max<std::int64_t>(wait, 0)}};
        if (visibility_.count() > 0) body["VisibilityTimeout"] = visibility_.count();
        const Json answer = call("ReceiveMessage", body);
        std::vector<QueueMessage> messages;
        const Json& list = member_at(answer, "Messages");
        if (!list.is_array()) return messages;
        for (const auto& message : list) {
            const std::string text = text_at(message, "Body");
            const std::string sum = text_at(message, "MD5OfBody");
            if (!sum.empty() && sum != fs::digest_of(fs::DigestKind::md5, text)) {
                log_warning("a message arrived damaged; it comes again");
                continue;
            }
            messages.push_back(
                {Json{{"Messages", {message}}}.dump(), text_at(message, "ReceiptHandle")});
        }
        return messages;
    }

    void acknowledge(const std::vector<QueueMessage>& messages) override {
        for (std::size_t first = 0; first < messages.size(); first += kMostAtOnce) {
            Json entries = Json::array();
            const auto last = std::min(messages.size(), first + kMostAtOnce);
            for (auto i = first; i < last; ++i)
                entries.push_back(
                    {{"Id", std::to_string(i)}, {"ReceiptHandle", messages[i].handle}});
            const Json answer =
                call("DeleteMessageBatch", {{"QueueUrl", url_}, {"Entries", entries}});
            if (const Json& failed = member_at(answer, "Failed"); failed.is_array())
                for (const auto& entry : failed)
                    log_warning("a message was not deleted and comes again: {}",
                                text_at(entry, "Code"));
        }
    }

 private:
    Json call(const std::string& action, const Json& body) {
        net::AwsCall call;
        call.service = "sqs";
        call.server = server_;
        call.target = "AmazonSQS." + action;
        call.body = body.dump();
        try {
            const std::string answer = aws_.call(call);
            return answer.empty() ? Json::object() : strict_json<Json>(answer);
        } catch (Error& error) {
            const auto says = [&](const char* word) {
                return error.message.find(word) != std::string::npos;
            };
            if (says("QueueDoesNotExist") || says("NonExistentQueue"))
                throw Error{Exit::missing_input, url_ + ": no such queue"};
            if (error.code == Exit::bad_input)
                throw Error{Exit::unavailable, url_ + ": the answer is none of SQS"};
            throw;
        }
    }

    std::string url_;
    std::string server_;
    std::chrono::seconds visibility_;
    net::Seconds stall_;
    net::AwsClient aws_;
};

}  // namespace

std::unique_ptr<MessageQueue> sqs_queue(net::HttpClient& client, const std::string& url,
                                        std::chrono::seconds visibility) {
    try {
        const net::Url parsed = net::parse_url(url);
        if (parsed.path.size() < 2) throw Error{Exit::usage, url + ": names no queue"};
    } catch (const Error& error) {
        throw Error{Exit::usage, error.message,
                    "queues are named like https://sqs.us-west-2.amazonaws.com/123456789012/name"};
    }
    return std::make_unique<SqsQueue>(client, url, visibility);
}

}  // namespace hls::fetch
