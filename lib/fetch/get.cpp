// SPDX-License-Identifier: Apache-2.0
#include "fetch/get.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "core/cancel.hpp"
#include "core/parse.hpp"
#include "core/time.hpp"
#include "fetch/json.hpp"
#include "fs/archive.hpp"
#include "granule/landsat.hpp"
#include "granule/sentinel2.hpp"
#include "net/endpoints.hpp"
#include "net/s3.hpp"
#include "net/token.hpp"

namespace hls::fetch {
namespace {

constexpr std::size_t kMostMembers = 4096;
constexpr std::uint64_t kMostUnpackedBytes = std::uint64_t{4} << 30;
constexpr const char* kLandsatRegion = "us-west-2";

bool is_hex(const std::string& text, std::size_t length) {
    return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string::npos;
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

// The files an MTL names.
std::set<std::string> files_named_by(const granule::LandsatMetadata& mtl) {
    std::set<std::string> names;
    for (const auto& [key, value] : mtl.keys)
        if (key.starts_with("FILE_NAME_")) names.insert(value);
    return names;
}

}  // namespace

struct Getter::Sources {
    explicit Sources(net::HttpClient& client) : http(client) {}

    net::S3Client& landsat() {
        const std::lock_guard lock(mutex);
        if (!usgs) {
            net::S3Options options;
            options.region = kLandsatRegion;
            usgs = std::make_unique<net::S3Client>(http, options);
        }
        return *usgs;
    }
    net::Authorizer& cdse() {
        const std::lock_guard lock(mutex);
        if (!bearer)
            bearer = std::make_unique<net::OAuthAuthorizer>(
                http, net::cdse_account(), std::vector{authority(net::endpoint("cdse-download"))});
        return *bearer;
    }

    net::HttpClient& http;
    std::mutex mutex;
    std::unique_ptr<net::S3Client> usgs;
    std::unique_ptr<net::OAuthAuthorizer> bearer;
};

Getter::Getter(net::HttpClient& client, GetOptions options)
    : client_(client), options_(std::move(options)), sources_(std::make_unique<Sources>(client)) {}

Getter::~Getter() = default;

std::string best_successor(const std::string& id, const std::vector<std::string>& present) {
    const auto wanted = granule::parse_landsat_product_id(id);
    if (!wanted) return {};
    const auto rank = [](const std::vector<std::string>& order, const std::string& word) {
        return order.end() - std::find(order.begin(), order.end(), word);
    };
    std::tuple<long, long, std::chrono::sys_days> best{-1, -1, {}};
    std::string found;
    for (const auto& name : present) {
        const auto candidate = granule::parse_landsat_product_id(name);
        if (!candidate || candidate->satellite != wanted->satellite ||
            candidate->instruments != wanted->instruments ||
            candidate->acquired != wanted->acquired || candidate->wrs_path != wanted->wrs_path ||
            candidate->wrs_row != wanted->wrs_row)
            continue;
        const std::tuple key{rank({"L1TP", "L1GT", "L1GS"}, candidate->level),
                             rank({"T1", "T2", "RT"}, candidate->category),
                             std::chrono::sys_days{candidate->processed}};
        if (found.empty() || key > best) {
            best = key;
            found = name;
        }
    }
    return found;
}

void require_safe_zip(const std::filesystem::path& zip, const std::string& id) {
    const auto refuse = [&](const std::string& why) {
        throw Error{Exit::bad_input, fmt::format("{}.zip: {}", id, why),
                    "the copy is discarded; fetch it again or from another source"};
    };
    const auto members = fs::list_archive(zip);
    if (members.size() > kMostMembers) refuse("more than 4096 members");
    const std::string top = id + ".SAFE/";
    std::set<std::string> names, folded;
    std::uint64_t unpacked = 0;
    int bands = 0;
    bool product = false, tile = false;
    for (const auto& member : members) {
        std::string name = member.name;
        for (const char c : name)
            if (static_cast<unsigned char>(c) < ' ' || c == '\\') refuse("an unsafe name inside");
        if (!name.starts_with(top)) refuse("more than the product is inside");
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (!folded.insert(name).second) refuse("a name appears twice");
        unpacked += member.bytes;
        const std::string_view rest = std::string_view(member.name).substr(top.size());
        product = product || rest == "MTD_MSIL1C.xml";
        tile = tile || (rest.starts_with("GRANULE/") && rest.ends_with("/MTD_TL.xml"));
        if (rest.find("/IMG_DATA/") == std::string_view::npos) continue;
        for (const auto& band : granule::sentinel2_bands())
            if (rest.ends_with(fmt::format("_{}.jp2", band.name))) ++bands;
    }
    if (unpacked > kMostUnpackedBytes) refuse("unpacks to more than 4 GB");
    if (!product || !tile) refuse("MTD_MSIL1C.xml or MTD_TL.xml is missing");
    if (bands < granule::kSentinel2Bands) refuse(fmt::format("{} of 13 bands", bands));
}

GetResult Getter::get(GranuleRecord record) {
    GetResult result;
    const auto began = std::chrono::steady_clock::now();
    result.record = std::move(record);
    result.action = "fetched";
    try {
        if (result.record.mission == "LS")
            get_landsat(result);
        else
            get_zip(result);
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

// The metadata file comes last: a folder that has it has everything it names.
void Getter::get_landsat(GetResult& result) {
    GranuleRecord& record = result.record;
    net::S3Client& s3 = sources_->landsat();
    net::S3Uri prefix = net::parse_s3_uri(landsat_s3_prefix(record.id));
    auto listing = s3.list(prefix).objects;
    if (listing.empty() && options_.successor) {
        const std::string parent = prefix.key.substr(0, prefix.key.size() - record.id.size() - 1);
        std::vector<std::string> present;
        for (const auto& folder : s3.list({prefix.bucket, parent}, "/").prefixes)
            present.push_back(normalised_id(folder));
        if (const std::string next = best_successor(record.id, present); !next.empty()) {
            record.requested_id = record.id;
            record.id = next;
            record.event = "successor";
            record.produced_at.clear();
            record.file_sums.clear();
            describe_by_id(record);
            prefix = net::parse_s3_uri(landsat_s3_prefix(record.id));
            record.urls = {{"s3", to_string(prefix), "usgs"}};
            listing = s3.list(prefix).objects;
        }
    }
    if (listing.empty())
        throw Error{Exit::missing_input, record.id + ": no such scene in the bucket",
                    "an RT scene disappears when its T1 or T2 comes"};
    std::map<std::string, net::S3Object> files;
    for (const auto& object : listing) {
        const std::string name = object.key.substr(prefix.key.size());
        net::require_safe_key(name);
        if (name.find('/') == std::string::npos && name.starts_with(record.id))
            files[name] = object;
    }
    const auto incomplete = [&](const std::string& name) {
        throw Error{Exit::temporary, fmt::format("{}: {} is not there yet", record.id, name),
                    "scenes are published file by file; try again in ten minutes"};
    };
    const std::string mtl_name = record.id + "_MTL.txt";
    if (!files.contains(mtl_name)) incomplete(mtl_name);
    const std::string text = s3.get({prefix.bucket, prefix.key + mtl_name}, {}, 1 << 20);
    for (const auto& name : files_named_by(granule::parse_landsat_mtl(text, mtl_name)))
        if (!files.contains(name)) incomplete(name);
    result.verified.emplace_back("members");

    result.local = options_.folder / record.id;
    const auto item = [&](const std::string& name, const net::S3Object& object) {
        net::Download download;
        download.identity = object.key;
        download.request = s3.request("GET", {prefix.bucket, object.key});
        download.authorizer = &s3.authorizer(prefix.bucket);
        download.target = result.local / name;
        download.bytes = object.bytes;
        download.etag = '"' + object.etag + '"';
        download.if_match = true;
        if (is_hex(object.etag, 32)) download.checksums = {{fs::DigestKind::md5, object.etag}};
        if (const auto sum = record.file_sums.find(name); sum != record.file_sums.end())
            download.checksums.push_back({fs::DigestKind::sha512, sum->second});
        return download;
    };
    net::Downloader downloader(client_, options_.download);
    std::vector<net::Download> items;
    for (const auto& [name, object] : files)
        if (name != mtl_name) items.push_back(item(name, object));
    bool all_there = true;
    for (const auto& download : downloader.run(std::move(items))) {
        all_there = all_there && download.action == net::DownloadAction::exists;
        take_over(result, download);
    }
    const auto last = downloader.run(std::vector{item(mtl_name, files.at(mtl_name))}).front();
    take_over(result, last);
    if (all_there && last.action == net::DownloadAction::exists) result.action = "exists";
}

namespace {

// The catalogue's words about a product of which only name or uuid are known, or that was
// announced before its checksum was.
void look_up(net::HttpClient& client, GranuleRecord& record) {
    net::Request request;
    request.url = below(net::endpoint("cdse-catalogue"), "/odata/v1/Products");
    const std::string filter =
        record.uuid.empty() ? "Name eq '" + record.id + ".SAFE'" : "Id eq '" + record.uuid + "'";
    request.url.query = net::encode_query({{"$filter", filter}, {"$expand", "Attributes"}});
    const auto response = client.send(request);
    if (!response.ok()) throw net::refusal(response, "catalogue");
    const auto json = strict_json<nlohmann::json>(response.body);
    const std::string name = record.id.empty() ? record.uuid : record.id;
    if (!json.is_object() || !json.contains("value") || !json["value"].is_array())
        throw Error{Exit::temporary, name + ": the catalogue's answer holds no products"};
    if (json["value"].empty())
        throw Error{Exit::missing_input, name + ": the catalogue does not know it",
                    "it may have been withdrawn or published again under another name"};
    GranuleRecord found = record_of_odata(json["value"].back());
    found.event = record.event;
    found.via = record.via;
    found.requested_id = found.id == record.id ? "" : record.id;
    record = std::move(found);
}

}  // namespace

void Getter::get_zip(GetResult& result) {
    GranuleRecord& record = result.record;
    if (record.uuid.empty() || !record.sums.contains("md5")) look_up(client_, record);
    if (!record.online)
        throw Error{Exit::temporary, record.id + ": not online at the source",
                    "try again tomorrow"};
    net::Download download;
    download.identity = record.uuid;
    download.request.url =
        below(net::endpoint("cdse-download"), "/odata/v1/Products(" + record.uuid + ")/$value");
    download.authorizer = &sources_->cdse();
    download.target = options_.folder / (record.id + ".zip");
    download.bytes = record.size;
    download.bytes_are_law = false;
    if (const auto md5 = record.sums.find("md5"); md5 != record.sums.end())
        download.checksums = {{fs::DigestKind::md5, md5->second}};
    const std::string id = record.id;
    download.validate = [id](const std::filesystem::path& part) { require_safe_zip(part, id); };
    result.local = download.target;
    const auto done =
        net::Downloader(client_, options_.download).run(std::vector{download}).front();
    take_over(result, done);
    result.sha256 = done.sha256;
    result.action = done.action == net::DownloadAction::exists    ? "exists"
                    : done.action == net::DownloadAction::resumed ? "resumed"
                                                                  : "fetched";
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
