// SPDX-License-Identifier: Apache-2.0
// Archives: the zip of the Copernicus Data Space, and what an announcement says lies in a bucket.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fetch/catalogues.hpp"
#include "fetch/get_from.hpp"
#include "fetch/json.hpp"
#include "fetch/safe_product.hpp"
#include "fs/archive.hpp"
#include "fs/atomic_output.hpp"
#include "fs/unpack.hpp"
#include "net/endpoints.hpp"

namespace hls::fetch {
namespace {

std::vector<GranuleRecord> ask_catalogue(net::HttpClient& client, const std::string& filter) {
    net::Request request;
    request.url = below(net::endpoint("cdse-catalogue"), "/odata/v1/Products");
    request.url.query = net::encode_query({{"$filter", filter}, {"$expand", "Attributes"}});
    std::vector<GranuleRecord> found;
    const auto page = page_of<nlohmann::json>(client, request, "value");
    for (const auto& product : page["value"]) found.push_back(record_of_odata(product));
    return found;
}

// Products of the satellite, datatake, orbit and tile of `id`.
std::vector<GranuleRecord> same_image(net::HttpClient& client, const std::string& id) {
    const std::string start = id.substr(0, 27);   // S2A_MSIL1C_20240912T112541_
    const std::string place = id.substr(32, 13);  // _R137_T28PHQ_
    return ask_catalogue(client, fmt::format("Collection/Name eq 'SENTINEL-2' and "
                                             "startswith(Name,'{}') and contains(Name,'{}')",
                                             start, place));
}

void set_action(GetResult& result, const net::DownloadResult& done) {
    result.sha256 = done.sha256;
    result.action = done.action == net::DownloadAction::exists    ? "exists"
                    : done.action == net::DownloadAction::resumed ? "resumed"
                                                                  : "fetched";
}

// The zip becomes its folder, which appears as a whole.
void unpack(const GetRun& run) {
    const auto zip = run.result.local;
    const auto folder = run.options.folder / (run.result.record.id + ".SAFE");
    fs::AtomicDirectory output(folder, fs::IfExists::replace);
    fs::unpack_archive(zip, output.temporary(), folder.filename().string() + '/');
    output.commit();
    std::filesystem::remove(zip);
    run.result.local = folder;
    run.result.verified.emplace_back("unpacked");
}

// True if the folder is there and counts as this product.
bool folder_is_there(const GetRun& run, const std::filesystem::path& folder) {
    const auto mode = run.options.download.if_present;
    if (!std::filesystem::exists(folder) || mode == net::IfPresent::replace) return false;
    if (mode == net::IfPresent::fail)
        throw Error{Exit::cannot_create, folder.string() + " exists",
                    "--if-exists verify, skip or replace"};
    if (mode == net::IfPresent::verify && !is_whole_safe(folder)) return false;
    run.result.local = folder;
    run.result.action = "exists";
    if (mode == net::IfPresent::verify) run.result.verified = {"members"};
    return true;
}

net::DownloadResult fetch_cdse(const GetRun& run) {
    const GranuleRecord& record = run.result.record;
    net::Download download;
    download.identity = record.uuid;
    download.request.url =
        below(net::endpoint("cdse-download"), "/odata/v1/Products(" + record.uuid + ")/$value");
    download.authorizer = &run.sources.cdse();
    download.target = run.options.folder / (record.id + ".zip");
    download.bytes = record.size;
    download.bytes_are_law = false;
    if (const auto md5 = record.sums.find("md5"); md5 != record.sums.end())
        download.checksums = {{fs::DigestKind::md5, md5->second}};
    const std::string id = record.id;
    download.validate = [id](const std::filesystem::path& part) { require_safe_zip(part, id); };
    run.result.local = download.target;
    return net::Downloader(run.client, run.options.download).run(std::vector{download}).front();
}

}  // namespace

void look_up(const GetRun& run) {
    GranuleRecord& record = run.result.record;
    const std::string name = record.id.empty() ? record.uuid : record.id;
    auto found = ask_catalogue(run.client, record.uuid.empty() ? "Name eq '" + name + ".SAFE'"
                                                               : "Id eq '" + record.uuid + "'");
    if (found.empty() && !record.uuid.empty() && !record.id.empty())  // published again
        found = ask_catalogue(run.client, "Name eq '" + record.id + ".SAFE'");
    const GranuleRecord* chosen = nullptr;
    for (const auto& candidate : found)
        if (chosen == nullptr || std::tie(candidate.online, candidate.published_at) >
                                     std::tie(chosen->online, chosen->published_at))
            chosen = &candidate;
    bool successor = false;
    if (chosen == nullptr && !record.id.empty() && run.options.successor != Successor::none) {
        found = same_image(run.client, record.id);
        chosen = best_sentinel2_successor(record.id, record.datastrip, found,
                                          run.options.successor == Successor::historic);
        successor = chosen != nullptr;
    }
    if (chosen == nullptr)
        throw Error{Exit::missing_input, name + ": the catalogue does not know it",
                    "it may have been withdrawn or published again under another name"};
    GranuleRecord result = *chosen;
    result.event = successor ? "successor" : record.event;
    result.via = record.via;
    if (result.id != record.id) result.requested_id = record.id;
    GranuleRecord probe;
    probe.id = result.id;
    if (!describe_by_id(probe) || probe.mission != "S2" || probe.level != "L1C")
        throw Error{Exit::not_accepted, result.id + ": not a Level-1C product of Sentinel-2"};
    record = std::move(result);
}

void get_cdse_zip(const GetRun& run) {
    GranuleRecord& record = run.result.record;
    if (run.options.unpack && !record.id.empty() &&
        folder_is_there(run, run.options.folder / (record.id + ".SAFE")))
        return;
    if (record.uuid.empty() || record.id.empty() || !record.sums.contains("md5")) look_up(run);
    if (!record.online)
        throw Error{Exit::temporary, record.id + ": not online at the source",
                    "try again tomorrow"};
    if (run.options.unpack && folder_is_there(run, run.options.folder / (record.id + ".SAFE")))
        return;
    net::DownloadResult done = fetch_cdse(run);
    if (done.exit == Exit::bad_input || done.exit == Exit::missing_input) {
        // The first checksum of a product can be wrong, and its uuid can be gone.
        const auto before = std::tuple(record.uuid, record.sums);
        run.result.requests += done.requests;
        if (done.exit == Exit::missing_input) record.uuid.clear();
        look_up(run);
        if (before != std::tuple(record.uuid, record.sums)) done = fetch_cdse(run);
    }
    take_over(run.result, done);
    set_action(run.result, done);
    if (run.options.unpack) unpack(run);
}

void get_announced_archive(const GetRun& run) {
    GranuleRecord& record = run.result.record;
    net::S3Uri where;
    for (const auto& url : record.urls)
        if (url.rel == "zip" && net::is_s3_uri(url.href)) where = net::parse_s3_uri(url.href);
    if (!run.options.allowed_buckets.contains(where.bucket))
        throw Error{Exit::not_accepted,
                    fmt::format("{}: bucket {} is not allowed", record.id, where.bucket),
                    "--allow-bucket " + where.bucket};
    net::require_safe_key(where.key);
    const bool zip = where.key.ends_with(".zip");
    const auto folder = run.options.folder / (record.id + ".SAFE");
    if (zip && run.options.unpack && folder_is_there(run, folder)) return;
    net::S3Client& s3 = run.sources.own();
    const auto object = s3.head(where);
    if (!object) throw Error{Exit::missing_input, to_string(where) + ": no such object"};
    net::Download download;
    download.identity = to_string(where);
    download.request = s3.request("GET", where);
    download.authorizer = &s3.authorizer(where.bucket);
    download.target = run.options.folder / (record.id + (zip ? ".zip" : ".tar"));
    download.bytes = object->bytes;
    download.etag = '"' + object->etag + '"';
    download.if_match = true;
    if (object->etag.size() == 32) download.checksums = {{fs::DigestKind::md5, object->etag}};
    const std::string id = record.id;
    download.validate = [id, zip](const std::filesystem::path& part) {
        if (zip) return require_safe_zip(part, id);
        fs::test_archive(part);
        fs::read_archive_member(part, id + "_MTL.txt", 1 << 20);
    };
    run.result.local = download.target;
    const auto done =
        net::Downloader(run.client, run.options.download).run(std::vector{download}).front();
    take_over(run.result, done);
    set_action(run.result, done);
    if (zip && run.options.unpack) unpack(run);
}

}  // namespace hls::fetch
