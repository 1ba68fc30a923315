// SPDX-License-Identifier: Apache-2.0
#include "fetch/get_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/error.hpp"

namespace hls::fetch {
namespace {

bool is_md5(const std::string& etag) {
    return etag.size() == 32 && etag.find_first_not_of("0123456789abcdef") == std::string::npos;
}

struct Item {
    net::S3Object object;
    std::string name;  // below the folder; that of the file for a single object
};

std::string last_part(std::string key) {
    while (key.ends_with('/')) key.pop_back();
    return key.substr(key.rfind('/') + 1);
}

// Data, then metadata, then what says that all is there.
int rank(const std::string& name, const std::string& folder) {
    if (name == folder + ".json") return 2;
    return name.ends_with(".json") ? 1 : 0;
}

std::vector<Item> items_of(net::S3Client& s3, const net::S3Uri& source, const std::string& folder) {
    if (!source.key.empty() && !source.key.ends_with('/'))
        if (auto object = s3.head(source)) return {{*std::move(object), folder}};
    net::S3Uri prefix = source;
    if (!prefix.key.empty() && !prefix.key.ends_with('/')) prefix.key += '/';
    std::vector<Item> items;
    for (auto& object : s3.list(prefix).objects) {
        std::string name = object.key.substr(prefix.key.size());
        if (name.empty() || name.ends_with('/')) continue;  // what consoles leave for folders
        net::require_safe_key(name);
        items.push_back({std::move(object), std::move(name)});
    }
    std::ranges::sort(items, {}, [&](const Item& item) {
        return std::tuple(rank(item.name, folder), item.name);
    });
    return items;
}

}  // namespace

ObjectsResult get_objects(net::HttpClient& client, net::S3Client& s3, const net::S3Uri& source,
                          const GetOptions& options) {
    const std::string folder = last_part(source.key.empty() ? source.bucket : source.key);
    net::require_safe_key(folder);
    const auto items = items_of(s3, source, folder);
    if (items.empty()) throw Error{Exit::missing_input, net::to_string(source) + ": nothing there"};
    ObjectsResult result{options.folder / folder, static_cast<int>(items.size()), 0, "exists"};
    const bool single = items.size() == 1 && items.front().object.key == source.key;
    const auto download_of = [&](const Item& item) {
        net::Download download;
        const net::S3Uri uri{source.bucket, item.object.key};
        download.identity = item.object.key;
        download.request = s3.request("GET", uri);
        download.authorizer = &s3.authorizer(source.bucket);
        download.target = single ? result.local : result.local / item.name;
        download.bytes = item.object.bytes;
        download.html_is_data = true;
        if (!item.object.etag.empty()) download.etag = '"' + item.object.etag + '"';
        download.if_match = true;
        if (is_md5(item.object.etag))
            download.checksums = {{fs::DigestKind::md5, item.object.etag}};
        return download;
    };
    net::Downloader downloader(client, options.download);
    // Rank by rank: nothing of a higher one is seen before all of the lower ones are there.
    for (auto at = items.begin(); at != items.end();) {
        const int now = rank(at->name, folder);
        std::vector<net::Download> downloads;
        for (; at != items.end() && rank(at->name, folder) == now; ++at)
            downloads.push_back(download_of(*at));
        for (const auto& done : downloader.run(std::move(downloads))) {
            if (done.exit != Exit::ok) throw Error{done.exit, done.message, done.hint};
            if (done.action != net::DownloadAction::exists) result.action = "fetched";
            result.bytes += done.bytes;
        }
    }
    return result;
}

}  // namespace hls::fetch
