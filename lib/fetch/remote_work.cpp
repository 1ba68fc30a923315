// SPDX-License-Identifier: Apache-2.0
#include "fetch/remote_work.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "fetch/bucket_files.hpp"
#include "fs/digest.hpp"

namespace hls::fetch {
namespace {

std::string without_slash(std::string name) {
    while (name.ends_with('/')) name.pop_back();
    return name;
}

}  // namespace

RemoteWork::RemoteWork(std::string agent, std::filesystem::path parent)
    : agent_(std::move(agent)), parent_(std::move(parent)) {}

net::S3Client& RemoteWork::s3() {
    if (!s3_) {
        http_ = std::make_unique<net::HttpClient>(agent_);
        s3_ = std::make_unique<net::S3Client>(*http_);
    }
    return *s3_;
}

const std::filesystem::path& RemoteWork::folder() {
    if (!work_) work_ = std::make_unique<WorkFolder>(parent_);
    return work_->path();
}

std::string RemoteWork::input(const std::string& given) {
    if (!net::is_s3_uri(given)) return given;
    // A folder of its own: two inputs may have the same last name.
    const auto home = folder() / fmt::format("in{}", names_.size());
    auto& client = s3();
    const auto local = fetch_input(*http_, client, given, home).string();
    names_.emplace_back(local, without_slash(given));
    return local;
}

std::string RemoteWork::output(const std::string& given) {
    if (!net::is_s3_uri(given)) return given;
    target_ = net::parse_s3_uri(without_slash(given));
    const auto local = (folder() / "out").string();
    names_.emplace_back(local, net::to_string(*target_));
    return local;
}

std::string RemoteWork::product_name(const std::string& granule) {
    std::string name = without_slash(granule);
    name.erase(0, name.rfind('/') + 1);
    for (const std::string_view ending : {".tar", ".zip", ".SAFE"})
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    return name;
}

bool RemoteWork::should_make(const std::string& manifest, const std::filesystem::path& local,
                             bool skip_existing, bool overwrite) {
    if (!sends()) return !skip_existing || !std::filesystem::exists(local);
    const net::S3Uri object{target_->bucket,
                            target_->key.empty() ? manifest : target_->key + '/' + manifest};
    if (overwrite || !s3().head(object)) return true;
    if (skip_existing) return false;
    throw Error{Exit::cannot_create, "output exists: " + net::to_string(object),
                "use --overwrite to replace it or --skip-existing to keep it"};
}

std::vector<PutFile> RemoteWork::publish(const std::string& manifest, bool overwrite) {
    PutJob job;
    job.folder = folder() / "out";
    job.target = *target_;
    job.manifest = manifest;
    job.if_exists = overwrite ? IfUploaded::replace : IfUploaded::fail;
    job.keep_equal = true;
    auto files = put_folder(s3(), job);
    for (auto& file : files) file.name = net::to_string(job.target) + '/' + file.name;
    return files;
}

std::vector<PutFile> RemoteWork::deliver(const std::string& manifest, bool overwrite,
                                         const std::vector<std::filesystem::path>& files,
                                         int threads) {
    if (sends()) return publish(manifest, overwrite);
    std::vector<PutFile> delivered(files.size());
    parallel_for(files.size(), threads, [&](std::size_t i) {
        delivered[i] = {.name = files[i].string(),
                        .bytes = static_cast<std::int64_t>(std::filesystem::file_size(files[i])),
                        .sha256 = fs::digest_of_file(fs::DigestKind::sha256, files[i])};
    });
    return delivered;
}

std::string RemoteWork::shown(std::string text) const {
    for (const auto& [local, name] : names_)
        if (const auto at = text.find(local); at != std::string::npos)
            text.replace(at, local.size(), name);
    return text;
}

}  // namespace hls::fetch
