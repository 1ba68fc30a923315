// SPDX-License-Identifier: Apache-2.0
#include "io/cog_pyramid.hpp"

#include <cpl_conv.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/error.hpp"

namespace hls::io {
namespace {

constexpr int kBlock = 256;
constexpr int kOverviewBlock = 128;
constexpr int kSmallestOverview = 256;

// Nearest neighbour as GDAL samples overviews: index floor(0.5 + i * above / here) of the level
// above.
std::vector<int> sample_positions(int here, int above) {
    std::vector<int> positions(static_cast<std::size_t>(here));
    const double ratio = static_cast<double>(above) / here;
    for (int i = 0; i < here; ++i)
        positions[static_cast<std::size_t>(i)] =
            std::min(static_cast<int>(std::floor(0.5 + i * ratio)), above - 1);
    return positions;
}

// TIFF predictor 2: every pixel becomes its difference to the left neighbour, modulo its size.
// Columns past the image repeat the last one: differences of zero, which cost nothing.
template <typename T>
void difference_row(std::span<const T> row, std::span<T> out) noexcept {
    using U = std::make_unsigned_t<T>;
    out[0] = row[0];
    for (std::size_t i = 1; i < row.size(); ++i)
        out[i] =
            static_cast<T>(static_cast<U>(static_cast<U>(row[i]) - static_cast<U>(row[i - 1])));
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(row.size()), out.end(), T{0});
}

}  // namespace

int cog_overview_count(int rows, int cols) noexcept {
    int count = 0;
    while ((std::min(rows, cols) >> count) > kSmallestOverview) ++count;
    return count;
}

template <typename T>
CogPyramid<T>::CogPyramid(int rows, int cols, int deflate_level)
    : deflate_level_(deflate_level),
      tile_(static_cast<std::size_t>(kBlock) * kBlock),
      packed_(tile_.size() * sizeof(T) + tile_.size() * sizeof(T) / 64 + 1024) {
    const int overviews = cog_overview_count(rows, cols);
    for (int i = 0; i <= overviews; ++i) {
        Stage stage;
        stage.level.rows = (rows + (1 << i) - 1) >> i;
        stage.level.cols = (cols + (1 << i) - 1) >> i;
        stage.level.block = i == 0 ? kBlock : kOverviewBlock;
        if (i > 0) {
            const CogLevel& above = stages_.back().level;
            stage.source_rows = sample_positions(stage.level.rows, above.rows);
            stage.source_cols = sample_positions(stage.level.cols, above.cols);
        }
        stages_.push_back(std::move(stage));
    }
}

template <typename T>
void CogPyramid<T>::append(View2D<const T> rows) {
    const CogLevel& full = stages_.front().level;
    if (rows.cols() != full.cols || rows.rows() > full.rows - stages_.front().next_row)
        throw Error{Exit::internal,
                    fmt::format("{} x {} pixels after row {} of {} x {}", rows.rows(), rows.cols(),
                                stages_.front().next_row, full.rows, full.cols)};
    append_to(0, rows);
}

template <typename T>
void CogPyramid<T>::append_to(std::size_t stage, View2D<const T> rows) {
    Stage& here = stages_[stage];
    const int block = here.level.block;
    if (stage + 1 < stages_.size()) sample_into(stage + 1, here.next_row, rows);
    for (int done = 0; done < rows.rows();) {
        const int held = here.next_row % block;
        const int height = std::min(block, here.level.rows - (here.next_row - held));
        const int count = std::min(height - held, rows.rows() - done);
        if (count == height) {
            compress_tile_row(here.level, rows.rows(done, count));
        } else {
            if (here.pending.rows() == 0) here.pending = Plane<T>(block, here.level.cols);
            for (int row = 0; row < count; ++row)
                std::ranges::copy(rows.row(done + row), here.pending.row(held + row).begin());
            if (held + count == height)
                compress_tile_row(here.level, std::as_const(here.pending).view().rows(0, height));
        }
        here.next_row += count;
        done += count;
    }
    if (here.next_row == here.level.rows) here.pending = {};
}

template <typename T>
void CogPyramid<T>::sample_into(std::size_t stage, int first_row, View2D<const T> rows) {
    Stage& here = stages_[stage];
    const auto begin = here.source_rows.begin() + here.next_row;
    const auto end = std::lower_bound(begin, here.source_rows.end(), first_row + rows.rows());
    if (begin == end) return;
    Plane<T> sampled(static_cast<int>(end - begin), here.level.cols);
    for (int row = 0; row < sampled.rows(); ++row) {
        const auto source = rows.row(begin[row] - first_row);
        const auto out = sampled.row(row);
        for (std::size_t col = 0; col < out.size(); ++col)
            out[col] = source[static_cast<std::size_t>(here.source_cols[col])];
    }
    append_to(stage, std::as_const(sampled).view());
}

template <typename T>
void CogPyramid<T>::compress_tile_row(CogLevel& level, View2D<const T> rows) {
    const auto block = static_cast<std::size_t>(level.block);
    std::vector<std::byte> run;
    for (int left = 0; left < level.cols; left += level.block) {
        const auto width = static_cast<std::size_t>(std::min(level.block, level.cols - left));
        for (int row = 0; row < level.block; ++row)
            difference_row<T>(
                rows.row(std::min(row, rows.rows() - 1))
                    .subspan(static_cast<std::size_t>(left), width),
                std::span(tile_).subspan(static_cast<std::size_t>(row) * block, block));
        std::size_t bytes = 0;
        if (CPLZLibDeflate(tile_.data(), block * block * sizeof(T), deflate_level_, packed_.data(),
                           packed_.size(), &bytes) == nullptr)
            throw Error{Exit::resource, "cannot compress a tile: out of memory"};
        run.insert(run.end(), packed_.begin(),
                   packed_.begin() + static_cast<std::ptrdiff_t>(bytes));
        level.tile_bytes.push_back(static_cast<std::uint32_t>(bytes));
    }
    run.shrink_to_fit();
    level.tile_rows.push_back(std::move(run));
}

template <typename T>
bool CogPyramid<T>::complete() const {
    return stages_.front().next_row == stages_.front().level.rows;
}

template <typename T>
std::uint64_t CogPyramid<T>::held_bytes() const {
    std::uint64_t bytes = 0;
    for (const Stage& stage : stages_)
        for (const auto& run : stage.level.tile_rows) bytes += run.size();
    return bytes;
}

template <typename T>
std::vector<const CogLevel*> CogPyramid<T>::levels() const {
    std::vector<const CogLevel*> all;
    for (const Stage& stage : stages_) all.push_back(&stage.level);
    return all;
}

template class CogPyramid<std::uint8_t>;
template class CogPyramid<std::int16_t>;
template class CogPyramid<std::uint16_t>;

}  // namespace hls::io
