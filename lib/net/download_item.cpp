// SPDX-License-Identifier: Apache-2.0
#include "net/download_item.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/parse.hpp"

namespace hls::net {
namespace {

constexpr std::int64_t kOverlapBytes = 65536;
constexpr std::size_t kLongestRefusal = 65536;

bool is_strong(std::string_view etag) {
    return etag.size() > 1 && etag.front() == '"';
}

bool looks_like_html(std::string_view data) {
    data = trim(data.substr(0, 64));
    std::string start(data.substr(0, 14));
    for (char& c : start)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return start.starts_with("<!doctype html") || start.starts_with("<html");
}

Error login_page(const std::string& name) {
    return {
        Exit::permission, name + ": the server sends a web page instead of data",
        "log in once with a browser and accept the licence, or renew the token: hls-fetch doctor"};
}

// "bytes 5-9/10": first and total; total -1 for '*'.
struct ContentRange {
    std::int64_t first, last, total;
};
std::optional<ContentRange> parse_content_range(std::string_view text) {
    text = trim(text);
    if (!text.starts_with("bytes ")) return std::nullopt;
    text.remove_prefix(6);
    const auto slash = text.find('/');
    const auto dash = text.find('-');
    if (slash == std::string_view::npos || dash == std::string_view::npos || dash > slash)
        return std::nullopt;
    const auto first = to_int(text.substr(0, dash));
    const auto last = to_int(text.substr(dash + 1, slash - dash - 1));
    const auto total = text.substr(slash + 1) == "*" ? std::optional<std::int64_t>(-1)
                                                     : to_int(text.substr(slash + 1));
    if (!first || !last || !total || *last < *first) return std::nullopt;
    return ContentRange{*first, *last, *total};
}

}  // namespace

std::string_view digest_name(fs::DigestKind kind) {
    return kind == fs::DigestKind::md5        ? "md5"
           : kind == fs::DigestKind::sha256   ? "sha256"
           : kind == fs::DigestKind::sha3_256 ? "sha3-256"
                                              : "sha512";
}

std::vector<fs::DigestKind> kinds_of(const std::vector<Checksum>& checksums) {
    std::vector<fs::DigestKind> kinds{fs::DigestKind::sha256};
    for (const auto& checksum : checksums)
        if (std::find(kinds.begin(), kinds.end(), checksum.kind) == kinds.end())
            kinds.push_back(checksum.kind);
    return kinds;
}

DownloadItem::DownloadItem(Download job, const DownloadOptions& options, const HttpClient& client)
    : job_(std::move(job)), options_(options), client_(client), url_(job_.request.url) {}

DownloadItem::~DownloadItem() = default;

std::string DownloadItem::name() const {
    return job_.target.filename().string();
}

void DownloadItem::prepare() {
    try {
        std::error_code error;
        const auto status = std::filesystem::symlink_status(job_.target, error);
        if (std::filesystem::is_symlink(status) || std::filesystem::is_directory(status))
            throw Error{Exit::usage, job_.target.string() + ": a folder or link is in the way"};
        if (std::filesystem::exists(status) && accept_existing()) {
            finish(DownloadAction::exists);
            return;
        }
        if (job_.bytes > 0 && job_.bytes_are_law) check_disk(job_.bytes);
        part_ = std::make_unique<PartFile>(job_.target, job_.identity, kinds_of(job_.checksums));
        resumed_from_ = part_->have();
    } catch (const Error& error) {
        fail(error);
    }
}

bool DownloadItem::accept_existing() {
    if (options_.if_present == IfPresent::replace) return false;
    if (options_.if_present == IfPresent::fail)
        throw Error{Exit::cannot_create, job_.target.string() + " exists",
                    "--if-exists verify, skip or replace"};
    result_.bytes = static_cast<std::int64_t>(std::filesystem::file_size(job_.target));
    if (options_.if_present == IfPresent::skip) return true;
    if (job_.bytes >= 0 && job_.bytes_are_law && job_.bytes != result_.bytes) return false;
    if (!digests_agree(job_.target)) return false;
    try {
        if (job_.validate) job_.validate(job_.target);
    } catch (const Error&) {
        return false;
    }
    return true;
}

bool DownloadItem::digests_agree(const std::filesystem::path& file) {
    for (const auto& checksum : job_.checksums) {
        if (fs::digest_of_file(checksum.kind, file) != checksum.hex) return false;
        result_.verified.emplace_back(digest_name(checksum.kind));
    }
    return true;
}

void DownloadItem::check_disk(std::int64_t total) const {
    auto folder = job_.target.parent_path();
    while (!folder.empty() && !std::filesystem::exists(folder)) folder = folder.parent_path();
    struct statvfs disk {};
    if (::statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) return;
    const double free = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
    const auto missing = std::max<std::int64_t>(0, total - PartFile::bytes_on_disk(job_.target));
    const double needed =
        static_cast<double>(missing) * 1.02 + static_cast<double>(options_.min_free_bytes);
    if (free >= needed) return;
    throw Error{Exit::io_error,
                fmt::format("{}: {:.0f} MB are free, {:.0f} MB are needed",
                            folder.empty() ? "." : folder.string(), free / 1e6, needed / 1e6),
                "make room or lower --min-free; what was fetched is kept"};
}

void DownloadItem::add_resume_headers() {
    asked_from_ = -1;
    overlap_left_ = 0;
    std::string etag = part_->etag();
    if (!job_.etag.empty()) etag = job_.etag;
    if (part_->have() > 0) {
        if (part_->total() == part_->have() && part_->total() > 0) {
            asked_from_ = part_->have() - 1;  // complete but for the proof: ask for the last byte
            overlap_left_ = 1;
        } else if (!job_.checksums.empty()) {
            asked_from_ = part_->have();
        } else if (is_strong(etag)) {
            overlap_left_ = std::min(part_->have(), kOverlapBytes);
            asked_from_ = part_->have() - overlap_left_;
        } else {
            part_->restart();
        }
    }
    if (asked_from_ > 0) {
        set_header(request_.headers, "Range", fmt::format("bytes={}-", asked_from_));
        if (is_strong(etag))
            set_header(request_.headers, job_.if_match ? "If-Match" : "If-Range", etag);
    } else {
        asked_from_ = -1;
        overlap_left_ = 0;
        if (part_->have() > 0) part_->restart();
        if (job_.if_match && is_strong(job_.etag))
            set_header(request_.headers, "If-Match", job_.etag);
    }
}

void DownloadItem::start(CURL* handle) {
    request_ = job_.request;
    request_.url = url_;
    set_header(request_.headers, "Accept-Encoding", "identity");
    add_resume_headers();
    if (job_.authorizer != nullptr) job_.authorizer->authorize(request_);
    answer_ = {};
    body_ = Body::ignored;
    stop_.reset();
    stop_retry_.clear();
    ++result_.requests;
    had_ = part_->have();
    transfer_ = std::make_unique<Transfer>(handle, request_, client_.transport(), *this);
}

bool DownloadItem::on_headers(int status, const Headers& headers) {
    answer_.status = status;
    answer_.headers = headers;
    try {
        forget_opaque_etag(headers);
        if (status == 200) return on_full(headers);
        if (status == 206) return on_partial(headers);
    } catch (const Error& error) {
        stop_ = error;
        return false;
    }
    body_ = Body::refusal;
    return true;
}

bool DownloadItem::on_full(const Headers& headers) {
    const std::string_view type = find_header(headers, "Content-Type");
    if (!job_.html_is_data && type.starts_with("text/html")) throw login_page(name());
    if (part_->have() > 0) {
        log_info("{}: the server starts over", name());
        part_->restart();
    }
    overlap_left_ = 0;
    const auto length = to_int(find_header(headers, "Content-Length")).value_or(-1);
    if (length < 0 && job_.checksums.empty() && !job_.validate)
        throw Error{Exit::bad_input, name() + ": neither length nor checksum is known"};
    if (job_.bytes >= 0 && length >= 0 && length != job_.bytes) {
        if (job_.bytes_are_law) {
            stop_retry_ = fmt::format("{} bytes are offered instead of {}", length, job_.bytes);
            return false;
        }
        log_info("{}: {} bytes instead of the {} of the catalogue", name(), length, job_.bytes);
    }
    if (length > 0) check_disk(length);
    part_->describe(std::string(find_header(headers, "ETag")), length);
    resumed_from_ = 0;
    body_ = Body::content;
    return true;
}

// Under keys of KMS or of the customer an ETag of S3 looks like an MD5 and is none.
void DownloadItem::forget_opaque_etag(const Headers& headers) {
    const bool opaque =
        find_header(headers, "x-amz-server-side-encryption").starts_with("aws:kms") ||
        !find_header(headers, "x-amz-server-side-encryption-customer-algorithm").empty();
    if (!opaque) return;
    std::erase_if(job_.checksums, [this](const Checksum& sum) {
        return sum.kind == fs::DigestKind::md5 && '"' + sum.hex + '"' == job_.etag;
    });
}

bool DownloadItem::begin_over(const std::string& why) {
    part_->restart();
    stop_retry_ = why;
    return false;
}

bool DownloadItem::on_partial(const Headers& headers) {
    const auto range = parse_content_range(find_header(headers, "Content-Range"));
    if (asked_from_ < 0 || !range || range->first != asked_from_)
        return begin_over("the server sends another range than asked for");
    if (part_->total() >= 0 && range->total >= 0 && range->total != part_->total())
        return begin_over("the file has another length now");
    const std::string_view etag = find_header(headers, "ETag");
    if (!etag.empty() && !part_->etag().empty() && etag != part_->etag())
        return begin_over("the file is another one now");
    if (range->total > 0) check_disk(range->total);
    if (part_->total() < 0 && range->total >= 0) part_->describe(part_->etag(), range->total);
    body_ = overlap_left_ > 0 ? Body::overlap : Body::content;
    return true;
}

bool DownloadItem::on_data(std::string_view data) {
    try {
        switch (body_) {
            case Body::ignored:
                return true;
            case Body::refusal:
                answer_.body.append(data.substr(
                    0, kLongestRefusal - std::min(kLongestRefusal, answer_.body.size())));
                return true;
            case Body::overlap: {
                const auto size = std::min(data.size(), static_cast<std::size_t>(overlap_left_));
                if (part_->read(part_->have() - overlap_left_, size) != data.substr(0, size))
                    return begin_over("the file has another content now");
                overlap_left_ -= static_cast<std::int64_t>(size);
                data.remove_prefix(size);
                if (overlap_left_ == 0) body_ = Body::content;
                break;
            }
            case Body::content:
                break;
        }
        if (part_->have() == 0 && !job_.html_is_data && looks_like_html(data))
            throw login_page(name());
        result_.transferred += static_cast<std::int64_t>(data.size());
        part_->append(data);
        return true;
    } catch (const Error& error) {
        stop_ = error;
        return false;
    }
}

}  // namespace hls::net
