// SPDX-License-Identifier: Apache-2.0
#include "chip/chip_files.hpp"

#include <fmt/format.h>

#include "chip/chip_colors.hpp"
#include "chip/late_sync.hpp"
#include "core/parse.hpp"
#include "fs/digest.hpp"

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

std::string short_digest(const ChipRecord& r) {
    const std::string what = fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", r.key, r.scene.id,
                                         r.tile, r.col, r.row, r.size_px);
    return fs::digest_of(fs::DigestKind::sha256, what).substr(0, 8);
}

io::Grid grid_of(const ChipRecord& r) {
    return {r.size_px, r.size_px, r.ulx_m, r.uly_m, r.pixel_m, r.epsg};
}

std::vector<io::Layer> image_layers(const ChipRecord& record, const ChipFormat& format) {
    std::vector<io::Layer> layers;
    for (const std::string& band : format.profile->bands) {
        io::Layer layer;
        layer.type = io::PixelType::u16;
        layer.nodata = 0;
        layer.scale = kReflectanceScale;
        layer.description = band;
        layers.push_back(std::move(layer));
    }
    std::string wavelengths;
    for (const std::string& band : format.profile->bands)
        wavelengths += fmt::format("{}{}", wavelengths.empty() ? "" : ",",
                                   format.table->wavelength_um.at(band));
    layers.front().metadata = {{"ITEM", record.scene.id},
                               {"COLLECTION", record.scene.collection},
                               {"DATETIME", record.scene.datetime},
                               {"BOA_OFFSET_ADDED", fmt::format("{}", record.scene.offset)},
                               {"WAVELENGTHS_UM", wavelengths}};
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

io::Layer qa_layer(const ChipRecord& record) {
    io::Layer layer;
    layer.type = io::PixelType::u8;
    layer.description = "quality";
    layer.metadata = {{"ITEM", record.scene.id}, {"COLLECTION", record.scene.collection}};
    return layer;
}

io::Layer fields_layer() {
    io::Layer layer;
    layer.type = io::PixelType::i32;
    layer.nodata = 0;
    layer.description = "field";
    return layer;
}

io::RasterOptions options_of(const ChipFormat& format) {
    io::RasterOptions options;
    options.compression = format.compression;
    return options;
}

}  // namespace

std::string chip_name(const ChipRecord& record) {
    const std::string day = record.scene.datetime.substr(0, 4) +
                            record.scene.datetime.substr(5, 2) + record.scene.datetime.substr(8, 2);
    return fmt::format("c{}_{}_{}_{}_{}", record.klass, record.tile, day, safe(record.parcel_id),
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
    record.image_sha256 = write_early(folder / record.image, [&](const std::string& path) {
        io::RasterWriter writer(path, grid_of(record), image_layers(record, format), options);
        for (std::size_t b = 0; b < pixels.bands.size(); ++b)
            writer.write_rows(0, pixels.bands[b].view(), static_cast<int>(b) + 1);
        writer.close();
    });
    record.mask_sha256 = write_early(folder / record.mask, [&](const std::string& path) {
        io::RasterWriter writer(path, grid_of(record), mask_layer(record), options);
        writer.write_rows(0, pixels.mask.view());
        writer.close();
    });
    if (format.qa) {
        record.qa = "qa/" + name;
        record.qa_sha256 = write_early(folder / record.qa, [&](const std::string& path) {
            io::RasterWriter writer(path, grid_of(record), qa_layer(record), options);
            writer.write_rows(0, View2D<const std::uint8_t>(pixels.quality.view()));
            writer.close();
        });
    }
    if (format.fields) {
        record.fields = "fields/" + name;
        record.fields_sha256 = write_early(folder / record.fields, [&](const std::string& path) {
            io::RasterWriter writer(path, grid_of(record), fields_layer(), options);
            writer.write_rows(0, View2D<const std::int32_t>(pixels.fields.view()));
            writer.close();
        });
    }
}

}  // namespace hls::chip
