// SPDX-License-Identifier: Apache-2.0
// What becomes of an item when a request of it ends: again, elsewhere, verified, given up.
#include <fmt/format.h>

#include <algorithm>

#include "core/cancel.hpp"
#include "core/log.hpp"
#include "core/parse.hpp"
#include "core/time.hpp"
#include "net/download_item.hpp"

namespace hls::net {
namespace {

constexpr int kMostRedirects = 5;

}  // namespace

void DownloadItem::end(CURLcode code) {
    const TransportOutcome outcome = transfer_->outcome(code);
    transfer_.reset();
    rest_ = broke_off(code) ? gate().after_break() : Seconds{0};
    if (stop_) {
        if (stop_->code == Exit::permission && job_.authorizer && !renewed_ &&
            job_.authorizer->renew(answer_)) {
            renewed_ = true;
            part_->restart();
            return;
        }
        if (stop_->code == Exit::permission) part_->restart();
        return fail(*stop_);
    }
    if (!stop_retry_.empty()) return retry(stop_retry_);
    switch (outcome.failure) {
        case TransportFailure::cancelled:
            throw_if_cancelled();
            return;
        case TransportFailure::lasting:
            return fail(
                {Exit::unavailable, name() + ": " + outcome.message,
                 "certificates of your own go into HLS_CA_FILE; checks cannot be turned off"});
        case TransportFailure::unreachable:
            gate().unreachable(jittered_delay(client_.policy(), failures_));
            return retry(outcome.message);
        case TransportFailure::passing:
        case TransportFailure::stopped:
            return retry(outcome.message);
        case TransportFailure::none:
            break;
    }
    if (body_ == Body::refusal) return after_refusal();
    gate().succeeded();
    // A server may send less of a range than was asked for: the rest is asked for at once.
    if (answer_.status == 206 && part_->have() < part_->total()) {
        if (part_->have() == had_) retry("nothing new came");
        return;
    }
    state_ = State::complete;
}

void DownloadItem::after_refusal() {
    const auto range_total = [this]() -> std::int64_t {
        const std::string_view text = find_header(answer_.headers, "Content-Range");
        return text.starts_with("bytes */") ? to_int(text.substr(8)).value_or(-1) : -1;
    };
    if (answer_.status == 416 && part_->have() > 0) {
        if (range_total() == part_->have()) {
            state_ = State::complete;
            return;
        }
        part_->restart();
        return retry("416");
    }
    if (answer_.status == 412 && part_->have() > 0) {
        part_->restart();
        return retry("the file is another one now");
    }
    const Judgement judgement = judge(answer_, utc_now());
    switch (judgement.verdict) {
        case Verdict::redirect:
            return redirect();
        case Verdict::renew:
            if (!renewed_ && job_.authorizer && job_.authorizer->renew(answer_)) {
                renewed_ = true;
                return;
            }
            return fail(refusal(answer_, name()));
        case Verdict::again: {
            const auto pause = judgement.told.value_or(jittered_delay(client_.policy(), failures_));
            if (judgement.throttled) gate().throttled(pause);
            return retry(judgement.reason, judgement.told);
        }
        case Verdict::ok:
        case Verdict::refused:
            return fail(refusal(answer_, name()));
    }
}

void DownloadItem::redirect() {
    const auto location = answer_.header("Location");
    if (location.empty() || (job_.authorizer && !job_.authorizer->follows_redirects()))
        return fail({Exit::bad_input, name() + ": a redirect that leads nowhere"});
    if (++redirects_ > kMostRedirects)
        return fail({Exit::unavailable, name() + ": redirects lead in circles"});
    try {
        const Url next = resolve(url_, location);
        if (url_.scheme == "https" && next.scheme != "https")
            throw Error{Exit::unavailable, name() + ": redirected from https to http"};
        url_ = next;
    } catch (const Error& error) {
        fail(error);
    }
}

void DownloadItem::retry(const std::string& why, std::optional<Seconds> told) {
    const Seconds delay =
        std::max(told.value_or(jittered_delay(client_.policy(), failures_)), rest_);
    ++failures_;
    url_ = job_.request.url;
    redirects_ = 0;
    const auto now = Clock::now();
    const RetryPolicy& policy = client_.policy();
    not_before_ = now + std::chrono::duration_cast<Clock::duration>(delay) +
                  std::chrono::milliseconds(told ? 5 : 0);
    if (failures_ < policy.attempts && delay <= policy.longest_retry_after &&
        not_before_ - began_ < policy.give_up_after) {
        log_info("{}: {}; again in {:.1f} s", name(), why, delay.count());
        return;
    }
    result_.retry_at = utc_now() + std::chrono::duration_cast<std::chrono::microseconds>(delay);
    fail({Exit::temporary, fmt::format("{}: {} ({} attempts)", name(), why, failures_),
          "what was fetched is kept; run again later"});
}

void DownloadItem::verify() {
    try {
        if (job_.bytes >= 0 && job_.bytes_are_law && part_->have() != job_.bytes)
            throw Error{Exit::bad_input, fmt::format("{}: {} bytes instead of {}", name(),
                                                     part_->have(), job_.bytes)};
        if (part_->total() >= 0 && part_->have() != part_->total())
            throw Error{Exit::bad_input, fmt::format("{}: {} bytes instead of {}", name(),
                                                     part_->have(), part_->total())};
        result_.verified = {"size"};
        for (const auto& checksum : job_.checksums) {
            if (part_->digest(checksum.kind) != checksum.hex)
                throw Error{Exit::bad_input,
                            fmt::format("{}: wrong {}", name(), digest_name(checksum.kind)),
                            "the source may have published it again: search for it anew"};
            result_.verified.emplace_back(digest_name(checksum.kind));
        }
        if (job_.validate) {
            job_.validate(part_->path());
            result_.verified.emplace_back("content");
        }
        result_.sha256 = part_->digest(fs::DigestKind::sha256);
        result_.bytes = part_->have();
    } catch (const Error& error) {
        if (error.code == Exit::bad_input) return wrong_content(error);
        fail(error);
    }
}

// Fetched again a few times: what was wrong may have been the way and not the source.
void DownloadItem::wrong_content(const Error& error) {
    part_->restart();
    part_->discard();
    if (++wrong_ > options_.wrong_content_tries) return fail(error);
    part_.reset();
    part_ = std::make_unique<PartFile>(job_.target, job_.identity, kinds_of(job_.checksums));
    resumed_from_ = 0;
    state_ = State::waiting;
    retry(error.message);
}

bool DownloadItem::gives_up_until(Clock::time_point when) {
    const Seconds left = when - Clock::now();
    if (left <= client_.policy().longest_retry_after) return false;
    result_.retry_at = utc_now() + std::chrono::duration_cast<std::chrono::microseconds>(left);
    fail({Exit::temporary, name() + ": the server asked to be left alone",
          fmt::format("it asks to come back in {:.0f} s", left.count())});
    return true;
}

void DownloadItem::fail(const Error& error) {
    result_.exit = error.code;
    result_.message = error.message;
    result_.hint = error.hint;
    finish(DownloadAction::failed);
}

void DownloadItem::commit() {
    part_->rename_to_target();
    finish(resumed_from_ > 0 ? DownloadAction::resumed : DownloadAction::fetched);
}

void DownloadItem::finish(DownloadAction action) {
    result_.action = action;
    if (action != DownloadAction::failed) result_.exit = Exit::ok;
    result_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    state_ = State::finished;
}

}  // namespace hls::net
