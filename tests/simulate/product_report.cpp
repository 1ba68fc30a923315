// SPDX-License-Identifier: Apache-2.0
#include "simulate/product_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/browse.hpp"
#include "io/raster.hpp"
#include "simulate/landsat_granule.hpp"
#include "simulate/scene_renderer.hpp"

namespace hls::simulate {
namespace {

namespace stdfs = std::filesystem;

constexpr std::int16_t kFill = -9999;
constexpr double kScale = 1e-4;
constexpr std::int16_t kMostAot = 500;   // x 1000
constexpr std::uint8_t kAnyFlag = 0x3f;  // of Fmask: cirrus to water
constexpr const char* kTruthMask = "_TRUTH_FMASK.tif";

struct CommonBand {
    const char* l30;
    const char* s30;
};
constexpr CommonBand kCommon[] = {{"B01", "B01"}, {"B02", "B02"}, {"B03", "B03"}, {"B04", "B04"},
                                  {"B05", "B8A"}, {"B06", "B11"}, {"B07", "B12"}};
constexpr const char* kS30Bands[] = {"B01", "B02", "B03", "B04", "B05", "B06",
                                     "B07", "B08", "B8A", "B11", "B12"};

std::string name_of(const stdfs::path& product) {
    const stdfs::path clean = product.has_filename() ? product : product.parent_path();
    return clean.filename().string();
}

stdfs::path product_file(const stdfs::path& product, const char* layer) {
    return product / fmt::format("{}.{}.tif", name_of(product), layer);
}

// The upper left part of a layer of a product, of a size that its tile holds.
template <typename T>
Plane<T> corner(const stdfs::path& product, const char* layer, int rows, int cols) {
    const stdfs::path path = product_file(product, layer);
    io::RasterReader reader(path.string());
    if (reader.rows() < rows || reader.cols() < cols)
        throw Error{Exit::bad_input, fmt::format("{}: smaller than the truth", path.string())};
    Plane<T> plane(rows, cols);
    reader.limit_columns(0, cols);
    reader.template read_rows<T>(0, plane.view());
    return plane;
}

template <typename T>
Plane<T> truth_layer(const stdfs::path& truth, const std::string& id, const std::string& layer) {
    return io::RasterReader((truth / truth_file_name(id, layer)).string()).read<T>();
}

std::vector<std::string> granules_of(const stdfs::path& truth) {
    std::vector<std::string> ids;
    std::error_code gone;
    for (const auto& entry : stdfs::directory_iterator(truth, gone)) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with(kTruthMask)) continue;
        const std::string id = name.substr(0, name.size() - std::string_view(kTruthMask).size());
        if (stdfs::exists(truth / truth_file_name(id, "B8A"))) ids.push_back(id);
    }
    std::sort(ids.begin(), ids.end());
    if (ids.empty())
        throw Error{Exit::missing_input,
                    fmt::format("{}: no truth of a Sentinel-2 granule", truth.string()),
                    "give the truth folder that hls-simulate sentinel2 wrote"};
    return ids;
}

// Where a granule's truth is clear land under little aerosol.
Plane<std::uint8_t> clear_land(const stdfs::path& truth, const std::string& id) {
    auto mask = truth_layer<std::uint8_t>(truth, id, "FMASK");
    const auto aot = truth_layer<std::int16_t>(truth, id, "AOT");
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask.cells()[i] = mask.cells()[i] == kTruthLand && aot.cells()[i] <= kMostAot ? 1 : 0;
    return mask;
}

// Takes out of `mask`, which starts at the corner of `tile`, what the Landsat scene does not see as
// clear land with all 4 x 4 pixels around.
void keep_clear_of(const stdfs::path& truth, const io::Grid& tile, Plane<std::uint8_t>& mask) {
    for (const auto& entry : stdfs::directory_iterator(truth)) {
        if (!entry.path().string().ends_with(kTruthMask)) continue;
        const io::RasterReader reader(entry.path().string());
        const io::Grid scene = reader.grid().value();
        const auto codes = reader.read<std::uint8_t>();
        const auto clear_at = [&](int row, int col) {
            const bool inside = row >= 0 && row < codes.rows() && col >= 0 && col < codes.cols();
            return inside && codes(row, col) == kTruthLand;
        };
        for (int row = 0; row < mask.rows(); ++row)
            for (int col = 0; col < mask.cols(); ++col) {
                const double x = tile.ulx_m + (col + 0.5) * tile.pixel_m - scene.ulx_m;
                const double y = scene.uly_m - tile.uly_m + (row + 0.5) * tile.pixel_m;
                const int c = static_cast<int>(std::floor(x / scene.pixel_m + 0.5)) - 2;
                const int r = static_cast<int>(std::floor(y / scene.pixel_m + 0.5)) - 2;
                for (int j = 0; j < 4; ++j)
                    for (int i = 0; i < 4; ++i)
                        if (!clear_at(r + j, c + i)) mask(row, col) = 0;
            }
        return;
    }
    throw Error{Exit::missing_input, fmt::format("{}: no *{}", truth.string(), kTruthMask)};
}

void add_differences(const Plane<std::int16_t>& a, const Plane<std::int16_t>& b,
                     const Plane<std::uint8_t>& where, ErrorSum& sum) {
    for (std::size_t i = 0; i < where.size(); ++i)
        if (where.cells()[i] && a.cells()[i] != kFill && b.cells()[i] != kFill)
            sum.add((a.cells()[i] - b.cells()[i]) * kScale);
}

void refuse_nothing(const ProductReport& report) {
    for (const BandReport& band : report.bands)
        if (band.errors.count == 0)
            throw Error{Exit::empty, fmt::format("{}: nothing to compare", report.what)};
}

}  // namespace

double ProductReport::worst_bias() const {
    double worst = 0;
    for (const BandReport& band : bands) worst = std::max(worst, std::fabs(band.errors.bias));
    return worst;
}

double ProductReport::worst_rmse() const {
    double worst = 0;
    for (const BandReport& band : bands) worst = std::max(worst, band.errors.rmse);
    return worst;
}

ProductReport compare_product_with_truth(const stdfs::path& product, const stdfs::path& truth) {
    ProductReport report;
    report.what = name_of(product) + " - truth";
    std::vector<CommonBand> bands(std::begin(kCommon), std::end(kCommon));
    const bool s30 = report.what.starts_with("HLS.S30.");
    if (s30) {
        bands.clear();
        for (const char* band : kS30Bands) bands.push_back({band, band});
    }
    const std::vector<std::string> ids = granules_of(truth);
    std::vector<Plane<std::uint8_t>> where;
    for (const std::string& id : ids) where.push_back(clear_land(truth, id));
    for (const CommonBand& band : bands) {
        ErrorSum sum;
        for (std::size_t i = 0; i < ids.size(); ++i)
            add_differences(
                corner<std::int16_t>(product, band.l30, where[i].rows(), where[i].cols()),
                truth_layer<std::int16_t>(truth, ids[i], band.s30), where[i], sum);
        report.bands.push_back({band.l30, sum.result()});
    }
    refuse_nothing(report);
    return report;
}

ProductReport compare_products(const stdfs::path& l30, const stdfs::path& s30,
                               const std::optional<stdfs::path>& truth,
                               const std::optional<stdfs::path>& landsat_truth) {
    ProductReport report;
    report.what = name_of(l30) + " - " + name_of(s30);
    std::vector<Plane<std::uint8_t>> where;
    if (truth) {
        for (const std::string& id : granules_of(*truth)) where.push_back(clear_land(*truth, id));
    } else {
        constexpr int kTile = 3660;
        auto clear = corner<std::uint8_t>(l30, "Fmask", kTile, kTile);
        const auto other = corner<std::uint8_t>(s30, "Fmask", kTile, kTile);
        for (std::size_t i = 0; i < clear.size(); ++i)
            clear.cells()[i] = ((clear.cells()[i] | other.cells()[i]) & kAnyFlag) == 0 ? 1 : 0;
        where.push_back(std::move(clear));
    }
    if (landsat_truth) {
        const auto tile = io::RasterReader(product_file(l30, "B04").string()).grid();
        for (auto& mask : where) keep_clear_of(*landsat_truth, tile.value(), mask);
    }
    for (const CommonBand& band : kCommon) {
        ErrorSum sum;
        for (const auto& mask : where)
            add_differences(corner<std::int16_t>(l30, band.l30, mask.rows(), mask.cols()),
                            corner<std::int16_t>(s30, band.s30, mask.rows(), mask.cols()), mask,
                            sum);
        const bool same = std::string_view(band.l30) == band.s30;
        report.bands.push_back(
            {same ? band.l30 : fmt::format("{}/{}", band.l30, band.s30), sum.result()});
    }
    refuse_nothing(report);
    return report;
}

void write_product_picture(const stdfs::path& l30, const stdfs::path& s30, const stdfs::path& png) {
    constexpr int kTile = 3660, kHeight = 1000, kGap = 8;
    constexpr double kDark = 0.01, kBright = 0.30, kDifference = 0.05;
    const std::array<std::array<const char*, 3>, 2> kColours{
        {{"B04", "B03", "B02"}, {"B04", "B03", "B02"}}};
    const std::array products{l30, s30};
    const auto nir_l = corner<std::int16_t>(l30, "B05", kTile, kTile);
    const auto nir_s = corner<std::int16_t>(s30, "B8A", kTile, kTile);
    // The part that both hold.
    int rows = 0, cols = 0;
    for (int row = 0; row < kTile; ++row)
        for (int col = 0; col < kTile; ++col)
            if (nir_l(row, col) != kFill && nir_s(row, col) != kFill) {
                rows = std::max(rows, row + 1);
                cols = std::max(cols, col + 1);
            }
    if (rows == 0)
        throw Error{Exit::empty,
                    fmt::format("{} and {} do not overlap", name_of(l30), name_of(s30))};
    const int step = (rows - 1) / kHeight + 1;
    const int height = rows / step, width = cols / step;
    io::Picture picture(height, 3 * width + 2 * kGap, 3);
    const auto grey = [](double value, double low, double high) {
        const double bright = std::clamp((value - low) / (high - low), 0.0, 1.0);
        return static_cast<std::uint8_t>(std::lround(255 * std::sqrt(bright)));
    };
    for (std::size_t side = 0; side < products.size(); ++side)
        for (int channel = 0; channel < 3; ++channel) {
            const auto band = corner<std::int16_t>(
                products[side], kColours[side][static_cast<std::size_t>(channel)], rows, cols);
            for (int row = 0; row < height; ++row)
                for (int col = 0; col < width; ++col)
                    picture.at(row, static_cast<int>(side) * (width + kGap) + col)[channel] =
                        grey(band(row * step, col * step) * kScale, kDark, kBright);
        }
    for (int row = 0; row < height; ++row)
        for (int col = 0; col < width; ++col) {
            const int l = nir_l(row * step, col * step), s = nir_s(row * step, col * step);
            const double difference = l == kFill || s == kFill ? -1 : (l - s) * kScale;
            const double level = std::clamp(difference / kDifference, -1.0, 1.0);
            auto* pixel = picture.at(row, 2 * (width + kGap) + col);
            // Red where L30 is brighter, blue where S30 is.
            pixel[0] = static_cast<std::uint8_t>(std::lround(255 * std::min(1.0, 1 + level)));
            pixel[1] = static_cast<std::uint8_t>(std::lround(255 * (1 - std::fabs(level))));
            pixel[2] = static_cast<std::uint8_t>(std::lround(255 * std::min(1.0, 1 - level)));
        }
    io::write_png(png, picture, fs::IfExists::replace);
}

std::string report_table(const ProductReport& report) {
    std::string text = fmt::format("{}: {} pixels of clear land\n", report.what,
                                   report.bands.empty() ? 0 : report.bands.front().errors.count);
    text += table_head();
    for (const BandReport& band : report.bands) text += table_line(band.band, band.errors);
    return text;
}

std::string report_json(const ProductReport& report) {
    std::string text = fmt::format(R"({{"what":"{}","bands":[)", report.what);
    for (std::size_t i = 0; i < report.bands.size(); ++i)
        text += fmt::format(R"({}{{"band":"{}",{}}})", i == 0 ? "" : ",", report.bands[i].band,
                            json_of(report.bands[i].errors));
    return text + "]}";
}

}  // namespace hls::simulate
