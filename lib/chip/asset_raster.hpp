// SPDX-License-Identifier: Apache-2.0
// A raster of a scene, on disk or on the net, of which a window is read.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "chip/imagery_access.hpp"
#include "io/byte_file.hpp"
#include "io/raster.hpp"

namespace hls::chip {

// Errors are those of RasterReader and RemoteFile. An object is used by one thread at a time.
class AssetRaster {
 public:
    AssetRaster(const std::string& href, const std::string& collection, ImageryAccess& access,
                NetTally& tally);

    const std::string& name() const { return name_; }  // for people: path, or address
    const io::RasterReader& reader() const { return *reader_; }

    // The window whose upper left pixel is (row, col); every block under it is fetched and decoded
    // once.
    template <typename T>
    Plane<T> read(int row, int col, int rows, int cols);

 private:
    std::string name_;
    std::optional<RemoteFile> remote_;
    std::optional<io::ByteFile> bytes_;
    std::optional<io::RasterReader> reader_;
};

}  // namespace hls::chip
