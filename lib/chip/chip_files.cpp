// SPDX-License-Identifier: Apache-2.0
#include "chip/chip_files.hpp"

#include <fmt/format.h>

#include <functional>

#include "chip/chip_colors.hpp"
#include "chip/late_sync.hpp"
#include "core/parse.hpp"
#include "fs/digest.hpp"
#include "io/ram_output.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kMaxIdInName = 40;
constexpr double kReflectanceScale = 1e-4;
std::string safe(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kMaxIdInName)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                           (c == '.' && !out.empty());
        out += plain ? c : '_';
    }
    return out;
}

// A date without a scene counts too: the stack is another one than with it.
std::string short_digest(const ChipRecord& r) {
    std::string scenes;
    for (const ChipDate& date : r.dates)
        scenes += (&date == &r.dates.front() ? "" : "\x1e") + (date.scene ? date.scene->id : "");
    const std::string what = fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", r.key, scenes, r.tile,
                                         r.col, r.row, r.size_px);
    return fs::digest_of(fs::DigestKind::sha256, what).substr(0, 8);
}

io::Grid grid_of(const ChipRecord& r) {
    return {r.size_px, r.size_px, r.ulx_m, r.uly_m, r.pixel_m, r.epsg};
}

// "2023-04-20 red" in a stack, "missing red" where it has no scene, "red" in a chip of one date.
std::string band_title(const ChipRecord& record, const ChipDate& date, const std::string& band) {
    if (!record.is_stack()) return band;
    return (date.scene ? date.scene->datetime.substr(0, 10) : "missing") + " " + band;
}

using Metadata = std::vector<std::pair<std::string, std::string>>;

// Of the file; those of a stack are numbered by date, from 1.
Metadata image_metadata(const ChipRecord& record) {
    Metadata metadata;
    for (std::size_t i = 0; i < record.dates.size(); ++i) {
        const ChipDate& date = record.dates[i];
        const std::string number = record.is_stack() ? fmt::format("_{}", i + 1) : "";
        const auto add = [&](const char* key, const std::string& value) {
            metadata.emplace_back(key + number, value);
        };
        if (record.is_stack()) add("SERIES_PART", date.from + "/" + date.to);
        if (!date.scene) continue;
        add("ITEM", date.scene->id);
        add("COLLECTION", date.scene->collection);
        add("DATETIME", date.scene->datetime);
        add("BOA_OFFSET_ADDED", fmt::format("{}", date.scene->offset));
    }
    return metadata;
}

std::vector<io::Layer> image_layers(const ChipRecord& record, const ChipFormat& format) {
    std::vector<io::Layer> layers;
    for (const ChipDate& date : record.dates)
        for (const std::string& band : record.bands) {
            io::Layer layer;
            layer.type = io::PixelType::u16;
            layer.nodata = 0;
            layer.scale = kReflectanceScale;
            layer.description = band_title(record, date, band);
            layers.push_back(std::move(layer));
        }
    std::string wavelengths;
    for (const std::string& band : record.bands)
        wavelengths += fmt::format("{}{}", wavelengths.empty() ? "" : ",",
                                   format.table->wavelength_um.at(band));
    layers.front().metadata = image_metadata(record);
    layers.front().metadata.emplace_back("WAVELENGTHS_UM", wavelengths);
    return layers;
}

io::Layer mask_layer(const ChipRecord& record) {
    io::Layer layer;
    layer.type = io::PixelType::u8;
    layer.description = "class";
    layer.metadata = {{"PARCEL", record.parcel_id}};
    for (std::size_t i = 0; i < kClassColors.size(); ++i)
        layer.classes.push_back({static_cast<int>(i),
                                 i == 0 ? "unlabelled" : fmt::format("class {}", i),
                                 kClassColors[i]});
    layer.classes.push_back({kNoLabelData, "no data", {255, 0, 255}});
    return layer;
}

std::vector<io::Layer> qa_layers(const ChipRecord& record) {
    std::vector<io::Layer> layers;
    for (const ChipDate& date : record.dates) {
        io::Layer layer;
        layer.type = io::PixelType::u8;
        layer.description = band_title(record, date, "quality");
        layers.push_back(std::move(layer));
    }
    Metadata metadata = image_metadata(record);
    std::erase_if(metadata, [](const auto& item) {
        return !item.first.starts_with("ITEM") && !item.first.starts_with("COLLECTION");
    });
    layers.front().metadata = std::move(metadata);
    return layers;
}

io::Layer fields_layer() {
    io::Layer layer;
    layer.type = io::PixelType::i32;
    layer.nodata = 0;
    layer.description = "field";
    return layer;
}

// Returns the SHA-256.
std::string write_raster(const std::filesystem::path& target,
                         const std::function<void(const std::string& path)>& write) {
    const io::RamOutput file(".tif");
    write(file.path());
    const auto bytes = file.bytes();
    write_early(target, bytes);
    fs::Digest digest(fs::DigestKind::sha256);
    digest.update(bytes.data(), bytes.size());
    return digest.hex();
}

io::RasterOptions options_of(const ChipFormat& format) {
    io::RasterOptions options;
    options.compression = format.compression;
    return options;
}

}  // namespace

std::string chip_name(const ChipRecord& record) {
    const auto day = [](const SceneUse& scene) {
        return scene.datetime.substr(0, 4) + scene.datetime.substr(5, 2) +
               scene.datetime.substr(8, 2);
    };
    const auto scenes = record.scenes();
    std::string days = day(*scenes.front());
    if (record.is_stack()) days += "-" + day(*scenes.back());
    return fmt::format("c{}_{}_{}_{}_{}", record.klass, record.tile, days, safe(record.parcel_id),
                       short_digest(record));
}

std::string original_chip_name(int worker, std::string_view task_id, int klass, int chip) {
    constexpr std::size_t kDigits = 12;
    std::uint64_t number = 0;
    std::size_t used = 0;
    for (const char c : task_id) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0 || used == kDigits) continue;
        number = number * 16 + static_cast<std::uint64_t>(digit);
        ++used;
    }
    return fmt::format("worker{}_task{}_class{}_chip{}", worker, number, klass, chip);
}

void write_chip(const std::filesystem::path& folder, const ChipPixels& pixels,
                const ChipFormat& format, ChipRecord& record) {
    if (record.chip.empty()) record.chip = chip_name(record);
    const std::string level =
        format.flat ? "" : record.chip.substr(record.chip.size() - 8, 2) + "/";
    const std::string name = level + record.chip + ".tif";
    record.image = "images/" + name;
    record.mask = "masks/" + name;
    const io::RasterOptions options = options_of(format);
    record.image_sha256 = write_raster(folder / record.image, [&](const std::string& path) {
        io::RasterWriter writer(path, grid_of(record), image_layers(record, format), options);
        for (std::size_t b = 0; b < pixels.bands.size(); ++b)
            writer.write_rows(0, pixels.bands[b].view(), static_cast<int>(b) + 1);
        writer.close();
    });
    record.mask_sha256 = write_raster(folder / record.mask, [&](const std::string& path) {
        io::RasterWriter writer(path, grid_of(record), mask_layer(record), options);
        writer.write_rows(0, pixels.mask.view());
        writer.close();
    });
    if (format.qa) {
        record.qa = "qa/" + name;
        record.qa_sha256 = write_raster(folder / record.qa, [&](const std::string& path) {
            io::RasterWriter writer(path, grid_of(record), qa_layers(record), options);
            for (std::size_t d = 0; d < pixels.quality.size(); ++d)
                writer.write_rows(0, pixels.quality[d].view(), static_cast<int>(d) + 1);
            writer.close();
        });
    }
    if (format.fields) {
        record.fields = "fields/" + name;
        record.fields_sha256 = write_raster(folder / record.fields, [&](const std::string& path) {
            io::RasterWriter writer(path, grid_of(record), fields_layer(), options);
            writer.write_rows(0, View2D<const std::int32_t>(pixels.fields.view()));
            writer.close();
        });
    }
}

}  // namespace hls::chip
