// SPDX-License-Identifier: Apache-2.0
#include "fetch/put.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/parallel.hpp"
#include "fs/digest.hpp"

namespace hls::fetch {
namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 7> kTypes{
    {{".tif", "image/tiff"},
     {".jp2", "image/jp2"},
     {".jpg", "image/jpeg"},
     {".json", "application/json"},
     {".xml", "application/xml"},
     {".txt", "text/plain"},
     {".zip", "application/zip"}}};

const char* content_type(const std::string& name) {
    for (const auto& [ending, type] : kTypes)
        if (name.ends_with(ending)) return type;
    return "application/octet-stream";
}

// Data before metadata: who lists the prefix meanwhile finds no description without its data.
int rank(const std::string& name) {
    if (name.ends_with(".tif") || name.ends_with(".jp2")) return 0;
    return name.ends_with(".json") ? 2 : 1;
}

net::S3Uri object_of(const PutJob& job, const std::string& name) {
    std::string key = job.target.key;
    if (!key.empty() && !key.ends_with('/')) key += '/';
    return {job.target.bucket, key + name};
}

PutFile put_one(net::S3Client& s3, const PutJob& job, const std::string& name, bool is_manifest) {
    const bool only_if_absent = is_manifest && job.if_exists == IfUploaded::fail;
    const auto path = job.folder / name;
    PutFile file{name, static_cast<std::int64_t>(std::filesystem::file_size(path)),
                 fs::digest_of_file(fs::DigestKind::sha256, path)};
    const net::S3Uri object = object_of(job, name);
    if (job.if_exists == IfUploaded::skip || (job.keep_equal && !is_manifest)) {
        const auto present = s3.head(object);
        if (present && present->bytes == file.bytes &&
            net::find_header(present->metadata, "sha256") == file.sha256) {
            file.skipped = true;
            return file;
        }
    }
    net::PutOptions options;
    options.content_type = content_type(name);
    options.sha256 = file.sha256;
    if (only_if_absent) options.condition = net::PutCondition::if_absent();
    if (!s3.put_file(object, path, options).written)
        throw Error{Exit::cannot_create, to_string(object) + " exists",
                    "--if-exists skip or replace"};
    return file;
}

}  // namespace

std::vector<std::string> upload_order(const std::filesystem::path& folder,
                                      const std::string& manifest) {
    if (!std::filesystem::is_directory(folder))
        throw Error{Exit::missing_input, folder.string() + ": no such folder"};
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().lexically_relative(folder).generic_string();
        const std::string base = entry.path().filename().string();
        if (entry.is_symlink()) log_warning("{}: a link, not sent", entry.path().string());
        if (entry.is_symlink() || !entry.is_regular_file() || base.starts_with('.') ||
            base.ends_with(".run.json"))
            continue;
        names.push_back(name);
    }
    std::string last = manifest;
    if (last.empty()) {
        auto clean = std::filesystem::absolute(folder).lexically_normal();
        if (!clean.has_filename()) clean = clean.parent_path();
        last = clean.filename().string() + ".json";
    } else if (std::find(names.begin(), names.end(), last) == names.end()) {
        throw Error{Exit::missing_input, fmt::format("{}: no {} in it", folder.string(), last)};
    }
    if (names.empty()) throw Error{Exit::empty, folder.string() + ": no file to send"};
    std::sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
        return std::tuple(a == last, rank(a), a) < std::tuple(b == last, rank(b), b);
    });
    return names;
}

std::vector<PutFile> put_folder(net::S3Client& s3, const PutJob& job) {
    const auto names = upload_order(job.folder, job.manifest);
    const net::S3Uri last = object_of(job, names.back());
    if (job.if_exists == IfUploaded::fail && s3.head(last))
        throw Error{Exit::cannot_create, to_string(last) + " exists",
                    "--if-exists skip or replace"};
    std::vector<PutFile> files(names.size());
    parallel_for(names.size() - 1, job.parallel, [&](std::size_t i) {
        // What a broken upload left is overwritten: without its manifest it is nothing yet.
        files[i] = put_one(s3, job, names[i], false);
    });
    files.back() = put_one(s3, job, names.back(), true);
    return files;
}

}  // namespace hls::fetch
