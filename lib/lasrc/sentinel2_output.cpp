// SPDX-License-Identifier: Apache-2.0
#include "lasrc/sentinel2_output.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "lasrc/encoding.hpp"
#include "lasrc/final_correction.hpp"
#include "lasrc/sentinel2_rows.hpp"
#include "scene/ac_scene.hpp"
#include "scene/ac_scene_folder.hpp"
#include "scene/block_mean.hpp"
#include "scene/reference_folder.hpp"
#include "scene/sentinel2_angles.hpp"

namespace hls::lasrc {
namespace {

constexpr int kStripRows = 768;  // whole 60 m cells, whole blocks of 256 at 10 m
constexpr int kCellRows = 6;     // corrected together: rows of a 60 m pixel
constexpr std::array<std::string_view, 4> kAngles{"SZA", "SAA", "VZA", "VAA"};

bool is_native(const Sentinel2Job& job) {
    return job.layout == Sentinel2OutputLayout::native;
}

// The folder being made, in either layout.
class Folder {
 public:
    Folder(const Sentinel2Job& job, const scene::Sentinel2L1& l1)
        : grid_(sentinel2_output_grid(l1)) {
        if (is_native(job))
            native_.emplace(job.output_dir, l1.product_id, job.overwrite);
        else
            reference_.emplace(job.output_dir, l1.product_id, job.overwrite);
    }

    io::RasterWriter create_band(std::size_t band) const {
        return native_ ? create_layer(scene::sentinel2_bands()[band].layer)
                       : reference_->create_band(band, grid_);
    }
    io::RasterWriter create_qa() const {
        return native_ ? create_layer("SR_QA_AEROSOL") : reference_->create_qa(grid_);
    }
    io::RasterWriter create_mask() const {
        return native_ ? create_layer("FMASK") : reference_->create_mask(grid_);
    }
    // Of the native layout only.
    io::RasterWriter create_layer(std::string_view layer) const {
        return native_->create_sentinel2_layer(layer, grid_);
    }
    // Of the reference layout only.
    const scene::ReferenceFolder& reference() const { return *reference_; }
    const io::Grid& grid() const { return grid_; }

    void commit(const scene::Sentinel2AcScene& scene) {
        if (native_)
            native_->commit(scene);
        else
            reference_->commit();
    }

 private:
    io::Grid grid_;
    std::optional<scene::AcSceneFolder> native_;
    std::optional<scene::ReferenceFolder> reference_;
};

// One band of the output, and for B01 the aerosol QA, whose level it tells.
class BandTask {
 public:
    BandTask(const Sentinel2Job& job, const Sentinel2Result& result, const Folder& folder,
             std::size_t band)
        : job_(job),
          result_(result),
          band_(band),
          box_(scene::sentinel2_bands()[band].box),
          writer_(folder.create_band(band)) {
        if (band == kB01) qa_writer_.emplace(folder.create_qa());
    }

    void write(int first_row, int rows) {
        const int cols = result_.image.cols;
        const bool native = is_native(job_);
        Plane<std::uint16_t> codes(native ? kCellRows : rows, cols);
        Plane<std::int16_t> means;
        if (native) means = Plane<std::int16_t>(rows / box_, cols / box_);
        Plane<std::uint8_t> qa;
        if (qa_writer_) qa = Plane<std::uint8_t>(rows, cols);
        for (int cell = 0; cell < rows; cell += kCellRows) {
            const auto out = codes.view().rows(native ? 0 : cell, kCellRows);
            for (int r = 0; r < kCellRows; ++r)
                correct_row(first_row + cell + r, out.row(r),
                            qa_writer_ ? qa.row(cell + r) : std::span<std::uint8_t>());
            if (native)
                scene::block_means(View2D<const std::uint16_t>(out), box_,
                                   means.view().rows(cell / box_, kCellRows / box_));
        }
        if (native)
            writer_.write_rows<std::int16_t>(first_row / box_, means.view());
        else
            writer_.write_rows<std::uint16_t>(first_row, codes.view());
        if (qa_writer_) qa_writer_->write_rows<std::uint8_t>(first_row, qa.view());
    }

    void close() {
        writer_.close();
        if (qa_writer_) qa_writer_->close();
    }

 private:
    void correct_row(int row, std::span<std::uint16_t> codes, std::span<std::uint8_t> qa) {
        const auto size = codes.size();
        numbers_.resize(size);
        eps_.resize(size);
        change_.resize(size);
        no_data_.resize(size);
        const auto flags = result_.aerosol.flags.row(row);
        for (std::size_t c = 0; c < size; ++c) no_data_[c] = flags[c] & kFlagNoData;
        result_.image.row(band_, row, numbers_);
        result_.aerosol.eps_row(row, eps_);
        const Sentinel2PixelRow pixels{result_.aerosol.aot550.row(row), eps_, no_data_};
        const auto& band = result_.model.bands[band_];
        if (band_ == kB10)
            encode_sentinel2_toa_row(band.calibration, pixels, numbers_, job_.quirks, codes);
        else
            correct_sentinel2_row(band, pixels, numbers_, job_.quirks, codes, change_);
        if (!qa.empty()) encode_qa(flags, qa);
    }

    void encode_qa(std::span<const std::uint8_t> flags, std::span<std::uint8_t> qa) const {
        const bool all = job_.fill_flags == Sentinel2FillFlags::all;
        for (std::size_t c = 0; c < qa.size(); ++c) {
            const bool no_data = (flags[c] & kFlagNoData) != 0;
            const auto plain = static_cast<std::uint8_t>(flags[c] & ~kFlagNoData);
            const auto level = result_.has_level ? aerosol_level_bits(change_[c]) : std::uint8_t{0};
            qa[c] = !no_data ? static_cast<std::uint8_t>(plain | level) : all ? kFlagFill : plain;
        }
    }

    const Sentinel2Job& job_;
    const Sentinel2Result& result_;
    std::size_t band_;
    int box_;
    io::RasterWriter writer_;
    std::optional<io::RasterWriter> qa_writer_;
    std::vector<std::uint16_t> numbers_;
    std::vector<float> eps_, change_;
    std::vector<std::uint8_t> no_data_;
};

class AotTask {
 public:
    AotTask(const Sentinel2Result& result, const Folder& folder)
        : result_(result), writer_(folder.create_layer("AOT")) {}

    void write(int first_row, int rows) {
        Plane<std::int16_t> out(rows, result_.image.cols);
        for (int r = 0; r < rows; ++r) {
            const auto flags = result_.aerosol.flags.row(first_row + r);
            const auto aot = result_.aerosol.aot550.row(first_row + r);
            const auto to = out.row(r);
            for (std::size_t c = 0; c < to.size(); ++c)
                to[c] = static_cast<std::int16_t>((flags[c] & kFlagNoData) != 0
                                                      ? scene::kAotFill
                                                      : round_positive(aot[c] * 1000.f));
        }
        writer_.write_rows<std::int16_t>(first_row, out.view());
    }
    void close() { writer_.close(); }

 private:
    const Sentinel2Result& result_;
    io::RasterWriter writer_;
};

void write_mask(const Plane<std::uint8_t>& mask, const Folder& folder) {
    auto writer = folder.create_mask();
    writer.write_rows<std::uint8_t>(0, mask.view());
    writer.close();
}

void write_angles(const scene::Sentinel2L1& l1, const Folder& folder) {
    const scene::Sentinel2Angles angles(l1.tile);
    const auto detectors = scene::read_detectors(l1, scene::kSentinel2AngleBand, 30);
    std::vector<io::RasterWriter> writers;
    for (const auto name : kAngles) writers.push_back(folder.create_layer(name));
    std::array<Plane<std::uint16_t>, 4> strips;
    for (int first = 0; first < detectors.rows(); first += 256) {
        const int rows = std::min(256, detectors.rows() - first);
        for (auto& strip : strips) strip = Plane<std::uint16_t>(rows, detectors.cols());
        for (int r = 0; r < rows; ++r)
            angles.row(first + r, detectors.row(first + r),
                       {strips[0].row(r), strips[1].row(r), strips[2].row(r), strips[3].row(r)});
        for (std::size_t i = 0; i < writers.size(); ++i)
            writers[i].write_rows<std::uint16_t>(first, std::as_const(strips[i]).view());
    }
    for (auto& writer : writers) writer.close();
}

// What the reference layout keeps of the Level-1 product: all that angles and names are made of.
void write_reference_metadata(const Sentinel2Job& job, const scene::Sentinel2L1& l1,
                              const Folder& folder) {
    folder.reference().write_text("MTD_MSIL1C.xml", l1.product_metadata_text());
    folder.reference().write_text("MTD_TL.xml", l1.tile_metadata_text());
    if (!job.angles) return;
    const auto detectors = scene::read_detectors(l1, scene::kSentinel2AngleBand, 20);
    auto writer = folder.reference().create_detectors(folder.grid());
    writer.write_rows<std::uint8_t>(0, detectors.view());
    writer.close();
}

}  // namespace

std::vector<std::string> sentinel2_output_names(const Sentinel2Job& job) {
    std::vector<std::string> names;
    const bool native = is_native(job);
    for (const auto& band : scene::sentinel2_bands())
        names.emplace_back(native ? band.layer : band.reference_file);
    names.emplace_back(native ? "SR_QA_AEROSOL" : scene::kReferenceQa);
    if (native) names.emplace_back("AOT");
    if (job.mask) names.emplace_back(native ? "FMASK" : scene::kReferenceMask);
    if (job.angles && native) names.insert(names.end(), kAngles.begin(), kAngles.end());
    if (job.angles && !native) names.emplace_back(scene::kReferenceDetectors);
    return names;
}

io::Grid sentinel2_output_grid(const scene::Sentinel2L1& l1) {
    return scene::signed_utm_grid(l1.grid(10));
}

void write_sentinel2_scene(const Sentinel2Job& job, const Sentinel2Result& result,
                           const scene::Sentinel2AcScene& scene,
                           const std::function<void(double)>& progress) {
    Folder folder(job, result.l1);
    const bool native = is_native(job);
    std::vector<std::unique_ptr<BandTask>> bands;
    for (std::size_t band = 0; band < result.image.dn.size(); ++band)
        bands.push_back(std::make_unique<BandTask>(job, result, folder, band));
    std::optional<AotTask> aot;
    if (native) aot.emplace(result, folder);

    const int total = result.image.rows;
    for (int first = 0; first < total; first += kStripRows) {
        const int rows = std::min(kStripRows, total - first);
        parallel_for(bands.size() + 1, job.threads, [&](std::size_t i) {
            if (i < bands.size())
                bands[i]->write(first, rows);
            else if (aot)
                aot->write(first, rows);
        });
        if (progress) progress(static_cast<double>(first + rows) / total);
    }
    parallel_for(bands.size() + 3, job.threads, [&](std::size_t i) {
        if (i < bands.size()) return bands[i]->close();
        if (i == bands.size() && aot) aot->close();
        if (i == bands.size() + 1 && result.mask) write_mask(*result.mask, folder);
        if (i == bands.size() + 2 && native && job.angles) write_angles(result.l1, folder);
        if (i == bands.size() + 2 && !native) write_reference_metadata(job, result.l1, folder);
    });
    folder.commit(scene);
}

}  // namespace hls::lasrc
