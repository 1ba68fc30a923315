// SPDX-License-Identifier: Apache-2.0
#include "zarr/collection.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/error.hpp"
#include "temporary_folder.hpp"

namespace hls::zarr {
namespace {

// A configuration with one part replaced.
std::string config(const std::string& from = "", const std::string& to = "") {
    std::string text = R"({
      "collection": "hls", "store": "hls.zarr", "source": "objects",
      "match": [
        {"regex": "^HLS\\.L30\\.T16RDV\\.(?<time>\\d{7}T\\d{6})\\.v(?<version>\\d\\.\\d)\\.(?<band>B\\d\\d|Fmask)\\.tif$",
         "time_format": "%Y%jT%H%M%S"},
        {"regex": "^late/(?<band>B04)\\.nc$"}],
      "dims": {
        "y": {"chunk": 512},
        "time": {"append": true, "axis": "daily", "origin": "2013-04-11", "chunk": 1},
        "x": {"chunk": 256, "shard": 512}},
      "variables": {
        "red": {"source": {"band": "B04"}, "dtype": "int16", "fill": -9999, "scale": 0.0001},
        "fmask": {"source": {"band": "Fmask"}, "dtype": "uint8", "fill": 255}}
    })";
    if (!from.empty()) {
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string usage_error(const std::string& text) {
    try {
        parse_collection(text, "c.json");
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::usage) << error.message;
        return error.message;
    }
    ADD_FAILURE() << "taken: " << text;
    return "";
}

TEST(Collection, ReadsWhatIsConfigured) {
    const Collection collection = parse_collection(config(), "c.json");
    EXPECT_EQ(collection.name, "hls");
    EXPECT_EQ(collection.format, 3);
    // The dimension that grows comes first; the others keep their order.
    ASSERT_EQ(collection.dimensions.size(), 3u);
    EXPECT_EQ(collection.dimensions[0].name, "time");
    EXPECT_EQ(collection.dimensions[1].name, "y");
    EXPECT_EQ(collection.dimensions[2].shard, 512u);
    EXPECT_EQ(collection.axis.kind, AxisKind::daily);
    EXPECT_EQ(collection.axis.origin, parse_utc("2013-04-11"));
    EXPECT_EQ(collection.variable("red")->type, kInt16);
    EXPECT_EQ(collection.variable("red")->dimensions, (std::vector<std::string>{"time", "y", "x"}));
    EXPECT_EQ(collection.variable("blue"), nullptr);
    EXPECT_EQ(collection.batch.files, 100u);
}

TEST(Collection, KeysSayTimeAndVariables) {
    const Collection collection = parse_collection(config(), "c.json");
    const auto match = match_key(collection, "HLS.L30.T16RDV.2020214T161612.v2.0.B04.tif");
    ASSERT_TRUE(match);
    EXPECT_EQ(match->time, parse_utc("2020-08-01T16:16:12Z"));
    EXPECT_EQ(match->variables, std::vector<std::string>{"red"});
    EXPECT_EQ(match->captures.at("version"), "2.0");
    const auto late = match_key(collection, "late/B04.nc");
    ASSERT_TRUE(late);
    EXPECT_FALSE(late->time);
    // A dot of the pattern is a dot, and nothing may stand before or behind.
    for (const char* key : {"HLS.L30.T16RDV.2020214T161612.v2.0.B04xtif",
                            "aHLS.L30.T16RDV.2020214T161612.v2.0.B04.tif",
                            "HLS.L30.T16RDV.2020214T161612.v2.0.B04.tif.aux",
                            "HLS.L30.T16RDV.2020214T161612.v2.0.B05.tif", "lateXB04.nc", ""})
        EXPECT_FALSE(match_key(collection, key)) << key;
    EXPECT_THROW(match_key(collection, "HLS.L30.T16RDV.2020367T161612.v2.0.B04.tif"), Error);
}

TEST(Collection, RefusesWithThePlaceOfTheMistake) {
    const struct {
        const char *from, *to, *says;
    } mistakes[] = {
        {"\"store\": \"hls.zarr\", ", "", "store"},
        {"\"collection\": \"hls\"", "\"collection\": \"__hls\"", "collection"},
        {"\"source\": \"objects\"", "\"sauce\": \"objects\"", "sauce"},
        {"\"time_format\": \"%Y%jT%H%M%S\"", "\"time_format\": \"%Q\"", "match[0].time_format"},
        {"(?<time>", "(?<when>", "time_format"},
        {"(?<time>", "(?<time", "match[0]"},
        {"\"append\": true, ", "", "dims"},
        {"\"y\": {\"chunk\": 512}", "\"y\": {\"append\": true, \"origin\": \"2020-01-01\"}",
         "second"},
        {"\"shard\": 512", "\"shard\": 500", "shard"},
        {"\"axis\": \"daily\"", "\"axis\": \"weekly\"", "axis"},
        {", \"origin\": \"2013-04-11\"", "", "origin"},
        {"\"chunk\": 1}", "\"chunk\": -1}", "chunk"},
        {"\"fill\": -9999", "\"fill\": 70000", "fill"},
        {"\"dtype\": \"int16\", ", "", "dtype"},
        {"{\"band\": \"B04\"}", "{\"bend\": \"B04\"}", "bend"},
        {"\"red\"", "\"time\"", "coordinate"},
        {"\"variables\": {", "\"slot_winner\": [\"capture:none\"], \"variables\": {",
         "slot_winner"},
        {"\"variables\": {", "\"geo\": [\"utm\"], \"variables\": {", "geo"},
        {"\"variables\": {", "\"batch\": {\"seconds\": -1}, \"variables\": {", "seconds"},
        {"\"variables\": {", "\"grid\": {\"tolerance_px\": 0.5}, \"variables\": {", "tolerance_px"},
        {"\"chunk\": 1}", "\"chunk\": 1, \"slot\": [\"time\"]}", "slot"},
        {"\"match\": [", "\"match\": [[], ", "match[0]"},
    };
    for (const auto& mistake : mistakes) {
        const std::string message = usage_error(config(mistake.from, mistake.to));
        EXPECT_NE(message.find(mistake.says), std::string::npos)
            << mistake.to << " gives: " << message;
    }
    usage_error("");
    usage_error("[]");
    usage_error("{\"collection\": 3}");
}

TEST(Collection, FoldersHoldSeveralOfDifferentNames) {
    const TemporaryFolder folder;
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream(folder / name) << text;
    };
    EXPECT_THROW(load_collections(folder / ""), Error);  // none
    write("b.json", config());
    write("a.json", config("\"collection\": \"hls\"", "\"collection\": \"first\""));
    write("notes.txt", "no configuration");
    const auto both = load_collections(folder / "");
    ASSERT_EQ(both.size(), 2u);
    EXPECT_EQ(both[0].name, "first");
    EXPECT_EQ(both[1].store, (folder / "hls.zarr").string());
    EXPECT_EQ(both[1].source, (folder / "objects").string());
    write("c.json", config());
    EXPECT_THROW(load_collections(folder / ""), Error);  // two of one name
    EXPECT_THROW(load_collections(folder / "none.json"), Error);
}

}  // namespace
}  // namespace hls::zarr
