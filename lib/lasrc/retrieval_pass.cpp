// SPDX-License-Identifier: Apache-2.0
#include "lasrc/retrieval_pass.hpp"

#include <algorithm>
#include <memory>

#include "core/parallel.hpp"
#include "lasrc/landsat_windows.hpp"

namespace hls::lasrc {
namespace {

constexpr int kStripRows = 768;  // whole windows and whole blocks of 256

class RetrievalReader {
 public:
    explicit RetrievalReader(const LandsatInput& input)
        : fill_(std::min(kStripRows, input.l1.grid.rows), input.l1.grid.cols) {
        const int rows = fill_.rows();
        for (const int band : kRetrievalBands)
            dn_.push_back(
                std::make_unique<RasterStrip<std::uint16_t>>(input.l1.band_path(band), rows));
        if (input.qa) qa_ = std::make_unique<RasterStrip<std::uint16_t>>(*input.qa, rows);
        if (const std::string* path = input.sun_zenith())
            sun_ = std::make_unique<RasterStrip<std::int16_t>>(*path, rows);
    }

    void read(int first_row, int rows, int threads) {
        const std::size_t bands = dn_.size();
        parallel_for(bands + 2, threads, [&](std::size_t i) {
            if (i < bands) dn_[i]->read(first_row, rows);
            if (i == bands && qa_) qa_->read(first_row, rows);
            if (i == bands + 1 && sun_) sun_->read(first_row, rows);
        });
    }

    // Rows of the strip just read.
    void mark_fill_of(int row) {
        const auto fill = fill_.row(row);
        if (qa_) {
            mark_fill(qa_->view().row(row), fill);
            return;
        }
        std::fill(fill.begin(), fill.end(), std::uint8_t{0});
        for (const auto& band : dn_) add_zero_fill(band->view().row(row), fill);
    }

    RetrievalStrip strip(int first_row, const SunCosines& sun) {
        RetrievalStrip strip{first_row, {}, fill_.view().rows(0, dn_[0]->view().rows()), sun};
        for (std::size_t i = 0; i < dn_.size(); ++i) strip.dn[i] = dn_[i]->view();
        if (sun_) strip.sun.hundredths = sun_->view();
        return strip;
    }

 private:
    std::vector<std::unique_ptr<RasterStrip<std::uint16_t>>> dn_;
    std::unique_ptr<RasterStrip<std::uint16_t>> qa_;
    std::unique_ptr<RasterStrip<std::int16_t>> sun_;
    Plane<std::uint8_t> fill_;
};

}  // namespace

AerosolField retrieve_aerosol(const LandsatInput& input, const LandsatModel& model,
                              const ancillary::Ancillary& ancillary, const PassSettings& settings) {
    const io::Grid& grid = input.l1.grid;
    const LandsatRetrieval retrieval = make_landsat_retrieval(model, settings.quirks);
    const WindowPlaces places(grid, settings.quirks);
    WindowLoop loop{retrieval, {}, ancillary, places};
    for (std::size_t i = 0; i < kRetrievalBands.size(); ++i)
        loop.calibrations[i] = model.band(kRetrievalBands[i]).calibration;
    const std::vector<float> cosines = cosines_of_hundredths();
    const SunCosines sun{{}, cosines, model.geometry.cos_sun};

    AerosolField field(grid.rows, grid.cols);
    RetrievalReader reader(input);
    for (int first = 0; first < grid.rows; first += kStripRows) {
        const int rows = std::min(kStripRows, grid.rows - first);
        reader.read(first, rows, settings.threads);
        const RetrievalStrip strip = reader.strip(first, sun);
        const int first_window = first / 3;
        const int windows = std::min((rows + 2) / 3, field.flags.rows() - first_window);
        parallel_for(static_cast<std::size_t>(std::max(windows, 0)), settings.threads,
                     [&](std::size_t i) {
                         const int window = first_window + static_cast<int>(i);
                         const int top = 3 * static_cast<int>(i);
                         for (int row = top; row < std::min(top + 3, rows); ++row)
                             reader.mark_fill_of(row);
                         loop.retrieve_row(strip, window, field);
                     });
        if (settings.progress)
            settings.progress(static_cast<double>(first + rows) / static_cast<double>(grid.rows));
    }
    return field;
}

}  // namespace hls::lasrc
