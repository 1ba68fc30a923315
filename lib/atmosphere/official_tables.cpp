// SPDX-License-Identifier: Apache-2.0
#include "atmosphere/official_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "atmosphere/angle_grid.hpp"
#include "atmosphere/official_text.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "io/hdf4.hpp"

namespace hls::atmosphere {
namespace {

namespace stdfs = std::filesystem;

constexpr double kAxisTolerance = 1e-5;
constexpr std::size_t kColumns = static_cast<std::size_t>(kAots) * kPressures;

// ---- finding the files ------------------------------------------------------------------------

struct OfficialFiles {
    stdfs::path angles, reflectance, transmittance, aerosol;
};

// The one file of `folder` whose name begins so; an empty path when there is none.
stdfs::path find_by_prefix(const stdfs::path& folder, std::string_view prefix) {
    stdfs::path found;
    for (const auto& entry : stdfs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        if (!found.empty())
            throw Error{Exit::bad_input,
                        fmt::format("{}: more than one file {}*", folder.string(), prefix),
                        "keep the version that is to be used"};
        found = entry.path();
    }
    return found;
}

OfficialFiles find_official_files(const stdfs::path& folder) {
    if (!stdfs::is_directory(folder))
        throw Error{Exit::missing_input, fmt::format("no such folder: {}", folder.string())};
    std::vector<std::string> missing;
    const auto find = [&](const char* prefix) {
        stdfs::path path = find_by_prefix(folder, prefix);
        if (path.empty()) missing.push_back(std::string(prefix) + "*");
        return path;
    };
    OfficialFiles files{find("ANGLE_NEW"), find("RES_LUT"), find("TRANS_LUT"), find("AERO_LUT")};
    if (!missing.empty())
        throw Error{Exit::missing_input,
                    fmt::format("{}: missing {}", folder.string(), fmt::join(missing, ", "))};
    return files;
}

// ---- directions -------------------------------------------------------------------------------

[[noreturn]] void bad_file(const stdfs::path& path, const std::string& what) {
    throw Error{Exit::bad_input, fmt::format("{}: {}", path.string(), what),
                "are these the tables of LaSRC, complete?"};
}

Plane<float> read_view_by_sun(const io::Hdf4Reader& file, const char* name) {
    return {kOfficialViews, kSuns, file.read_shaped<float>(name, {kOfficialViews, kSuns})};
}

Plane<int> rounded(const Plane<float>& values) {
    Plane<int> plane(values.rows(), values.cols());
    std::transform(values.cells().begin(), values.cells().end(), plane.cells().begin(),
                   [](float value) { return static_cast<int>(std::lround(value)); });
    return plane;
}

// The reference's reader takes only 20 of the 22 elements, so shorter sets are legal; the last ones
// then follow from the axis and the counts.
void read_sun_axis(const io::Hdf4Reader& file, AngleGrid& grid) {
    grid.sun_zenith_deg = file.read<float>("TTS");
    const std::vector<std::int32_t> starts = file.read<std::int32_t>("INDTS");
    grid.sun_start.assign(starts.begin(), starts.end());
    if (grid.sun_zenith_deg.size() < 20 || grid.sun_start.size() < 20)
        bad_file(file.path(), "TTS or INDTS has fewer than 20 elements");
    grid.sun_zenith_deg.resize(20);
    grid.sun_start.resize(std::min<std::size_t>(grid.sun_start.size(), kSuns));
    for (int sun = 0; sun < kSuns; ++sun) {
        const auto i = static_cast<std::size_t>(sun);
        if (i >= grid.sun_zenith_deg.size())
            grid.sun_zenith_deg.push_back(4.f * static_cast<float>(sun));
        if (i >= grid.sun_start.size())
            grid.sun_start.push_back(grid.sun_start.back() +
                                     grid.cumulative(kOfficialViews - 1, sun - 1));
        if (std::abs(grid.sun_zenith_deg[i] - 4.f * static_cast<float>(sun)) > kAxisTolerance)
            bad_file(file.path(), "the sun axis TTS is not 0, 4, .. 84 deg");
    }
}

void read_view_axis(const io::Hdf4Reader& file, AngleGrid& grid) {
    const Plane<float> nodes = read_view_by_sun(file, "TTV");
    for (int view = 0; view < kOfficialViews; ++view) {
        const float node = nodes(view, 0);
        if (view > 0 && !(node > grid.view_zenith_deg.back()))
            bad_file(file.path(), "the view axis TTV does not ascend");
        for (int sun = 1; sun < kSuns; ++sun)
            if (!(std::abs(nodes(view, sun) - node) < 1e-3f))
                bad_file(file.path(), "the view axis TTV differs between suns");
        grid.view_zenith_deg.push_back(node);
    }
}

// Every run of entries must lie inside the packed axis and span its angles in steps of 4 deg.
void check_runs(const stdfs::path& path, const AngleGrid& grid) {
    for (int view = 0; view < kOfficialViews; ++view)
        for (int sun = 0; sun < kSuns; ++sun) {
            const int count = grid.count(view, sun);
            const int first = grid.first(view, sun);
            const float range = grid.ts_max_deg(view, sun) - grid.ts_min_deg(view, sun);
            const float steps = static_cast<float>(kScatteringStepDeg) * static_cast<float>(count);
            const bool spans = count == 1 || (range > steps - 8.01f && range < steps + 4.01f);
            if (count < 1 || first < 0 || count > grid.entries - first || !spans)
                bad_file(path, fmt::format("{} entries from {} on cannot be those of view {:.3f}, "
                                           "sun {}",
                                           count, first,
                                           grid.view_zenith_deg[static_cast<std::size_t>(view)],
                                           4 * sun));
        }
}

AngleGrid read_angles(const stdfs::path& path, int entries) {
    const io::Hdf4Reader file(path);
    AngleGrid grid;
    grid.entries = entries;
    grid.ts_max_deg = read_view_by_sun(file, "TSMAX");
    grid.ts_min_deg = read_view_by_sun(file, "TSMIN");
    grid.count = rounded(read_view_by_sun(file, "NBFI"));
    grid.cumulative = rounded(read_view_by_sun(file, "NBFIC"));
    read_sun_axis(file, grid);
    read_view_axis(file, grid);
    check_runs(path, grid);
    return grid;
}

void write_angles(const stdfs::path& path, const AngleGrid& grid) {
    io::Hdf4Writer file(path);
    const auto write = [&](const char* name, const auto& plane) {
        const std::vector<float> values(plane.cells().begin(), plane.cells().end());
        file.write<float>(name, values, {{kOfficialViews, kSuns}, 0, {}, {}});
    };
    Plane<float> nodes(kOfficialViews, kSuns);
    for (int view = 0; view < kOfficialViews; ++view)
        for (int sun = 0; sun < kSuns; ++sun)
            nodes(view, sun) = grid.view_zenith_deg[static_cast<std::size_t>(view)];
    write("TSMAX", grid.ts_max_deg);
    write("TSMIN", grid.ts_min_deg);
    write("TTV", nodes);
    write("NBFI", grid.count);
    write("NBFIC", grid.cumulative);
    const std::vector<std::int32_t> starts(grid.sun_start.begin(), grid.sun_start.end());
    file.write<std::int32_t>("INDTS", starts, {{kSuns}, 0, {}, {}});
    file.write<float>("TTS", grid.sun_zenith_deg, {{kSuns}, 0, {}, {}});
    file.close();
}

// ---- path reflectance -------------------------------------------------------------------------

std::string reflectance_name(std::string_view band) {
    return fmt::format("NRLUT_BAND_{}", band);
}

// [rows][cols] -> [cols][rows], in tiles that stay in the first-level cache.
std::vector<float> transposed(std::span<const float> values, std::size_t rows, std::size_t cols) {
    constexpr std::size_t kTile = 32;
    std::vector<float> result(values.size());
    for (std::size_t r0 = 0; r0 < rows; r0 += kTile)
        for (std::size_t c0 = 0; c0 < cols; c0 += kTile)
            for (std::size_t c = c0; c < std::min(cols, c0 + kTile); ++c)
                for (std::size_t r = r0; r < std::min(rows, r0 + kTile); ++r)
                    result[c * rows + r] = values[r * cols + c];
    return result;
}

// [entry][aot][pressure] <-> [pressure][aot][entry] is a transposition of the outer axes with the
// middle one reversed in nesting: both orders are taken apart into single (pressure, aot) columns.
std::vector<float> packed_by_pressure(std::span<const float> official, std::size_t entries) {
    const std::vector<float> by_aot = transposed(official, entries, kColumns);
    std::vector<float> result(by_aot.size());
    for (std::size_t aot = 0; aot < kAots; ++aot)
        for (std::size_t pressure = 0; pressure < kPressures; ++pressure)
            std::copy_n(by_aot.data() + (aot * kPressures + pressure) * entries, entries,
                        result.data() + (pressure * kAots + aot) * entries);
    return result;
}

int packed_entries(const io::Hdf4Reader& file, std::string_view band) {
    const std::vector<int> shape = file.shape(reflectance_name(band));
    if (shape.size() != 3) bad_file(file.path(), reflectance_name(band) + " is not a cube");
    return shape[0];
}

// Only what a scene can reach is judged: slots between the runs and the last sun, which lies beyond
// the other tables, may hold anything.
bool is_physical(std::span<const float> reflectance, const AngleGrid& grid) {
    for (std::size_t column = 0; column < kColumns; ++column)
        for (int view = 0; view < grid.count.rows(); ++view)
            for (int sun = 0; sun < kSuns - 1; ++sun) {
                const auto run =
                    reflectance.subspan(column * static_cast<std::size_t>(grid.entries) +
                                            static_cast<std::size_t>(grid.first(view, sun)),
                                        static_cast<std::size_t>(grid.count(view, sun)));
                if (!std::all_of(run.begin(), run.end(),
                                 [](float v) { return v >= -0.01f && v < 4.f; }))
                    return false;
            }
    return true;
}

void read_reflectance(const io::Hdf4Reader& file, const AngleGrid& angles, BandTable& band) {
    const std::string name = reflectance_name(band.name);
    const std::vector<float> cube =
        file.read_shaped<float>(name, {angles.entries, kAots, kPressures});
    band.path_reflectance = packed_by_pressure(cube, static_cast<std::size_t>(angles.entries));
    if (!is_physical(band.path_reflectance, angles))
        bad_file(file.path(), name + " holds values that are no reflectance");
}

// Where the entry of every (view, sun, k) of the official grid lies in the tables' own; -1 =
// absent.
std::vector<int> entry_map(const AngleGrid& official, const AngleGrid& own) {
    std::vector<int> map(static_cast<std::size_t>(official.entries), -1);
    for (int view = 0; view < own.count.rows(); ++view)
        for (int sun = 0; sun < kSuns; ++sun) {
            if (own.count(view, sun) != official.count(view, sun))
                throw Error{Exit::internal,
                            "tables with an angle grid that is not the official one"};
            for (int k = 0; k < own.count(view, sun); ++k)
                map[static_cast<std::size_t>(official.first(view, sun) + k)] =
                    own.first(view, sun) + k;
        }
    return map;
}

void write_reflectance(const stdfs::path& path, const Tables& tables, const AngleGrid& official) {
    const std::vector<int> map = entry_map(official, tables.angles);
    const auto own_entries = static_cast<std::size_t>(tables.angles.entries);
    io::Hdf4Writer file(path);
    for (const BandTable& band : tables.bands) {
        std::vector<float> cube(map.size() * kColumns, 0.f);
        for (std::size_t entry = 0; entry < map.size(); ++entry) {
            if (map[entry] < 0) continue;
            const float* own = band.path_reflectance.data() + map[entry];
            float* cell = cube.data() + entry * kColumns;
            for (std::size_t aot = 0; aot < kAots; ++aot)
                for (std::size_t pressure = 0; pressure < kPressures; ++pressure)
                    cell[aot * kPressures + pressure] = own[(pressure * kAots + aot) * own_entries];
        }
        file.write<float>(reflectance_name(band.name), cube,
                          {{official.entries, kAots, kPressures}, 4, {}, {}});
    }
    file.close();
}

// The grid the files are written with: the tables' own when it has the 20 views, else our own rule,
// which the tables' smaller grid follows too.
AngleGrid official_grid(const Tables& tables) {
    if (tables.angles.view_zenith_deg.size() != kOfficialViews)
        return make_angle_grid(kOfficialViews, kOfficialEntries);
    AngleGrid grid = tables.angles;
    if (grid.entries > kOfficialEntries)
        throw Error{Exit::internal, fmt::format("{} entries, the official tables have {}",
                                                grid.entries, kOfficialEntries)};
    grid.entries = kOfficialEntries;
    return grid;
}

}  // namespace

std::string_view official_folder_name(Sensor sensor) {
    return sensor == Sensor::oli ? "LDCMLUT" : "MSILUT";
}

Tables read_official_tables(const stdfs::path& folder, Sensor sensor) {
    const OfficialFiles files = find_official_files(folder);
    const io::Hdf4Reader reflectance(files.reflectance);
    const auto bands = band_constants(sensor);
    Tables tables;
    tables.sensor = sensor;
    tables.source = fmt::format("official tables {}", folder.string());
    const int entries = packed_entries(reflectance, bands.front().name);
    tables.angles = read_angles(files.angles, entries);
    TextTable transmittance(files.transmittance);
    TextTable aerosol(files.aerosol);
    for (const BandConstants& constants : bands) {
        BandTable& band = tables.bands.emplace_back();
        band.name = constants.name;
        read_reflectance(reflectance, tables.angles, band);
        read_transmittance(transmittance, band);
        read_aerosol(aerosol, band);
    }
    return tables;
}

void write_official_tables(const Tables& tables, const stdfs::path& folder) {
    const auto bands = band_constants(tables.sensor);
    if (!std::equal(tables.bands.begin(), tables.bands.end(), bands.begin(), bands.end(),
                    [](const BandTable& a, const BandConstants& b) { return a.name == b.name; }))
        throw Error{Exit::internal, "official tables need all bands of the sensor, in order"};
    const AngleGrid grid = official_grid(tables);
    const std::string model =
        tables.sensor == Sensor::oli ? "V3.0-URBANCLEAN-V2.0" : "V3.0-URBANCLEAN-V3.0";
    write_angles(folder / "ANGLE_NEW.hdf", grid);
    write_reflectance(folder / ("RES_LUT_" + model + ".hdf"), tables, grid);
    fs::write_text_atomically(folder / ("TRANS_LUT_" + model + ".ASCII"),
                              transmittance_text(tables), fs::IfExists::replace);
    fs::write_text_atomically(folder / ("AERO_LUT_" + model + ".ASCII"), aerosol_text(tables),
                              fs::IfExists::replace);
}

}  // namespace hls::atmosphere
