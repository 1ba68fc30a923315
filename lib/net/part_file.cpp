// SPDX-License-Identifier: Apache-2.0
#include "net/part_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/cancel.hpp"
#include "core/error.hpp"

namespace hls::net {
namespace {

// Below this, fetching again costs less than remembering.
constexpr std::int64_t kWorthResuming = 1 << 20;
constexpr std::size_t kReadBytes = 1 << 20;

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
    path += suffix;
    return path;
}

}  // namespace

PartFile::PartFile(std::filesystem::path target, std::string identity,
                   const std::vector<fs::DigestKind>& digests)
    : target_(std::move(target)),
      part_(with_suffix(target_, ".part")),
      state_(with_suffix(target_, ".part.json")),
      identity_(std::move(identity)),
      kinds_(digests) {
    open_and_lock();
    load_state();
}

void PartFile::open_and_lock() {
    std::error_code error;
    if (target_.has_parent_path())
        std::filesystem::create_directories(target_.parent_path(), error);
    const auto fail = [&](int code) {
        throw Error{Exit::cannot_create,
                    fmt::format("{}: {}", part_.string(), std::strerror(code))};
    };
    while (true) {
        descriptor_ = ::open(part_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (descriptor_ < 0) fail(errno);
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
            ::close(descriptor_);
            descriptor_ = -1;
            throw Error{Exit::temporary, target_.string() + ": another process fetches it"};
        }
        // Its former owner may have renamed it between our open and our lock.
        struct stat mine {
        }, named{};
        if (::fstat(descriptor_, &mine) == 0 && ::stat(part_.c_str(), &named) == 0 &&
            mine.st_ino == named.st_ino && mine.st_dev == named.st_dev) {
            have_ = mine.st_size;
            return;
        }
        ::close(descriptor_);
    }
}

void PartFile::load_state() {
    std::ifstream in(state_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto json = nlohmann::json::parse(text, nullptr, false);
    has_state_ = in.is_open();
    const bool ours = json.is_object() && json.value("identity", nlohmann::json()) == identity_ &&
                      json.contains("etag") && json["etag"].is_string() && json.contains("total") &&
                      json["total"].is_number_integer();
    if (!ours) {
        restart();
        return;
    }
    etag_ = json["etag"];
    total_ = json["total"];
    if (total_ >= 0 && have_ > total_) restart();
}

std::int64_t PartFile::bytes_on_disk(const std::filesystem::path& target) {
    struct stat status {};
    if (::stat(with_suffix(target, ".part").c_str(), &status) != 0) return 0;
    return std::int64_t{status.st_blocks} * 512;
}

PartFile::~PartFile() {
    if (descriptor_ < 0) return;
    if (!done_ && have_ == 0) discard();
    ::close(descriptor_);
}

std::string PartFile::read(std::int64_t offset, std::size_t size) const {
    std::string text(size, '\0');
    const auto got = ::pread(descriptor_, text.data(), size, offset);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

void PartFile::describe(const std::string& etag, std::int64_t total) {
    etag_ = etag;
    total_ = total;
    if (total >= 0 && total < kWorthResuming) return;
    const nlohmann::json json{{"identity", identity_}, {"etag", etag}, {"total", total}};
    const auto temporary = with_suffix(state_, ".tmp");
    std::ofstream(temporary, std::ios::binary) << json.dump() << '\n';
    std::error_code error;
    std::filesystem::rename(temporary, state_, error);
    has_state_ = true;
    // Room for all of it now, rather than a full disk at the end.
    if (total > have_ && ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, total) != 0 &&
        (errno == ENOSPC || errno == EDQUOT))
        throw Error{Exit::io_error, target_.string() + ": the disk is full",
                    "what was fetched is kept; run again when there is room"};
}

void PartFile::hash_what_is_there() {
    hashed_ = true;
    for (const auto kind : kinds_) digests_.insert_or_assign(kind, fs::Digest(kind));
    std::string buffer(kReadBytes, '\0');
    for (std::int64_t at = 0; at < have_;) {
        throw_if_cancelled();
        const auto wanted =
            std::min<std::int64_t>(have_ - at, static_cast<std::int64_t>(kReadBytes));
        const auto got = ::pread(descriptor_, buffer.data(), static_cast<std::size_t>(wanted), at);
        if (got <= 0) throw Error{Exit::io_error, part_.string() + ": cannot be read"};
        for (auto& [kind, digest] : digests_)
            digest.update(buffer.data(), static_cast<std::size_t>(got));
        at += got;
    }
}

void PartFile::append(std::string_view data) {
    if (!hashed_) hash_what_is_there();
    for (auto& [kind, digest] : digests_) digest.update(data);
    while (!data.empty()) {
        const auto written = ::pwrite(descriptor_, data.data(), data.size(), have_);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            const int code = errno;
            hashed_ = false;  // the digests ran ahead of the file
            if (code == ENOSPC || code == EDQUOT)
                throw Error{Exit::io_error, target_.string() + ": the disk is full",
                            "what was fetched is kept; run again when there is room"};
            throw Error{Exit::io_error, fmt::format("{}: {}", part_.string(), std::strerror(code))};
        }
        have_ += written;
        data.remove_prefix(static_cast<std::size_t>(written));
    }
}

void PartFile::restart() {
    if (have_ > 0 && ::ftruncate(descriptor_, 0) != 0)
        throw Error{Exit::io_error, part_.string() + ": cannot be emptied"};
    have_ = 0;
    total_ = -1;
    etag_.clear();
    hashed_ = false;
}

std::string PartFile::digest(fs::DigestKind kind) {
    if (!hashed_) hash_what_is_there();
    if (const auto known = results_.find(kind); known != results_.end()) return known->second;
    return results_[kind] = digests_.at(kind).hex();
}

void PartFile::sync() const {
    if (::fsync(descriptor_) != 0)
        throw Error{Exit::io_error, part_.string() + ": cannot be written to disk"};
}

void PartFile::rename_to_target() {
    if (::rename(part_.c_str(), target_.c_str()) != 0)
        throw Error{Exit::cannot_create,
                    fmt::format("{}: {}", target_.string(), std::strerror(errno))};
    done_ = true;
    if (has_state_) ::unlink(state_.c_str());
}

void PartFile::discard() {
    ::unlink(part_.c_str());
    if (has_state_) ::unlink(state_.c_str());
    done_ = true;
}

}  // namespace hls::net
