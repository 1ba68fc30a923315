// SPDX-License-Identifier: Apache-2.0
#include "lasrc/correction_pass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "lasrc/encoding.hpp"
#include "scene/ac_scene.hpp"

namespace hls::lasrc {
namespace {

constexpr int kStripRows = 256;  // whole blocks of the files read and written
constexpr int kChunkRows = 16;   // of one task

using Words = RasterStrip<std::uint16_t>;

struct Output {
    io::RasterWriter writer;
    std::function<void(io::RasterWriter&, int first_row)> write;
};

// Buffers of one image row.
struct Scratch {
    explicit Scratch(int cols)
        : cos_sun(size(cols)),
          aot(size(cols)),
          eps(size(cols)),
          change(size(cols)),
          codes(size(cols)) {}
    static std::size_t size(int cols) { return static_cast<std::size_t>(cols); }

    std::vector<float> cos_sun, aot, eps, change;
    std::vector<std::uint16_t> codes;
};

class CorrectionPass {
 public:
    CorrectionPass(const LandsatInput& input, const LandsatModel& model, const AerosolField* field,
                   const FixedAerosol& fixed, const PassSettings& settings)
        : input_(input),
          model_(model),
          field_(field),
          fixed_(fixed),
          settings_(settings),
          rows_(std::min(kStripRows, input.l1.grid.rows)),
          fill_(rows_, input.l1.grid.cols),
          aerosol_qa_(rows_, input.l1.grid.cols),
          aot_(rows_, input.l1.grid.cols) {
        const auto words = [&](int band) {
            return std::make_unique<Words>(input.l1.band_path(band), rows_);
        };
        for (const int band : input.corrected) surface_.push_back(words(band));
        if (input.cirrus) {
            cirrus_ = words(9);
            cirrus_calibration_ = calibration(input.l1.metadata.reflectance(9));
        }
        for (const int band : input.thermal) {
            const auto constants = input.l1.metadata.thermal_constants(band);
            thermal_.push_back(words(band));
            thermal_codes_.push_back(thermal_codes(calibration(input.l1.metadata.radiance(band)),
                                                   static_cast<float>(constants.k1),
                                                   static_cast<float>(constants.k2)));
        }
        if (input.qa) qa_ = std::make_unique<Words>(*input.qa, rows_);
        for (const auto& path : input.angles)
            angles_.push_back(std::make_unique<RasterStrip<std::int16_t>>(path, rows_));
        if (input.mask)
            mask_ = std::make_unique<RasterStrip<std::uint8_t>>(*input.mask, rows_);
        else if (input.qa)
            mask_from_qa_ = Plane<std::uint8_t>(rows_, input.l1.grid.cols);
    }

    void open_outputs(const scene::AcSceneFolder& folder) {
        for (const std::string& name : input_.layers())
            outputs_.push_back({folder.create_layer(name, input_.l1.grid), source_of(name)});
    }

    std::int64_t run() {
        const int total = input_.l1.grid.rows;
        std::int64_t valid = 0;
        for (int first = 0; first < total; first += kStripRows) {
            count_ = std::min(kStripRows, total - first);
            read(first);
            valid += correct(first);
            parallel_for(outputs_.size(), settings_.threads,
                         [&](std::size_t i) { outputs_[i].write(outputs_[i].writer, first); });
            if (settings_.progress) settings_.progress(static_cast<double>(first + count_) / total);
        }
        parallel_for(outputs_.size(), settings_.threads,
                     [&](std::size_t i) { outputs_[i].writer.close(); });
        return valid;
    }

 private:
    static Calibration calibration(const granule::Rescaling& r) {
        return {static_cast<float>(r.mult), static_cast<float>(r.add)};
    }

    // Writes from the planes of the strip, which keep their place.
    template <typename Strip>
    auto strip_writer(Strip& strip) {
        return [&strip](io::RasterWriter& writer, int first) {
            auto view = strip.view();
            write_view(writer, first, view);
        };
    }
    template <typename T>
    auto plane_writer(Plane<T>& plane) {
        return [this, &plane](io::RasterWriter& writer, int first) {
            write_view(writer, first, plane.view().rows(0, count_));
        };
    }
    template <typename T>
    static void write_view(io::RasterWriter& writer, int first, View2D<T> view) {
        writer.write_rows<T>(first, View2D<const T>(view));
    }

    std::function<void(io::RasterWriter&, int)> source_of(const std::string& name) {
        for (std::size_t i = 0; i < surface_.size(); ++i)
            if (name == fmt::format("SR_B{}", input_.corrected[i]))
                return strip_writer(*surface_[i]);
        for (std::size_t i = 0; i < thermal_.size(); ++i)
            if (name == fmt::format("BT_B{}", input_.thermal[i])) return strip_writer(*thermal_[i]);
        constexpr std::array<const char*, 4> kAngles{"SZA", "SAA", "VZA", "VAA"};
        for (std::size_t i = 0; i < angles_.size(); ++i)
            if (name == kAngles[i]) return strip_writer(*angles_[i]);
        if (name == "TOA_B9") return strip_writer(*cirrus_);
        if (name == "SR_QA_AEROSOL") return plane_writer(aerosol_qa_);
        if (name == "AOT") return plane_writer(aot_);
        if (name == "FMASK" && mask_) return strip_writer(*mask_);
        if (name == "FMASK") return plane_writer(mask_from_qa_);
        throw Error{Exit::internal, fmt::format("nothing makes layer {}", name)};
    }

    void read(int first) {
        std::vector<std::function<void()>> tasks;
        const auto add = [&](auto& strip) {
            tasks.push_back([&strip, first, this] { strip->read(first, count_); });
        };
        for (auto& strip : surface_) add(strip);
        for (auto& strip : thermal_) add(strip);
        for (auto& strip : angles_) add(strip);
        if (cirrus_) add(cirrus_);
        if (qa_) add(qa_);
        if (mask_) add(mask_);
        parallel_for(tasks.size(), settings_.threads, [&](std::size_t i) { tasks[i](); });
        if (mask_) check_mask_codes();
    }

    void check_mask_codes() {
        for (int row = 0; row < count_; ++row)
            for (const std::uint8_t code : mask_->view().row(row))
                if (code > 5 && code != scene::kMaskFill)
                    throw Error{Exit::bad_input,
                                fmt::format("{}: {} is no Fmask class", *input_.mask, code),
                                "classes are 0 to 5, and 255 for fill"};
    }

    // Replaces the numbers read by those to write. Returns the number of valid pixels.
    std::int64_t correct(int first) {
        const auto chunks = static_cast<std::size_t>((count_ + kChunkRows - 1) / kChunkRows);
        std::vector<std::int64_t> valid(chunks, 0);
        parallel_for(chunks, settings_.threads, [&](std::size_t chunk) {
            const int begin = static_cast<int>(chunk) * kChunkRows;
            Scratch scratch(input_.l1.grid.cols);
            for (int row = begin; row < std::min(begin + kChunkRows, count_); ++row)
                valid[chunk] += correct_one_row(row, first + row, scratch);
        });
        return std::accumulate(valid.begin(), valid.end(), std::int64_t{0});
    }

    std::int64_t correct_one_row(int row, int image_row, Scratch& scratch) {
        const auto fill = fill_.row(row);
        set_fill(row, fill);
        set_sun(row, scratch.cos_sun);
        const auto flags = aerosol_qa_.row(row);
        if (field_) {
            interpolate_row(*field_, image_row, settings_.quirks,
                            {scratch.aot, scratch.eps, flags});
        } else {
            std::fill(scratch.aot.begin(), scratch.aot.end(), fixed_.aot550);
            std::fill(scratch.eps.begin(), scratch.eps.end(), fixed_.eps);
            std::fill(flags.begin(), flags.end(), std::uint8_t{0});
        }

        const PixelRow pixels{scratch.cos_sun, scratch.aot, scratch.eps, fill};
        const bool has_level = input_.corrected.front() == 1;
        for (std::size_t i = 0; i < surface_.size(); ++i) {
            const auto dn = surface_[i]->view().row(row);
            const std::span<float> change =
                input_.corrected[i] == 1 ? std::span<float>(scratch.change) : std::span<float>();
            correct_row(model_.band(input_.corrected[i]), pixels, dn, settings_.quirks,
                        scratch.codes, change);
            std::copy(scratch.codes.begin(), scratch.codes.end(), dn.begin());
        }
        encode_other_bands(row, pixels, scratch);
        return encode_aerosol(row, scratch, has_level);
    }

    void set_fill(int row, std::span<std::uint8_t> fill) {
        if (qa_) {
            const auto qa = qa_->view().row(row);
            mark_fill(qa, fill);
            if (!mask_)
                std::transform(qa.begin(), qa.end(), mask_from_qa_.row(row).begin(), mask_class);
            return;
        }
        std::fill(fill.begin(), fill.end(), std::uint8_t{0});
        for (const auto& strip : surface_) add_zero_fill(strip->view().row(row), fill);
    }

    void set_sun(int row, std::vector<float>& cos_sun) {
        if (angles_.empty()) {
            std::fill(cos_sun.begin(), cos_sun.end(), model_.geometry.cos_sun);
            return;
        }
        const auto sza = angles_.front()->view().row(row);
        for (std::size_t i = 0; i < cos_sun.size(); ++i)
            cos_sun[i] = cosines_[static_cast<std::uint16_t>(sza[i])];
    }

    void encode_other_bands(int row, const PixelRow& pixels, Scratch& scratch) {
        if (cirrus_) {
            const auto dn = cirrus_->view().row(row);
            encode_toa_row(cirrus_calibration_, pixels, dn, settings_.quirks, scratch.codes);
            std::copy(scratch.codes.begin(), scratch.codes.end(), dn.begin());
        }
        for (std::size_t band = 0; band < thermal_.size(); ++band) {
            const auto dn = thermal_[band]->view().row(row);
            for (std::size_t i = 0; i < dn.size(); ++i)
                dn[i] = pixels.fill[i] ? kFillCode : thermal_codes_[band][dn[i]];
        }
    }

    std::int64_t encode_aerosol(int row, const Scratch& scratch, bool has_level) {
        const auto fill = fill_.row(row);
        const auto flags = aerosol_qa_.row(row);
        const auto aot = aot_.row(row);
        std::int64_t valid = 0;
        for (std::size_t i = 0; i < fill.size(); ++i) {
            const auto level = has_level ? aerosol_level_bits(scratch.change[i]) : std::uint8_t{0};
            const int thousandths = round_positive(scratch.aot[i] * 1000.f);
            flags[i] = fill[i] ? kFlagFill : static_cast<std::uint8_t>(flags[i] | level);
            aot[i] = static_cast<std::int16_t>(fill[i] ? scene::kAotFill : thousandths);
            valid += fill[i] ? 0 : 1;
        }
        return valid;
    }

    const LandsatInput& input_;
    const LandsatModel& model_;
    const AerosolField* field_;
    const FixedAerosol& fixed_;
    const PassSettings& settings_;
    const std::vector<float> cosines_ = cosines_of_hundredths();
    int rows_;       // of the buffers
    int count_ = 0;  // of the strip at hand

    std::vector<std::unique_ptr<Words>> surface_, thermal_;
    std::unique_ptr<Words> cirrus_, qa_;
    std::vector<std::unique_ptr<RasterStrip<std::int16_t>>> angles_;
    std::unique_ptr<RasterStrip<std::uint8_t>> mask_;
    Calibration cirrus_calibration_;
    std::vector<std::vector<std::uint16_t>> thermal_codes_;
    Plane<std::uint8_t> fill_, aerosol_qa_, mask_from_qa_;
    Plane<std::int16_t> aot_;
    std::vector<Output> outputs_;
};

}  // namespace

std::int64_t write_corrected_layers(const LandsatInput& input, const LandsatModel& model,
                                    const AerosolField* field, const FixedAerosol& fixed,
                                    const PassSettings& settings,
                                    const scene::AcSceneFolder& folder) {
    CorrectionPass pass(input, model, field, fixed, settings);
    pass.open_outputs(folder);
    return pass.run();
}

std::uint8_t mask_class(std::uint16_t qa_pixel) noexcept {
    const auto bit = [qa_pixel](int n) { return ((qa_pixel >> n) & 1) != 0; };
    if (bit(0)) return scene::kMaskFill;
    if (bit(3)) return 4;
    if (bit(4)) return 2;
    if (bit(5)) return 3;
    if (bit(7)) return 1;
    return 0;
}

}  // namespace hls::lasrc
