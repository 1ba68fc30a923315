// SPDX-License-Identifier: Apache-2.0
#include "net/download.hpp"

#include <algorithm>
#include <list>
#include <map>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "net/download_item.hpp"
#include "net/transfer.hpp"

namespace hls::net {
namespace {

// Files that became complete at the same time are synced side by side: the disk does that in one
// go.
constexpr int kSyncThreads = 16;
constexpr auto kLongestPoll = std::chrono::milliseconds(100);

class Engine {
 public:
    Engine(const HttpClient& client, const DownloadOptions& options)
        : client_(client), options_(options), multi_(curl_multi_init()) {
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options.jobs));
    }
    ~Engine() {
        for (auto& [handle, active] : active_) {
            curl_multi_remove_handle(multi_, handle);
            active.gate->leave();
        }
        active_.clear();
        waiting_.clear();
        curl_multi_cleanup(multi_);
        for (CURL* handle : idle_) curl_easy_cleanup(handle);
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    using Next = std::function<std::optional<Download>()>;
    using Done = std::function<void(const Download&, const DownloadResult&)>;

    void run(const Next& next, const Done& done) {
        bool more = true;
        while (true) {
            throw_if_cancelled();
            while (more &&
                   active_.size() + waiting_.size() < static_cast<std::size_t>(options_.jobs))
                more = take(next, done);
            const auto wake = start_what_may(Clock::now());
            if (active_.empty() && waiting_.empty() && ended_.empty()) {
                if (!more) return;
                continue;
            }
            perform(wake);
            collect(done);
        }
    }

 private:
    struct Active {
        std::unique_ptr<DownloadItem> item;
        HostGate* gate;
    };

    bool take(const Next& next, const Done& done) {
        auto job = next();
        if (!job) return false;
        auto item = std::make_unique<DownloadItem>(std::move(*job), options_, client_);
        item->prepare();
        if (item->state() == DownloadItem::State::finished)
            done(item->job(), item->result());
        else
            waiting_.push_back(std::move(item));
        return true;
    }

    // Returns when to look again at the latest.
    Clock::time_point start_what_may(Clock::time_point now) {
        auto wake = now + kLongestPoll;
        for (auto it = waiting_.begin(); it != waiting_.end();) {
            DownloadItem& item = **it;
            if (item.not_before() > now) {
                wake = std::min(wake, item.not_before());
                ++it;
                continue;
            }
            HostGate& gate = item.gate();
            if (const auto later = gate.try_enter(now)) {
                if (item.gives_up_until(*later)) {
                    ended_.push_back(std::move(*it));
                    it = waiting_.erase(it);
                    continue;
                }
                wake = std::min(wake, *later);
                ++it;
                continue;
            }
            start(std::move(*it), gate);
            it = waiting_.erase(it);
        }
        return wake;
    }

    void start(std::unique_ptr<DownloadItem> item, HostGate& gate) {
        CURL* handle = idle_.empty() ? curl_easy_init() : idle_.back();
        if (!idle_.empty()) idle_.pop_back();
        try {
            item->start(handle);
        } catch (const Error& error) {
            gate.leave();
            idle_.push_back(handle);
            throw_if_cancelled();
            item->fail(error);
            ended_.push_back(std::move(item));
            return;
        } catch (...) {
            gate.leave();
            idle_.push_back(handle);
            throw;
        }
        curl_multi_add_handle(multi_, handle);
        active_.emplace(handle, Active{std::move(item), &gate});
    }

    void perform(Clock::time_point wake) {
        int running = 0;
        curl_multi_perform(multi_, &running);
        const auto wait =
            std::chrono::duration_cast<std::chrono::milliseconds>(wake - Clock::now()).count();
        int queued = 0;
        if (ended_.empty() && !has_message(queued))
            curl_multi_poll(multi_, nullptr, 0,
                            static_cast<int>(std::clamp<long>(wait + 1, 0, 100)), nullptr);
    }

    bool has_message(int& queued) {
        pending_ = pending_ != nullptr ? pending_ : curl_multi_info_read(multi_, &queued);
        return pending_ != nullptr;
    }

    void collect(const Done& done) {
        std::vector<std::unique_ptr<DownloadItem>> complete;
        int queued = 0;
        while (has_message(queued)) {
            CURLMsg* message = pending_;
            pending_ = nullptr;
            if (message->msg != CURLMSG_DONE) continue;
            CURL* handle = message->easy_handle;
            const CURLcode code = message->data.result;
            Active active = std::move(active_.at(handle));
            active_.erase(handle);
            curl_multi_remove_handle(multi_, handle);
            active.gate->leave(active.item->broke_off(code));
            end(*active.item, code);
            idle_.push_back(handle);
            place(std::move(active.item), complete);
        }
        commit(complete);
        for (auto& item : ended_) done(item->job(), item->result());
        ended_.clear();
    }

    // Renewing credentials and opening files may fail too: that ends the item, not the run.
    static void end(DownloadItem& item, CURLcode code) {
        try {
            item.end(code);
            if (item.state() == DownloadItem::State::complete) item.verify();
        } catch (const Error& error) {
            throw_if_cancelled();
            item.fail(error);
        }
    }

    void place(std::unique_ptr<DownloadItem> item,
               std::vector<std::unique_ptr<DownloadItem>>& complete) {
        switch (item->state()) {
            case DownloadItem::State::waiting:
                waiting_.push_back(std::move(item));
                break;
            case DownloadItem::State::complete:
                complete.push_back(std::move(item));
                break;
            case DownloadItem::State::finished:
                ended_.push_back(std::move(item));
                break;
        }
    }

    void commit(std::vector<std::unique_ptr<DownloadItem>>& complete) {
        std::vector<std::optional<Error>> errors(complete.size());
        parallel_for(complete.size(), kSyncThreads, [&](std::size_t i) {
            try {
                complete[i]->part()->sync();
            } catch (const Error& error) {
                errors[i] = error;
            }
        });
        for (std::size_t i = 0; i < complete.size(); ++i) {
            try {
                if (errors[i]) throw *errors[i];
                complete[i]->commit();
            } catch (const Error& error) {
                complete[i]->fail(error);
            }
            ended_.push_back(std::move(complete[i]));
        }
    }

    const HttpClient& client_;
    const DownloadOptions& options_;
    CURLM* multi_;
    std::map<CURL*, Active> active_;
    std::list<std::unique_ptr<DownloadItem>> waiting_;
    std::vector<std::unique_ptr<DownloadItem>> ended_;
    std::vector<CURL*> idle_;
    CURLMsg* pending_ = nullptr;
};

}  // namespace

Downloader::Downloader(HttpClient& client, DownloadOptions options)
    : client_(client), options_(options) {}

Downloader::~Downloader() = default;

void Downloader::run(const std::function<std::optional<Download>()>& next,
                     const std::function<void(const Download&, const DownloadResult&)>& done) {
    Engine(client_, options_).run(next, done);
}

std::vector<DownloadResult> Downloader::run(std::vector<Download> items) {
    std::vector<DownloadResult> results(items.size());
    std::map<std::filesystem::path, std::size_t> index;
    for (std::size_t i = 0; i < items.size(); ++i) index[items[i].target] = i;
    std::size_t given = 0;
    run(
        [&]() -> std::optional<Download> {
            if (given == items.size()) return std::nullopt;
            return items[given++];
        },
        [&](const Download& item, const DownloadResult& result) {
            results[index.at(item.target)] = result;
        });
    return results;
}

}  // namespace hls::net
