// SPDX-License-Identifier: Apache-2.0
#include "fetch/bucket_files.hpp"

#include <vector>

#include "core/error.hpp"
#include "net/download.hpp"

namespace hls::fetch {
namespace {

net::Download download_of(net::S3Client& s3, const std::string& bucket, const net::S3Object& object,
                          const std::filesystem::path& target) {
    net::Download download;
    download.identity = bucket + '/' + object.key;
    download.request = s3.request("GET", {bucket, object.key});
    download.authorizer = &s3.authorizer(bucket);
    download.target = target;
    download.bytes = object.bytes;
    download.html_is_data = true;
    if (!object.etag.empty()) {
        download.etag = '"' + object.etag + '"';
        download.if_match = true;
        const bool md5 = object.etag.size() == 32 &&
                         object.etag.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (md5) download.checksums = {{fs::DigestKind::md5, object.etag}};
    }
    return download;
}

void fetch_all(net::HttpClient& client, std::vector<net::Download> downloads) {
    net::DownloadOptions options;
    options.jobs = 8;
    options.min_free_bytes = 0;
    for (const auto& result : net::Downloader(client, options).run(std::move(downloads)))
        if (result.exit != Exit::ok) throw Error{result.exit, result.message, result.hint};
}

}  // namespace

void fetch_object(net::HttpClient& client, net::S3Client& s3, const std::string& bucket,
                  const net::S3Object& object, const std::filesystem::path& target) {
    fetch_all(client, {download_of(s3, bucket, object, target)});
}

std::filesystem::path fetch_input(net::HttpClient& client, net::S3Client& s3,
                                  const std::string& uri, const std::filesystem::path& folder) {
    net::S3Uri at = net::parse_s3_uri(uri);
    while (at.key.ends_with('/')) at.key.pop_back();
    if (at.key.empty()) throw Error{Exit::usage, uri + ": no object or prefix is named"};
    net::require_safe_key(at.key);
    const auto target = folder / at.key.substr(at.key.rfind('/') + 1);
    if (const auto object = s3.head(at)) {
        fetch_object(client, s3, at.bucket, {at.key, object->bytes, object->etag, {}, {}}, target);
        return target;
    }
    std::vector<net::Download> downloads;
    const std::string prefix = at.key + '/';
    for (const auto& object : s3.list({at.bucket, prefix}).objects) {
        const std::string name = object.key.substr(prefix.size());
        if (name.empty() || name.ends_with('/')) continue;  // the mark of a folder
        net::require_safe_key(name);
        downloads.push_back(download_of(s3, at.bucket, object, target / name));
    }
    if (downloads.empty()) throw Error{Exit::missing_input, uri + ": no such object or prefix"};
    fetch_all(client, std::move(downloads));
    return target;
}

}  // namespace hls::fetch
