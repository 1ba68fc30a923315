// SPDX-License-Identifier: Apache-2.0
// Sentinel-2 products file by file: SAFE folders of the Copernicus store, tiles of the AWS archive.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/parse.hpp"
#include "fetch/get_from.hpp"
#include "fetch/json.hpp"
#include "fetch/safe_product.hpp"
#include "geo/mgrs.hpp"
#include "granule/sentinel2.hpp"
#include "granule/sentinel2_files.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostMetadataBytes = 16 << 20;
constexpr const char* kManifest = "manifest.safe";
constexpr const char* kProductFile = "MTD_MSIL1C.xml";

// What hls-lasrc reads besides bands and metadata: detector footprints and lost packets.
bool is_needed_mask(const std::string& name) {
    return name.starts_with("MSK_DETFOO_") || name.starts_with("MSK_QUALIT_");
}

// Where a tile of the archive and its product lie.
struct AwsTile {
    std::string tile;     // tiles/28/P/HQ/2024/9/12/0/
    std::string product;  // products/2024/9/12/S2A_MSIL1C_.../
    std::string datastrip;
};

std::optional<AwsTile> tile_of(net::S3Client& s3, const std::string& prefix,
                               const std::string& id) {
    const auto text = s3.try_get({kSentinelBucket, prefix + "tileInfo.json"}, {}, 1 << 20);
    if (!text) return std::nullopt;
    const Json info = strict_json<Json>(*text);
    if (normalised_id(text_at(info, "productName")) != id) return std::nullopt;
    AwsTile tile{prefix, text_at(info, "productPath") + '/', {}};
    net::require_safe_key(tile.product + 'x');
    tile.datastrip = text_at(member_at(info, "datastrip"), "path") + '/';
    if (tile.datastrip == "/") tile.datastrip = tile.product + "datastrip/0/";
    net::require_safe_key(tile.datastrip + 'x');
    return tile;
}

// Folders are of the tile's own day, which may be the one after the datatake began, and are counted
// in the order of arrival: which of them is the product is in its tileInfo.json.
AwsTile find_tile(net::S3Client& s3, const GranuleRecord& record) {
    const auto id = granule::parse_sentinel2_product_id(record.id);
    if (!id) throw Error{Exit::bad_input, record.id + ": not a Sentinel-2 product"};
    const std::string zone = std::to_string(*to_int(id->tile.substr(0, 2)));
    const std::string home =
        fmt::format("tiles/{}/{}/{}/", zone, id->tile.substr(2, 1), id->tile.substr(3));
    const std::string root = std::string("s3://") + kSentinelBucket + '/';
    for (const auto& url : record.urls)
        if (url.rel == "s3" && url.href.starts_with(root + home))
            if (auto tile = tile_of(s3, url.href.substr(root.size()), record.id)) return *tile;
    for (const int days : {0, 1}) {
        const auto day = civil_date(id->sensing + std::chrono::hours{24 * days});
        const std::string prefix = fmt::format("{}{}/{}/{}/", home, day.year, day.month, day.day);
        for (const auto& folder : s3.list({kSentinelBucket, prefix}, "/").prefixes)
            if (auto tile = tile_of(s3, folder, record.id)) return *tile;
    }
    throw Error{Exit::missing_input, record.id + ": not in the AWS archive",
                "it is filled from the Copernicus Data Space: --source cdse"};
}

class AwsProduct {
 public:
    AwsProduct(const GetRun& run, net::S3Client& s3, AwsTile where)
        : run_(run), id_(run.result.record.id), where_(std::move(where)) {
        tile_ = objects_below(s3, {kSentinelBucket, where_.tile});
        product_ = objects_below(s3, {kSentinelBucket, where_.product});
        if (!where_.datastrip.starts_with(where_.product))
            throw Error{Exit::bad_input, id_ + ": its datastrip is of another product"};
        strip_ = where_.datastrip.substr(where_.product.size());
        for (const auto* name : {"metadata.xml", "tileInfo.json"}) need(tile_, name);
        need(product_, "metadata.xml");
        const auto text = [&](const net::S3Object& object) {
            return s3.get({kSentinelBucket, object.key}, {}, kMostMetadataBytes);
        };
        files_ = granule::parse_sentinel2_files(text(product_.at("metadata.xml")),
                                                id_ + ": product metadata");
        masks_ =
            granule::sentinel2_mask_names(text(tile_.at("metadata.xml")), id_ + ": tile metadata");
    }

    std::vector<ProductFile> files() const {
        std::vector<ProductFile> all;
        const auto add = [&](const net::S3Object& object, const std::string& name) {
            all.push_back({object, name, {}});
        };
        for (const auto& image : files_.images) {
            const std::string band = image.substr(image.rfind('_') + 1);  // B01.jp2
            if (const auto there = tile_.find(band); there != tile_.end())
                add(there->second, image);
            else if (!band.starts_with("TCI"))
                not_yet_there(id_, band);
        }
        for (const auto& mask : masks_)
            if (is_needed_mask(mask)) need(tile_, "qi/" + mask);
        for (const auto& [name, object] : tile_) {
            if (name.starts_with("qi/"))
                add(object, files_.granule_folder + "/QI_DATA/" + name.substr(3));
            if (name.starts_with("auxiliary/"))
                add(object, files_.granule_folder + "/AUX_DATA/" + name.substr(10));
        }
        add(tile_.at("metadata.xml"), files_.granule_folder + "/MTD_TL.xml");
        add_datastrip(all);
        if (const auto there = product_.find("inspire.xml"); there != product_.end())
            add(there->second, "INSPIRE.xml");
        add(product_.at("metadata.xml"), kProductFile);
        return all;
    }

 private:
    void need(const std::map<std::string, net::S3Object>& objects, const std::string& name) const {
        if (!objects.contains(name)) not_yet_there(id_, name);
    }
    void add_datastrip(std::vector<ProductFile>& all) const {
        if (files_.datastrip_folder.empty()) return;
        for (const auto& [name, object] : product_) {
            if (!name.starts_with(strip_)) continue;
            const std::string rest = name.substr(strip_.size());
            if (rest == "metadata.xml")
                all.push_back({object, files_.datastrip_folder + "/MTD_DS.xml", {}});
            else if (rest.starts_with("qi/"))
                all.push_back({object, files_.datastrip_folder + "/QI_DATA/" + rest.substr(3), {}});
        }
    }

    const GetRun& run_;
    const std::string& id_;
    AwsTile where_;
    std::string strip_;  // datastrip/0/
    std::map<std::string, net::S3Object> tile_, product_;
    granule::Sentinel2Files files_;
    std::vector<std::string> masks_;
};

net::S3Uri eodata_prefix(const GranuleRecord& record) {
    const std::string root = std::string("s3://") + kEodataBucket + '/';
    for (const auto& url : record.urls) {
        if (url.rel != "s3" || !url.href.starts_with(root)) continue;
        net::S3Uri uri = net::parse_s3_uri(url.href);
        while (uri.key.ends_with('/')) uri.key.pop_back();
        net::require_safe_key(uri.key);
        uri.key += '/';
        if (uri.key.ends_with('/' + record.id + ".SAFE/")) return uri;
    }
    throw Error{Exit::missing_input, record.id + ": the catalogue does not say where it lies",
                "--source cdse"};
}

}  // namespace

// The same bytes under the names that a SAFE folder has: what is known of them is in the product's
// own metadata.
void get_aws_tile(const GetRun& run) {
    GranuleRecord& record = run.result.record;
    net::S3Client& s3 = run.sources.sentinel();
    const AwsProduct product(run, s3, find_tile(s3, record));
    auto files = product.files();
    run.result.verified.emplace_back("members");
    run.result.local = run.options.folder / (record.id + ".SAFE");
    fetch_files(run, s3, kSentinelBucket, files, kProductFile);
}

void get_eodata(const GetRun& run) {
    GranuleRecord& record = run.result.record;
    const bool placed = std::any_of(record.urls.begin(), record.urls.end(), [](const auto& url) {
        return url.rel == "s3" && url.auth == "eodata";
    });
    if (!placed) look_up(run);
    const net::S3Uri prefix = eodata_prefix(record);
    net::S3Client& s3 = run.sources.eodata();
    const auto objects = objects_below(s3, prefix);
    if (objects.empty())
        throw Error{Exit::missing_input, record.id + ": not in the store", "--source cdse"};
    if (!objects.contains(kManifest)) not_yet_there(record.id, kManifest);
    const std::string text =
        s3.get({kEodataBucket, prefix.key + kManifest}, {}, kMostMetadataBytes);
    std::vector<ProductFile> files{{objects.at(kManifest), kManifest, {}}};
    bool product = false;
    for (const auto& file : granule::parse_safe_manifest(text, record.id + "/manifest.safe")) {
        const auto there = objects.find(file.path);
        if (there == objects.end()) not_yet_there(record.id, file.path);
        if (file.bytes >= 0 && there->second.bytes != file.bytes)
            throw Error{Exit::bad_input,
                        fmt::format("{}: {} has {} bytes, the manifest says {}", record.id,
                                    file.path, there->second.bytes, file.bytes)};
        product = product || file.path == kProductFile;
        files.push_back({there->second, file.path, checksums_of(file)});
    }
    if (!product) throw Error{Exit::bad_input, record.id + ": its manifest names no metadata"};
    run.result.verified.emplace_back("members");
    run.result.local = run.options.folder / (record.id + ".SAFE");
    fetch_files(run, s3, kEodataBucket, files, kManifest);
}

}  // namespace hls::fetch
