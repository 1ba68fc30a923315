// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/table_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>

#include "atmosphere/official_tables.hpp"
#include "core/error.hpp"
#include "fs/digest.hpp"

namespace hls::atmosphere {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kMagic = "HLSTABLE";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kColumns = static_cast<std::size_t>(kPressures) * kAots;
constexpr double kFullScale = 65535.0;
// Limits for files that lie: far above what any table has.
constexpr int kMostEntries = 100'000;
constexpr std::size_t kLongestText = 4096;
constexpr std::uint64_t kLargestBody = std::uint64_t{1} << 29;
// zlib never packs better than 1032 to 1.
constexpr std::uint64_t kBestPacking = 1032;

std::string rebuild_hint(std::string_view sensor) {
    return fmt::format("build it again: hls-lasrc tables --sensor {} --overwrite", sensor);
}

// ---- writing ----------------------------------------------------------------------------------

class ByteWriter {
 public:
    template <typename T>
    void integer(T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bytes_ += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
    }
    void real(float value) { integer(std::bit_cast<std::uint32_t>(value)); }
    void reals(std::span<const float> values) {
        for (const float value : values) real(value);
    }
    void integers(std::span<const int> values) {
        for (const int value : values) integer(static_cast<std::uint32_t>(value));
    }
    void text(std::string_view value) {
        integer(static_cast<std::uint32_t>(value.size()));
        bytes_ += value;
    }
    void raw(std::string_view value) { bytes_ += value; }
    std::string take() { return std::move(bytes_); }
    void reserve(std::size_t size) { bytes_.reserve(size); }

 private:
    std::string bytes_;
};

void require_size(std::size_t found, std::size_t wanted, const std::string& what) {
    if (found != wanted)
        throw Error{Exit::internal,
                    fmt::format("table {} has {} values, not {}", what, found, wanted)};
}

// Values in [0, largest] as uint16. A little outside is rounding, more is a mistake of the builder.
void write_quantised(ByteWriter& out, std::span<const float> values, float largest,
                     const std::string& what) {
    const double scale = largest > 0.f ? kFullScale / static_cast<double>(largest) : 0.0;
    for (const float value : values) {
        const double q = std::nearbyint(static_cast<double>(value) * scale);
        if (!(q >= -8.0 && q <= kFullScale + 8.0))
            throw Error{Exit::internal, fmt::format("table {} holds {}", what, value)};
        out.integer(static_cast<std::uint16_t>(std::clamp(q, 0.0, kFullScale)));
    }
}

void write_band(ByteWriter& out, const BandTable& band, std::size_t entries) {
    require_size(band.path_reflectance.size(), kColumns * entries, band.name + " reflectance");
    require_size(band.transmittance.size(), kColumns * kSuns, band.name + " transmittance");
    require_size(band.spherical_albedo.size(), kColumns, band.name + " spherical albedo");
    require_size(band.extinction.size(), kColumns, band.name + " extinction");
    out.text(band.name);
    for (std::size_t column = 0; column < kColumns; ++column) {
        const auto values = std::span(band.path_reflectance).subspan(column * entries, entries);
        const float largest = entries ? *std::max_element(values.begin(), values.end()) : 0.f;
        out.real(largest);
        write_quantised(out, values, largest, band.name + " reflectance");
    }
    write_quantised(out, band.transmittance, 1.f, band.name + " transmittance");
    write_quantised(out, band.spherical_albedo, 1.f, band.name + " spherical albedo");
    out.reals(band.extinction);
}

std::string encode_body(const Tables& tables) {
    const AngleGrid& grid = tables.angles;
    const auto entries = static_cast<std::size_t>(grid.entries);
    ByteWriter out;
    out.reserve(tables.bands.size() * kColumns * (2 * entries + 64) + 65536);
    out.text(sensor_name(tables.sensor));
    out.text(tables.source);
    out.reals(kPressureHpa);
    out.reals(kAot550);
    out.integer(static_cast<std::uint32_t>(grid.view_zenith_deg.size()));
    out.reals(grid.view_zenith_deg);
    out.reals(grid.sun_zenith_deg);
    out.reals(grid.ts_max_deg.cells());
    out.reals(grid.ts_min_deg.cells());
    out.integers(grid.count.cells());
    out.integers(grid.cumulative.cells());
    out.integers(grid.sun_start);
    out.integer(static_cast<std::uint32_t>(grid.entries));
    out.integer(static_cast<std::uint32_t>(tables.bands.size()));
    for (const BandTable& band : tables.bands) write_band(out, band, entries);
    return out.take();
}

std::string deflated(const std::string& body) {
    uLongf size = compressBound(body.size());
    std::string packed(size, '\0');
    if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                  reinterpret_cast<const Bytef*>(body.data()), body.size(), 6) != Z_OK)
        throw Error{Exit::resource, "cannot deflate the tables: out of memory"};
    packed.resize(size);
    return packed;
}

// ---- reading ----------------------------------------------------------------------------------

// Bounds-checked reading; every failure names the file.
class ByteReader {
 public:
    ByteReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    [[noreturn]] void fail(const std::string& what) const {
        throw Error{Exit::bad_input, fmt::format("{}: {}", name_, what), rebuild_hint("oli|msi")};
    }
    std::string_view raw(std::size_t size) {
        if (size > bytes_.size() - at_) fail("the table file ends too early");
        const std::string_view part = bytes_.substr(at_, size);
        at_ += size;
        return part;
    }
    template <typename T>
    T integer() {
        std::uint64_t value = 0;
        const std::string_view part = raw(sizeof(T));
        for (std::size_t i = 0; i < sizeof(T); ++i)
            value |= std::uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
        return static_cast<T>(value);
    }
    int limited(int lowest, int highest, const char* what) {
        const auto value = integer<std::uint32_t>();
        if (value < static_cast<std::uint32_t>(lowest) ||
            value > static_cast<std::uint32_t>(highest))
            fail(fmt::format("{} is {}", what, value));
        return static_cast<int>(value);
    }
    float real() {
        const float value = std::bit_cast<float>(integer<std::uint32_t>());
        if (!std::isfinite(value)) fail("a value is not a number");
        return value;
    }
    std::vector<float> reals(std::size_t count) {
        std::vector<float> values;
        for (std::size_t i = 0; i < count; ++i) values.push_back(real());
        return values;
    }
    std::vector<int> integers(std::size_t count, int highest, const char* what) {
        std::vector<int> values;
        for (std::size_t i = 0; i < count; ++i) values.push_back(limited(0, highest, what));
        return values;
    }
    std::string text() {
        const auto size = integer<std::uint32_t>();
        if (size > kLongestText) fail("a text is too long");
        return std::string(raw(size));
    }
    // uint16 to [0, largest].
    void quantised(std::span<float> values, float largest) {
        const std::string_view part = raw(2 * values.size());
        const float step = largest / static_cast<float>(kFullScale);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const unsigned low = static_cast<unsigned char>(part[2 * i]);
            const unsigned high = static_cast<unsigned char>(part[2 * i + 1]);
            values[i] = static_cast<float>(low | high << 8) * step;
        }
    }
    bool at_end() const { return at_ == bytes_.size(); }

 private:
    std::string_view bytes_;
    const std::string& name_;
    std::size_t at_ = 0;
};

Sensor read_sensor(ByteReader& in) {
    const std::string name = in.text();
    for (const Sensor sensor : {Sensor::oli, Sensor::msi})
        if (name == sensor_name(sensor)) return sensor;
    in.fail("tables of an unknown sensor");
}

AngleGrid read_grid(ByteReader& in) {
    AngleGrid grid;
    const int views = in.limited(1, 1000, "the number of view nodes");
    const auto cells = static_cast<std::size_t>(views) * kSuns;
    grid.view_zenith_deg = in.reals(static_cast<std::size_t>(views));
    grid.sun_zenith_deg = in.reals(kSuns);
    grid.ts_max_deg = {views, kSuns, in.reals(cells)};
    grid.ts_min_deg = {views, kSuns, in.reals(cells)};
    grid.count = {views, kSuns, in.integers(cells, kMostEntries, "an entry count")};
    grid.cumulative = {views, kSuns, in.integers(cells, kMostEntries, "an entry count")};
    grid.sun_start = in.integers(kSuns, kMostEntries, "the start of a sun block");
    grid.entries = in.limited(1, kMostEntries, "the number of entries");
    for (int view = 0; view < views; ++view)
        for (int sun = 0; sun < kSuns; ++sun) {
            const int first = grid.first(view, sun);
            const int count = grid.count(view, sun);
            if (count < 1 || first < 0 || count > grid.entries - first)
                in.fail("directions lie outside the table");
        }
    return grid;
}

BandTable read_band(ByteReader& in, std::size_t entries) {
    BandTable band;
    band.name = in.text();
    band.path_reflectance.resize(kColumns * entries);
    for (std::size_t column = 0; column < kColumns; ++column) {
        const float largest = in.real();
        in.quantised(std::span(band.path_reflectance).subspan(column * entries, entries), largest);
    }
    band.transmittance.resize(kColumns * kSuns);
    in.quantised(band.transmittance, 1.f);
    band.spherical_albedo.resize(kColumns);
    in.quantised(band.spherical_albedo, 1.f);
    band.extinction = in.reals(kColumns);
    return band;
}

Tables decode_body(std::string_view body, const std::string& name) {
    ByteReader in(body, name);
    Tables tables;
    tables.sensor = read_sensor(in);
    tables.source = in.text();
    const std::vector<float> pressures = in.reals(kPressures);
    const std::vector<float> aots = in.reals(kAots);
    if (!std::equal(pressures.begin(), pressures.end(), kPressureHpa.begin()) ||
        !std::equal(aots.begin(), aots.end(), kAot550.begin()))
        in.fail("the axes are not those of this version");
    tables.angles = read_grid(in);
    const int bands = in.limited(1, 64, "the number of bands");
    const auto entries = static_cast<std::size_t>(tables.angles.entries);
    for (int band = 0; band < bands; ++band) tables.bands.push_back(read_band(in, entries));
    if (!in.at_end()) in.fail("there is more in the table file than tables");
    return tables;
}

std::string inflated(std::string_view packed, std::uint64_t size, const ByteReader& in) {
    if (size > kLargestBody || size > packed.size() * kBestPacking + 1024)
        in.fail("the table file lies about its size");
    std::string body(size, '\0');
    uLongf found = body.size();
    if (uncompress(reinterpret_cast<Bytef*>(body.data()), &found,
                   reinterpret_cast<const Bytef*>(packed.data()), packed.size()) != Z_OK ||
        found != size)
        in.fail("the table file cannot be inflated");
    return body;
}

std::string read_bytes(const stdfs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw Error{Exit::missing_input, fmt::format("cannot read tables {}", path.string()),
                    "hls-lasrc tables --sensor oli|msi builds them"};
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    if (in.bad()) throw Error{Exit::io_error, fmt::format("cannot read {}", path.string())};
    return bytes;
}

bool holds_official_tables(const stdfs::path& folder) {
    if (!stdfs::is_directory(folder)) return false;
    return std::any_of(stdfs::directory_iterator(folder), stdfs::directory_iterator(),
                       [](const stdfs::directory_entry& entry) {
                           return entry.path().filename().string().starts_with("ANGLE_NEW");
                       });
}

}  // namespace

std::string table_file_name(Sensor sensor) {
    return std::string(sensor_name(sensor)) + ".tables";
}

std::string encode_tables(const Tables& tables) {
    const std::string body = encode_body(tables);
    ByteWriter content;
    content.integer(static_cast<std::uint64_t>(body.size()));
    content.raw(deflated(body));
    const std::string bytes = content.take();
    ByteWriter file;
    file.raw(kMagic);
    file.integer(kVersion);
    file.raw(fs::digest_of(fs::DigestKind::sha256, bytes));
    file.raw(bytes);
    return file.take();
}

Tables decode_tables(std::string_view bytes, const std::string& name) {
    ByteReader in(bytes, name);
    if (!bytes.starts_with(kMagic)) in.fail("not a table file");
    in.raw(kMagic.size());
    const auto version = in.integer<std::uint32_t>();
    if (version != kVersion)
        in.fail(
            fmt::format("tables of format version {}, this program reads {}", version, kVersion));
    const std::string_view digest = in.raw(kDigestDigits);
    const std::string_view content = bytes.substr(kMagic.size() + sizeof(kVersion) + kDigestDigits);
    if (fs::digest_of(fs::DigestKind::sha256, content) != digest)
        in.fail("the checksum does not match, the table file is damaged");
    const auto size = in.integer<std::uint64_t>();
    return decode_body(inflated(content.substr(sizeof size), size, in), name);
}

void write_table_file(const Tables& tables, const stdfs::path& path, fs::IfExists mode) {
    fs::write_text_atomically(path, encode_tables(tables), mode);
}

Tables read_table_file(const stdfs::path& path) {
    return decode_tables(read_bytes(path), path.string());
}

Tables load_tables(const stdfs::path& path, Sensor sensor) {
    if (holds_official_tables(path)) return read_official_tables(path, sensor);
    stdfs::path file = path;
    if (stdfs::is_directory(path)) {
        file = path / table_file_name(sensor);
        const stdfs::path official = path / official_folder_name(sensor);
        if (!stdfs::exists(file) && holds_official_tables(official))
            return read_official_tables(official, sensor);
    }
    if (!stdfs::exists(file))
        throw Error{
            Exit::missing_input,
            fmt::format("no {} tables: {} does not exist", sensor_name(sensor), file.string()),
            fmt::format("build them: hls-lasrc tables --sensor {}", sensor_name(sensor))};
    Tables tables = read_table_file(file);
    if (tables.sensor != sensor)
        throw Error{Exit::bad_input,
                    fmt::format("{}: tables of {}, {} is needed", file.string(),
                                sensor_name(tables.sensor), sensor_name(sensor)),
                    fmt::format("build them: hls-lasrc tables --sensor {}", sensor_name(sensor))};
    return tables;
}

}  // namespace hls::atmosphere
