// SPDX-License-Identifier: Apache-2.0
// A Landsat granule with other metadata, or a part of one, in a folder of the test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "io/raster.hpp"

namespace hls::fmask {

namespace stdfs = std::filesystem;

class TemporaryFolder {
 public:
    TemporaryFolder() {
        static int count = 0;
        path_ = stdfs::temp_directory_path() /
                ("hls_fmask_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
        stdfs::create_directories(path_);
    }
    ~TemporaryFolder() { stdfs::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const stdfs::path& path() const { return path_; }

 private:
    stdfs::path path_;
};

class GranuleCopy {
 public:
    // Links to the rasters of `granule`, and its MTL.
    GranuleCopy(const stdfs::path& granule, const stdfs::path& to)
        : from_(granule), folder_(to / granule.filename()) {
        stdfs::create_directories(folder_);
        for (const auto& entry : stdfs::directory_iterator(granule)) {
            const auto name = entry.path().filename();
            if (name.string().ends_with("_MTL.txt"))
                mtl_ = name;
            else
                stdfs::create_symlink(entry.path(), folder_ / name);
        }
        std::ifstream in(granule / mtl_);
        text_.assign(std::istreambuf_iterator<char>(in), {});
        save();
    }

    const stdfs::path& folder() const { return folder_; }

    double number(const std::string& key) const {
        std::smatch found;
        return std::regex_search(text_, found, std::regex(" " + key + " = ([-+0-9.Ee]+)"))
                   ? std::stod(found[1])
                   : 0;
    }
    void set(const std::string& key, double value) {
        char number[40];
        std::snprintf(number, sizeof number, "%.9g", value);
        text_ = std::regex_replace(text_, std::regex("( " + key + " = )[-+0-9.Ee]+"),
                                   std::string("$01") + number);
        save();
    }

    // Columns [first, first + cols) of every 30 m raster take the places of the links.
    void cut_columns(int first, int cols) {
        for (const auto& entry : stdfs::directory_iterator(from_)) {
            const auto name = entry.path().filename();
            if (name.extension() != ".TIF" || name.string().ends_with("_B8.TIF")) continue;
            stdfs::remove(folder_ / name);
            const io::RasterReader reader(entry.path().string());
            if (reader.type() == io::PixelType::i16)
                cut<std::int16_t>(reader, name, first, cols);
            else
                cut<std::uint16_t>(reader, name, first, cols);
        }
        for (const char* kind : {"REFLECTIVE", "THERMAL"})
            set(std::string(kind) + "_SAMPLES", cols);
        const double west = number("CORNER_UL_PROJECTION_X_PRODUCT") + 30. * first;
        set("CORNER_UL_PROJECTION_X_PRODUCT", west);
        set("CORNER_LL_PROJECTION_X_PRODUCT", west);
        set("CORNER_UR_PROJECTION_X_PRODUCT", west + 30. * (cols - 1));
        set("CORNER_LR_PROJECTION_X_PRODUCT", west + 30. * (cols - 1));
    }

 private:
    void save() const { std::ofstream(folder_ / mtl_) << text_; }

    template <typename T>
    void cut(const io::RasterReader& reader, const stdfs::path& name, int first, int cols) const {
        const auto whole = reader.read<T>();
        io::Grid grid = *reader.grid();
        grid.ulx_m += first * grid.pixel_m;
        grid.cols = cols;
        io::Layer layer;
        layer.type = reader.type();
        io::RasterWriter writer((folder_ / name).string(), grid, layer);
        Plane<T> part(whole.rows(), cols);
        for (int r = 0; r < whole.rows(); ++r)
            for (int c = 0; c < cols; ++c) part(r, c) = whole(r, first + c);
        writer.template write_rows<T>(0, part.view());
        writer.close();
    }

    stdfs::path from_, folder_, mtl_;
    std::string text_;
};

}  // namespace hls::fmask
