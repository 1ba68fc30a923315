// SPDX-License-Identifier: Apache-2.0
// CogEncoder: header and tiles to a file, with its checksum.
#include "io/cog.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>
#include <variant>

#include "core/cancel.hpp"
#include "core/error.hpp"
#include "fs/digest.hpp"
#include "io/cog_header.hpp"
#include "io/cog_pyramid.hpp"
#include "io/pixel_type.hpp"

namespace hls::io {
namespace {

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
    const std::string head = cog_header(levels, state_->grid, layer);
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
