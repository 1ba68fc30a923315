// SPDX-License-Identifier: Apache-2.0
// Every stage of the Landsat correction against the stage dumps of NASA's program: aerosol windows,
// filled, interpolated, and surface reflectance.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>

#include "ancillary/ancillary.hpp"
#include "atmosphere/official_tables.hpp"
#include "golden.hpp"
#include "granule/landsat.hpp"
#include "lasrc/aerosol_field.hpp"
#include "lasrc/final_correction.hpp"
#include "lasrc/landsat_model.hpp"
#include "lasrc/landsat_windows.hpp"

namespace hls::lasrc {
namespace {

struct Stages {
    Plane<std::uint16_t> dn[kLandsatBands];
    Plane<std::uint8_t> fill;
    Plane<std::int16_t> sza;
    std::vector<float> cosines = cosines_of_hundredths();
    ancillary::AtmosphereCell air{};
    LandsatModel model{};
    std::unique_ptr<AerosolField> retrieved, filled;
};

Stages run() {
    Stages s;
    const std::string base = (golden::granule() / golden::kProduct).string();
    const auto metadata = granule::parse_landsat_mtl(
        [&] {
            std::FILE* f = std::fopen((base + "_MTL.txt").c_str(), "rb");
            std::string text(1 << 16, '\0');
            text.resize(std::fread(text.data(), 1, text.size(), f));
            std::fclose(f);
            return text;
        }(),
        base + "_MTL.txt");
    for (int b = 1; b <= kLandsatBands; ++b)
        s.dn[b - 1] = golden::read<std::uint16_t>(base + "_B" + std::to_string(b) + ".TIF");
    s.sza = golden::read<std::int16_t>(base + "_SZA.TIF");
    const auto qa = golden::read<std::uint16_t>(base + "_QA_PIXEL.TIF");
    s.fill = Plane<std::uint8_t>(qa.rows(), qa.cols());
    for (std::size_t i = 0; i < qa.size(); ++i) s.fill.cells()[i] = qa.cells()[i] & 1;
    const io::Grid grid = *io::RasterReader(base + "_B1.TIF").grid();

    const auto tables =
        atmosphere::read_official_tables(golden::ancillary() / "LDCMLUT", atmosphere::Sensor::oli);
    const ancillary::GeoPoint center = place_of(grid, grid.rows / 2, grid.cols / 2);
    const std::vector<ancillary::GeoPoint> outline{place_of(grid, 0, 0), place_of(grid, 0, 600),
                                                   place_of(grid, 600, 0),
                                                   place_of(grid, 600, 600)};
    const auto ancillary = ancillary::read_ancillary(
        golden::ancillary(), {metadata.id.acquired, ancillary::cmg_rectangle(outline)});
    s.air = ancillary.at(center);

    const Quirks quirks = Quirks::keep();
    const std::vector<int> bands{1, 2, 3, 4, 5, 6, 7};
    s.model = make_landsat_model(tables, metadata, bands,
                                 {s.air.pressure_hpa, s.air.ozone_cm_atm, s.air.water_vapour_g_cm2},
                                 quirks);
    const LandsatRetrieval retrieval = make_landsat_retrieval(s.model, quirks);
    const WindowPlaces places(grid, quirks);
    RetrievalStrip strip{0, {}, s.fill.view(), {s.sza.view(), s.cosines, 1.f}};
    WindowLoop loop{retrieval, {}, ancillary, places};
    for (std::size_t i = 0; i < kRetrievalBands.size(); ++i) {
        strip.dn[i] = s.dn[kRetrievalBands[i] - 1].view();
        loop.calibrations[i] = s.model.band(kRetrievalBands[i]).calibration;
    }
    s.retrieved = std::make_unique<AerosolField>(grid.rows, grid.cols);
    for (int r = 0; r < s.retrieved->flags.rows(); ++r) loop.retrieve_row(strip, r, *s.retrieved);
    s.filled = std::make_unique<AerosolField>(*s.retrieved);
    fill_failed_windows(*s.filled);
    return s;
}

const Stages& stages() {
    static const Stages s = run();
    return s;
}

void compare_field(const AerosolField& field, const char* name) {
    const auto want = golden::expected<float>(name);
    int off = 0, total = 0;
    int shown = 0;
    double worst = 0;
    for (int r = 0; r < field.flags.rows(); ++r) {
        for (int c = 0; c < field.flags.cols(); ++c) {
            const double d = std::fabs(field.aot550(r, c) - want(3 * r + 1, 3 * c + 1));
            worst = std::max(worst, d);
            ++total;
            if (d > 1e-4) {
                ++off;
                if (shown++ < 8)
                    std::printf("  %d %d got %.6f eps %.4f flags %d want %.6f\n", r, c,
                                field.aot550(r, c), field.eps(r, c), field.flags(r, c),
                                want(3 * r + 1, 3 * c + 1));
            }
        }
    }
    std::printf("%s: %d of %d windows differ by more than 1e-4, largest %.2g\n", name, off, total,
                worst);
    int exact = 0;
    std::vector<double> ds;
    for (int r = 0; r < field.flags.rows(); ++r)
        for (int c = 0; c < field.flags.cols(); ++c)
            ds.push_back(std::fabs(field.aot550(r, c) - want(3 * r + 1, 3 * c + 1)));
    std::sort(ds.begin(), ds.end());
    std::printf("  quantile exact 50 %g 75 %g 90 %g 99 %g\n", ds[ds.size() / 2],
                ds[ds.size() * 3 / 4], ds[ds.size() * 9 / 10], ds[ds.size() * 99 / 100]);
    for (int r = 0; r < field.flags.rows(); ++r)
        for (int c = 0; c < field.flags.cols(); ++c)
            exact += field.aot550(r, c) == want(3 * r + 1, 3 * c + 1);
    std::printf("  exact %d\n", exact);
    EXPECT_LE(off, total / 2000);
}

TEST(Golden, SceneConstants) {
    if (golden::absent()) GTEST_SKIP() << "no golden data at " << golden::folder();
    EXPECT_NEAR(stages().air.water_vapour_g_cm2, 1.235, 1e-6);
    EXPECT_NEAR(stages().air.ozone_cm_atm, .3025, 1e-6);
    EXPECT_NEAR(stages().air.pressure_hpa, 981.097, 5e-4);
}

TEST(Golden, WindowAerosol) {
    if (golden::absent()) GTEST_SKIP() << "no golden data at " << golden::folder();
    compare_field(*stages().retrieved, "stage_aerosols");
    const auto want = golden::expected<std::uint8_t>("stage_ipflag");
    const AerosolField& field = *stages().retrieved;
    int off = 0;
    for (int r = 0; r < field.flags.rows(); ++r)
        for (int c = 0; c < field.flags.cols(); ++c)
            off += field.flags(r, c) != want(3 * r + 1, 3 * c + 1);
    std::printf("stage_ipflag: %d of %zu flags differ\n", off, field.flags.size());
    EXPECT_LE(off, static_cast<int>(field.flags.size() / 2000));
}

TEST(Golden, FilledAerosol) {
    if (golden::absent()) GTEST_SKIP() << "no golden data at " << golden::folder();
    compare_field(*stages().filled, "stage_aerosols_filled");
}

TEST(Golden, PixelsAfterInterpolation) {
    if (golden::absent()) GTEST_SKIP() << "no golden data at " << golden::folder();
    const Stages& s = stages();
    const int rows = s.filled->rows, cols = s.filled->cols;
    const auto want = golden::expected<float>("stage_aerosols_final");
    const auto want_flags = golden::expected<std::uint8_t>("stage_ipflag_final");
    std::vector<float> aot(cols), eps(cols), cos_sun(cols), change(cols);
    std::vector<std::uint8_t> flags(cols);
    std::vector<std::uint16_t> code(cols);
    std::vector<Plane<std::uint16_t>> want_sr;
    for (int b = 1; b <= 7; ++b)
        want_sr.push_back(golden::expected<std::uint16_t>("sr_band" + std::to_string(b)));
    const auto want_qa = golden::expected<std::uint8_t>("sr_aerosol");

    long off = 0, flags_off = 0, qa_off = 0, same[8] = {}, far[8] = {};
    double worst = 0;
    for (int r = 0; r < rows; ++r) {
        interpolate_row(*s.filled, r, Quirks::keep(), {aot, eps, flags});
        for (int c = 0; c < cols; ++c)
            cos_sun[c] = s.cosines[static_cast<std::uint16_t>(s.sza(r, c))];
        const PixelRow row{cos_sun, aot, eps, s.fill.row(r)};
        for (int c = 0; c < cols; ++c) {
            if (s.fill(r, c)) flags[c] = kFlagFill;
            flags_off += flags[c] != want_flags(r, c);
            if (s.fill(r, c)) continue;
            const double d = std::fabs(aot[c] - want(r, c));
            off += d > 1e-4;
            worst = std::max(worst, d);
        }
        for (int b = 1; b <= 7; ++b) {
            correct_row(s.model.band(b), row, s.dn[b - 1].row(r), Quirks::keep(), code,
                        b == 1 ? std::span<float>(change) : std::span<float>());
            for (int c = 0; c < cols; ++c) {
                const int d = std::abs(code[c] - want_sr[b - 1](r, c));
                same[b] += d == 0;
                far[b] += d > 4;
            }
        }
        for (int c = 0; c < cols; ++c) {
            if (!s.fill(r, c)) flags[c] |= aerosol_level_bits(change[c]);
            qa_off += flags[c] != want_qa(r, c);
        }
    }
    const double total = rows * cols;
    std::printf("stage_aerosols_final: %ld differ, largest %.2g; flags %ld; QA %ld\n", off, worst,
                flags_off, qa_off);
    for (int b = 1; b <= 7; ++b)
        std::printf("B%d identical %.4f %%, beyond 4 DN %.4f %%\n", b,
                    100 * static_cast<double>(same[b]) / total,
                    100 * static_cast<double>(far[b]) / total);
}

}  // namespace
}  // namespace hls::lasrc
