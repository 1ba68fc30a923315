// SPDX-License-Identifier: Apache-2.0
#include "chip/asset_raster.hpp"

#include "core/error.hpp"
#include "net/url.hpp"

namespace hls::chip {
namespace {

// What went wrong on the net, if GDAL's complaint comes from that; else the complaint.
template <typename Body>
auto with_cause(const std::optional<io::ByteFile>& bytes, const std::string& name, Body body) {
    try {
        return body();
    } catch (const Error& error) {
        if (!bytes) throw;
        bytes->rethrow();
        std::string message = error.message;
        if (const auto at = message.find(bytes->path()); at != message.npos)
            message.replace(at, bytes->path().size(), name);
        throw Error{error.code, message, error.hint};
    }
}

}  // namespace

AssetRaster::AssetRaster(const std::string& href, const std::string& collection,
                         ImageryAccess& access, NetTally& tally)
    : name_(net::shown(href)) {
    if (!is_remote_link(href)) {
        reader_.emplace(href);
        return;
    }
    remote_.emplace(access.open(href, collection, tally));
    remote_->size();
    bytes_.emplace(*remote_, name_.substr(name_.rfind('/') + 1));
    with_cause(bytes_, name_, [&] { reader_.emplace(bytes_->path()); });
}

template <typename T>
Plane<T> AssetRaster::read(int row, int col, int rows, int cols) {
    return with_cause(bytes_, name_, [&] {
        Plane<T> plane(rows, cols);
        reader_->limit_columns(col, col + cols);
        if (remote_) remote_->prefetch(reader_->block_ranges(row, row + rows));
        reader_->read_rows(row, plane.view());
        return plane;
    });
}

template Plane<std::uint8_t> AssetRaster::read(int, int, int, int);
template Plane<std::int16_t> AssetRaster::read(int, int, int, int);
template Plane<std::uint16_t> AssetRaster::read(int, int, int, int);

}  // namespace hls::chip
