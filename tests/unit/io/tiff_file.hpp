// SPDX-License-Identifier: Apache-2.0
// A TIFF taken apart without any library, and the rules a cloud-optimised one must keep.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace hls::test {

inline std::string read_bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct TiffField {
    int type = 0;
    std::uint32_t count = 0;
    std::uint32_t place = 0;  // of the value in the file
    std::string value;

    // Of SHORT and LONG fields.
    std::vector<std::uint32_t> numbers() const {
        std::vector<std::uint32_t> all(count);
        const std::size_t size = type == 3 ? 2 : 4;
        for (std::size_t i = 0; i < count; ++i) std::memcpy(&all[i], &value[i * size], size);
        return all;
    }
};

struct TiffDirectory {
    std::uint32_t place = 0;
    std::map<int, TiffField> fields;

    bool has(int tag) const { return fields.contains(tag); }
    std::uint32_t number(int tag) const { return fields.at(tag).numbers().at(0); }
    std::vector<std::uint32_t> numbers(int tag) const { return fields.at(tag).numbers(); }
    std::string text(int tag) const { return fields.at(tag).value.c_str(); }
};

// Classic little-endian TIFF only.
inline std::vector<TiffDirectory> read_tiff(const std::string& bytes) {
    const auto number = [&](std::size_t at, std::size_t size) {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes.substr(at, size).data(), size);
        return value;
    };
    std::vector<TiffDirectory> directories;
    if (bytes.substr(0, 4) != std::string("II*\0", 4)) return directories;
    for (std::uint32_t at = number(4, 4); at != 0;) {
        TiffDirectory directory{at, {}};
        const std::uint32_t count = number(at, 2);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t entry = at + 2 + 12 * i;
            TiffField field{static_cast<int>(number(entry + 2, 2)), number(entry + 4, 4), 0, {}};
            const std::map<int, std::uint32_t> sizes{{2, 1}, {3, 2}, {4, 4}, {12, 8}};
            const std::uint32_t size = sizes.at(field.type) * field.count;
            field.place = size <= 4 ? entry + 8 : number(entry + 8, 4);
            field.value = bytes.substr(field.place, size);
            directory.fields[static_cast<int>(number(entry, 2))] = field;
        }
        at = number(at + 2 + 12 * count, 4);
        directories.push_back(std::move(directory));
    }
    return directories;
}

// A copy of the file whose first directory is that of an overview, so that any reader of
// single images reads the overview.
inline std::string overview_as_image(std::string bytes, std::size_t level) {
    const std::uint32_t place = read_tiff(bytes).at(level).place;
    for (std::size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<char>(place >> (8 * i));
    return bytes;
}

// The rules of GDAL's and rio-cogeo's validators: directory at 8, all directories first and in
// ascending order, tiled, overviews of half the size until 512, the data of each level before that
// of larger ones and inside the file.
inline void expect_cloud_optimised(const std::filesystem::path& path) {
    SCOPED_TRACE(path.string());
    const std::string bytes = read_bytes(path);
    const auto directories = read_tiff(bytes);
    ASSERT_FALSE(directories.empty());
    EXPECT_EQ(directories[0].place, 8u);
    EXPECT_FALSE(directories[0].has(254));
    std::uint32_t last_directory = 0;
    std::uint32_t data_of_larger = static_cast<std::uint32_t>(bytes.size());
    for (std::size_t i = 0; i < directories.size(); ++i) {
        const auto& d = directories[i];
        EXPECT_GT(d.place, last_directory);
        last_directory = d.place;
        ASSERT_TRUE(d.has(322) && d.has(323)) << "not tiled";
        const auto offsets = d.numbers(324);
        const auto sizes = d.numbers(325);
        const auto tiles = [&](int tag, int block) {
            return (d.number(tag) + d.number(block) - 1) / d.number(block);
        };
        ASSERT_EQ(offsets.size(), tiles(256, 322) * tiles(257, 323));
        ASSERT_EQ(sizes.size(), offsets.size());
        const std::uint32_t first = *std::min_element(offsets.begin(), offsets.end());
        std::uint32_t end = 0;
        for (std::size_t t = 0; t < offsets.size(); ++t) end = std::max(end, offsets[t] + sizes[t]);
        EXPECT_GT(first, directories.back().place);
        EXPECT_LE(end, data_of_larger);
        data_of_larger = first;
        if (i == 0) continue;
        EXPECT_EQ(d.number(254), 1u);
        EXPECT_EQ(d.number(256), (directories[0].number(256) + (1u << i) - 1) >> i);
        EXPECT_EQ(d.number(257), (directories[0].number(257) + (1u << i) - 1) >> i);
    }
    EXPECT_LE(std::min(directories.back().number(256), directories.back().number(257)), 512u);
}

}  // namespace hls::test
