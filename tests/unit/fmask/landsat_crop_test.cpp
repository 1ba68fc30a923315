// SPDX-License-Identifier: Apache-2.0
// A real deck of clouds: the numbers that a prototype measured on it, and what must not change
// them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numbers>

#include "core/error.hpp"
#include "fmask/mask_job.hpp"
#include "granule_copy.hpp"

namespace hls::fmask {
namespace {

constexpr double kSunZenith = 25.26;
constexpr const char* kId = "LC08_L1TP_020039_20150804_20200908_02_T1";

stdfs::path main_scene() {
    const char* data = std::getenv("HLS_TEST_DATA");
    return stdfs::path(data == nullptr ? "../shared/data" : data) / "landsat" / kId;
}

struct Made {
    MaskReport report;
    Plane<std::uint8_t> mask;
};

class LandsatCrop : public testing::Test {
 protected:
    void SetUp() override {
        if (!stdfs::exists(main_scene())) GTEST_SKIP() << main_scene() << " is not there";
    }

    // As the prototype was run: one sun, one view, no buffers.
    MaskJob job(const std::string& profile, const stdfs::path& granule = main_scene()) const {
        MaskJob job;
        job.granule = granule.string();
        job.output = scratch_.path() / "mask.tif";
        job.profile = profile;
        job.rules.buffers = {0, 0};
        job.options.angles = {kSunZenith, 115.87, 4, 100};
        job.threads = 2;
        return job;
    }
    static Made run(const MaskJob& job) {
        Made result;
        result.report = make_mask(job, [](const stdfs::path& path) { return path; });
        result.mask = io::RasterReader(job.output.string()).read<std::uint8_t>();
        return result;
    }

    TemporaryFolder scratch_;
};

double percent_of(const MaskReport& report, MaskClass which) {
    return 100. * static_cast<double>(report.pixels[which]) /
           static_cast<double>(report.valid_pixels);
}

// Intersection over union of one class, percent.
double iou(const Plane<std::uint8_t>& a, const Plane<std::uint8_t>& b, std::uint8_t which) {
    double both = 0, either = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool in_a = a.cells()[i] == which;
        const bool in_b = b.cells()[i] == which;
        both += in_a && in_b;
        either += in_a || in_b;
    }
    return either == 0 ? 100 : 100 * both / either;
}

TEST_F(LandsatCrop, Fmask4RulesGiveTheNumbersOfThePrototype) {
    const Made made = run(job("hls4"));
    const SceneStatistics& s = made.report.statistics;
    EXPECT_NEAR(*s.land_low_c, 14.34, 0.05);
    EXPECT_NEAR(*s.land_high_c, 20.85, 0.05);
    EXPECT_NEAR(*s.water_high_c, 23.68, 0.05);
    EXPECT_NEAR(s.land_threshold, 0.519, 0.003);
    EXPECT_NEAR(*s.water_threshold, 0.695, 0.003);
    EXPECT_EQ(s.cirrus_base, std::vector<int>{6});
    EXPECT_NEAR(s.nir_background, 1581, 5);
    EXPECT_NEAR(s.swir1_background, 786, 5);
    EXPECT_NEAR(percent_of(made.report, kCloudClass), 31.63, 0.3);
    EXPECT_NEAR(static_cast<double>(made.report.tested_water_pixels), 162, 10);
    EXPECT_NEAR(percent_of(made.report, kShadow), 5.17, 0.3);
    EXPECT_NEAR(percent_of(made.report, kLand), 63.17, 0.5);
    EXPECT_NEAR(static_cast<double>(made.report.objects.clouds), 395, 8);
    EXPECT_GE(made.report.objects.matched * 100, made.report.objects.clouds * 98);
}

// The prototype took the first maximum of similarity.
TEST_F(LandsatCrop, DefaultRulesGiveTheNumbersOfThePrototype) {
    MaskJob as_prototype = job("hls");
    as_prototype.rules.match = MatchRule::first;
    const Made made = run(as_prototype);
    EXPECT_NEAR(static_cast<double>(made.report.tested_water_pixels), 162, 10);
    EXPECT_NEAR(percent_of(made.report, kCloudClass), 31.63, 0.3);
    EXPECT_NEAR(percent_of(made.report, kShadow), 4.15, 0.3);
    EXPECT_NEAR(percent_of(made.report, kLand), 64.18, 0.5);
    EXPECT_GE(made.report.objects.matched * 100, made.report.objects.clouds * 98);
}

TEST_F(LandsatCrop, LikelyHeightsChangeNothingButShadow) {
    MaskJob first = job("hls");
    first.rules.match = MatchRule::first;
    const Made before = run(first);
    const Made made = run(job("hls"));
    EXPECT_EQ(iou(made.mask, before.mask, kCloudClass), 100);
    EXPECT_NEAR(percent_of(made.report, kShadow), 3.67, 0.3);
    EXPECT_GE(made.report.objects.matched * 100, made.report.objects.clouds * 98);
}

TEST_F(LandsatCrop, BuffersWidenBothClasses) {
    MaskJob buffered = job("hls4");
    buffered.rules.buffers = {3, 3};
    const Made three = run(buffered);
    EXPECT_NEAR(percent_of(three.report, kCloudClass), 46.39, 0.5);
    EXPECT_NEAR(percent_of(three.report, kShadow), 7.09, 0.5);
    EXPECT_NEAR(three.report.clear_v4(), 53.61, 0.5);
    EXPECT_NEAR(three.report.clear_v5(), 46.52, 0.5);
    buffered.rules.buffers = {1, 5};
    const Made uneven = run(buffered);
    EXPECT_NEAR(uneven.report.clear_v4(), 61.43, 0.5);
    EXPECT_NEAR(uneven.report.clear_v5(), 48.27, 0.5);
}

TEST_F(LandsatCrop, AgreesWithTheQualityBandOnCloudOrCirrus) {
    const Made made = run(job("hls4"));
    const auto qa = io::RasterReader((main_scene() / (std::string(kId) + "_QA_PIXEL.TIF")).string())
                        .read<std::uint16_t>();
    double both = 0, ours = 0, theirs = 0, same = 0;
    for (std::size_t i = 0; i < qa.size(); ++i) {
        const unsigned bits = qa.cells()[i];
        const bool cloudy = ((bits >> 8) & 3) >= 2 || ((bits >> 14) & 3) == 3;
        const bool found = made.mask.cells()[i] == kCloudClass;
        both += cloudy && found;
        ours += found;
        theirs += cloudy;
        same += cloudy == found;
    }
    EXPECT_NEAR(theirs / static_cast<double>(qa.size()), 0.335, 0.001);
    EXPECT_GE(same / static_cast<double>(qa.size()), 0.905);
    EXPECT_GE(both / theirs, 0.83);
    EXPECT_GE(both / ours, 0.87);
}

TEST_F(LandsatCrop, ThreadsAndStripsDoNotMatter) {
    MaskJob first = job("hls");
    first.threads = 1;
    first.strip_rows = 17;
    first.options.angles = {};
    MaskJob second = job("hls");
    second.threads = 5;
    second.strip_rows = 4000;
    second.options.angles = {};
    const Made a = run(first);
    const Made b = run(second);
    EXPECT_EQ(a.mask.cells(), b.mask.cells());
    EXPECT_EQ(a.report.statistics, b.report.statistics);
}

TEST_F(LandsatCrop, IsStableUnderTinyChanges) {
    const Made made = run(job("hls"));
    const auto compare = [&](const Made& other, const std::string& what) {
        std::printf("%-28s cloud IoU %.2f, shadow IoU %.2f\n", what.c_str(),
                    iou(made.mask, other.mask, kCloudClass), iou(made.mask, other.mask, kShadow));
        EXPECT_GE(iou(made.mask, other.mask, kCloudClass), 99) << what;
        EXPECT_GE(iou(made.mask, other.mask, kShadow), 85) << what;
    };
    for (const double change : {-0.1, 0.1}) {
        MaskJob other = job("hls");
        *other.options.angles.sun_zenith += change;
        compare(run(other), "sun zenith " + std::to_string(change));
    }
    for (const double change : {-0.001, 0.001}) {
        const TemporaryFolder folder;
        GranuleCopy copy(main_scene(), folder.path());
        for (int band = 1; band <= 9; ++band) {
            const std::string key = "REFLECTANCE_ADD_BAND_" + std::to_string(band);
            const double cosine = std::cos(kSunZenith * std::numbers::pi / 180);
            copy.set(key, copy.number(key) + change * cosine);
        }
        compare(run(job("hls", copy.folder())), "reflectance " + std::to_string(change));
    }
}

TEST_F(LandsatCrop, PartsAgreeWhereTheyShareTheStatisticsOfTheWhole) {
    MaskJob whole = job("hls");
    const Made all = run(whole);
    const TemporaryFolder folder;
    const auto statistics = folder.path() / "stats.json";
    std::ofstream(statistics) << format_statistics(all.report.statistics);
    const auto part = [&](const char* name, int first, int cols) {
        GranuleCopy copy(main_scene(), folder.path() / name);
        copy.cut_columns(first, cols);
        MaskJob cut = job("hls", copy.folder());
        cut.statistics = statistics;
        return run(cut);
    };
    constexpr int kWestEnd = 560;
    constexpr int kEastStart = 60;
    const Made west = part("west", 0, kWestEnd);
    const Made east = part("east", kEastStart, all.mask.cols() - kEastStart);
    EXPECT_EQ(west.report.statistics, all.report.statistics);
    // The shadow of what was cut off may fall this far inside.
    const int reach =
        static_cast<int>(std::ceil(12000 * std::tan(kSunZenith * std::numbers::pi / 180) / 30));
    double same = 0, pixels = 0;
    for (int r = 0; r < all.mask.rows(); ++r)
        for (int c = kEastStart + reach; c < kWestEnd - reach; ++c) {
            same += west.mask(r, c) == east.mask(r, c - kEastStart);
            ++pixels;
        }
    ASSERT_GT(pixels, 0);
    EXPECT_GE(same / pixels, 0.99);
}

TEST_F(LandsatCrop, GoesOnWithoutTemperatureOrCirrus) {
    MaskJob less = job("hls");
    less.options.without.thermal = true;
    const Made cool = run(less);
    EXPECT_FALSE(cool.report.statistics.land_low_c);
    EXPECT_NEAR(percent_of(cool.report, kCloudClass), 31.6, 12);
    // Most of this deck is thin enough to be told from the ground by its cirrus signal alone.
    less = job("hls");
    less.options.without.cirrus = true;
    const Made low = run(less);
    EXPECT_TRUE(low.report.statistics.cirrus_base.empty());
    EXPECT_GT(percent_of(low.report, kCloudClass), 3);
    EXPECT_LT(percent_of(low.report, kCloudClass), 31.6);
}

TEST_F(LandsatCrop, StatisticsOfSomethingElseAreRefused) {
    const Made made = run(job("hls"));
    const TemporaryFolder folder;
    const auto statistics = folder.path() / "stats.json";
    std::ofstream(statistics) << format_statistics(made.report.statistics);
    MaskJob other = job("hls4");
    other.statistics = statistics;
    EXPECT_THROW(run(other), Error);
    other = job("hls");
    other.options.without.thermal = true;
    other.statistics = statistics;
    EXPECT_THROW(run(other), Error);
}

}  // namespace
}  // namespace hls::fmask
