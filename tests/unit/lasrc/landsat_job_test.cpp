// SPDX-License-Identifier: Apache-2.0
// Whole granules through files: NASA's products, thread counts, partial granules, bad input.
#include "lasrc/landsat_job.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "atmosphere/official_tables.hpp"
#include "core/error.hpp"
#include "golden.hpp"
#include "scene/ac_scene.hpp"

namespace hls::lasrc {
namespace {

namespace stdfs = std::filesystem;

const atmosphere::Tables& tables() {
    static const auto all =
        atmosphere::read_official_tables(golden::tables(), atmosphere::Sensor::oli);
    return all;
}

class LandsatJobTest : public testing::Test {
 protected:
    void SetUp() override {
        SKIP_WITHOUT_GOLDEN_DATA();
        root_ = stdfs::temp_directory_path() /
                ("lasrc_" + std::to_string(getpid()) + "_" +
                 testing::UnitTest::GetInstance()->current_test_info()->name());
        stdfs::create_directories(root_);
        job_.granule = golden::granule().string();
        job_.output_dir = root_ / "out";
        job_.ancillary = golden::ancillary().string();
        job_.threads = 2;
    }
    void TearDown() override { stdfs::remove_all(root_); }

    // A copy of the granule in which files can be taken away or damaged.
    stdfs::path copy_of_granule() {
        const stdfs::path copy = root_ / golden::kProduct;
        stdfs::create_directories(copy);
        for (const auto& file : stdfs::directory_iterator(golden::granule())) {
            const stdfs::path to = copy / file.path().filename();
            stdfs::copy_file(file.path(), to);
            stdfs::permissions(to, stdfs::perms::owner_write, stdfs::perm_options::add);
        }
        return copy;
    }
    stdfs::path file_in(const stdfs::path& granule, const std::string& suffix) {
        return granule / (std::string(golden::kProduct) + suffix);
    }
    std::string layer(const stdfs::path& out, const std::string& name) {
        return (out / golden::kProduct / (std::string(golden::kProduct) + "_" + name + ".tif"))
            .string();
    }
    Exit failure() {
        try {
            correct_landsat(job_, tables());
        } catch (const Error& error) {
            message_ = error.message + " / " + error.hint;
            return error.code;
        }
        return Exit::ok;
    }

    stdfs::path root_;
    LandsatJob job_;
    std::string message_;
};

std::string bytes_of(const stdfs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(LandsatJobTest, AgreesWithNasa) {
    const CorrectionReport report = correct_landsat(job_, tables());
    for (int band = 1; band <= 7; ++band) {
        const auto agreement = golden::compare(
            golden::read<std::uint16_t>(layer(job_.output_dir, "SR_B" + std::to_string(band))),
            golden::expected<std::uint16_t>("sr_band" + std::to_string(band)), 4);
        agreement.print("SR_B" + std::to_string(band));
        EXPECT_GE(agreement.percent_same(), 98.) << band;
        EXPECT_GE(agreement.percent_near(), 99.9) << band;
    }
    const std::pair<const char*, const char*> copied[] = {
        {"TOA_B9", "toa_band9"}, {"BT_B10", "bt_band10"}, {"BT_B11", "bt_band11"}};
    for (const auto& [ours, theirs] : copied) {
        const auto agreement =
            golden::compare(golden::read<std::uint16_t>(layer(job_.output_dir, ours)),
                            golden::expected<std::uint16_t>(theirs), 1);
        agreement.print(ours);
        EXPECT_GE(agreement.percent_same(), 99.9) << ours;
        EXPECT_EQ(agreement.percent_near(), 100.) << ours;
    }
    const auto qa =
        golden::compare(golden::read<std::uint8_t>(layer(job_.output_dir, "SR_QA_AEROSOL")),
                        golden::expected<std::uint8_t>("sr_aerosol"), 0);
    qa.print("SR_QA_AEROSOL");
    EXPECT_GE(qa.percent_same(), 99.95);

    EXPECT_EQ(
        report.windows.land + report.windows.water + report.windows.failed + report.windows.fill,
        200 * 200);
    EXPECT_EQ(report.plan.outputs.size(), 18u);
    for (const auto& output : report.plan.outputs) EXPECT_TRUE(stdfs::exists(output)) << output;
}

TEST_F(LandsatJobTest, AnglesAndAotAreWhatTheyAreMadeOf) {
    correct_landsat(job_, tables());
    EXPECT_EQ(golden::read<std::int16_t>(layer(job_.output_dir, "SAA")).cells(),
              golden::read<std::int16_t>(golden::granule_file("_SAA.TIF")).cells());
    const auto aot = golden::read<std::int16_t>(layer(job_.output_dir, "AOT"));
    const auto want = golden::expected<float>("stage_aerosols_final");
    const auto qa = golden::read<std::uint16_t>(golden::granule_file("_QA_PIXEL.TIF"));
    golden::Agreement agreement(1);
    for (std::size_t i = 0; i < aot.size(); ++i) {
        const bool fill = qa.cells()[i] & 1;
        ASSERT_EQ(fill, aot.cells()[i] == -9999);
        if (!fill) agreement.add(aot.cells()[i], std::round(want.cells()[i] * 1000.f));
    }
    agreement.print("AOT");
    EXPECT_GE(agreement.percent_near(), 99.9);
}

TEST_F(LandsatJobTest, SameBytesForAnyThreadCount) {
    setenv("SOURCE_DATE_EPOCH", "1600000000", 1);
    correct_landsat(job_, tables());
    const stdfs::path first = job_.output_dir / golden::kProduct;
    job_.output_dir = root_ / "single";
    job_.threads = 1;
    correct_landsat(job_, tables());
    unsetenv("SOURCE_DATE_EPOCH");
    int files = 0;
    for (const auto& file : stdfs::directory_iterator(first)) {
        EXPECT_EQ(bytes_of(file.path()),
                  bytes_of(job_.output_dir / golden::kProduct / file.path().filename()))
            << file.path();
        ++files;
    }
    EXPECT_EQ(files, 18);
}

TEST_F(LandsatJobTest, SomeBandsOfABareGranule) {
    const stdfs::path granule = copy_of_granule();
    for (const char* gone : {"_B1.TIF", "_B9.TIF", "_B10.TIF", "_B11.TIF", "_QA_PIXEL.TIF",
                             "_SZA.TIF", "_SAA.TIF", "_VZA.TIF", "_VAA.TIF"})
        stdfs::remove(file_in(granule, gone));
    job_.granule = granule.string();
    job_.bands = {2, 3, 4, 5, 6, 7};
    EXPECT_EQ(failure(), Exit::bad_input);  // retrieval needs band 1
    EXPECT_NE(message_.find("_B1.TIF"), std::string::npos) << message_;

    job_.aerosol = FixedAerosol{.1f, 1.5f};
    const CorrectionReport report = correct_landsat(job_, tables());
    EXPECT_EQ(report.fill_source, "DN 0");
    EXPECT_EQ(report.sun_zenith_source, "90 - SUN_ELEVATION");
    EXPECT_EQ(report.mask_source, "");
    EXPECT_EQ(report.plan.outputs.size(), 9u);  // 6 SR, QA, AOT, scene.json
    const auto dn = golden::read<std::uint16_t>(file_in(granule, "_B5.TIF").string());
    const auto sr = golden::read<std::uint16_t>(layer(job_.output_dir, "SR_B5"));
    for (std::size_t i = 0; i < dn.size(); ++i)
        ASSERT_TRUE(dn.cells()[i] != 0 || sr.cells()[i] == 0) << i;
}

TEST_F(LandsatJobTest, RefusesWhatExists) {
    stdfs::create_directories(job_.output_dir / golden::kProduct);
    EXPECT_EQ(failure(), Exit::cannot_create);
    EXPECT_TRUE(stdfs::is_empty(job_.output_dir / golden::kProduct));
    EXPECT_THROW(plan_landsat(job_), Error);
}

TEST_F(LandsatJobTest, PlanNamesFilesAndMakesNone) {
    const CorrectionPlan plan = plan_landsat(job_);
    EXPECT_EQ(plan.product_id, golden::kProduct);
    EXPECT_EQ(plan.inputs.size(), 16u);  // MTL, 10 bands, QA, 4 angles
    EXPECT_EQ(plan.outputs.size(), 18u);
    EXPECT_FALSE(stdfs::exists(job_.output_dir));
}

TEST_F(LandsatJobTest, DamagedBandLeavesNothing) {
    const stdfs::path granule = copy_of_granule();
    const stdfs::path band = file_in(granule, "_B4.TIF");
    stdfs::resize_file(band, stdfs::file_size(band) / 2);
    job_.granule = granule.string();
    EXPECT_EQ(failure(), Exit::bad_input);
    EXPECT_NE(message_.find("_B4.TIF"), std::string::npos) << message_;
    EXPECT_TRUE(!stdfs::exists(job_.output_dir) || stdfs::is_empty(job_.output_dir));
}

TEST_F(LandsatJobTest, LowSunAndAbsentAncillary) {
    const stdfs::path granule = copy_of_granule();
    const stdfs::path mtl = file_in(granule, "_MTL.txt");
    std::string text = bytes_of(mtl);
    text.replace(text.find("SUN_ELEVATION = 57.5"), 20, "SUN_ELEVATION = 13.9");
    std::ofstream(mtl, std::ios::binary) << text;
    job_.granule = granule.string();
    EXPECT_EQ(failure(), Exit::low_sun);

    job_.granule = golden::granule().string();
    job_.ancillary = (root_ / "nowhere").string();
    EXPECT_EQ(failure(), Exit::missing_input);
}

TEST_F(LandsatJobTest, AllFillIsEmpty) {
    const stdfs::path granule = copy_of_granule();
    io::RasterReader reader(golden::granule_file("_QA_PIXEL.TIF"));
    auto qa = reader.read<std::uint16_t>();
    std::fill(qa.cells().begin(), qa.cells().end(), std::uint16_t{1});
    stdfs::remove(file_in(granule, "_QA_PIXEL.TIF"));
    io::RasterWriter writer(file_in(granule, "_QA_PIXEL.TIF").string(), *reader.grid(),
                            reader.layer());
    writer.write_rows<std::uint16_t>(0, View2D<const std::uint16_t>(qa.view()));
    writer.close();
    job_.granule = granule.string();
    EXPECT_EQ(failure(), Exit::empty);
    job_.aerosol = FixedAerosol{};
    EXPECT_EQ(failure(), Exit::empty);
    EXPECT_TRUE(!stdfs::exists(job_.output_dir) || stdfs::is_empty(job_.output_dir));
}

TEST_F(LandsatJobTest, MaskOnAnotherGridIsRefused) {
    io::Grid grid = *io::RasterReader(golden::granule_file("_B1.TIF")).grid();
    const auto write_mask = [&](const io::Grid& where, std::uint8_t code) {
        const std::string path = (root_ / "mask.tif").string();
        io::RasterWriter writer(path, where, scene::landsat_ac_layer("FMASK"));
        Plane<std::uint8_t> mask(where.rows, where.cols, code);
        writer.write_rows<std::uint8_t>(0, View2D<const std::uint8_t>(mask.view()));
        writer.close();
        return path;
    };
    io::Grid moved = grid;
    moved.ulx_m += 30;
    job_.mask = write_mask(moved, 4);
    EXPECT_EQ(failure(), Exit::bad_input);
    job_.mask = write_mask(grid, 9);
    EXPECT_EQ(failure(), Exit::bad_input) << message_;
    job_.mask = write_mask(grid, 4);
    EXPECT_EQ(correct_landsat(job_, tables()).mask_source, "mask.tif");
    const auto mask = golden::read<std::uint8_t>(layer(job_.output_dir, "FMASK"));
    EXPECT_EQ(mask(300, 300), 4);
}

}  // namespace
}  // namespace hls::lasrc
