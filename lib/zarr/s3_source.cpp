// SPDX-License-Identifier: Apache-2.0
#include "zarr/s3_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <system_error>
#include <vector>

#include "core/error.hpp"
#include "core/ulid.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

// Files are fetched in parts of this size, all of one version of the object.
constexpr std::int64_t kPartBytes = std::int64_t{32} << 20;
// Copies are kept up to this size together; the oldest go first.
constexpr std::uint64_t kCopiesBytes = std::uint64_t{4} << 30;

// A folder of this process alone, which it holds locked as long as it lives.
class OwnFolder {
 public:
    // Empty: in the system's temporary folder, where nobody cleans up after a process that was
    // killed but the system.
    explicit OwnFolder(const stdfs::path& parent) {
        std::error_code error;
        if (parent.empty()) {
            std::string name = (stdfs::temp_directory_path(error) / "hls-zarr-XXXXXX").string();
            if (::mkdtemp(name.data()) == nullptr)
                throw Error{Exit::cannot_create, "cannot make a temporary folder"};
            path_ = name;
            return;
        }
        stdfs::create_directories(parent, error);
        remove_abandoned(parent);
        path_ = parent / new_ulid();
        if (!stdfs::create_directory(path_, error))
            throw Error{Exit::cannot_create,
                        fmt::format("cannot create {}: {}", path_.string(), error.message())};
        descriptor_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::flock(descriptor_, LOCK_EX | LOCK_NB);
    }
    ~OwnFolder() {
        std::error_code ignored;
        stdfs::remove_all(path_, ignored);
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    OwnFolder(const OwnFolder&) = delete;
    OwnFolder& operator=(const OwnFolder&) = delete;

    const stdfs::path& path() const { return path_; }

 private:
    // A folder that is a moment old may be between being made and being locked.
    static bool is_young(const stdfs::path& folder) {
        std::error_code error;
        const auto written = stdfs::last_write_time(folder, error);
        return error || stdfs::file_time_type::clock::now() - written < std::chrono::minutes(1);
    }

    static void remove_abandoned(const stdfs::path& parent) {
        std::error_code error;
        for (const auto& entry : stdfs::directory_iterator(parent, error)) {
            const int folder = ::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (folder < 0) continue;
            std::error_code ignored;
            if (::flock(folder, LOCK_EX | LOCK_NB) == 0 && !is_young(entry.path()))
                stdfs::remove_all(entry.path(), ignored);
            ::close(folder);
        }
    }

    stdfs::path path_;
    int descriptor_ = -1;
};

class MixedSource final : public ObjectSource {
 public:
    MixedSource(const std::string& root, std::shared_ptr<S3Session> session, stdfs::path copies)
        : files_(folder_source(net::is_s3_uri(root) || root.empty() ? "." : root)),
          session_(std::move(session)),
          parent_(std::move(copies)) {
        if (!net::is_s3_uri(root)) return;
        root_ = root;
        while (root_.ends_with('/')) root_.pop_back();
        net::parse_s3_uri(root_);
    }

    std::string location_of(std::string_view key) const override {
        return root_.empty() ? files_->location_of(key) : fmt::format("{}/{}", root_, key);
    }

    std::optional<ObjectState> head(const std::string& location) const override {
        if (!net::is_s3_uri(location)) return files_->head(location);
        const net::S3Uri uri = net::parse_s3_uri(location);
        const auto object = client().head(uri);
        if (!object) {
            require_bucket(uri.bucket);
            return std::nullopt;
        }
        ObjectState state;
        state.etag = object->etag;
        state.bytes = static_cast<std::uint64_t>(object->bytes);
        state.modified = net::parse_http_date(object->last_modified).value_or(UtcTime{});
        return state;
    }

    std::vector<std::string> list(std::string_view prefix) const override {
        if (root_.empty()) return files_->list(prefix);
        const net::S3Uri below = net::parse_s3_uri(fmt::format("{}/{}", root_, prefix));
        const std::size_t skipped = net::parse_s3_uri(root_ + "/").key.size();
        std::vector<std::string> keys;
        client().list_pages(below, {}, [&](const net::S3Listing& page) {
            for (const net::S3Object& object : page.objects)
                keys.push_back(object.key.substr(std::min(skipped, object.key.size())));
            return true;
        });
        std::ranges::sort(keys);
        return keys;
    }

    std::string readable(const std::string& location) const override {
        if (!net::is_s3_uri(location)) return location;
        const auto state = head(location);
        if (!state)
            throw Error{Exit::missing_input, fmt::format("cannot read {}: no object", location)};
        const auto copy = copy_of(location);
        const std::lock_guard guard(copy->mutex);
        if (copy->etag != state->etag) {
            copy->forget();
            make_room(state->bytes);
            fetch(net::parse_s3_uri(location), *state, *copy);
        }
        return copy->path.string();
    }

 private:
    struct Copy {
        std::mutex mutex;  // held while it is fetched
        std::string etag;
        stdfs::path path;
        std::uint64_t bytes = 0;
        std::uint64_t used = 0;

        void forget() {
            std::error_code ignored;
            if (!path.empty()) stdfs::remove_all(path.parent_path(), ignored);
            etag.clear();
            path.clear();
            bytes = 0;
        }
    };

    std::shared_ptr<Copy> copy_of(const std::string& location) const {
        const std::lock_guard guard(mutex_);
        auto& copy = copies_[location];
        if (!copy) copy = std::make_shared<Copy>();
        copy->used = ++uses_;
        if (!folder_) folder_ = std::make_unique<OwnFolder>(parent_);
        return copy;
    }

    net::S3Client& client() const {
        const std::lock_guard guard(session_mutex_);
        if (!session_) session_ = std::make_shared<S3Session>();
        return session_->client;
    }

    // A bucket that is not there is no reason to clear a store.
    void require_bucket(const std::string& bucket) const {
        {
            const std::lock_guard guard(session_mutex_);
            if (known_bucket_ == bucket) return;
        }
        try {
            client().list_pages({bucket, ""}, {}, [](const net::S3Listing&) { return false; });
        } catch (const Error& error) {
            // Without the right to list, the server says 403 for objects that are not there.
            if (error.code != Exit::permission)
                throw Error{error.code, fmt::format("no bucket {}: {}", bucket, error.message),
                            "the source of the collection must be there"};
        }
        const std::lock_guard guard(session_mutex_);
        known_bucket_ = bucket;
    }

    void fetch(const net::S3Uri& uri, const ObjectState& state, Copy& copy) const {
        const auto name = uri.key.substr(uri.key.rfind('/') + 1);
        // The name says to readers what kind of file it is; the folder keeps equal names apart.
        copy.path = folder_->path() / new_ulid() / name;
        std::error_code error;
        stdfs::create_directory(copy.path.parent_path(), error);
        std::ofstream file(copy.path, std::ios::binary);
        const auto bytes = static_cast<std::int64_t>(state.bytes);
        for (std::int64_t at = 0; at < bytes; at += kPartBytes) {
            const net::ByteRange part{at, std::min(kPartBytes, bytes - at)};
            const auto content =
                client().try_get(uri, part, static_cast<std::size_t>(part.bytes), state.etag);
            if (!content || static_cast<std::int64_t>(content->size()) != part.bytes)
                throw Error{Exit::temporary, net::to_string(uri) + ": changed while it was read",
                            "run it again"};
            file.write(content->data(), part.bytes);
        }
        if (!file.flush())
            throw Error{Exit::io_error, fmt::format("cannot write {}", copy.path.string()),
                        "free some space and run it again"};
        copy.bytes = state.bytes;
        copy.etag = state.etag;
    }

    // Files that are open stay readable when their copy goes.
    void make_room(std::uint64_t bytes) const {
        const std::lock_guard guard(mutex_);
        std::vector<std::shared_ptr<Copy>> oldest;
        std::uint64_t total = bytes;
        for (const auto& [location, copy] : copies_) {
            total += copy->bytes;
            oldest.push_back(copy);
        }
        std::ranges::sort(oldest, {}, [](const auto& copy) { return copy->used; });
        for (const auto& copy : oldest) {
            if (total <= kCopiesBytes) return;
            const std::unique_lock unused(copy->mutex, std::try_to_lock);
            if (!unused) continue;
            total -= copy->bytes;
            copy->forget();
        }
    }

    std::unique_ptr<ObjectSource> files_;
    std::string root_;  // s3://bucket/prefix without '/' at its end; empty: a folder
    mutable std::mutex session_mutex_;
    mutable std::shared_ptr<S3Session> session_;
    mutable std::string known_bucket_;
    stdfs::path parent_;
    mutable std::mutex mutex_;
    mutable std::unique_ptr<OwnFolder> folder_;
    mutable std::map<std::string, std::shared_ptr<Copy>> copies_;
    mutable std::uint64_t uses_ = 0;
};

}  // namespace

std::unique_ptr<ObjectSource> mixed_source(const std::string& root,
                                           std::shared_ptr<S3Session> session, stdfs::path copies) {
    return std::make_unique<MixedSource>(root, std::move(session), std::move(copies));
}

}  // namespace hls::zarr
