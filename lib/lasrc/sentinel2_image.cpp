// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_image.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "io/ram_file.hpp"

namespace hls::lasrc {
namespace {

// One row of blocks of a band, which one thread decodes with a reader of its own: a second or two
// of a full tile, so that a stop is quick.
struct Piece {
    int band;
    int first_row;
    int rows;
};

// The file of a band while its pieces are decoded: in memory if it lies in an archive, where going
// back means to unpack from the start again.
class BandFile {
 public:
    explicit BandFile(std::string path) : path_(std::move(path)) {}

    void add_piece() { ++pieces_; }
    void read(const Piece& piece, Plane<std::uint16_t>& out) {
        {
            const std::lock_guard lock(mutex_);
            if (path_.starts_with("/vsizip/") && !copy_) copy_.emplace(path_);
        }
        try {
            const io::RasterReader reader(copy_ ? copy_->path() : path_);
            reader.read_rows(piece.first_row, out.view().rows(piece.first_row, piece.rows));
        } catch (Error& error) {
            if (copy_) error.message = copy_->named(error.message);
            throw;
        }
        const std::lock_guard lock(mutex_);
        if (--pieces_ == 0) copy_.reset();
    }

 private:
    std::string path_;
    std::mutex mutex_;
    int pieces_ = 0;
    std::optional<io::RamFile> copy_;
};

// Of all bands, those of the largest first, so that no thread is left with long work at the end.
std::vector<Piece> pieces_of(const scene::Sentinel2L1& l1) {
    std::vector<Piece> pieces;
    for (const int resolution : granule::kSentinel2Resolutions)
        for (int band = 0; band < granule::kSentinel2Bands; ++band) {
            if (granule::sentinel2_bands()[static_cast<std::size_t>(band)].resolution_m !=
                resolution)
                continue;
            const io::RasterReader reader(l1.band_path(band));
            for (int row = 0; row < reader.rows(); row += reader.block_rows())
                pieces.push_back({band, row, std::min(reader.block_rows(), reader.rows() - row)});
        }
    return pieces;
}

// Adds (any) or removes (all) pixels by one band's numbers.
void mark_band(std::span<const std::uint16_t> dn, Sentinel2Fill rule, std::uint16_t cancelled,
               std::span<std::uint8_t> no_data) noexcept {
    if (rule == Sentinel2Fill::all) {
        for (std::size_t i = 0; i < dn.size(); ++i)
            no_data[i] = static_cast<std::uint8_t>(no_data[i] & (dn[i] == 0 ? 1 : 0));
        return;
    }
    for (std::size_t i = 0; i < dn.size(); ++i)
        no_data[i] =
            static_cast<std::uint8_t>(no_data[i] | (dn[i] == 0 || dn[i] == cancelled ? 1 : 0));
}

}  // namespace

void Sentinel2Image::row(std::size_t band, int row_at,
                         std::span<std::uint16_t> out) const noexcept {
    const int factor = box(band);
    const auto from = dn[band].row(row_at / factor);
    switch (factor) {
        case 1:
            std::copy(from.begin(), from.end(), out.begin());
            return;
        case 2:
            for (std::size_t i = 0; i < from.size(); ++i) out[2 * i] = out[2 * i + 1] = from[i];
            return;
        default:
            for (std::size_t i = 0; i < from.size(); ++i)
                std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(i) * factor, factor, from[i]);
    }
}

Sentinel2Image read_sentinel2_image(const scene::Sentinel2L1& l1, int threads,
                                    const std::function<void(double)>& progress) {
    Sentinel2Image image;
    const auto grid = l1.grid(10);
    image.rows = grid.rows;
    image.cols = grid.cols;
    std::int64_t total = 0;
    for (int band = 0; band < granule::kSentinel2Bands; ++band) {
        const auto native = l1.band_grid(band);
        image.dn[static_cast<std::size_t>(band)] = Plane<std::uint16_t>(native.rows, native.cols);
        total += std::int64_t{native.rows} * native.cols;
    }
    const auto pieces = pieces_of(l1);
    std::vector<std::unique_ptr<BandFile>> files;
    for (int band = 0; band < granule::kSentinel2Bands; ++band)
        files.push_back(std::make_unique<BandFile>(l1.band_path(band)));
    for (const auto& piece : pieces) files[static_cast<std::size_t>(piece.band)]->add_piece();
    const auto caller = std::this_thread::get_id();
    std::atomic<std::int64_t> done = 0;
    parallel_for(pieces.size(), threads, [&](std::size_t i) {
        const Piece& piece = pieces[i];
        const auto band = static_cast<std::size_t>(piece.band);
        files[band]->read(piece, image.dn[band]);
        done += std::int64_t{piece.rows} * image.dn[band].cols();
        if (progress && std::this_thread::get_id() == caller)
            progress(static_cast<double>(done) / static_cast<double>(total));
    });
    parallel_for(image.dn.size(), threads, [&](std::size_t band) {
        auto& plane = image.dn[band];
        const auto lost = scene::read_lost_packets(l1, static_cast<int>(band));
        scene::clear_lost_packets(lost, plane.rows(), 0, plane.view());
    });
    return image;
}

void mark_no_data(const Sentinel2Image& image, const Sentinel2Model& model, Sentinel2Fill rule,
                  int row, std::span<std::uint8_t> no_data) {
    std::fill(no_data.begin(), no_data.end(), std::uint8_t{rule == Sentinel2Fill::all});
    std::vector<std::uint16_t> dn(no_data.size());
    for (std::size_t band = 0; band < image.dn.size(); ++band) {
        const float offset = model.bands[band].calibration.offset;
        const bool converted =
            rule == Sentinel2Fill::converted && offset < 0.f && offset >= -65535.f;
        const auto cancelled = converted ? static_cast<std::uint16_t>(-offset) : std::uint16_t{0};
        image.row(band, row, dn);
        mark_band(dn, rule, cancelled, no_data);
    }
}

}  // namespace hls::lasrc
