// SPDX-License-Identifier: Apache-2.0
// Tags of layers equal those of published files, name by name and digit by digit.
#include "product/tags.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "product/number_text.hpp"
#include "product_case.hpp"

namespace hls::product {
namespace {

using TagMap = std::map<std::string, std::string>;

TagMap ours(const ProductInfo& info, std::string_view layer) {
    const auto specs = layers(info.id.sensor);
    const auto encoding =
        layer_encoding(specs[layer_index(info.id.sensor, layer)], global_tags(info));
    return {encoding.metadata.begin(), encoding.metadata.end()};
}

TagMap theirs(const std::filesystem::path& path) {
    const io::RasterReader reader(path.string());
    const auto& tags = reader.layer().metadata;
    TagMap map(tags.begin(), tags.end());
    map.erase("OVR_RESAMPLING_ALG");  // the encoder's
    map.erase("AREA_OR_POINT");       // from the GeoTIFF keys
    return map;
}

TEST(Tags, EqualPublishedFiles) {
    const auto landsat = published("HLS.L30.T19LBJ.2020239T144556.v2.0.B01.tif");
    if (!std::filesystem::exists(landsat)) GTEST_SKIP() << "no " << landsat;
    EXPECT_EQ(ours(landsat_case(), "B01"), theirs(landsat));
    EXPECT_EQ(ours(two_scene_case(), "Fmask"),
              theirs(published("HLS.L30.T15UXP.2024283T165135.v2.0.Fmask.tif")));
    EXPECT_EQ(ours(sentinel2_case(), "B01"),
              theirs(published("HLS.S30.T35VLJ.2021168T100559.v2.0.B01.tif")));
}

TEST(Tags, EveryLayerSaysHowItIsStored) {
    const auto info = landsat_case();
    EXPECT_EQ(ours(info, "B10").at("scale_factor"), "0.01");
    EXPECT_EQ(ours(info, "B10").at("long_name"), "TIRS1");
    EXPECT_EQ(ours(info, "SZA").at("_FillValue"), "40000");
    EXPECT_EQ(ours(info, "SZA").at("scale_factor"), "0.01");
    EXPECT_FALSE(ours(info, "Fmask").contains("scale_factor"));
}

TEST(Tags, UndefinedTargetZenithFallsBackToTheMean) {
    auto info = landsat_case();
    info.nbar_solar_zenith_deg = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(ours(info, "B01").at("NBAR_SOLAR_ZENITH"), "36.0643519447696");
}

TEST(Layers, CountsAndNames) {
    EXPECT_EQ(layers(granule::HlsSensor::l30).size(), 15u);
    EXPECT_EQ(layers(granule::HlsSensor::s30).size(), 18u);
    EXPECT_EQ(layers(granule::HlsSensor::s30)[8].name, "B8A");
    EXPECT_EQ(layers(granule::HlsSensor::s30)[8].long_name, "NIR_Narrow");
    EXPECT_EQ(layer_index(granule::HlsSensor::l30, "B09"), 7u);
    EXPECT_ANY_THROW(layer_index(granule::HlsSensor::l30, "B08"));
}

TEST(NumberText, AsPublished) {
    EXPECT_EQ(tag_number(-1099980), "-1099980");
    EXPECT_EQ(tag_number(152.234854236420), "152.23485423642");
    EXPECT_EQ(cmr_number(36.0643519447696), "36.06435194");
    EXPECT_EQ(cmr_number(-1099980), "-1099980.0");
    EXPECT_EQ(cmr_number(0.0001), "0.0001");
    EXPECT_EQ(cmr_number(-149.1145676), "-149.1145676");
    EXPECT_EQ(cmr_number(-1e-12), "0.0");
}

}  // namespace
}  // namespace hls::product
