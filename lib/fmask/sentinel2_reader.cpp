// SPDX-License-Identifier: Apache-2.0
#include "fmask/sentinel2_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "scene/sentinel2_angles.hpp"
#include "scene/sentinel2_l1.hpp"

namespace hls::fmask {
namespace {

constexpr int kPixelM = 20;
constexpr int kSaturatedDn = 65535;

// Bands by index of granule::sentinel2_bands().
enum Band {
    kB02 = 1,
    kB03 = 2,
    kB04 = 3,
    kB07 = 6,
    kB08 = 7,
    kB8A = 8,
    kB10 = 10,
    kB11 = 11,
    kB12 = 12
};

// B08 is blurred as the optics blur B8A, a Gaussian of 0.5 pixels of 10 m, and halved in
// resolution: weights of six pixels of 10 m in a row around a pixel of 20 m, 1e-4 of their sum.
constexpr std::array<std::int64_t, 6> kBlur{1, 404, 3382, 3382, 404, 1};
constexpr std::int64_t kBlurSum = 7574;
constexpr int kBlurReach = 2;

// One band, read ahead of its strip by `ahead` rows where a filter needs them.
class BandRows {
 public:
    BandRows(const scene::Sentinel2L1& l1, int band, int ahead)
        : reader_(l1, band), path_(l1.band_path(band)), ahead_(ahead) {}

    const std::string& path() const { return path_; }
    int rows() const { return reader_.rows(); }
    int block_rows() const { return reader_.block_rows(); }

    // Afterwards rows [first - ahead, end + ahead) of the band, as far as it has them, can be asked
    // for with row().
    void read(int first, int end) {
        const int keep_from = std::max(first - ahead_, 0);
        const int read_to = std::min(end + ahead_, reader_.rows());
        const int from = std::clamp(loaded_to_, keep_from, read_to);
        Plane<std::uint16_t> kept(from - keep_from, reader_.cols());
        for (int r = keep_from; r < from; ++r) {
            const auto row = rows_.row(r - first_);
            std::copy(row.begin(), row.end(), kept.row(r - keep_from).begin());
        }
        rows_ = {};  // before the new ones, not beside them
        rows_ = Plane<std::uint16_t>(read_to - keep_from, reader_.cols());
        std::copy(kept.cells().begin(), kept.cells().end(), rows_.cells().begin());
        if (read_to > from)
            reader_.read_rows(from, rows_.view().rows(from - keep_from, read_to - from));
        first_ = keep_from;
        loaded_to_ = read_to;
    }

    // Beyond the edge of the image its outermost row repeats.
    std::span<const std::uint16_t> row(int r) const {
        return rows_.row(std::clamp(r, 0, reader_.rows() - 1) - first_);
    }

 private:
    scene::Sentinel2BandReader reader_;
    std::string path_;
    int ahead_;
    Plane<std::uint16_t> rows_;
    int first_ = 0;
    int loaded_to_ = 0;
};

// (dn_sum / count + offset) / quantification in 1e-4, rounded, in whole numbers.
struct Scale {
    std::int64_t offset = 0;
    std::int64_t quantification = 10000;

    int operator()(std::int64_t dn_sum, std::int64_t count) const {
        const std::int64_t numerator = (dn_sum + offset * count) * kReflectanceUnit;
        const std::int64_t denominator = quantification * count;
        // Rounded to the nearest, also below 0.
        const std::int64_t doubled = 2 * numerator + denominator;
        const std::int64_t value = doubled >= 0
                                       ? doubled / (2 * denominator)
                                       : -((-doubled + 2 * denominator - 1) / (2 * denominator));
        return static_cast<int>(
            std::clamp<std::int64_t>(value, kLowestCirrus, kHighestReflectance));
    }
};

std::uint16_t reflectance(int value) {
    return static_cast<std::uint16_t>(std::max(value, 0));
}

// Mean of the valid pixels of 2 x 2; whether there is one; whether one is saturated.
struct Mean {
    int value = 0;
    bool valid = false;
    bool saturated = false;
};

Mean mean_of(std::span<const std::uint16_t> upper, std::span<const std::uint16_t> lower,
             std::size_t col, const Scale& scale) {
    std::int64_t sum = 0;
    int count = 0;
    Mean mean;
    for (const std::uint16_t dn :
         {upper[2 * col], upper[2 * col + 1], lower[2 * col], lower[2 * col + 1]}) {
        sum += dn;
        count += dn != 0;
        mean.saturated |= dn == kSaturatedDn;
    }
    mean.valid = count > 0;
    if (mean.valid) mean.value = scale(sum, count);
    return mean;
}

std::uint16_t ratio(std::int64_t numerator, std::int64_t denominator) {
    if (denominator <= 0) return 0;
    return static_cast<std::uint16_t>(
        std::clamp<std::int64_t>((numerator + denominator / 2) / denominator, 0, 65535));
}

bool has_band(const scene::Sentinel2L1& l1, int band) {
    try {
        l1.band_path(band);
        return true;
    } catch (const Error& error) {
        if (error.code != Exit::bad_input) throw;
        return false;
    }
}

}  // namespace

struct Sentinel2Reader::State {
    scene::Sentinel2L1 l1;
    AngleOverrides given;
    bool cirrus = false;
    bool parallax = false;
    std::string view_source = "nadir";
    ViewField view;
    std::array<std::unique_ptr<BandRows>, granule::kSentinel2Bands> bands;

    Scale scale(int band) const {
        return {std::llround(l1.product.offset[static_cast<std::size_t>(band)]),
                std::llround(l1.product.quantification)};
    }
    const BandRows& at(int band) const { return *bands[static_cast<std::size_t>(band)]; }

    void open_bands();
    void find_view(const Without& without);
    void view_from_detectors();
    void read(int first_row, int rows, int threads, Strip& strip);
    void convert_row(int row_of_image, int row, Strip& strip) const;
    void convert_parallax(int row_of_image, int row, Strip& strip) const;
};

void Sentinel2Reader::State::open_bands() {
    std::vector<int> used{kB02, kB03, kB04, kB8A, kB11, kB12};
    if (cirrus) used.push_back(kB10);
    if (parallax) used.insert(used.end(), {kB07, kB08});
    for (const int band : used)
        bands[static_cast<std::size_t>(band)] =
            std::make_unique<BandRows>(l1, band, band == kB08 ? kBlurReach : 0);
}

void Sentinel2Reader::State::find_view(const Without& without) {
    if (given.view_zenith) {
        view_source = "given";
        view = ViewField(view_tangent(*given.view_zenith, given.view_azimuth.value_or(0)));
        return;
    }
    if (without.angles) return;
    if (!l1.tile.view_grids.empty() && l1.detector_mask_path(scene::kSentinel2AngleBand)) {
        view_source = "per pixel";
        return view_from_detectors();
    }
    for (const auto& mean : l1.tile.mean_views)
        if (mean.band == kB8A) {
            view_source = "mean";
            view = ViewField(view_tangent(mean.zenith_deg, mean.azimuth_deg));
        }
}

// Directions change slowly: some pixels of 30 m tell enough of each cell.
void Sentinel2Reader::State::view_from_detectors() {
    constexpr int kAngleM = 30;
    constexpr int kEvery = 8;
    constexpr double kUnit = 0.01;
    constexpr std::uint16_t kUnknown = 40000;
    const scene::Sentinel2Angles angles(l1.tile);
    const auto detectors = scene::read_detectors(l1, scene::kSentinel2AngleBand, kAngleM);
    const auto grid = l1.grid(kPixelM);
    view = ViewField(grid.rows, grid.cols);
    std::array<std::vector<std::uint16_t>, 4> rows;
    for (auto& row : rows) row.resize(static_cast<std::size_t>(angles.cols()));
    for (int r = 0; r < angles.rows(); r += kEvery) {
        angles.row(r, detectors.row(r), {rows[0], rows[1], rows[2], rows[3]});
        for (int c = 0; c < angles.cols(); c += kEvery) {
            const auto i = static_cast<std::size_t>(c);
            if (rows[2][i] >= kUnknown || rows[3][i] >= kUnknown) continue;
            view.add(std::min(r * kAngleM / kPixelM, grid.rows - 1),
                     std::min(c * kAngleM / kPixelM, grid.cols - 1),
                     view_tangent(rows[2][i] * kUnit, rows[3][i] * kUnit));
        }
    }
}

void Sentinel2Reader::State::read(int first_row, int rows, int threads, Strip& strip) {
    std::vector<int> present;
    for (int band = 0; band < granule::kSentinel2Bands; ++band)
        if (bands[static_cast<std::size_t>(band)]) present.push_back(band);
    // The slowest first: bands of 10 m have four times the pixels.
    std::stable_sort(present.begin(), present.end(), [](int a, int b) {
        return granule::sentinel2_bands()[static_cast<std::size_t>(a)].resolution_m <
               granule::sentinel2_bands()[static_cast<std::size_t>(b)].resolution_m;
    });
    parallel_for(present.size(), threads, [&](std::size_t i) {
        const auto band = static_cast<std::size_t>(present[i]);
        const int resolution = granule::sentinel2_bands()[band].resolution_m;
        if (resolution <= kPixelM) {
            const int finer = kPixelM / resolution;
            bands[band]->read(first_row * finer, (first_row + rows) * finer);
        } else {
            const int coarser = resolution / kPixelM;
            bands[band]->read(first_row / coarser, (first_row + rows - 1) / coarser + 1);
        }
    });
    parallel_for(static_cast<std::size_t>(rows), threads, [&](std::size_t r) {
        const int row = static_cast<int>(r);
        convert_row(first_row + row, row, strip);
        if (parallax) convert_parallax(first_row + row, row, strip);
    });
}

void Sentinel2Reader::State::convert_row(int row_of_image, int row, Strip& strip) const {
    const auto valid = strip.valid.row(row);
    const auto saturated = strip.saturated.row(row);
    std::fill(valid.begin(), valid.end(), std::uint8_t{1});
    std::fill(saturated.begin(), saturated.end(), std::uint8_t{0});
    const std::array visible{std::pair{kB02, &strip.blue}, std::pair{kB03, &strip.green},
                             std::pair{kB04, &strip.red}};
    for (std::size_t b = 0; b < visible.size(); ++b) {
        const auto& source = at(visible[b].first);
        const Scale to = scale(visible[b].first);
        const auto upper = source.row(2 * row_of_image);
        const auto lower = source.row(2 * row_of_image + 1);
        const auto out = visible[b].second->row(row);
        for (std::size_t c = 0; c < out.size(); ++c) {
            const Mean mean = mean_of(upper, lower, c, to);
            out[c] = reflectance(mean.value);
            valid[c] = valid[c] & mean.valid;
            saturated[c] = static_cast<std::uint8_t>(saturated[c] | (mean.saturated << b));
        }
    }
    for (const auto& [band, plane] : {std::pair{kB8A, &strip.nir}, std::pair{kB11, &strip.swir1},
                                      std::pair{kB12, &strip.swir2}}) {
        const auto dn = at(band).row(row_of_image);
        const Scale to = scale(band);
        const auto out = plane->row(row);
        for (std::size_t c = 0; c < out.size(); ++c) out[c] = reflectance(to(dn[c], 1));
    }
    if (!cirrus) return;
    const auto dn = at(kB10).row(row_of_image / 3);
    const Scale to = scale(kB10);
    const auto out = strip.cirrus.row(row);
    for (std::size_t c = 0; c < out.size(); ++c)
        out[c] = static_cast<std::int16_t>(to(dn[c / 3], 1));
}

void Sentinel2Reader::State::convert_parallax(int row_of_image, int row, Strip& strip) const {
    const auto b07 = at(kB07).row(row_of_image);
    const auto b8a = at(kB8A).row(row_of_image);
    const Scale scale7 = scale(kB07), scale8 = scale(kB08), scale8a = scale(kB8A);
    const auto out7 = strip.ratio7.row(row);
    const auto out8 = strip.ratio8.row(row);
    // Down the six rows of each column of 10 m, then along them.
    const BandRows& fine = at(kB08);
    std::array<std::span<const std::uint16_t>, 6> rows;
    for (int i = 0; i < 6; ++i)
        rows[static_cast<std::size_t>(i)] = fine.row(2 * row_of_image - kBlurReach + i);
    std::vector<std::int64_t> columns(rows[0].size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t c = 0; c < columns.size(); ++c) columns[c] += kBlur[i] * rows[i][c];
    const auto last = static_cast<std::ptrdiff_t>(columns.size()) - 1;
    for (std::size_t c = 0; c < out8.size(); ++c) {
        std::int64_t sum = 0;
        for (int i = 0; i < 6; ++i) {
            const auto at_col = std::clamp<std::ptrdiff_t>(
                2 * static_cast<std::ptrdiff_t>(c) - kBlurReach + i, 0, last);
            sum += kBlur[static_cast<std::size_t>(i)] * columns[static_cast<std::size_t>(at_col)];
        }
        // Both in units of the digital numbers; quantification cancels out.
        const std::int64_t below = b8a[c] == 0 ? 0 : b8a[c] + scale8a.offset;
        out7[c] = ratio((b07[c] + scale7.offset) * kReflectanceUnit, below);
        constexpr std::int64_t kAll = kBlurSum * kBlurSum;
        out8[c] = ratio((sum + scale8.offset * kAll) * kReflectanceUnit, below * kAll);
    }
}

Sentinel2Reader::Sentinel2Reader(const std::string& granule, const GranuleOptions& options)
    : state_(std::make_unique<State>()) {
    State& s = *state_;
    s.given = options.angles;
    s.l1 = scene::open_sentinel2_l1(granule, {{}, false});
    s.cirrus = !options.without.cirrus;
    s.parallax = !options.without.parallax && has_band(s.l1, kB07) && has_band(s.l1, kB08);
    scene::Sentinel2L1Needs needs{{kB02, kB03, kB04, kB8A, kB11, kB12}, false};
    if (s.cirrus) needs.bands.push_back(kB10);
    if (s.parallax) needs.bands.insert(needs.bands.end(), {kB07, kB08});
    s.l1 = scene::open_sentinel2_l1(granule, needs);
    require_sun(options.angles.sun_zenith.value_or(s.l1.tile.sun_zenith_deg), s.l1.product_id);
    s.open_bands();
    s.find_view(options.without);
}

Sentinel2Reader::~Sentinel2Reader() = default;

const std::string& Sentinel2Reader::product_id() const {
    return state_->l1.product_id;
}

SceneTraits Sentinel2Reader::traits() const {
    const State& s = *state_;
    return {Sensor::sentinel2,
            s.l1.grid(kPixelM),
            false,
            s.cirrus,
            s.parallax,
            s.given.sun_zenith.value_or(s.l1.tile.sun_zenith_deg),
            s.given.sun_azimuth.value_or(s.l1.tile.sun_azimuth_deg)};
}

std::vector<std::string> Sentinel2Reader::files() const {
    std::vector<std::string> paths;
    for (const auto& source : {state_->l1.product.source, state_->l1.tile.source})
        if (!source.empty()) paths.push_back(source);
    for (const auto& band : state_->bands)
        if (band) paths.push_back(band->path());
    return paths;
}

std::string Sentinel2Reader::sun_source() const {
    return state_->given.sun_zenith ? "given" : "scene centre";
}

std::string Sentinel2Reader::view_source() const {
    return state_->view_source;
}

int Sentinel2Reader::preferred_strip_rows() const {
    // The readers keep rows of blocks, so that short strips cost no decoding; what a strip holds of
    // ten bands and their mean is the peak of memory.
    return 66;
}

StripReader Sentinel2Reader::strips(int threads) {
    return [this, threads](int first_row, int rows, Strip& strip) {
        state_->read(first_row, rows, threads, strip);
    };
}

ViewField Sentinel2Reader::view() const {
    ViewField field = state_->view;
    field.finish();
    return field;
}

bool Sentinel2Reader::saw_temperature() const {
    return false;
}

}  // namespace hls::fmask
