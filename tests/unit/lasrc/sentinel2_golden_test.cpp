// SPDX-License-Identifier: Apache-2.0
// The aerosol of the Sentinel-2 correction, stage by stage, against the dumps of NASA's program.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "ancillary/ancillary.hpp"
#include "atmosphere/official_tables.hpp"
#include "golden.hpp"
#include "lasrc/sentinel2_job.hpp"
#include "lasrc/sentinel2_windows.hpp"
#include "lasrc/window_places.hpp"
#include "scene/sentinel2_ac_scene.hpp"

namespace hls::lasrc {
namespace {

constexpr double kSameAot = 1e-4;
constexpr const char* kSentinel2 = "S2A_MSIL1C_20200629T180000_N0209_R127_T11TMK_20200629T220000";

std::filesystem::path sentinel2_folder() {
    return golden::folder().parent_path() / "lasrc_sentinel2";
}

template <typename T>
Plane<T> expected_stage(const std::string& set, const std::string& name) {
    return golden::read<T>((sentinel2_folder() / set / (name + ".tif")).string());
}

struct Case {
    Sentinel2Fill fill;
    const char* set;
};

class Sentinel2Stages : public testing::TestWithParam<Case> {
 protected:
    void SetUp() override {
        if (!std::filesystem::exists(sentinel2_folder())) GTEST_SKIP() << sentinel2_folder();
        const auto l1 =
            scene::open_sentinel2_l1((sentinel2_folder() / kSentinel2).string(),
                                     {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, false});
        const auto grid = l1.grid(10);
        const std::vector<ancillary::GeoPoint> outline{place_of(grid, 0, 0),
                                                       place_of(grid, grid.rows, grid.cols)};
        const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(l1.id.sensing)};
        const auto ancillary = ancillary::read_ancillary(
            golden::ancillary(),
            {day, ancillary::cmg_rectangle(outline), ancillary::WaterVapour::as_lasrc});
        air = ancillary.at(place_of(grid, grid.rows / 2, grid.cols / 2));
        const auto model = make_sentinel2_model(
            atmosphere::read_official_tables(sentinel2_folder() / "ancillary" / "MSILUT",
                                             atmosphere::Sensor::msi),
            l1.product, sentinel2_geometry(l1.tile),
            {air.pressure_hpa, air.ozone_cm_atm, air.water_vapour_g_cm2}, Quirks::keep());
        const auto image = read_sentinel2_image(l1, 2, {});
        const Sentinel2WindowLoop loop{image, model,           ancillary,
                                       grid,  GetParam().fill, Quirks::keep()};
        aerosol.emplace(loop.retrieve(2));
    }

    template <typename T>
    Plane<T> expected(const std::string& name) {
        return expected_stage<T>(GetParam().set, name);
    }
    // Flags as the reference dumps them.
    Plane<std::uint8_t> flags() const {
        Plane<std::uint8_t> plain = aerosol->flags;
        for (auto& flag : plain.cells()) flag = static_cast<std::uint8_t>(flag & ~kFlagNoData);
        return plain;
    }
    void expect_same_flags(const std::string& stage) {
        const auto agreement = golden::compare(flags(), expected<std::uint8_t>(stage), 0);
        agreement.print(stage);
        EXPECT_GE(agreement.percent_same(), 99.95);
    }

    ancillary::AtmosphereCell air{};
    std::optional<Sentinel2Aerosol> aerosol;
};

TEST_P(Sentinel2Stages, AgreeWithTheReference) {
    EXPECT_NEAR(air.water_vapour_g_cm2, 1.23, 1e-6);
    EXPECT_NEAR(air.ozone_cm_atm, .3, 1e-6);
    EXPECT_NEAR(air.pressure_hpa, 981.212585, 5e-4);

    expect_same_flags("stage1_window_ipflag");
    const auto windows = expected<float>("stage1_window_aerosols");
    golden::Agreement aot(kSameAot);
    for (int r = 0; r < windows.rows(); r += kSentinel2Window)
        for (int c = 0; c < windows.cols(); c += kSentinel2Window)
            aot.add(aerosol->window_aot550(r / kSentinel2Window, c / kSentinel2Window),
                    windows(r, c));
    aot.print("stage1_window_aerosols");
    EXPECT_GE(aot.percent_near(), 99.8);

    smooth_aot(*aerosol, Quirks::keep());
    const auto smooth =
        golden::compare(aerosol->aot550, expected<float>("stage2_interp_aerosols"), kSameAot);
    smooth.print("stage2_interp_aerosols");
    EXPECT_GE(smooth.percent_near(), 99.9);

    widen_failed(*aerosol, 2);
    expect_same_flags("stage3_expanded_ipflag");

    fill_failed(*aerosol, 2);
    expect_same_flags("stage4_final_ipflag");
    const auto final_aot =
        golden::compare(aerosol->aot550, expected<float>("stage4_final_aerosols"), kSameAot);
    final_aot.print("stage4_final_aerosols");
    EXPECT_GE(final_aot.percent_near(), 99.9);
}

// The whole job in the reference layout, against what the reference wrote.
class Sentinel2Products : public Sentinel2Stages {
 protected:
    void SetUp() override {
        if (!std::filesystem::exists(sentinel2_folder())) GTEST_SKIP() << sentinel2_folder();
        folder_ =
            std::filesystem::temp_directory_path() / ("s2golden-" + std::to_string(::getpid()));
        Sentinel2Job job;
        job.granule = (sentinel2_folder() / kSentinel2).string();
        job.output_dir = folder_;
        job.ancillary = golden::ancillary().string();
        job.fill = GetParam().fill;
        job.fill_flags = Sentinel2FillFlags::corner;
        job.layout = Sentinel2OutputLayout::reference;
        job.angles = false;
        job.threads = 2;
        correct_sentinel2(
            job, atmosphere::read_official_tables(sentinel2_folder() / "ancillary" / "MSILUT",
                                                  atmosphere::Sensor::msi));
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    template <typename T>
    Plane<T> written(const std::string& name) {
        return golden::read<T>((folder_ / kSentinel2 / (name + ".tif")).string());
    }

    std::filesystem::path folder_;
};

TEST_P(Sentinel2Products, HaveTheReferencesNumbers) {
    for (const auto& band : scene::sentinel2_bands()) {
        const std::string name(band.reference_file);
        if (!std::filesystem::exists(sentinel2_folder() / GetParam().set / (name + ".tif")))
            continue;
        const auto agreement =
            golden::compare(written<std::uint16_t>(name), expected<std::uint16_t>(name), 4);
        agreement.print(name);
        EXPECT_GE(agreement.percent_same(), 98.) << name;
        EXPECT_GE(agreement.percent_near(), 99.9) << name;
    }
    const auto qa = golden::compare(written<std::uint8_t>("sr_aerosol"),
                                    expected<std::uint8_t>("sr_aerosol"), 0);
    qa.print("sr_aerosol");
    EXPECT_GE(qa.percent_same(), 99.95);
}

constexpr auto name_of_case = [](const testing::TestParamInfo<Case>& test) {
    return std::string(test.param.fill == Sentinel2Fill::all ? "all" : "any");
};

INSTANTIATE_TEST_SUITE_P(Golden, Sentinel2Products,
                         testing::Values(Case{Sentinel2Fill::all, "expected"},
                                         Case{Sentinel2Fill::any, "expected_anyfill"}),
                         name_of_case);

INSTANTIATE_TEST_SUITE_P(Golden, Sentinel2Stages,
                         testing::Values(Case{Sentinel2Fill::all, "expected"},
                                         Case{Sentinel2Fill::any, "expected_anyfill"}),
                         name_of_case);

}  // namespace
}  // namespace hls::lasrc
