// SPDX-License-Identifier: Apache-2.0
// Stores of both versions, of every type, codec and layout the kit writes, read by zarr-python and
// by an independent decoder of version 3.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "random_array.hpp"
#include "temporary_folder.hpp"
#include "zarr/array.hpp"
#include "zarr/hierarchy.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

constexpr int kArrays = 200;

// Without the syncs of a LocalStore, which would take most of the time.
void copy_to_disk(const MemoryStore& store, const stdfs::path& root) {
    Bytes content;
    for (const auto& object : store.list("")) {
        store.get(object.key, content);
        stdfs::create_directories((root / object.key).parent_path());
        std::ofstream(root / object.key, std::ios::binary)
            .write(reinterpret_cast<const char*>(content.data()),
                   static_cast<std::streamsize>(content.size()));
    }
}

void write_random_store(int format, const stdfs::path& root, const stdfs::path& expected) {
    Random random(static_cast<std::uint64_t>(format));
    MemoryStore store;
    Hierarchy hierarchy{format, {{"", GroupMetadata{format, {{"title", "Zoë"}}}}}, true};
    stdfs::create_directories(expected);
    for (int i = 0; i < kArrays; ++i) {
        auto metadata = random_array(random);
        while (metadata.format != format) metadata = random_array(random);
        metadata.attributes = {{"number", i}};
        const auto name = fmt::format("a{}", i);
        const Array array(name, metadata);
        const auto values =
            random_elements(random, metadata.type, metadata.fill, array.whole().elements());
        write_region(store, array, array.whole(),
                     {values.data(), dense_strides(metadata.shape, metadata.type.bytes)});
        std::ofstream(expected / (name + ".raw"), std::ios::binary)
            .write(reinterpret_cast<const char*>(values.data()),
                   static_cast<std::streamsize>(values.size()));
        hierarchy.nodes.emplace(name, metadata);
    }
    for (const auto& document : metadata_documents(hierarchy))
        store.put(document.key, std::as_bytes(std::span(document.text)));
    copy_to_disk(store, root);
}

bool read_back(const std::string& arguments) {
    const auto command = fmt::format("/usr/bin/python3 {}/tests/unit/zarr/read_back.py {}",
                                     HLS_SOURCE_DIR, arguments);
    return std::system(command.c_str()) == 0;
}

TEST(ReadBack, Version2ByZarrPython) {
    if (std::system("/usr/bin/python3 -c 'import zarr'") != 0) GTEST_SKIP() << "no python3-zarr";
    const TemporaryFolder folder;
    write_random_store(2, folder / "s.zarr", folder / "expected");
    EXPECT_TRUE(read_back(
        fmt::format("v2 {} {}", (folder / "s.zarr").string(), (folder / "expected").string())));
}

TEST(ReadBack, Version3ByAnIndependentDecoder) {
    const char* data = std::getenv("HLS_TEST_DATA");
    const auto reader = stdfs::path(data == nullptr ? HLS_SOURCE_DIR "/../shared/data" : data) /
                        "zarr/reference_reader.py";
    if (!stdfs::exists(reader)) GTEST_SKIP() << "no " << reader;
    const TemporaryFolder folder;
    write_random_store(3, folder / "s.zarr", folder / "expected");
    EXPECT_TRUE(read_back(fmt::format("v3 {} {} {}", (folder / "s.zarr").string(),
                                      (folder / "expected").string(), reader.string())));
}

}  // namespace
}  // namespace hls::zarr
