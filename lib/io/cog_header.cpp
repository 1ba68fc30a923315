// SPDX-License-Identifier: Apache-2.0
// The TIFF directories of a COG and what they say of the image.
#include "io/cog_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "io/pixel_type.hpp"

namespace hls::io {
namespace {

// TIFF 6.0, GeoTIFF 1.1 and GDAL's private tags.
enum Tag : std::uint16_t {
    kNewSubfileType = 254,
    kImageWidth = 256,
    kImageLength = 257,
    kBitsPerSample = 258,
    kCompression = 259,
    kPhotometric = 262,
    kSamplesPerPixel = 277,
    kPlanarConfig = 284,
    kPredictor = 317,
    kColorMap = 320,
    kTileWidth = 322,
    kTileLength = 323,
    kTileOffsets = 324,
    kTileByteCounts = 325,
    kSampleFormat = 339,
    kPixelScale = 33550,
    kTiePoint = 33922,
    kGeoKeys = 34735,
    kGeoText = 34737,
    kGdalMetadata = 42112,
    kGdalNodata = 42113,
};

enum FieldType : std::uint16_t { kAscii = 2, kShort = 3, kLong = 4, kDouble = 12 };

struct Field {
    Tag tag;
    FieldType type;
    std::uint32_t count;
    std::string value;  // little-endian bytes
};

constexpr std::size_t kInlineBytes = 4;
constexpr std::uint32_t kFirstDirectory = 8;
// Published files hold the values that do not fit into their directory in this order.
constexpr std::array kValueOrder{kTileByteCounts, kTileOffsets, kGdalMetadata,
                                 kGdalNodata,     kPixelScale,  kTiePoint,
                                 kGeoKeys,        kGeoText,     kColorMap};

template <typename T>
void put(std::string& out, T value) {
    static_assert(std::is_unsigned_v<T>);
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

Field shorts(Tag tag, std::initializer_list<int> values) {
    Field field{tag, kShort, static_cast<std::uint32_t>(values.size()), {}};
    for (const int value : values) put(field.value, static_cast<std::uint16_t>(value));
    return field;
}

Field longs(Tag tag, std::span<const std::uint32_t> values) {
    Field field{tag, kLong, static_cast<std::uint32_t>(values.size()), {}};
    for (const std::uint32_t value : values) put(field.value, value);
    return field;
}

Field doubles(Tag tag, std::initializer_list<double> values) {
    Field field{tag, kDouble, static_cast<std::uint32_t>(values.size()), {}};
    for (const double value : values) put(field.value, std::bit_cast<std::uint64_t>(value));
    return field;
}

Field text(Tag tag, std::string value) {
    value.push_back('\0');
    return {tag, kAscii, static_cast<std::uint32_t>(value.size()), std::move(value)};
}

// GDAL keeps dataset tags in the order of their upper-case names ('_' after the letters).
bool tag_before(const std::pair<std::string, std::string>& a,
                const std::pair<std::string, std::string>& b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    return std::ranges::lexicographical_compare(a.first, b.first, {}, upper, upper);
}

std::string metadata_xml(const Layer& layer) {
    auto tags = layer.metadata;
    tags.emplace_back("OVR_RESAMPLING_ALG", "NEAREST");
    std::ranges::stable_sort(tags, tag_before);
    std::string xml = "<GDALMetadata>\n";
    for (const auto& [name, value] : tags)
        xml += fmt::format("  <Item name=\"{}\">{}</Item>\n", xml_escape(name), xml_escape(value));
    const auto band_item = [&](std::string_view name, std::string_view role,
                               std::string_view value) {
        xml += fmt::format("  <Item name=\"{}\" sample=\"0\" role=\"{}\">{}</Item>\n", name, role,
                           value);
    };
    if (layer.scale != 1 || layer.offset != 0) {
        band_item("OFFSET", "offset", fmt::format("{:.18g}", layer.offset));
        band_item("SCALE", "scale", fmt::format("{:.18g}", layer.scale));
    }
    if (!layer.description.empty())
        band_item("DESCRIPTION", "description", xml_escape(layer.description));
    for (const RasterClass& entry : layer.classes)
        xml += fmt::format("  <Item name=\"CLASS_{}\" sample=\"0\">{}</Item>\n", entry.value,
                           xml_escape(entry.name));
    return xml + "</GDALMetadata>\n";
}

void add_georeferencing(std::vector<Field>& fields, const Grid& grid) {
    const bool south = grid.epsg / 100 == 327;
    const std::string citation = fmt::format("UTM Zone {}, {} Hemisphere|", grid.epsg % 100,
                                             south ? "Southern" : "Northern");
    const std::string datum = "WGS 84|";
    const int citation_size = static_cast<int>(citation.size());
    fields.push_back(doubles(kPixelScale, {grid.pixel_m, grid.pixel_m, 0}));
    fields.push_back(doubles(kTiePoint, {0, 0, 0, grid.ulx_m, grid.uly_m, 0}));
    // Version 1.1.0 with seven keys. A key: its number, place (0: the value itself follows), count,
    // value.
    // clang-format off
    fields.push_back(shorts(kGeoKeys, {
        1, 1, 0, 7,
        1024, 0, 1, 1,  // projected model
        1025, 0, 1, 1,  // pixel is area
        1026, kGeoText, citation_size, 0,
        2049, kGeoText, static_cast<int>(datum.size()), citation_size,
        2054, 0, 1, 9102,  // degree
        3072, 0, 1, grid.epsg,
        3076, 0, 1, 9001}));  // metre
    // clang-format on
    fields.push_back(text(kGeoText, citation + datum));
}

// Colours of the classes, 16 bits a channel as GDAL has them; what has no class is black.
Field color_map(const std::vector<RasterClass>& classes) {
    constexpr std::size_t kColors = 256;
    Field field{kColorMap, kShort, 3 * kColors, {}};
    for (std::size_t channel = 0; channel < 3; ++channel) {
        std::array<std::uint16_t, kColors> values{};
        for (const RasterClass& entry : classes)
            values[static_cast<std::size_t>(entry.value)] =
                static_cast<std::uint16_t>(entry.rgb[channel] * 257);
        for (const std::uint16_t value : values) put(field.value, value);
    }
    return field;
}

std::vector<Field> directory(const CogLevel& level, bool overview, const Layer& layer) {
    const PixelType type = layer.type;
    const bool palette = !layer.classes.empty();
    const int bits = static_cast<int>(8 * pixel_bytes(type));
    const std::vector<std::uint32_t> unset(level.tile_bytes.size(), 0);
    std::vector<Field> fields;
    constexpr std::array<std::uint32_t, 1> reduced{1};
    if (overview) fields.push_back(longs(kNewSubfileType, reduced));
    fields.push_back(shorts(kImageWidth, {level.cols}));
    fields.push_back(shorts(kImageLength, {level.rows}));
    fields.push_back(shorts(kBitsPerSample, {bits}));
    fields.push_back(shorts(kCompression, {8}));                // Adobe deflate
    fields.push_back(shorts(kPhotometric, {palette ? 3 : 1}));  // else black is zero
    fields.push_back(shorts(kSamplesPerPixel, {1}));
    fields.push_back(shorts(kPlanarConfig, {1}));
    fields.push_back(shorts(kPredictor, {2}));
    if (palette) fields.push_back(color_map(layer.classes));
    fields.push_back(shorts(kTileWidth, {level.block}));
    fields.push_back(shorts(kTileLength, {level.block}));
    fields.push_back(longs(kTileOffsets, unset));
    fields.push_back(longs(kTileByteCounts, level.tile_bytes));
    fields.push_back(shorts(kSampleFormat, {type == PixelType::i16 ? 2 : 1}));
    return fields;
}

Field& field_of(std::vector<Field>& fields, Tag tag) {
    return *std::ranges::find(fields, tag, &Field::tag);
}

std::uint32_t even(std::size_t bytes) {
    return static_cast<std::uint32_t>(bytes + bytes % 2);
}

std::uint32_t directory_bytes(const std::vector<Field>& fields) {
    std::uint32_t bytes = static_cast<std::uint32_t>(2 + 12 * fields.size() + 4);
    for (const Field& field : fields)
        if (field.value.size() > kInlineBytes) bytes += even(field.value.size());
    return bytes;
}

// The directory and its values as they stand at `at` in the file.
std::string serialize(const std::vector<Field>& fields, std::uint32_t at, std::uint32_t next) {
    std::uint32_t value_at = at + static_cast<std::uint32_t>(2 + 12 * fields.size() + 4);
    std::string values;
    std::vector<std::uint32_t> places(fields.size(), 0);
    for (const Tag tag : kValueOrder) {
        const auto found = std::ranges::find(fields, tag, &Field::tag);
        if (found == fields.end() || found->value.size() <= kInlineBytes) continue;
        places[static_cast<std::size_t>(found - fields.begin())] = value_at;
        values += found->value;
        values.resize(even(values.size()), '\0');
        value_at += even(found->value.size());
    }
    std::string out;
    put(out, static_cast<std::uint16_t>(fields.size()));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const Field& field = fields[i];
        put(out, static_cast<std::uint16_t>(field.tag));
        put(out, static_cast<std::uint16_t>(field.type));
        put(out, field.count);
        if (field.value.size() > kInlineBytes) {
            put(out, places[i]);
        } else {
            out += field.value;
            out.append(kInlineBytes - field.value.size(), '\0');
        }
    }
    put(out, next);
    return out + values;
}

}  // namespace

std::string cog_header(std::span<const CogLevel* const> levels, const Grid& grid,
                       const Layer& layer) {
    std::vector<std::vector<Field>> directories;
    for (const CogLevel* level : levels) {
        const bool overview = level != levels.front();
        auto fields = directory(*level, overview, layer);
        if (!overview) {
            add_georeferencing(fields, grid);
            fields.push_back(text(kGdalMetadata, metadata_xml(layer)));
        }
        if (layer.nodata) fields.push_back(text(kGdalNodata, fmt::format("{}", *layer.nodata)));
        directories.push_back(std::move(fields));
    }

    std::vector<std::uint32_t> starts{kFirstDirectory};
    for (const auto& fields : directories)
        starts.push_back(starts.back() + directory_bytes(fields));
    std::uint64_t place = starts.back();
    for (std::size_t i = levels.size(); i-- > 0;) {  // smallest overview first
        std::vector<std::uint32_t> offsets;
        for (const std::uint32_t bytes : levels[i]->tile_bytes) {
            offsets.push_back(static_cast<std::uint32_t>(place));
            place += bytes;
        }
        field_of(directories[i], kTileOffsets) = longs(kTileOffsets, offsets);
    }
    if (place > std::numeric_limits<std::uint32_t>::max())
        throw Error{Exit::internal, "an image of more than 4 GB does not fit a classic TIFF"};

    std::string out = "II*";
    out.push_back('\0');
    put(out, kFirstDirectory);
    for (std::size_t i = 0; i < directories.size(); ++i)
        out += serialize(directories[i], starts[i], i + 1 < directories.size() ? starts[i + 1] : 0);
    return out;
}

}  // namespace hls::io
