// SPDX-License-Identifier: Apache-2.0
// Our table format: round trip, size, damage of every kind, and what --tables accepts.
#include "atmosphere/table_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>

#include "atmosphere/angle_grid.hpp"
#include "atmosphere/official_tables.hpp"
#include "core/error.hpp"
#include "fs/digest.hpp"

namespace hls::atmosphere {
namespace {

namespace stdfs = std::filesystem;

Exit code_of(const std::function<void()>& action, std::string* message = nullptr,
             std::string* hint = nullptr) {
    try {
        action();
    } catch (const Error& error) {
        if (message) *message = error.message;
        if (hint) *hint = error.hint;
        return error.code;
    }
    return Exit::ok;
}

// Reflectance grows with AOT and obliquity like a real one, with noise that does not pack.
Tables noisy_tables(Sensor sensor, int views) {
    Tables tables;
    tables.sensor = sensor;
    tables.source = "made up for a test";
    tables.angles = make_angle_grid(views, 0);
    std::minstd_rand random(7);
    const auto noise = [&] { return static_cast<float>(random() % 10000) * 1e-6f; };
    for (const BandConstants& constants : band_constants(sensor)) {
        BandTable& band = tables.bands.emplace_back();
        band.name = constants.name;
        for (int pressure = 0; pressure < kPressures; ++pressure)
            for (const float aot : kAot550) {
                for (int i = 0; i < tables.angles.entries; ++i)
                    band.path_reflectance.push_back(.02f + .1f * aot + noise());
                for (int sun = 0; sun < kSuns; ++sun)
                    band.transmittance.push_back(
                        std::exp(-.1f * aot - .01f * static_cast<float>(sun)));
                band.spherical_albedo.push_back(.05f + .03f * aot);
                band.extinction.push_back(1.f + noise());
            }
    }
    return tables;
}

TEST(TableFile, RoundTripWithinTheStep) {
    const Tables tables = noisy_tables(Sensor::oli, 6);
    const std::string bytes = encode_tables(tables);
    EXPECT_EQ(bytes, encode_tables(tables));
    const Tables back = decode_tables(bytes, "memory");
    EXPECT_EQ(back.sensor, Sensor::oli);
    EXPECT_EQ(back.source, tables.source);
    EXPECT_EQ(back.angles.view_zenith_deg, tables.angles.view_zenith_deg);
    EXPECT_EQ(back.angles.ts_min_deg.cells(), tables.angles.ts_min_deg.cells());
    EXPECT_EQ(back.angles.cumulative.cells(), tables.angles.cumulative.cells());
    EXPECT_EQ(back.angles.sun_start, tables.angles.sun_start);
    EXPECT_EQ(back.angles.entries, tables.angles.entries);
    ASSERT_EQ(back.bands.size(), 8u);
    for (std::size_t b = 0; b < 8; ++b) {
        const BandTable& ours = tables.bands[b];
        const BandTable& read = back.bands[b];
        EXPECT_EQ(read.name, ours.name);
        EXPECT_EQ(read.extinction, ours.extinction);
        ASSERT_EQ(read.path_reflectance.size(), ours.path_reflectance.size());
        const auto entries = static_cast<std::size_t>(tables.angles.entries);
        for (std::size_t i = 0; i < ours.path_reflectance.size(); ++i) {
            const float largest = .03f + .1f * kAot550[i / entries % kAots];
            ASSERT_NEAR(read.path_reflectance[i], ours.path_reflectance[i], .51f * largest / 65535);
        }
        for (std::size_t i = 0; i < ours.transmittance.size(); ++i)
            ASSERT_NEAR(read.transmittance[i], ours.transmittance[i], .51f / 65535);
        for (std::size_t i = 0; i < ours.spherical_albedo.size(); ++i)
            ASSERT_NEAR(read.spherical_albedo[i], ours.spherical_albedo[i], .51f / 65535);
    }
    // Once quantised, writing again loses nothing.
    EXPECT_EQ(decode_tables(encode_tables(back), "memory").band("3").path_reflectance,
              back.band("3").path_reflectance);
}

TEST(TableFile, BothDefaultTablesAreSmall) {
    const std::size_t size = encode_tables(noisy_tables(Sensor::oli, 6)).size() +
                             encode_tables(noisy_tables(Sensor::msi, 6)).size();
    EXPECT_LT(size, 12'000'000u);
}

TEST(TableFile, DamageIsNoticed) {
    const std::string good = encode_tables(noisy_tables(Sensor::oli, 1));
    std::string message, hint;
    const auto decode = [&](const std::string& bytes) {
        return code_of([&] { decode_tables(bytes, "x.tables"); }, &message, &hint);
    };
    std::string flipped = good;
    flipped[good.size() / 2] ^= 4;
    EXPECT_EQ(decode(flipped), Exit::bad_input);
    EXPECT_NE(message.find("x.tables: the checksum does not match"), std::string::npos);
    EXPECT_NE(hint.find("hls-lasrc tables --sensor"), std::string::npos);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{5}, std::size_t{50}, good.size() - 1})
        EXPECT_EQ(decode(good.substr(0, size)), Exit::bad_input) << size;
    EXPECT_EQ(decode(good + "x"), Exit::bad_input);
    std::string newer = good;
    newer[8] = 2;
    EXPECT_EQ(decode(newer), Exit::bad_input);
    EXPECT_NE(message.find("format version 2, this program reads 1"), std::string::npos);
    EXPECT_EQ(decode("HDF5 or so"), Exit::bad_input);
    EXPECT_NE(message.find("not a table file"), std::string::npos);
}

// With a checksum that fits, only the parser stands between the bytes and memory.
TEST(TableFile, ForgedFilesAreParsedSafely) {
    const std::string good = encode_tables(noisy_tables(Sensor::oli, 1));
    constexpr std::size_t kContent = 8 + 4 + 64;
    std::minstd_rand random(3);
    int refused = 0;
    for (int i = 0; i < 300; ++i) {
        std::string content = good.substr(kContent);
        // Mostly near the beginning, where sizes and counts are.
        const std::size_t range = i % 4 ? 400 : content.size();
        content[random() % range] ^= static_cast<char>(1 + random() % 255);
        const std::string bytes =
            good.substr(0, 12) + fs::digest_of(fs::DigestKind::sha256, content) + content;
        const Exit code = code_of([&] { decode_tables(bytes, "forged"); });
        EXPECT_TRUE(code == Exit::ok || code == Exit::bad_input);
        refused += code == Exit::bad_input;
    }
    EXPECT_GT(refused, 250);
}

TEST(TableFile, WrongTablesAreNotWritten) {
    Tables tables = noisy_tables(Sensor::oli, 1);
    tables.bands[2].path_reflectance[5] = NAN;
    EXPECT_EQ(code_of([&] { encode_tables(tables); }), Exit::internal);
    tables = noisy_tables(Sensor::oli, 1);
    tables.bands[2].transmittance[5] = 1.1f;
    EXPECT_EQ(code_of([&] { encode_tables(tables); }), Exit::internal);
    tables = noisy_tables(Sensor::oli, 1);
    tables.bands[2].spherical_albedo.pop_back();
    EXPECT_EQ(code_of([&] { encode_tables(tables); }), Exit::internal);
}

TEST(TableFile, WhatTheTablesOptionAccepts) {
    const stdfs::path folder = stdfs::path(testing::TempDir()) / "hls_load_tables";
    stdfs::remove_all(folder);
    stdfs::create_directories(folder);
    std::string message, hint;
    EXPECT_EQ(code_of([&] { load_tables(folder, Sensor::oli); }, &message, &hint),
              Exit::missing_input);
    EXPECT_NE(hint.find("hls-lasrc tables --sensor oli"), std::string::npos);
    EXPECT_EQ(code_of([&] { load_tables(folder / "none.bin", Sensor::oli); }), Exit::missing_input);

    const stdfs::path file = folder / table_file_name(Sensor::oli);
    write_table_file(noisy_tables(Sensor::oli, 2), file, fs::IfExists::refuse);
    EXPECT_EQ(code_of([&] {
                  write_table_file(noisy_tables(Sensor::oli, 2), file, fs::IfExists::refuse);
              }),
              Exit::cannot_create);
    EXPECT_EQ(load_tables(file, Sensor::oli).bands.size(), 8u);
    EXPECT_EQ(load_tables(folder, Sensor::oli).bands.size(), 8u);
    EXPECT_EQ(code_of([&] { load_tables(file, Sensor::msi); }, &message), Exit::bad_input);
    EXPECT_NE(message.find("tables of oli, msi is needed"), std::string::npos);

    stdfs::create_directories(folder / "MSILUT");
    write_official_tables(noisy_tables(Sensor::msi, 2), folder / "MSILUT");
    EXPECT_EQ(load_tables(folder, Sensor::msi).bands.size(), 13u);
    EXPECT_EQ(load_tables(folder / "MSILUT", Sensor::msi).angles.entries, 8000);
    stdfs::remove_all(folder);
}

}  // namespace
}  // namespace hls::atmosphere
