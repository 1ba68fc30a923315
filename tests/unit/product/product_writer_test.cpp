// SPDX-License-Identifier: Apache-2.0
// A whole product: what is in the folder, what is in the files, and what is left when it fails.
#include "product/product_writer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "../io/tiff_file.hpp"
#include "core/error.hpp"
#include "fs/digest.hpp"
#include "product/layers.hpp"
#include "product/vegetation_indices.hpp"
#include "product_case.hpp"

namespace hls::product {
namespace {

namespace stdfs = std::filesystem;
using Json = nlohmann::ordered_json;

// A tile of 600 x 520 pixels where 19LBJ lies.
constexpr io::Grid kGrid{600, 520, 199980, -1099980, 30, 32619};

class ProductWriterTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() /
                  fmt::format("hls_product_{}_{}", ::getpid(),
                              ::testing::UnitTest::GetInstance()->current_test_info()->name());
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    std::set<std::string> names() const {
        std::set<std::string> all;
        if (!stdfs::exists(folder_)) return all;
        for (const auto& entry : stdfs::recursive_directory_iterator(folder_))
            if (entry.is_regular_file())
                all.insert(stdfs::relative(entry.path(), folder_).string());
        return all;
    }

    stdfs::path folder_;
};

struct Pixels {
    std::vector<Plane<std::int16_t>> int16;
    Plane<std::uint8_t> mask;
    std::vector<Plane<std::uint16_t>> angles;
    granule::HlsSensor sensor;

    explicit Pixels(granule::HlsSensor of, bool empty = false)
        : mask(kGrid.rows, kGrid.cols, empty ? 255 : 64), sensor(of) {
        for (const LayerSpec& spec : layers(sensor)) {
            const auto at = static_cast<int>(&spec - layers(sensor).data());
            if (spec.kind == LayerKind::angle) {
                angles.emplace_back(kGrid.rows, kGrid.cols);
                for (std::size_t i = 0; i < angles.back().size(); ++i)
                    angles.back().cells()[i] = static_cast<std::uint16_t>(3000 + at + i % 7);
            } else if (spec.kind != LayerKind::mask) {
                int16.emplace_back(kGrid.rows, kGrid.cols);
                for (std::size_t i = 0; i < int16.back().size(); ++i)
                    int16.back().cells()[i] =
                        static_cast<std::int16_t>(300 + 100 * at + static_cast<int>(i * 31 % 997));
            }
        }
    }
    std::vector<LayerRows> rows(int first, int count) const {
        std::vector<LayerRows> strip;
        for (const auto& plane : int16) strip.emplace_back(plane.view().rows(first, count));
        strip.emplace_back(mask.view().rows(first, count));
        for (const auto& plane : angles) strip.emplace_back(plane.view().rows(first, count));
        return strip;
    }
};

ProductInfo info_for(const ProductInfo& published_case) {
    ProductInfo info = published_case;
    info.grid = kGrid;
    return info;
}

std::vector<ProductFile> write(const stdfs::path& folder, const Pixels& pixels,
                               const ProductInfo& info, const ProductOptions& options,
                               int strip_rows = 256) {
    ProductWriter writer(folder, info.id, kGrid, options);
    for (int row = 0; row < kGrid.rows; row += strip_rows)
        writer.write_strip(row, pixels.rows(row, std::min(strip_rows, kGrid.rows - row)));
    return writer.finish(info);
}

TEST_F(ProductWriterTest, MakesThePublishedSetOfFiles) {
    const auto info = info_for(landsat_case());
    const auto files = write(folder_, Pixels(info.id.sensor), info, {});
    std::set<std::string> expected;
    const std::string id = granule::format_hls_id(info.id);
    for (const char* ending :
         {".B01.tif", ".B02.tif", ".B03.tif", ".B04.tif", ".B05.tif", ".B06.tif", ".B07.tif",
          ".B09.tif", ".B10.tif", ".B11.tif", ".Fmask.tif", ".SZA.tif", ".SAA.tif", ".VZA.tif",
          ".VAA.tif", ".jpg", ".cmr.xml", "_stac.json", ".json"})
        expected.insert(id + "/" + id + ending);
    EXPECT_EQ(names(), expected);
    ASSERT_EQ(files.size(), 19u);
    EXPECT_EQ(files.back().path, folder_ / id / (id + ".json"));
}

TEST_F(ProductWriterTest, ManifestHoldsTheChecksumsOfAllOthers) {
    const auto info = info_for(landsat_case());
    ProductOptions options;
    options.run_id = "01JD";
    options.uri_prefix = "s3://bucket/L30";
    const auto files = write(folder_, Pixels(info.id.sensor), info, options);
    const auto manifest = Json::parse(test::read_bytes(files.back().path));
    EXPECT_EQ(manifest["collection"], "HLSL30");
    EXPECT_EQ(manifest["identifier"], "01JD");
    ASSERT_EQ(manifest["product"]["files"].size(), files.size() - 1);
    std::uint64_t data_bytes = 0;
    for (const auto& entry : manifest["product"]["files"]) {
        const std::string bytes =
            test::read_bytes(files.back().path.parent_path() / std::string(entry["name"]));
        EXPECT_EQ(entry["size"], bytes.size());
        EXPECT_EQ(entry["checksum"], fs::digest_of(fs::DigestKind::sha512, bytes));
        EXPECT_EQ(entry["uri"], "s3://bucket/L30/" + std::string(entry["name"]));
        if (entry["type"] == "data") data_bytes += bytes.size();
    }
    const auto cmr = test::read_bytes(files[16].path);
    EXPECT_NE(cmr.find(fmt::format("<DataGranuleSizeInBytes>{}<", data_bytes)), std::string::npos);
}

TEST_F(ProductWriterTest, LayersHoldWhatCameInAndSayWhatTheyAre) {
    const auto info = info_for(sentinel2_case());
    const Pixels pixels(info.id.sensor);
    const auto files = write(folder_, pixels, info, {}, 100);
    std::size_t bands = 0;
    for (std::size_t i = 0; i < layers(info.id.sensor).size(); ++i) {
        const LayerSpec& spec = layers(info.id.sensor)[i];
        test::expect_cloud_optimised(files[i].path);
        const io::RasterReader reader(files[i].path.string());
        EXPECT_EQ(reader.grid(), kGrid);
        EXPECT_EQ(reader.type(), pixel_type(spec.kind));
        EXPECT_EQ(reader.layer().nodata, fill_value(spec.kind));
        EXPECT_EQ(reader.layer().scale, scale_factor(spec.kind));
        EXPECT_EQ(reader.layer().description, spec.long_name);
        if (spec.kind == LayerKind::reflectance) {
            EXPECT_TRUE(reader.read<std::int16_t>().cells() == pixels.int16[bands++].cells());
        }
        if (spec.name == "VAA") {
            EXPECT_TRUE(reader.read<std::uint16_t>().cells() == pixels.angles[3].cells());
        }
    }
    EXPECT_EQ(bands, 13u);
}

TEST_F(ProductWriterTest, SameBytesForAnyThreadsAndStrips) {
    const auto info = info_for(landsat_case());
    const Pixels pixels(info.id.sensor);
    ProductOptions options;
    options.vi = options.gibs = true;
    const auto first = write(folder_ / "a", pixels, info, options);
    options.threads = 3;
    const auto second = write(folder_ / "b", pixels, info, options, 77);
    ASSERT_EQ(first.size(), second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].path.filename(), second[i].path.filename());
        EXPECT_TRUE(test::read_bytes(first[i].path) == test::read_bytes(second[i].path))
            << first[i].path;
        EXPECT_EQ(first[i].sha512, second[i].sha512);
    }
}

TEST_F(ProductWriterTest, IndicesAndGibsTilesAreProductsOfTheirOwn) {
    const auto info = info_for(landsat_case());
    const Pixels pixels(info.id.sensor);
    ProductOptions options;
    options.vi = options.gibs = true;
    const auto files = write(folder_, pixels, info, options);
    const std::string vi = "HLS-VI.L30.T19LBJ.2020239T144556.v2.0";
    EXPECT_TRUE(stdfs::exists(folder_ / vi / (vi + "_stac.json")));
    EXPECT_TRUE(stdfs::exists(folder_ / vi / (vi + ".cmr.xml")));
    EXPECT_TRUE(stdfs::exists(folder_ / vi / (vi + ".jpg")));
    const auto manifest = Json::parse(test::read_bytes(folder_ / vi / (vi + ".json")));
    EXPECT_EQ(manifest["collection"], "HLSL30_VI");
    EXPECT_EQ(manifest["product"]["files"].size(), 12u);
    for (const auto& spec : vegetation_indices()) {
        const auto path = folder_ / vi / fmt::format("{}.{}.tif", vi, spec.name);
        test::expect_cloud_optimised(path);
        EXPECT_EQ(io::RasterReader(path.string()).layer().nodata, kIndexFill);
        EXPECT_EQ(io::RasterReader(path.string()).layer().scale, spec.scale);
    }
    const auto ndvi =
        io::RasterReader((folder_ / vi / (vi + ".NDVI.tif")).string()).read<std::int16_t>();
    const double red = pixels.int16[3](5, 9);
    const double nir = pixels.int16[4](5, 9);
    EXPECT_EQ(ndvi(5, 9), std::nearbyint((nir - red) / (nir + red) * 1e4));

    const std::string id = "HLS.L30.T19LBJ.2020239T144556.v2.0";
    const auto gibs = folder_ / (id + ".gibs") / "097072";
    EXPECT_TRUE(stdfs::exists(gibs / (id + "_097072.tif")));
    EXPECT_TRUE(stdfs::exists(gibs / (id + "_097072.xml")));
    const auto notice = Json::parse(test::read_bytes(gibs / (id + "_097072.json")));
    EXPECT_EQ(notice["collection"], "HLS_L30_Nadir_BRDF_Adjusted_Reflectance_v2.0_STD");
    EXPECT_EQ(notice["product"]["name"], id);
    EXPECT_EQ(notice["product"]["id"], id + "_097072");
    EXPECT_EQ(notice["product"]["files"].size(), 2u);
    EXPECT_EQ(notice["product"]["files"][0]["subtype"], "geotiff");
    EXPECT_EQ(names().size(), files.size());
}

Exit code_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

TEST_F(ProductWriterTest, NothingIsLeftWhenItIsNotFinished) {
    const auto info = info_for(landsat_case());
    const Pixels pixels(info.id.sensor);
    {
        ProductOptions options;
        options.vi = options.gibs = true;
        ProductWriter writer(folder_, info.id, kGrid, options);
        writer.write_strip(0, pixels.rows(0, 256));
        EXPECT_EQ(code_of([&] { writer.finish(info); }), Exit::internal);
    }
    EXPECT_TRUE(stdfs::is_empty(folder_));
}

// The disk is full in the middle of the set: some layers fit, the next one does not.
TEST_F(ProductWriterTest, NothingIsLeftWhenTheDiskIsFull) {
    const auto info = info_for(landsat_case());
    const Pixels pixels(info.id.sensor);
    const auto files = write(folder_, pixels, info, {});
    const auto [small, large] = std::ranges::minmax_element(
        files.begin(), files.begin() + 15, {}, [](const ProductFile& file) { return file.bytes; });
    ASSERT_LT(small->bytes, large->bytes);
    stdfs::remove_all(folder_);

    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{large->bytes - 1, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    const Exit code = code_of([&] { write(folder_, pixels, info, {}); });
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(code, Exit::io_error);
    EXPECT_TRUE(stdfs::is_empty(folder_));
}

TEST_F(ProductWriterTest, NoValidPixelIsEmpty) {
    const auto info = info_for(landsat_case());
    EXPECT_EQ(code_of([&] { write(folder_, Pixels(info.id.sensor, true), info, {}); }),
              Exit::empty);
    EXPECT_TRUE(stdfs::is_empty(folder_));
}

TEST_F(ProductWriterTest, RefusesOrReplacesWhatExists) {
    const auto info = info_for(landsat_case());
    const Pixels pixels(info.id.sensor);
    write(folder_, pixels, info, {});
    EXPECT_EQ(code_of([&] { write(folder_, pixels, info, {}); }), Exit::cannot_create);
    const std::string id = granule::format_hls_id(info.id);
    std::ofstream(folder_ / id / "old") << "x";
    ProductOptions options;
    options.if_exists = fs::IfExists::replace;
    write(folder_, pixels, info, options);
    EXPECT_EQ(names().size(), 19u);
}

TEST_F(ProductWriterTest, WrongStripsAreMistakes) {
    const auto info = info_for(landsat_case());
    const Pixels pixels(info.id.sensor);
    ProductWriter writer(folder_, info.id, kGrid, {});
    EXPECT_EQ(code_of([&] { writer.write_strip(1, pixels.rows(1, 5)); }), Exit::internal);
    auto rows = pixels.rows(0, 5);
    rows[1] = pixels.int16[1].view().rows(0, 4);
    EXPECT_EQ(code_of([&] { writer.write_strip(0, rows); }), Exit::internal);
    rows = pixels.rows(0, 5);
    std::swap(rows[0], rows[11]);
    EXPECT_EQ(code_of([&] { writer.write_strip(0, rows); }), Exit::internal);
    rows.pop_back();
    EXPECT_EQ(code_of([&] { writer.write_strip(0, rows); }), Exit::internal);
}

}  // namespace
}  // namespace hls::product
