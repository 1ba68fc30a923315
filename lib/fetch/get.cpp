// SPDX-License-Identifier: Apache-2.0
#include "fetch/get.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/cancel.hpp"
#include "core/time.hpp"
#include "fetch/get_from.hpp"
#include "fetch/safe_product.hpp"

namespace hls::fetch {
namespace {

bool is_hex(const std::string& text, std::size_t length) {
    return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

using GetFrom = void (*)(const GetRun&);

GetFrom source_of(const GranuleRecord& record, GetSource wanted) {
    const bool landsat = record.mission == "LS";
    const auto refuse = [&](const char* what) {
        throw Error{Exit::usage, fmt::format("{}: {}", record.id, what),
                    "--source cdse, eodata or aws for Sentinel-2, usgs for Landsat"};
    };
    if (landsat && wanted != GetSource::automatic && wanted != GetSource::usgs)
        refuse("that source has no Landsat scenes");
    if (!landsat && wanted == GetSource::usgs) refuse("USGS has no Sentinel-2 products");
    switch (wanted) {
        case GetSource::cdse:
            return get_cdse_zip;
        case GetSource::eodata:
            return get_eodata;
        case GetSource::aws:
            return get_aws_tile;
        case GetSource::usgs:
            return get_landsat;
        case GetSource::automatic:
            break;
    }
    for (const auto& url : record.urls)
        if (record.source == "local" && url.rel == "zip" && net::is_s3_uri(url.href))
            return get_announced_archive;
    if (landsat) return get_landsat;
    return record.source == "aws-s2" || record.source == "earthsearch" ? get_aws_tile
                                                                       : get_cdse_zip;
}

net::Download download_of(const GetRun& run, net::S3Client& s3, const std::string& bucket,
                          const ProductFile& file) {
    net::Download download;
    download.identity = file.object.key;
    download.request = s3.request("GET", {bucket, file.object.key});
    download.authorizer = &s3.authorizer(bucket);
    download.target = run.result.local / file.name;
    download.bytes = file.object.bytes;
    download.etag = '"' + file.object.etag + '"';
    download.if_match = true;
    download.checksums = file.sums;
    if (is_hex(file.object.etag, 32))
        download.checksums.push_back({fs::DigestKind::md5, file.object.etag});
    if (file.name.ends_with(".jp2")) download.validate = require_whole_jp2;
    return download;
}

}  // namespace

Getter::Getter(net::HttpClient& client, GetOptions options)
    : client_(client), options_(std::move(options)), sources_(std::make_unique<Sources>(client)) {}

Getter::~Getter() = default;

GetResult Getter::get(GranuleRecord record) {
    GetResult result;
    const auto began = std::chrono::steady_clock::now();
    result.record = std::move(record);
    result.action = "fetched";
    try {
        source_of(result.record, options_.source)({client_, *sources_, options_, result});
    } catch (const Error& error) {
        throw_if_cancelled();
        result.action = "failed";
        result.exit = error.code;
        result.message = error.message;
        result.hint = error.hint;
    }
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return result;
}

void take_over(GetResult& result, const net::DownloadResult& download) {
    result.bytes += download.bytes;
    result.requests += download.requests;
    for (const auto& check : download.verified)
        if (std::find(result.verified.begin(), result.verified.end(), check) ==
            result.verified.end())
            result.verified.push_back(check);
    if (download.exit == Exit::ok) return;
    if (download.retry_at) result.retry_at = format_utc(*download.retry_at);
    throw Error{download.exit, download.message, download.hint};
}

std::map<std::string, net::S3Object> objects_below(net::S3Client& s3, const net::S3Uri& prefix) {
    std::map<std::string, net::S3Object> objects;
    for (auto& object : s3.list(prefix).objects) {
        const std::string name = object.key.substr(prefix.key.size());
        if (name.empty() || name.ends_with('/')) continue;  // what consoles make for folders
        net::require_safe_key(name);
        objects.emplace(name, std::move(object));
    }
    return objects;
}

void not_yet_there(const std::string& id, const std::string& name) {
    throw Error{Exit::temporary, fmt::format("{}: {} is not there yet", id, name),
                "products are published file by file; try again in ten minutes"};
}

void fetch_files(const GetRun& run, net::S3Client& s3, const std::string& bucket,
                 const std::vector<ProductFile>& files, const std::string& last) {
    net::Downloader downloader(run.client, run.options.download);
    std::vector<net::Download> items, closing;
    for (const auto& file : files)
        (file.name == last ? closing : items).push_back(download_of(run, s3, bucket, file));
    bool all_there = true, resumed = false;
    for (auto* group : {&items, &closing})
        for (const auto& download : downloader.run(std::move(*group))) {
            all_there = all_there && download.action == net::DownloadAction::exists;
            resumed = resumed || download.action == net::DownloadAction::resumed;
            take_over(run.result, download);
        }
    run.result.action = all_there ? "exists" : resumed ? "resumed" : "fetched";
}

std::string to_json(const GetResult& result) {
    auto json = nlohmann::ordered_json::parse(to_json(result.record));
    if (result.exit == Exit::ok) {
        json["local"] = result.local.string();
        json["bytes"] = result.bytes;
        if (!result.sha256.empty()) json["sha256"] = result.sha256;
        json["verified"] = result.verified;
    } else {
        json["message"] = result.message;
        if (!result.hint.empty()) json["hint"] = result.hint;
        if (!result.retry_at.empty()) json["retry_at"] = result.retry_at;
    }
    json["requests"] = result.requests;
    json["secs"] = static_cast<double>(static_cast<std::int64_t>(result.seconds * 1000)) / 1000;
    json["action"] = result.action;
    json["exit"] = static_cast<int>(result.exit);
    return json.dump();
}

}  // namespace hls::fetch
