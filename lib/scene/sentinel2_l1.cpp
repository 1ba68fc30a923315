// SPDX-License-Identifier: Apache-2.0
#include "scene/sentinel2_l1.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "fs/archive.hpp"
#include "geo/utm.hpp"

namespace hls::scene {
namespace {

namespace stdfs = std::filesystem;

constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxFiles = 100'000;
constexpr int kMaxDepth = 8;
constexpr double kFalseNorthing = 1e7;

constexpr std::string_view kProductFile = "MTD_MSIL1C.xml";
constexpr std::string_view kTileFile = "MTD_TL.xml";
constexpr std::string_view kAwsTileFile = "metadata.xml";
constexpr std::string_view kHint =
    "give a .SAFE folder, a .zip, an AWS tile, or a folder with MTD_MSIL1C.xml, MTD_TL.xml and "
    "bands";

[[noreturn]] void fail(Exit code, std::string message, std::string hint = {}) {
    throw Error{code, std::move(message), std::move(hint)};
}

std::string_view band_name(int band) {
    return granule::sentinel2_bands()[static_cast<std::size_t>(band)].name;
}

std::string_view base_name(std::string_view file) {
    return file.substr(file.rfind('/') + 1);
}

// What precedes `file_name` in the path of the shallowest file of that name; nullopt if none has
// it.
std::optional<std::string> prefix_of(const std::vector<std::string>& files,
                                     std::string_view file_name) {
    std::optional<std::string> best;
    for (const auto& file : files) {
        if (base_name(file) != file_name) continue;
        const auto prefix = file.substr(0, file.size() - file_name.size());
        const auto depth = [](const std::string& p) { return std::count(p.begin(), p.end(), '/'); };
        if (!best || depth(prefix) < depth(*best)) best = prefix;
    }
    return best;
}

bool contains(const std::vector<std::string>& files, const std::string& file) {
    return std::binary_search(files.begin(), files.end(), file);
}

std::vector<std::string> files_of_folder(const stdfs::path& folder) {
    std::vector<std::string> files;
    std::error_code error;
    stdfs::recursive_directory_iterator at(folder, error);
    if (error)
        fail(Exit::permission, fmt::format("cannot list {}: {}", folder.string(), error.message()));
    for (; at != stdfs::recursive_directory_iterator(); at.increment(error)) {
        if (error)
            fail(Exit::permission,
                 fmt::format("cannot list {}: {}", folder.string(), error.message()));
        if (at.depth() >= kMaxDepth) at.disable_recursion_pending();
        if (at->is_directory(error)) continue;
        files.push_back(at->path().lexically_relative(folder).generic_string());
        if (files.size() > kMaxFiles)
            fail(Exit::bad_input,
                 fmt::format("{}: more than {} files", folder.string(), kMaxFiles));
    }
    return files;
}

// Files of the product and where they are.
struct Listing {
    std::string root;  // for GDAL, without the prefix
    std::vector<std::string> files;
};

Listing list_source(const std::string& given) {
    const stdfs::path path(given);
    std::error_code error;
    const auto status = stdfs::status(path, error);
    if (error.value() == EACCES)
        fail(Exit::permission, fmt::format("no permission to read {}", given));
    if (!stdfs::exists(status)) fail(Exit::missing_input, fmt::format("no such file: {}", given));
    if (stdfs::is_directory(status)) return {path.string(), files_of_folder(path)};
    if (given.ends_with(kProductFile) || given.ends_with(kAwsTileFile)) {
        const auto folder = path.has_parent_path() ? path.parent_path() : stdfs::path(".");
        return {folder.string(), files_of_folder(folder)};
    }
    if (!given.ends_with(".zip"))
        fail(Exit::bad_input, fmt::format("{} is not a Sentinel-2 Level-1C product", given),
             std::string(kHint));
    Listing listing{fmt::format("/vsizip/{{{}}}", stdfs::absolute(path).string()), {}};
    for (auto& member : fs::list_archive(path)) listing.files.push_back(std::move(member.name));
    return listing;
}

// Keeps the files below `prefix`, without it.
void strip_prefix(Listing& listing, const std::string& prefix) {
    std::vector<std::string> kept;
    for (auto& file : listing.files)
        if (file.starts_with(prefix)) kept.push_back(file.substr(prefix.size()));
    listing.files = std::move(kept);
    std::sort(listing.files.begin(), listing.files.end());
    if (prefix.empty()) return;
    listing.root += "/" + prefix.substr(0, prefix.size() - 1);
}

// The metadata of the one granule below GRANULE/.
std::string granule_metadata(const Sentinel2L1& l1) {
    std::vector<std::string> found;
    for (const auto& file : l1.files)
        if (file.starts_with("GRANULE/") && base_name(file) == kTileFile) found.push_back(file);
    if (found.size() == 1) return found.front();
    if (found.empty())
        fail(Exit::bad_input, fmt::format("{}: no GRANULE/*/{}", l1.source, kTileFile),
             "the product is incomplete: fetch it again");
    fail(Exit::bad_input, fmt::format("{}: {} granules, one is expected", l1.source, found.size()),
         "give a product of one tile");
}

void read_aws(Sentinel2L1& l1) {
    if (contains(l1.files, std::string(kProductFile))) {
        l1.product = granule::parse_sentinel2_product(l1.read_text(std::string(kProductFile)),
                                                      l1.name_of(std::string(kProductFile)));
        return;
    }
    for (const std::string info : {"productInfo.json", "tileInfo.json"}) {
        if (!contains(l1.files, info)) continue;
        const auto id = granule::parse_sentinel2_product_info(l1.read_text(info), l1.name_of(info));
        l1.product = granule::assumed_sentinel2_product(id, l1.name_of(info));
        l1.product.cloud_cover_percent = l1.tile.cloudy_percent;
        return;
    }
    fail(Exit::bad_input,
         fmt::format("{}: no productInfo.json, tileInfo.json or {}", l1.source, kProductFile));
}

std::string tile_metadata_file(const Sentinel2L1& l1) {
    if (l1.layout == Sentinel2Layout::safe) return granule_metadata(l1);
    return std::string(l1.layout == Sentinel2Layout::flat ? kTileFile : kAwsTileFile);
}

void read_metadata(Sentinel2L1& l1) {
    const auto tile_file = tile_metadata_file(l1);
    const std::string product_file(kProductFile);
    if (l1.layout != Sentinel2Layout::aws)
        l1.product =
            granule::parse_sentinel2_product(l1.read_text(product_file), l1.name_of(product_file));
    l1.tile = granule::parse_sentinel2_tile(l1.read_text(tile_file), l1.name_of(tile_file));
    if (l1.layout == Sentinel2Layout::aws) read_aws(l1);
    if (!l1.product.id)
        fail(Exit::bad_input, fmt::format("{}: PRODUCT_URI = {} is no product name",
                                          l1.product.source, l1.product.product_uri));
    l1.id = *l1.product.id;
    l1.product_id = granule::format_sentinel2_product_id(l1.id);
    if (!l1.tile.tile.empty() && l1.tile.tile != l1.id.tile)
        fail(Exit::bad_input, fmt::format("{} is of tile {}, {} of {}", l1.tile.source,
                                          l1.tile.tile, l1.product.source, l1.id.tile));
}

Sentinel2L1 open_source(const std::string& given) {
    Listing listing = list_source(given);
    Sentinel2L1 l1;
    l1.source = given;
    const auto product = prefix_of(listing.files, kProductFile);
    const auto aws = prefix_of(listing.files, kAwsTileFile);
    if (!product && !aws)
        fail(Exit::bad_input,
             fmt::format("{}: no {} in it, not a Sentinel-2 Level-1C product", given, kProductFile),
             std::string(kHint));
    // A product beside its AWS tile metadata says more than they do.
    const auto& prefix = product ? *product : *aws;
    const bool aws_tile = aws && (!product || *aws == *product);
    strip_prefix(listing, prefix);
    l1.files = std::move(listing.files);
    l1.root = std::move(listing.root);
    l1.layout = aws_tile                                     ? Sentinel2Layout::aws
                : contains(l1.files, std::string(kTileFile)) ? Sentinel2Layout::flat
                                                             : Sentinel2Layout::safe;
    return l1;
}

// A southern zone may be written either way, see signed_utm_grid().
bool same_place(const io::Grid& raster, const io::Grid& expected) {
    constexpr double kTolerance = 0.01;  // m
    const auto a = signed_utm_grid(raster);
    const auto b = raster.epsg == 0 ? expected : signed_utm_grid(expected);
    return std::abs(a.ulx_m - b.ulx_m) < kTolerance && std::abs(a.uly_m - b.uly_m) < kTolerance &&
           std::abs(a.pixel_m - b.pixel_m) < 1e-6 && (a.epsg == b.epsg || a.epsg == 0);
}

void check_band(const Sentinel2L1& l1, int band) {
    const io::RasterReader reader(l1.band_path(band));
    const auto expected = l1.band_grid(band);
    if (reader.rows() != expected.rows || reader.cols() != expected.cols)
        fail(Exit::bad_input,
             fmt::format("{} has {} x {} pixels, {} says {} x {} at {} m", reader.path(),
                         reader.rows(), reader.cols(), l1.tile.source, expected.rows, expected.cols,
                         expected.pixel_m),
             "decimated or cropped bands need metadata that say so");
    if (reader.type() != io::PixelType::u16)
        fail(Exit::bad_input, fmt::format("{} has {} pixels, not uint16", reader.path(),
                                          io::pixel_type_name(reader.type())));
    const auto grid = reader.grid();
    if (grid && !same_place(*grid, expected))
        fail(Exit::bad_input,
             fmt::format("{} lies at {:.3f} {:.3f} (EPSG:{}, {} m), {} says {:.3f} {:.3f} "
                         "(EPSG:{}, {} m)",
                         reader.path(), grid->ulx_m, grid->uly_m, grid->epsg, grid->pixel_m,
                         l1.tile.source, expected.ulx_m, expected.uly_m, expected.epsg,
                         expected.pixel_m));
}

void require_detectors(const Sentinel2L1& l1) {
    const auto name = band_name(kSentinel2AngleBand);
    if (!l1.detector_mask_path(kSentinel2AngleBand))
        fail(Exit::bad_input, fmt::format("{}: no detector mask MSK_DETFOO_{}", l1.source, name),
             "--angles none does without, where angles are not needed");
    const bool views = std::any_of(l1.tile.view_grids.begin(), l1.tile.view_grids.end(),
                                   [](const auto& g) { return g.band == kSentinel2AngleBand; });
    if (!views || !l1.tile.sun_grid)
        fail(Exit::bad_input,
             fmt::format("{}: no {} angle grids", l1.tile.source, views ? "sun" : "view"),
             "--angles none does without, where angles are not needed");
}

// The one file whose name, without MSK_, is KIND_Bnn.<extension>.
std::optional<std::string> mask_file(const Sentinel2L1& l1, std::string_view kind, int band) {
    for (const std::string_view extension : {"jp2", "tif", "gml"}) {
        const auto name = fmt::format("{}_{}.{}", kind, band_name(band), extension);
        for (const auto& file : l1.files)
            if (base_name(file) == name || base_name(file) == "MSK_" + name) return file;
    }
    return std::nullopt;
}

bool is_band_file(const Sentinel2L1& l1, std::string_view file, int band) {
    const auto base = base_name(file);
    if (base.starts_with("MSK_")) return false;
    if (l1.layout == Sentinel2Layout::safe && file.find("/IMG_DATA/") == std::string_view::npos)
        return false;
    const bool here = l1.layout == Sentinel2Layout::safe || base.size() == file.size();
    const auto matches = [&](std::string_view extension) {
        const auto name = fmt::format("{}.{}", band_name(band), extension);
        return base == name || base.ends_with("_" + name);
    };
    return here && (matches("jp2") || matches("tif"));
}

}  // namespace

io::Grid Sentinel2L1::grid(int pixel_m) const {
    const auto& ten = tile.geoposition.at(10);
    return {ten.rows * 10 / pixel_m,
            ten.cols * 10 / pixel_m,
            ten.ulx_m,
            ten.uly_m,
            static_cast<double>(pixel_m),
            tile.epsg};
}

io::Grid Sentinel2L1::band_grid(int band) const {
    return grid(granule::sentinel2_bands()[static_cast<std::size_t>(band)].resolution_m);
}

std::string Sentinel2L1::band_path(int band) const {
    for (const auto& file : files)
        if (is_band_file(*this, file, band)) return root + "/" + file;
    fail(Exit::bad_input,
         fmt::format("missing band {}: no file *{}.jp2 in {}", band_name(band), band_name(band),
                     source),
         "the product is incomplete: fetch it again");
}

std::optional<std::string> Sentinel2L1::detector_mask_path(int band) const {
    const auto file = mask_file(*this, "DETFOO", band);
    return file ? std::optional(root + "/" + *file) : std::nullopt;
}

std::optional<std::string> Sentinel2L1::quality_mask_path(int band) const {
    const auto file = mask_file(*this, "QUALIT", band);
    return file ? std::optional(root + "/" + *file) : std::nullopt;
}

std::string Sentinel2L1::product_metadata_text() const {
    const std::string file(kProductFile);
    return contains(files, file) ? read_text(file) : std::string();
}

std::string Sentinel2L1::tile_metadata_text() const {
    return read_text(tile_metadata_file(*this));
}

std::string Sentinel2L1::name_of(const std::string& file) const {
    return source.ends_with(".zip") ? source + "/" + file : root + "/" + file;
}

std::string Sentinel2L1::read_text(const std::string& file) const {
    if (source.ends_with(".zip")) {
        // root is /vsizip/{archive}[/prefix]
        const auto inside = root.find('}');
        const auto prefix = root.substr(inside + 1);
        const auto member = prefix.empty() ? file : prefix.substr(1) + "/" + file;
        return fs::read_archive_member(source, member, kMaxTextBytes);
    }
    const auto path = root + "/" + file;
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) {
        if (stdfs::exists(path)) fail(Exit::permission, fmt::format("cannot open {}", path));
        fail(Exit::bad_input, fmt::format("no file {}", path));
    }
    const auto size = static_cast<std::size_t>(in.tellg());
    if (size > kMaxTextBytes)
        fail(Exit::bad_input, fmt::format("{}: too large for metadata", path));
    std::string text(size, '\0');
    in.seekg(0);
    if (!in.read(text.data(), static_cast<std::streamsize>(size)))
        fail(Exit::io_error, fmt::format("cannot read {}", path));
    return text;
}

bool is_sentinel2_l1(const std::string& path) {
    const stdfs::path given(path);
    const auto name = (given.has_filename() ? given : given.parent_path()).filename().string();
    if (name.ends_with(".zip") || name.ends_with(".SAFE") || name == kProductFile ||
        name == kAwsTileFile)
        return true;
    std::error_code error;
    return stdfs::exists(given / kProductFile, error) || stdfs::exists(given / kAwsTileFile, error);
}

Sentinel2L1 open_sentinel2_l1(const std::string& path, const Sentinel2L1Needs& needs) {
    Sentinel2L1 l1 = open_source(path);
    read_metadata(l1);
    for (const int band : needs.bands) check_band(l1, band);
    if (needs.detectors) require_detectors(l1);
    return l1;
}

io::Grid signed_utm_grid(const io::Grid& grid) {
    const auto zone = geo::utm_zone_of_epsg(grid.epsg);
    if (!zone || !zone->south) return grid;
    io::Grid north = grid;
    north.uly_m -= kFalseNorthing;
    north.epsg = geo::utm_epsg({zone->zone, false});
    return north;
}

}  // namespace hls::scene
