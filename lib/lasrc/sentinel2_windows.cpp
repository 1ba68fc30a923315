// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_windows.hpp"

#include <array>
#include <vector>

#include "core/parallel.hpp"
#include "lasrc/sentinel2_retrieval.hpp"
#include "lasrc/window_places.hpp"

namespace hls::lasrc {
namespace {

constexpr int kStep = kSentinel2Window;
constexpr std::array<std::size_t, 5> kBands{kB01, kB02, kB04, kB8A, kB12};
enum : std::size_t { kCoastal, kBlue, kRed, kNir, kSwir2 };

// TOA reflectance of the retrieval's bands along one row of windows, brought to 10 m.
class WindowRow {
 public:
    explicit WindowRow(const Sentinel2WindowLoop& loop)
        : loop_(loop), numbers_(static_cast<std::size_t>(loop.image.cols)) {
        for (auto& band : toa_) band = Plane<float>(kStep, loop.image.cols);
    }

    void read(int window_row) {
        for (std::size_t b = 0; b < kBands.size(); ++b) {
            const auto calibration = loop_.model.bands[kBands[b]].calibration;
            for (int r = 0; r < kStep; ++r) {
                loop_.image.row(kBands[b], window_row * kStep + r, numbers_);
                const auto out = toa_[b].row(r);
                for (std::size_t c = 0; c < out.size(); ++c) out[c] = calibration.toa(numbers_[c]);
            }
        }
    }

    float at(std::size_t band, int row, int col) const { return toa_[band](row, col); }

    // Means over the window whose corner is at `col`, as running sums in raster order.
    Sentinel2Window means(View2D<const std::uint8_t> flags, int col) const {
        std::array<float, kBands.size()> sum{}, all{};
        int count = 0;
        for (int r = 0; r < kStep; ++r)
            for (int c = col; c < col + kStep; ++c) {
                const bool used = (flags(r, c) & kFlagNoData) == 0;
                count += used ? 1 : 0;
                for (std::size_t b = 0; b < sum.size(); ++b) {
                    const float value = toa_[b](r, c);
                    all[b] += value;
                    sum[b] = used ? sum[b] + value : sum[b];
                }
            }
        const auto n = static_cast<float>(count);
        constexpr float kAll = kStep * kStep;
        return {sum[kCoastal] / n, sum[kBlue] / n,   sum[kRed] / n,   sum[kNir] / n,
                sum[kSwir2] / n,   all[kRed] / kAll, all[kNir] / kAll};
    }

 private:
    const Sentinel2WindowLoop& loop_;
    std::vector<std::uint16_t> numbers_;
    std::array<Plane<float>, kBands.size()> toa_;
};

// Where a window is sampled for its vegetation index.
struct Corner {
    bool found = false;
    int row = 0;
    int col = 0;
};

Corner corner_of(View2D<const std::uint8_t> flags, int col, bool only_upper_left) {
    for (int r = 0; r < kStep; ++r)
        for (int c = col; c < col + kStep; ++c) {
            if ((flags(r, c) & kFlagNoData) == 0) return {true, r, c};
            if (only_upper_left) return {};
        }
    return {};
}

void retrieve_window_row(const Sentinel2WindowLoop& loop, const Sentinel2Retrieval& retrieval,
                         const WindowPlaces& places, int window_row, Sentinel2Aerosol& out) {
    WindowRow row(loop);
    row.read(window_row);
    const auto flags = out.flags.view().rows(window_row * kStep, kStep);
    for (int w = 0; w < out.window_eps.cols(); ++w) {
        const int col = w * kStep;
        const Corner corner = corner_of(flags, col, loop.quirks.corner_fill_skips_window);
        if (!corner.found) {
            flags(0, col) = static_cast<std::uint8_t>(flags(0, col) | kFlagFill);
            continue;
        }
        const float index = retrieval.water_index_of(row.at(kNir, corner.row, corner.col),
                                                     row.at(kSwir2, corner.row, corner.col));
        const auto ratios = expected_ratios(loop.ancillary, places.at(window_row, w), index);
        const auto found = retrieval.retrieve(row.means(flags, col), ratios);
        out.window_aot550(window_row, w) = found.aot550;
        out.window_eps(window_row, w) = found.eps;
        flags(0, col) = static_cast<std::uint8_t>(flags(0, col) | found.flags);
    }
}

}  // namespace

Sentinel2Aerosol Sentinel2WindowLoop::retrieve(int threads) const {
    Sentinel2Aerosol aerosol(image.rows, image.cols);
    const Sentinel2Retrieval retrieval(model, quirks);
    const auto places = WindowPlaces::of_corners(grid, kStep);
    const auto window_rows = static_cast<std::size_t>(aerosol.window_eps.rows());
    parallel_for(window_rows, threads, [&](std::size_t window_row) {
        const int first = static_cast<int>(window_row) * kStep;
        for (int r = first; r < first + kStep; ++r) {
            const auto flags = aerosol.flags.row(r);
            mark_no_data(image, model, fill, r, flags);
            for (auto& flag : flags) flag = flag != 0 ? kFlagNoData : std::uint8_t{0};
        }
        retrieve_window_row(*this, retrieval, places, static_cast<int>(window_row), aerosol);
    });
    return aerosol;
}

WindowCounts count_windows(const Sentinel2Aerosol& aerosol) {
    WindowCounts counts;
    for (int r = 0; r < aerosol.rows; r += kStep)
        for (int c = 0; c < aerosol.cols; c += kStep) {
            const auto flags = aerosol.flags(r, c);
            if ((flags & kFlagFill) != 0)
                ++counts.fill;
            else if ((flags & kFlagWater) != 0)
                ++counts.water;
            else if ((flags & kFlagFailed) != 0)
                ++counts.failed;
            else
                ++counts.land;
        }
    return counts;
}

}  // namespace hls::lasrc
