// SPDX-License-Identifier: Apache-2.0
// CogEncoder: the TIFF around the tiles that CogPyramid compresses.
#include "io/cog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "core/escape.hpp"
#include "fs/digest.hpp"
#include "io/cog_pyramid.hpp"
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
    constexpr int kUser = 0;
    const bool south = grid.epsg / 100 == 327;
    const std::string citation = fmt::format("UTM Zone {}, {} Hemisphere|", grid.epsg % 100,
                                             south ? "Southern" : "Northern");
    const std::string datum = "WGS 84|";
    const int citation_size = static_cast<int>(citation.size());
    fields.push_back(doubles(kPixelScale, {grid.pixel_m, grid.pixel_m, 0}));
    fields.push_back(doubles(kTiePoint, {0, 0, 0, grid.ulx_m, grid.uly_m, 0}));
    // Key, place (0: the value itself follows), count, value.
    fields.push_back(shorts(kGeoKeys, {1,
                                       1,
                                       kUser,
                                       7,  // header: 7 keys
                                       1024,
                                       0,
                                       1,
                                       1,  // projected model
                                       1025,
                                       0,
                                       1,
                                       1,  // pixel is area
                                       1026,
                                       kGeoText,
                                       citation_size,
                                       0,  // citation
                                       2049,
                                       kGeoText,
                                       static_cast<int>(datum.size()),
                                       citation_size,
                                       2054,
                                       0,
                                       1,
                                       9102,  // degree
                                       3072,
                                       0,
                                       1,
                                       grid.epsg,
                                       3076,
                                       0,
                                       1,
                                       9001}));  // metre
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

// Everything before the tiles, for levels in file order (full resolution first).
std::string header(std::span<const CogLevel* const> levels, const Grid& grid, const Layer& layer) {
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

// A file and the checksum of what was written to it.
class HashedFile {
 public:
    explicit HashedFile(const std::string& path) : path_(path), digest_(fs::DigestKind::sha512) {
        errno = 0;
        out_.rdbuf()->pubsetbuf(nullptr, 0);  // pieces are large
        out_.open(path, std::ios::binary | std::ios::trunc);
        if (!out_)
            throw Error{Exit::cannot_create,
                        fmt::format("cannot create {}: {}", path, std::strerror(errno))};
    }
    void write(const void* data, std::size_t bytes) {
        errno = 0;
        out_.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
        check();
        digest_.update(data, bytes);
        bytes_ += bytes;
    }
    CogFile close() {
        errno = 0;
        out_.close();
        check();
        return {bytes_, digest_.hex()};
    }

 private:
    void check() const {
        if (out_) return;
        const int error = errno == 0 ? EIO : errno;
        throw Error{Exit::io_error, fmt::format("cannot write {}: {}", path_, std::strerror(error)),
                    error == ENOSPC ? "free some space and run it again" : ""};
    }

    std::string path_;
    std::ofstream out_;
    fs::Digest digest_;
    std::uint64_t bytes_ = 0;
};

using Pyramid =
    std::variant<CogPyramid<std::uint8_t>, CogPyramid<std::int16_t>, CogPyramid<std::uint16_t>>;

Pyramid make_pyramid(const Grid& grid, PixelType type, int level) {
    constexpr int kLargestSide = 65535;  // directories hold sizes as 16 bits
    const int family = grid.epsg / 100;
    const int zone = grid.epsg % 100;
    const bool sound = grid.rows > 0 && grid.cols > 0 && grid.rows <= kLargestSide &&
                       grid.cols <= kLargestSide && grid.pixel_m > 0 && level >= 1 && level <= 12 &&
                       (family == 326 || family == 327) && zone >= 1 && zone <= 60;
    if (sound && type == PixelType::u8)
        return CogPyramid<std::uint8_t>(grid.rows, grid.cols, level);
    if (sound && type == PixelType::i16)
        return CogPyramid<std::int16_t>(grid.rows, grid.cols, level);
    if (sound && type == PixelType::u16)
        return CogPyramid<std::uint16_t>(grid.rows, grid.cols, level);
    throw Error{Exit::internal,
                fmt::format("no COG of {} x {} {} in EPSG:{} at level {}", grid.rows, grid.cols,
                            pixel_type_name(type), grid.epsg, level)};
}

}  // namespace

struct CogEncoder::State {
    Grid grid;
    PixelType type;
    Pyramid pyramid;
};

CogEncoder::CogEncoder(const Grid& grid, PixelType type, int deflate_level)
    : state_(new State{grid, type, make_pyramid(grid, type, deflate_level)}) {}
CogEncoder::~CogEncoder() = default;
CogEncoder::CogEncoder(CogEncoder&&) noexcept = default;
CogEncoder& CogEncoder::operator=(CogEncoder&&) noexcept = default;

template <typename T>
void CogEncoder::append_rows(View2D<const T> rows) {
    auto* pyramid = std::get_if<CogPyramid<T>>(&state_->pyramid);
    if (pyramid == nullptr)
        throw Error{Exit::internal,
                    fmt::format("{} rows for a {} image", pixel_type_name(pixel_type_of<T>()),
                                pixel_type_name(state_->type))};
    pyramid->append(rows);
}

std::uint64_t CogEncoder::held_bytes() const {
    return std::visit([](const auto& pyramid) { return pyramid.held_bytes(); }, state_->pyramid);
}

CogFile CogEncoder::write(const std::string& path, const Layer& layer) const {
    const auto [complete, levels] = std::visit(
        [](const auto& pyramid) { return std::pair(pyramid.complete(), pyramid.levels()); },
        state_->pyramid);
    if (!complete || layer.type != state_->type)
        throw Error{Exit::internal, fmt::format("{}: rows are missing or of another type", path)};
    const std::string head = header(levels, state_->grid, layer);
    HashedFile file(path);
    file.write(head.data(), head.size());
    for (std::size_t i = levels.size(); i-- > 0;)
        for (const auto& run : levels[i]->tile_rows) {
            throw_if_cancelled();
            file.write(run.data(), run.size());
        }
    return file.close();
}

template void CogEncoder::append_rows(View2D<const std::uint8_t>);
template void CogEncoder::append_rows(View2D<const std::int16_t>);
template void CogEncoder::append_rows(View2D<const std::uint16_t>);

}  // namespace hls::io
