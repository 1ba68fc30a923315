// SPDX-License-Identifier: Apache-2.0
// The aerosol of the Landsat correction, stage by stage, against the dumps of NASA's program.
#include <gtest/gtest.h>

#include <optional>

#include "ancillary/ancillary.hpp"
#include "atmosphere/official_tables.hpp"
#include "golden.hpp"
#include "lasrc/landsat_input.hpp"
#include "lasrc/landsat_model.hpp"
#include "lasrc/retrieval_pass.hpp"
#include "lasrc/window_places.hpp"

namespace hls::lasrc {
namespace {

constexpr double kSameAot = 1e-4;

struct Stages {
    ancillary::AtmosphereCell air{};
    Plane<std::uint8_t> fill;
    std::optional<AerosolField> retrieved, filled;
};

const Stages& stages() {
    static const Stages result = [] {
        LandsatJob job;
        job.granule = golden::granule().string();
        const LandsatInput input = open_landsat_input(job);
        const io::Grid& grid = input.l1.grid;
        const std::vector<ancillary::GeoPoint> outline{place_of(grid, 0, 0),
                                                       place_of(grid, grid.rows, grid.cols)};
        const auto ancillary = ancillary::read_ancillary(
            golden::ancillary(), {input.l1.metadata.id.acquired, ancillary::cmg_rectangle(outline),
                                  ancillary::WaterVapour::as_lasrc});

        Stages s;
        s.air = ancillary.at(place_of(grid, grid.rows / 2, grid.cols / 2));
        const LandsatModel model = make_landsat_model(
            atmosphere::read_official_tables(golden::tables(), atmosphere::Sensor::oli),
            input.l1.metadata, input.used,
            {s.air.pressure_hpa, s.air.ozone_cm_atm, s.air.water_vapour_g_cm2}, Quirks::keep());
        s.retrieved = retrieve_aerosol(input, model, ancillary, {Quirks::keep(), 2, {}});
        s.filled = s.retrieved;
        fill_failed_windows(*s.filled);

        const auto qa = golden::read<std::uint16_t>(*input.qa);
        s.fill = Plane<std::uint8_t>(qa.rows(), qa.cols());
        mark_fill(qa.cells(), s.fill.cells());
        return s;
    }();
    return result;
}

template <typename T, typename U>
golden::Agreement compare_centers(const Plane<T>& windows, const Plane<U>& image,
                                  double tolerance) {
    golden::Agreement agreement(tolerance);
    for (int r = 0; r < windows.rows(); ++r)
        for (int c = 0; c < windows.cols(); ++c)
            agreement.add(static_cast<double>(windows(r, c)),
                          static_cast<double>(image(window_center(r, image.rows()),
                                                    window_center(c, image.cols()))));
    return agreement;
}

TEST(GoldenStages, SceneConstants) {
    SKIP_WITHOUT_GOLDEN_DATA();
    EXPECT_NEAR(stages().air.water_vapour_g_cm2, 1.235, 1e-6);
    EXPECT_NEAR(stages().air.ozone_cm_atm, .3025, 1e-6);
    EXPECT_NEAR(stages().air.pressure_hpa, 981.097, 5e-4);
}

TEST(GoldenStages, WindowRetrieval) {
    SKIP_WITHOUT_GOLDEN_DATA();
    const AerosolField& field = *stages().retrieved;
    const auto aot =
        compare_centers(field.aot550, golden::expected<float>("stage_aerosols"), kSameAot);
    aot.print("window AOT");
    EXPECT_GE(aot.percent_near(), 99.95);
    const auto flags =
        compare_centers(field.flags, golden::expected<std::uint8_t>("stage_ipflag"), 0);
    flags.print("window flags");
    EXPECT_GE(flags.percent_same(), 99.95);
}

TEST(GoldenStages, FilledWindows) {
    SKIP_WITHOUT_GOLDEN_DATA();
    const auto aot = compare_centers(stages().filled->aot550,
                                     golden::expected<float>("stage_aerosols_filled"), kSameAot);
    aot.print("filled AOT");
    EXPECT_GE(aot.percent_near(), 99.95);
}

TEST(GoldenStages, PixelsAfterInterpolation) {
    SKIP_WITHOUT_GOLDEN_DATA();
    const AerosolField& field = *stages().filled;
    const auto want_aot = golden::expected<float>("stage_aerosols_final");
    const auto want_flags = golden::expected<std::uint8_t>("stage_ipflag_final");
    const auto cols = static_cast<std::size_t>(field.cols);
    std::vector<float> aot(cols), eps(cols);
    std::vector<std::uint8_t> flags(cols);
    golden::Agreement aots(kSameAot), all_flags(0);
    for (int r = 0; r < field.rows; ++r) {
        interpolate_row(field, r, Quirks::keep(), {aot, eps, flags});
        for (int c = 0; c < field.cols; ++c) {
            const auto i = static_cast<std::size_t>(c);
            const bool fill = stages().fill(r, c) != 0;
            all_flags.add(fill ? kFlagFill : flags[i], want_flags(r, c));
            if (!fill) aots.add(aot[i], want_aot(r, c));
        }
    }
    aots.print("pixel AOT");
    EXPECT_GE(aots.percent_near(), 99.9);
    all_flags.print("pixel flags");
    EXPECT_GE(all_flags.percent_same(), 99.95);
}

}  // namespace
}  // namespace hls::lasrc
