// SPDX-License-Identifier: Apache-2.0
#include "fmask/job_text.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/error.hpp"

namespace hls::fmask {
namespace {

Exit code_of(const MaskJobText& text, MaskJob job = {}) {
    try {
        apply_text(text, job);
        return Exit::ok;
    } catch (const Error& error) {
        return error.code;
    }
}

Exit code_of(std::string MaskJobText::*option, const char* value) {
    MaskJobText text;
    text.*option = value;
    return code_of(text);
}

TEST(JobText, WordsBecomeChoices) {
    MaskJob job;
    apply_text({"1,5", "rel:0.15", "best", "L1GT,T2", "thermal,angles"}, job);
    EXPECT_EQ(job.rules.buffers, (std::pair{1, 5}));
    EXPECT_EQ(job.rules.depth, (ShadowDepth{true, 0.15}));
    EXPECT_EQ(job.rules.match, MatchRule::best);
    EXPECT_EQ(job.options.accept, (std::vector<std::string>{"L1GT", "T2"}));
    EXPECT_TRUE(job.options.without.thermal && job.options.without.angles);
    EXPECT_FALSE(job.options.without.cirrus || job.options.without.parallax);
    MaskJob likely;
    apply_text({{}, {}, "likely", {}, {}}, likely);
    EXPECT_EQ(likely.rules.match, MatchRule::likely);
}

TEST(JobText, WhatMakesNoSenseIsAUsageError) {
    for (const char* buffer : {"3", "3,", "3,3,3", "-1,3", "3,101", "a,b"})
        EXPECT_EQ(code_of(&MaskJobText::buffer, buffer), Exit::usage) << buffer;
    for (const char* depth : {"0.02", "abs:", "abs:0", "rel:1", "deep:0.1", "abs:0.02:1"})
        EXPECT_EQ(code_of(&MaskJobText::shadow_depth, depth), Exit::usage) << depth;
    EXPECT_EQ(code_of(&MaskJobText::accept, "L2SP"), Exit::usage);
    EXPECT_EQ(code_of(&MaskJobText::without, "clouds"), Exit::usage);
    MaskJob job;
    job.profile = "fmask9";
    EXPECT_EQ(code_of(MaskJobText{}, job), Exit::usage);
    job = {};
    job.options.angles.sun_zenith = 91;
    EXPECT_EQ(code_of(MaskJobText{}, job), Exit::usage);
    job = {};
    job.options.angles.view_zenith = std::nan("");
    EXPECT_EQ(code_of(MaskJobText{}, job), Exit::usage);
}

TEST(Profiles, DifferAsTheirSourcesDo) {
    EXPECT_EQ(make_profile("hls", Sensor::landsat).probability_offset, 0.175);
    EXPECT_EQ(make_profile("hls", Sensor::sentinel2).probability_offset, 0.20);
    EXPECT_EQ(make_profile("hls", Sensor::sentinel2).cirrus_weight, 0.5);
    EXPECT_EQ(make_profile("hls4", Sensor::sentinel2).least_similarity, 0.425);
    EXPECT_EQ(make_profile("hls", Sensor::sentinel2).match, MatchRule::likely);
    EXPECT_EQ(make_profile("hls4", Sensor::sentinel2).match, MatchRule::first);
    EXPECT_EQ(make_profile("fmask3", Sensor::sentinel2).match, MatchRule::best);
    EXPECT_EQ(make_profile("hls5phy", Sensor::sentinel2).dilate_cloud, 0);
    EXPECT_EQ(make_profile("fmask3", Sensor::landsat).fixed_water_threshold, 0.5);
    EXPECT_THROW(make_profile("", Sensor::landsat), Error);
}

TEST(Statistics, SurviveAFile) {
    SceneStatistics s;
    s.product_id = "LC08_X";
    s.profile = "hls";
    s.valid_pixels = 378081;
    s.cirrus_base = {6, 9, 4};
    s.cirrus_base_from_m = -100;
    s.land_low_c = 14.327272727272727;
    s.land_high_c = 20.84;
    s.built_up_below_c = 17.5;
    s.land_threshold = 0.51949999;
    const auto path = std::filesystem::temp_directory_path() /
                      ("hls_fmask_stats_" + std::to_string(::getpid()) + ".json");
    std::ofstream(path) << format_statistics(s);
    EXPECT_EQ(read_statistics(path), s);
    std::ofstream(path) << "{\"format\": \"something else\"}";
    EXPECT_THROW(read_statistics(path), Error);
    std::ofstream(path) << format_statistics(s).substr(0, 90);
    EXPECT_THROW(read_statistics(path), Error);
    std::filesystem::remove(path);
    EXPECT_THROW(read_statistics(path), Error);
}

}  // namespace
}  // namespace hls::fmask
