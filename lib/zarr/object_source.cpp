// SPDX-License-Identifier: Apache-2.0
#include "zarr/object_source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/error.hpp"
#include "zarr/local_store.hpp"

namespace hls::zarr {
namespace {

class FolderSource final : public ObjectSource {
 public:
    explicit FolderSource(const std::string& root)
        : root_(std::filesystem::absolute(root).lexically_normal().string()) {}

    std::string location_of(std::string_view key) const override {
        return (std::filesystem::path(root_) / key).string();
    }

    std::optional<ObjectState> head(const std::string& location) const override {
        struct stat status {};
        if (::stat(location.c_str(), &status) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) return nothing();
            throw Error{errno == EACCES ? Exit::permission : Exit::io_error,
                        fmt::format("cannot look at {}: {}", location, std::strerror(errno))};
        }
        if (!S_ISREG(status.st_mode)) return std::nullopt;
        // Modification and change time in nanoseconds: a copy that keeps the former is seen too.
        const auto& modified = status.st_mtim;
        const auto& changed = status.st_ctim;
        ObjectState state;
        state.etag = fmt::format("{:x}-{:x}.{:x}-{:x}.{:x}", status.st_size, modified.tv_sec,
                                 modified.tv_nsec, changed.tv_sec, changed.tv_nsec);
        state.bytes = static_cast<std::uint64_t>(status.st_size);
        state.modified = UtcTime{std::chrono::seconds{modified.tv_sec} +
                                 std::chrono::microseconds{modified.tv_nsec / 1000}};
        return state;
    }

    std::vector<std::string> list(std::string_view prefix) const override {
        std::vector<std::string> keys;
        for (const ObjectInfo& object : LocalStore(root_).list(prefix)) keys.push_back(object.key);
        return keys;
    }

 private:
    // A folder that is not there, for want of a mount, is no reason to clear a store.
    std::optional<ObjectState> nothing() const {
        std::error_code error;
        if (!std::filesystem::is_directory(root_, error))
            throw Error{Exit::missing_input, fmt::format("no folder {}", root_),
                        "the source of the collection must be there"};
        return std::nullopt;
    }

    std::string root_;
};

}  // namespace

std::unique_ptr<ObjectSource> folder_source(const std::string& root) {
    return std::make_unique<FolderSource>(root);
}

std::string key_of_file(const std::string& root, const std::string& file) {
    const std::filesystem::path path(file);
    if (file.starts_with("s3://")) {
        const std::string folder = root.ends_with('/') ? root : root + "/";
        if (file.starts_with(folder)) return file.substr(folder.size());
        return path.filename().string();
    }
    if (!root.empty() && !root.starts_with("s3://")) {
        const auto below = std::filesystem::absolute(path).lexically_normal().lexically_relative(
            std::filesystem::absolute(root).lexically_normal());
        if (!below.empty() && *below.begin() != "..") return below.string();
    }
    return path.filename().string();
}

}  // namespace hls::zarr
