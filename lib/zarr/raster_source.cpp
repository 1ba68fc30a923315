// SPDX-License-Identifier: Apache-2.0
// Rasters as sources: each band a variable of rows and columns.
#include <fmt/format.h>

#include <array>

#include "core/error.hpp"
#include "io/raster.hpp"
#include "zarr/source_kinds.hpp"

namespace hls::zarr {
namespace {

DataType type_of(io::PixelType type) {
    switch (type) {
        case io::PixelType::u8:
            return kUint8;
        case io::PixelType::i16:
            return kInt16;
        case io::PixelType::u16:
            return kUint16;
        case io::PixelType::i32:
            return kInt32;
        case io::PixelType::f32:
            return kFloat32;
    }
    return kFloat32;
}

template <typename Body>
void with_pixel(io::PixelType type, Body body) {
    switch (type) {
        case io::PixelType::u8:
            return body(std::uint8_t{});
        case io::PixelType::i16:
            return body(std::int16_t{});
        case io::PixelType::u16:
            return body(std::uint16_t{});
        case io::PixelType::i32:
            return body(std::int32_t{});
        case io::PixelType::f32:
            return body(float{});
    }
}

SourceVariable variable_of(const io::RasterReader& band, int number) {
    const auto& layer = band.layer();
    SourceVariable variable;
    variable.name = number == 1 ? "" : fmt::format("band{}", number);
    variable.type = type_of(band.type());
    variable.shape = {static_cast<std::uint64_t>(band.rows()),
                      static_cast<std::uint64_t>(band.cols())};
    variable.dimensions = {"y", "x"};
    if (layer.nodata) variable.fill = element_from_double(variable.type, *layer.nodata);
    if (layer.scale != 1) variable.scale = layer.scale;
    if (layer.offset != 0) variable.offset = layer.offset;
    variable.units = layer.unit;
    if (!layer.description.empty()) variable.attributes["long_name"] = layer.description;
    return variable;
}

class RasterSource final : public Source {
 public:
    explicit RasterSource(const std::string& path) : path_(path) {
        bands_.emplace_back(path, 1);
        for (int band = 2; band <= bands_.front().bands(); ++band) bands_.emplace_back(path, band);
        for (std::size_t i = 0; i < bands_.size(); ++i)
            variables_.push_back(variable_of(bands_[i], static_cast<int>(i) + 1));
        for (const auto& [name, value] : bands_.front().layer().metadata) attributes_[name] = value;
    }

    const std::string& path() const override { return path_; }
    const std::vector<SourceVariable>& variables() const override { return variables_; }
    const JsonObject& attributes() const override { return attributes_; }

    std::optional<SourceGrid> grid(const SourceVariable&) const override {
        const auto grid = bands_.front().grid();
        if (!grid) return std::nullopt;
        return SourceGrid{static_cast<std::uint64_t>(grid->rows),
                          static_cast<std::uint64_t>(grid->cols),
                          {grid->ulx_m, grid->pixel_m, 0, grid->uly_m, 0, -grid->pixel_m},
                          grid->epsg == 0 ? "" : fmt::format("EPSG:{}", grid->epsg)};
    }

    void read(const SourceVariable& variable, const Region& region,
              std::span<std::byte> out) override {
        require_inside(region, variable.shape, path_);
        if (out.size() != region.elements() * variable.type.bytes)
            throw Error{Exit::internal, fmt::format("{}: {} bytes for {} elements", path_,
                                                    out.size(), region.elements())};
        if (out.empty()) return;
        auto& band = bands_.at(static_cast<std::size_t>(&find_own(variable) - variables_.data()));
        const auto first_col = static_cast<int>(region.start[1]);
        const auto cols = static_cast<int>(region.count[1]);
        band.limit_columns(first_col, first_col + cols);
        with_pixel(band.type(), [&](auto sample) {
            using Pixel = decltype(sample);
            band.read_rows(static_cast<int>(region.start[0]),
                           View2D<Pixel>(reinterpret_cast<Pixel*>(out.data()),
                                         static_cast<int>(region.count[0]), cols));
        });
    }

    std::vector<std::string> read_text(const SourceVariable&, const Region&) override {
        throw Error{Exit::bad_input, fmt::format("{}: a raster holds no text", path_)};
    }

 private:
    const SourceVariable& find_own(const SourceVariable& variable) const {
        return this->variable(variable.name);
    }

    std::string path_;
    std::vector<io::RasterReader> bands_;
    std::vector<SourceVariable> variables_;
    JsonObject attributes_;
};

}  // namespace

std::unique_ptr<Source> open_raster_source(const std::string& path) {
    return std::make_unique<RasterSource>(path);
}

}  // namespace hls::zarr
