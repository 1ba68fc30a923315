// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "net/endpoints.hpp"
#include "net/host_gate.hpp"
#include "net/transfer.hpp"

namespace hls::net {
namespace {

constexpr int kMostRedirects = 5;

// Holds the place at a host's gate for the time of one attempt.
class Visit {
 public:
    Visit(HostGate& gate, Seconds longest_pause)
        : gate_(gate.enter(longest_pause) ? &gate : nullptr) {}
    ~Visit() {
        if (gate_ != nullptr) gate_->leave();
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

 private:
    HostGate* gate_;
};

class BodyReceiver : public Receiver {
 public:
    BodyReceiver(Response& response, const Request& request)
        : response_(response),
          limit_(request.max_reply_bytes),
          part_(!find_header(request.headers, "Range").empty()) {}

    bool on_headers(int status, const Headers& headers) override {
        response_.status = status;
        response_.headers = headers;
        if (!part_ || status != 200) return true;
        // The whole of a large file instead of a part is not even begun.
        const auto length = to_int(find_header(headers, "Content-Length"));
        return !length || static_cast<std::size_t>(*length) <= limit_;
    }
    bool on_data(std::string_view data) override {
        if (response_.body.size() + data.size() > limit_) return false;
        response_.body.append(data);
        return true;
    }

 private:
    Response& response_;
    std::size_t limit_;
    bool part_;
};

void sleep_until(Clock::time_point when) {
    while (Clock::now() < when) {
        throw_if_cancelled();
        std::this_thread::sleep_until(
            std::min(when, Clock::now() + std::chrono::milliseconds(100)));
    }
    throw_if_cancelled();
}

Seconds environment_seconds(const char* name, Seconds fallback) {
    const char* text = std::getenv(name);
    if (text == nullptr) return fallback;
    const auto value = to_double(text);
    if (!value || *value < 1)
        throw Error{Exit::usage, fmt::format("{}={} is no number of seconds from 1", name, text)};
    return Seconds{*value};
}

}  // namespace

TransportOptions transport_options_from_environment(std::string user_agent) {
    TransportOptions options;
    options.user_agent = std::move(user_agent);
    for (const char* name : {"SSL_CERT_FILE", "HLS_CA_FILE"})
        if (const char* path = std::getenv(name); path && *path) options.ca_file = path;
    options.stall_timeout = environment_seconds("HLS_STALL_TIMEOUT", options.stall_timeout);
    return options;
}

// Handles keep their connections; a thread takes one for the time of an attempt.
struct HttpClient::Pool {
    std::mutex mutex;
    std::vector<CURL*> idle;

    ~Pool() {
        for (CURL* handle : idle) curl_easy_cleanup(handle);
    }
    CURL* take() {
        const std::lock_guard lock(mutex);
        if (idle.empty()) return curl_easy_init();
        CURL* handle = idle.back();
        idle.pop_back();
        return handle;
    }
    void give_back(CURL* handle) {
        const std::lock_guard lock(mutex);
        idle.push_back(handle);
    }
};

namespace {

// What one request goes through until it has its answer.
class Exchange {
 public:
    Exchange(const Request& request, Authorizer* authorizer, const HttpClient& client)
        : request_(request),
          authorizer_(authorizer),
          client_(client),
          url_(request.url),
          deadline_(Clock::now() +
                    std::chrono::duration_cast<Clock::duration>(client.policy().give_up_after)) {}

    // One attempt. True: `response` is the answer.
    bool attempt(CURL* handle, Response& response) {
        response = {};
        response.url = url_;
        response.attempts = ++attempts_;
        Request request = request_;
        request.url = url_;
        if (authorizer_ != nullptr) authorizer_->authorize(request);
        HostGate& gate = host_gate(url_);
        TransportOutcome outcome;
        {
            std::optional<Visit> visit;
            if (!request_.even_if_cancelled)
                visit.emplace(gate, client_.policy().longest_retry_after);
            BodyReceiver receiver(response, request);
            Transfer transfer(handle, request, client_.transport(), receiver);
            outcome = transfer.outcome(curl_easy_perform(handle));
        }
        if (!request_.even_if_cancelled) throw_if_cancelled();
        if (outcome.failure != TransportFailure::none) {
            if (outcome.failure == TransportFailure::stopped) refuse_long(response);
            after_failure(outcome, gate);
            return false;
        }
        return after_answer(response, gate);
    }

 private:
    std::string name() const { return shown(to_string(url_)); }

    [[noreturn]] void refuse_long(const Response& response) const {
        if (response.status == 200 && !find_header(request_.headers, "Range").empty())
            throw Error{Exit::unavailable,
                        name() + ": the server sends whole files where a part was asked for"};
        throw Error{Exit::bad_input, fmt::format("{}: the answer is longer than {} bytes", name(),
                                                 request_.max_reply_bytes)};
    }

    void after_failure(const TransportOutcome& outcome, HostGate& gate) {
        const std::string what = fmt::format("{}: {}", name(), outcome.message);
        if (outcome.failure == TransportFailure::lasting)
            throw Error{
                Exit::unavailable, what,
                "certificates of your own go into HLS_CA_FILE; checks cannot be turned off"};
        if (!request_.idempotent && outcome.sent)
            throw Error{Exit::temporary, what + "; the answer is lost, the request may have worked",
                        "ask for its effect before sending it again"};
        const Seconds delay = jittered_delay(client_.policy(), failures_);
        if (outcome.failure == TransportFailure::unreachable) gate.unreachable(delay);
        wait(delay, what);
    }

    bool after_answer(const Response& response, HostGate& gate) {
        const Judgement judgement = judge(response, utc_now());
        if (judgement.verdict != Verdict::again) gate.succeeded();
        switch (judgement.verdict) {
            case Verdict::ok:
            case Verdict::refused:
                return true;
            case Verdict::redirect:
                return !follow(response);
            case Verdict::renew:
                if (renewed_ || authorizer_ == nullptr || !authorizer_->renew(response))
                    return true;
                renewed_ = true;
                return false;
            case Verdict::again:
                break;
        }
        if (request_.server_errors_are_answers &&
            (response.status == 500 || response.status == 502))
            return true;
        const bool refused_outright = judgement.throttled || response.status == 503;
        if (!request_.idempotent && !refused_outright)
            throw Error{Exit::temporary,
                        fmt::format("{}: the server answers {}; the request may have worked",
                                    name(), judgement.reason),
                        "ask for its effect before sending it again"};
        const Seconds delay = judgement.told.value_or(jittered_delay(client_.policy(), failures_));
        const std::string what = fmt::format("{}: the server answers {}", name(), judgement.reason);
        if (delay > client_.policy().longest_retry_after)
            throw Error{Exit::temporary, what,
                        fmt::format("it asks to come back in {:.0f} s", delay.count())};
        if (judgement.throttled) gate.throttled(delay);
        wait(delay, what);
        return false;
    }

    // False: the answer itself is final. Sees to it that a method other than GET is not changed.
    bool follow(const Response& response) {
        const auto location = response.header("Location");
        if (location.empty() || (authorizer_ != nullptr && !authorizer_->follows_redirects()))
            return false;
        if (request_.method != "GET" && request_.method != "HEAD") return false;
        if (++redirects_ > kMostRedirects)
            throw Error{Exit::unavailable, name() + ": redirects lead in circles"};
        const Url next = resolve(url_, location);
        if (url_.scheme == "https" && next.scheme != "https")
            throw Error{Exit::unavailable, name() + ": redirected from https to http"};
        url_ = next;
        return true;
    }

    void wait(Seconds delay, const std::string& what) {
        ++failures_;
        const auto when = Clock::now() + std::chrono::duration_cast<Clock::duration>(delay);
        if (failures_ >= client_.policy().attempts || when > deadline_ ||
            request_.even_if_cancelled)
            throw Error{Exit::temporary, fmt::format("{} ({} attempts)", what, failures_),
                        "try again later"};
        log_info("{}; again in {:.1f} s", what, delay.count());
        sleep_until(when);
    }

    const Request& request_;
    Authorizer* authorizer_;
    const HttpClient& client_;
    Url url_;
    Clock::time_point deadline_;
    int attempts_ = 0;
    int failures_ = 0;
    int redirects_ = 0;
    bool renewed_ = false;
};

}  // namespace

HttpClient::HttpClient(std::string user_agent)
    : HttpClient(transport_options_from_environment(std::move(user_agent)),
                 retry_policy_from_environment()) {}

HttpClient::HttpClient(TransportOptions transport, RetryPolicy policy)
    : transport_(std::move(transport)), policy_(policy), pool_(std::make_unique<Pool>()) {
    ensure_curl();
}

HttpClient::~HttpClient() = default;

Response HttpClient::send(const Request& request, Authorizer* authorizer) {
    Exchange exchange(request, authorizer, *this);
    Response response;
    struct Loan {
        Pool& pool;
        CURL* handle;
        ~Loan() { pool.give_back(handle); }
    } loan{*pool_, pool_->take()};
    while (!exchange.attempt(loan.handle, response)) {
    }
    return response;
}

}  // namespace hls::net
