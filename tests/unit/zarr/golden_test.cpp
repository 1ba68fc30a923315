// SPDX-License-Identifier: Apache-2.0
// Arrays written by zarr-python 2 and 3, zarrs, GDAL, netCDF and others, against digests that other
// readers made; and what must be refused instead of misread.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/error.hpp"
#include "fs/digest.hpp"
#include "zarr/array.hpp"
#include "zarr/hierarchy.hpp"
#include "zarr/local_store.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

stdfs::path samples() {
    const char* data = std::getenv("HLS_TEST_DATA");
    return stdfs::path(data == nullptr ? HLS_SOURCE_DIR "/../shared/data" : data) / "zarr";
}

JsonObject expected_arrays() {
    std::ifstream file(samples() / "expected.json");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    return *parse_json(text, "expected.json").get<JsonObject>();
}

bool big_endian(const ArrayMetadata& array) {
    for (const auto& codec : array.codecs)
        if (const auto* bytes = std::get_if<BytesCodec>(&codec))
            return bytes->big_endian && array.format == 2;
    return false;
}

// The digests are of elements in the byte order of the array's data type.
std::string digest_of(const Array& array, Bytes elements) {
    const auto unit = static_cast<std::ptrdiff_t>(array.metadata().type.unit_bytes());
    if (big_endian(array.metadata()))
        for (auto at = elements.begin(); at != elements.end(); at += unit)
            std::reverse(at, at + unit);
    return fs::digest_of(fs::DigestKind::sha256,
                         {reinterpret_cast<const char*>(elements.data()), elements.size()});
}

// Three arrays have missing chunks and no fill value: what the reader that made the digests
// returned there was uninitialised memory. Two arrays of text have missing chunks, too.
bool undefined_in_part(const std::string& path) {
    return path.find("_v2_fv_null.zarr") != std::string::npos ||
           path.find("str_v2_fv_0.zarr") != std::string::npos;
}

void expect_text_equal(const std::string& path, const Array& array, const LocalStore& store,
                       const JsonObject& expected) {
    const auto strings = array.read_text(store, array.whole());
    EXPECT_EQ(JsonValue(strings.front()), expected.at("first"));
    if (undefined_in_part(path))
        EXPECT_EQ(strings, (std::vector<std::string>{"a", "bb", "", "", ""}));
    else
        EXPECT_EQ(JsonValue(strings.back()), expected.at("last"));
}

void expect_equal(const std::string& path, const JsonObject& expected) {
    SCOPED_TRACE(path);
    const LocalStore store(samples() / path);
    const auto array = Array::open(store, "");
    EXPECT_EQ(JsonValue(array.metadata().format), expected.at("format"));
    JsonArray shape;
    for (const auto n : array.metadata().shape) shape.emplace_back(n);
    EXPECT_EQ(JsonValue(shape), expected.at("shape"));
    if (array.metadata().type.kind == TypeKind::variable_text)
        return expect_text_equal(path, array, store, expected);
    if (undefined_in_part(path)) {
        // The chunks that are there, and zeros behind.
        auto elements = array.read(store, array.whole());
        const auto stored = static_cast<std::ptrdiff_t>(2 * array.metadata().type.bytes);
        EXPECT_NE(elements.front(), std::byte{0});
        EXPECT_EQ(std::count(elements.begin() + stored, elements.end(), std::byte{0}),
                  std::ssize(elements) - stored);
        return;
    }
    EXPECT_EQ(JsonValue(digest_of(array, array.read(store, array.whole(), 2))),
              expected.at("sha256_c_le"));
}

void expect_refused(const std::string& path) {
    SCOPED_TRACE(path);
    const LocalStore store(samples() / path);
    try {
        const auto array = Array::open(store, "");
        if (array.metadata().type.kind == TypeKind::variable_text)
            array.read_text(store, array.whole());
        else
            array.read(store, array.whole());
        ADD_FAILURE() << "read without an error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input) << error.message;
        EXPECT_NE(error.message.find("zarr.json"), error.message.find(".zarray")) << error.message;
    }
}

class Golden : public testing::Test {
 protected:
    void SetUp() override {
        if (!stdfs::exists(samples() / "expected.json"))
            GTEST_SKIP() << "no samples in " << samples();
    }
};

TEST_F(Golden, EveryArrayInScopeReadsBitEqual) {
    int count = 0;
    for (const auto& [path, expected] : expected_arrays()) {
        const auto& object = *expected.get<JsonObject>();
        if (object.contains("skipped")) continue;
        expect_equal(path, object);
        ++count;
    }
    EXPECT_EQ(count, 74);
}

TEST_F(Golden, EveryOtherArrayIsRefused) {
    int count = 0;
    for (const auto& [path, expected] : expected_arrays()) {
        if (!expected.get<JsonObject>()->contains("skipped")) continue;
        expect_refused(path);
        ++count;
    }
    EXPECT_EQ(count, 36);
}

TEST_F(Golden, TextOfVariableLengthIsRead) {
    const auto folder = samples() / "zarrs/zarrs/tests/data";
    const LocalStore store(folder / "zarr_python_compat/cities_v2.zarr");
    const auto array = Array::open(store, "");
    std::ifstream file(folder / "cities.csv");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    EXPECT_EQ(array.read_text(store, array.whole()), lines);
    EXPECT_EQ(array.read_text(store, {{999}, {3}}),
              std::vector<std::string>(lines.begin() + 999, lines.begin() + 1002));
}

TEST_F(Golden, TheEarlyDraftOfVersion3IsRefused) {
    const LocalStore store(samples() / "local/gdal362_v3draft_NEGATIVE.zarr");
    try {
        read_hierarchy(store, MetadataSource::consolidated);
        FAIL() << "read without an error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::bad_input) << error.message;
    }
}

// Consolidated or not, the hierarchies of other writers are the same and can be written again.
TEST_F(Golden, HierarchiesSurviveBeingWrittenAgain) {
    for (const char* path :
         {"local/xarray2023_hls_like.zarr", "local/zarr213_matrix.zarr", "local/gdal362_v2.zarr",
          "local/netcdf490_zarr.zarr", "zarrs/zarrs/tests/data/hierarchy.zarr",
          "zarrs/zarrs/tests/data/sharded_array_write_read.zarr/group"}) {
        SCOPED_TRACE(path);
        const LocalStore store(samples() / path);
        const auto nodes = read_hierarchy(store, MetadataSource::nodes);
        EXPECT_TRUE(compare_consolidated(store).empty());
        MemoryStore copy;
        for (const auto& document : metadata_documents(nodes))
            copy.put(document.key, std::as_bytes(std::span(document.text)));
        for (const auto source : {MetadataSource::nodes, MetadataSource::consolidated}) {
            const auto again = read_hierarchy(copy, source);
            EXPECT_EQ(again.nodes, nodes.nodes);
        }
        EXPECT_TRUE(compare_consolidated(copy).empty());
    }
}

}  // namespace
}  // namespace hls::zarr
