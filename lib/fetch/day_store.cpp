// SPDX-License-Identifier: Apache-2.0
#include "fetch/day_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/error.hpp"
#include "fetch/bucket_files.hpp"
#include "fetch/work_folder.hpp"
#include "fs/atomic_output.hpp"
#include "fs/digest.hpp"
#include "fs/file_lock.hpp"
#include "fs/read_text.hpp"

namespace hls::fetch {
namespace {

namespace stdfs = std::filesystem;

constexpr std::size_t kMostText = 1 << 20;

class FolderStore : public DayStore {
 public:
    explicit FolderStore(stdfs::path folder) : folder_(std::move(folder)) {}

    std::string place() const override { return folder_.string(); }

    std::map<std::string, std::int64_t> list(const std::string& folder) override {
        std::map<std::string, std::int64_t> files;
        std::error_code absent;
        for (const auto& entry : stdfs::directory_iterator(folder_ / folder, absent)) {
            const std::string name = entry.path().filename().string();
            std::error_code gone;
            const auto bytes = entry.file_size(gone);
            if (!gone && entry.is_regular_file(gone) && !name.starts_with('.'))
                files[name] = static_cast<std::int64_t>(bytes);
        }
        return files;
    }

    std::vector<std::string> folders(const std::string& folder) override {
        std::vector<std::string> names;
        std::error_code absent;
        for (const auto& entry : stdfs::directory_iterator(folder_ / folder, absent))
            if (entry.is_directory() && !entry.path().filename().string().starts_with('.'))
                names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }

    std::optional<std::string> read(const std::string& name) override {
        if (!stdfs::exists(folder_ / name)) return std::nullopt;
        return fs::read_text(folder_ / name, kMostText);
    }

    std::optional<stdfs::path> local(const std::string& name) override {
        if (!stdfs::exists(folder_ / name)) return std::nullopt;
        return folder_ / name;
    }
    void release(const std::string&) override {}

    void publish(const std::string& name, const std::function<void(const stdfs::path&)>& make,
                 const std::function<std::string()>&) override {
        fs::AtomicFile file(folder_ / name, fs::IfExists::replace);
        make(file.temporary());
        file.commit();
    }

    std::string known_sha256(const std::string&) override { return {}; }

    void remove(const std::string& name) override {
        std::error_code error;
        stdfs::remove(folder_ / name, error);
        if (error)
            throw Error{Exit::cannot_create,
                        fmt::format("cannot remove {}: {}", full_name(name), error.message())};
    }

    stdfs::path incoming() override {
        const auto folder = folder_ / "LADS" / ".incoming";
        std::error_code error;
        stdfs::create_directories(folder, error);
        if (error)
            throw Error{Exit::cannot_create, fmt::format("cannot create folder {}: {}",
                                                         folder.string(), error.message())};
        return folder;
    }

    std::shared_ptr<void> lock() override {
        return std::make_shared<fs::FileLock>(folder_ / "LADS" / ".lock");
    }

 private:
    stdfs::path folder_;
};

class BucketStore : public DayStore {
 public:
    BucketStore(const std::string& place, net::HttpClient& client)
        : client_(client), s3_(client), at_(net::parse_s3_uri(place)) {
        while (at_.key.ends_with('/')) at_.key.pop_back();
    }

    std::string place() const override { return net::to_string(at_); }

    std::map<std::string, std::int64_t> list(const std::string& folder) override {
        const net::S3Uri prefix = object(folder + '/');
        std::map<std::string, std::int64_t> files;
        for (const auto& found : s3_.list(prefix, "/").objects)
            files[found.key.substr(prefix.key.size())] = found.bytes;
        return files;
    }

    std::vector<std::string> folders(const std::string& folder) override {
        const net::S3Uri prefix = object(folder + '/');
        std::vector<std::string> names;
        for (const auto& found : s3_.list(prefix, "/").prefixes)
            names.push_back(found.substr(prefix.key.size(), found.size() - prefix.key.size() - 1));
        return names;
    }

    std::optional<std::string> read(const std::string& name) override {
        return s3_.try_get(object(name), {}, kMostText);
    }

    std::optional<stdfs::path> local(const std::string& name) override {
        if (const auto it = fetched_.find(name); it != fetched_.end()) return it->second;
        const auto found = s3_.head(object(name));
        if (!found) return std::nullopt;
        const auto target = work_.path() / fmt::format("{}.copy{}", copies_++,
                                                       stdfs::path(name).extension().string());
        fetch_object(client_, s3_, at_.bucket,
                     {object(name).key, found->bytes, found->etag, {}, {}}, target);
        fetched_[name] = target;
        return target;
    }
    void release(const std::string& name) override {
        const auto it = fetched_.find(name);
        if (it == fetched_.end()) return;
        stdfs::remove(it->second);
        fetched_.erase(it);
    }

    void publish(const std::string& name, const std::function<void(const stdfs::path&)>& make,
                 const std::function<std::string()>& sha256) override {
        const auto made = fs::temporary_name(work_.path() / "made");
        make(made);
        net::PutOptions options;
        if (sha256) options.sha256 = sha256();
        if (name.ends_with(".json")) options.content_type = "application/json";
        s3_.put_file(object(name), made, options);
        stdfs::remove(made);
        release(name);
    }

    std::string known_sha256(const std::string& name) override {
        const auto found = s3_.head(object(name));
        return found ? std::string(net::find_header(found->metadata, "sha256")) : std::string();
    }

    void remove(const std::string& name) override { s3_.remove(object(name)); }
    stdfs::path incoming() override { return work_.path(); }
    // Objects are replaced as a whole; who publishes looks again (publish_day()).
    std::shared_ptr<void> lock() override { return nullptr; }

 private:
    net::S3Uri object(const std::string& name) const {
        return {at_.bucket, at_.key.empty() ? name : at_.key + '/' + name};
    }

    net::HttpClient& client_;
    net::S3Client s3_;
    net::S3Uri at_;
    WorkFolder work_;
    std::map<std::string, stdfs::path> fetched_;
    int copies_ = 0;
};

}  // namespace

std::string DayStore::full_name(const std::string& name) const {
    return place() + '/' + name;
}

void DayStore::write(const std::string& name, const std::string& text) {
    publish(
        name,
        [&](const stdfs::path& path) {
            std::ofstream out(path, std::ios::binary);
            out << text << '\n';
            out.close();
            if (!out)
                throw Error{Exit::io_error, "cannot write " + full_name(name), "is the disk full?"};
        },
        {});
}

std::unique_ptr<DayStore> open_day_store(const std::string& place, net::HttpClient& client) {
    if (net::is_s3_uri(place)) return std::make_unique<BucketStore>(place, client);
    return std::make_unique<FolderStore>(place);
}

}  // namespace hls::fetch
