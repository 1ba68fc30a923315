// SPDX-License-Identifier: Apache-2.0
// One file on its way through as many requests as it takes. Internal to net.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/download.hpp"
#include "net/host_gate.hpp"
#include "net/part_file.hpp"
#include "net/transfer.hpp"

namespace hls::net {

std::string_view digest_name(fs::DigestKind kind);  // "md5", "sha3-256"
// What has to be computed of a file: its SHA-256 and what is to be compared.
std::vector<fs::DigestKind> kinds_of(const std::vector<Checksum>& checksums);

class DownloadItem : public Receiver {
 public:
    enum class State { waiting, complete, finished };

    DownloadItem(Download job, const DownloadOptions& options, const HttpClient& client);
    ~DownloadItem() override;

    // Looks at what is there already and at the disk; may be finished at once.
    void prepare();

    State state() const { return state_; }
    Clock::time_point not_before() const { return not_before_; }
    HostGate& gate() { return host_gate(url_); }

    // One request. `handle` is ready for curl_multi_add_handle afterwards.
    void start(CURL* handle);
    // The request ended.
    void end(CURLcode code);
    // After State::complete: verifies; the part file is then synced and renamed by the caller.
    void verify();
    void fail(const Error& error);
    // The host wants no request before `when`. True if that is too long to wait: the item failed.
    bool gives_up_until(Clock::time_point when);
    void commit();

    // Whether a transfer that ended so had an answer that it did not take to its end.
    bool broke_off(CURLcode code) const { return code != CURLE_OK && answer_.status != 0; }

    PartFile* part() { return part_.get(); }
    const Download& job() const { return job_; }
    const DownloadResult& result() const { return result_; }

    bool on_headers(int status, const Headers& headers) override;
    bool on_data(std::string_view data) override;

 private:
    enum class Body { content, overlap, refusal, ignored };

    bool accept_existing();
    bool digests_agree(const std::filesystem::path& file);
    // Throws Error{io_error} when there is no room for what the part file lacks of `total` bytes.
    void check_disk(std::int64_t total) const;
    void add_resume_headers();
    bool on_full(const Headers& headers);
    bool on_partial(const Headers& headers);
    bool begin_over(const std::string& why);
    void forget_opaque_etag(const Headers& headers);
    void after_refusal();
    void redirect();
    void retry(const std::string& why, std::optional<Seconds> told = {});
    void wrong_content(const Error& error);
    void finish(DownloadAction action);
    std::string name() const;

    Download job_;
    const DownloadOptions& options_;
    const HttpClient& client_;
    State state_ = State::waiting;
    std::unique_ptr<PartFile> part_;
    std::unique_ptr<Transfer> transfer_;
    Request request_;
    Url url_;
    Response answer_;
    Body body_ = Body::content;
    std::optional<Error> stop_;  // why the receiver ended the transfer for good
    std::string stop_retry_;     // why it ended this one
    std::int64_t asked_from_ = -1;
    std::int64_t overlap_left_ = 0;
    std::int64_t resumed_from_ = 0;
    int failures_ = 0;
    int wrong_ = 0;
    int redirects_ = 0;
    std::int64_t had_ = 0;  // of the part file when the request began
    bool renewed_ = false;
    Seconds rest_{0};  // that the host needs before the next request
    Clock::time_point not_before_{};
    Clock::time_point began_ = Clock::now();
    DownloadResult result_;
};

}  // namespace hls::net
