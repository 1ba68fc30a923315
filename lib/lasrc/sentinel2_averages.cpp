// SPDX-License-Identifier: Apache-2.0
// Averages for the failed areas of a Sentinel-2 granule (lasrc.md 9.3), by sums that slide along
// rows and columns: the cost of a pixel does not depend on the size of the window.
#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "core/cancel.hpp"
#include "core/parallel.hpp"
#include "lasrc/sentinel2_aerosol.hpp"

namespace hls::lasrc {
namespace {

constexpr int kHalf = 30;    // the window is 61 x 61
constexpr int kFewest = 20;  // more samples than this make an average
constexpr int kStripRows = 256;
constexpr float kDefaultAot = .05f;
constexpr float kDefaultEps = 1.5f;
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

struct Sum {
    int count = 0;
    double aot = 0;
    double eps = 0;

    void add(const Sum& other, int sign) {
        count += sign * other.count;
        aot += sign * other.aot;
        eps += sign * other.eps;
    }
};

// Sums of the columns of up to 61 rows.
class ColumnSums {
 public:
    explicit ColumnSums(int cols)
        : count_(static_cast<std::size_t>(cols)), aot_(count_.size()), eps_(count_.size()) {}

    // Samples of a row: counted where `count` is 1, else all three are 0.
    void add_row(std::span<const std::uint8_t> count, std::span<const float> aot,
                 std::span<const float> eps, int sign) {
        const double weight = sign;
        for (std::size_t c = 0; c < count.size(); ++c) {
            count_[c] += sign * count[c];
            aot_[c] += weight * static_cast<double>(aot[c]);
            eps_[c] += weight * static_cast<double>(eps[c]);
        }
    }
    void add_sample(std::size_t col, float aot, float eps) {
        ++count_[col];
        aot_[col] += static_cast<double>(aot);
        eps_[col] += static_cast<double>(eps);
    }
    Sum operator[](std::size_t col) const { return {count_[col], aot_[col], eps_[col]}; }
    int cols() const { return static_cast<int>(count_.size()); }

 private:
    std::vector<int> count_;
    std::vector<double> aot_, eps_;
};

// Calls visit(col, sum of the columns within 30) for every column; what visit adds to the sum stays
// in it, if it adds the same to the column.
template <typename Visit>
void slide(const ColumnSums& columns, Visit visit) {
    Sum sum;
    const int cols = columns.cols();
    for (int c = 0; c < std::min(kHalf, cols); ++c)
        sum.add(columns[static_cast<std::size_t>(c)], 1);
    for (int c = 0; c < cols; ++c) {
        if (c + kHalf < cols) sum.add(columns[static_cast<std::size_t>(c + kHalf)], 1);
        if (c > kHalf) sum.add(columns[static_cast<std::size_t>(c - kHalf - 1)], -1);
        visit(static_cast<std::size_t>(c), sum);
    }
}

bool is_target(std::uint8_t flags) {
    return (flags & (kFlagFailed | kFlagNoData | kFlagFill)) == kFlagFailed;
}

// One row's samples of the first pass: pixels neither fill nor failed. Pixels without data that are
// no window corner count with 0, as in the reference.
struct RowSamples {
    explicit RowSamples(int cols)
        : count(static_cast<std::size_t>(cols)), aot(count.size()), eps(count.size()) {}

    void read(const Sentinel2Aerosol& aerosol, int row) {
        aerosol.eps_row(row, eps);
        const auto flags = aerosol.flags.row(row);
        const auto values = aerosol.aot550.row(row);
        for (std::size_t c = 0; c < count.size(); ++c) {
            const bool used = (flags[c] & (kFlagFill | kFlagFailed)) == 0;
            count[c] = used ? 1 : 0;
            aot[c] = used ? values[c] : 0.f;
            eps[c] = used ? eps[c] : 0.f;
        }
    }

    std::vector<std::uint8_t> count;
    std::vector<float> aot, eps;
};

// Calls visit(row, columns) for rows [first, end) with the sums of the rows within 30 of each.
template <typename Visit>
void scan_rows(const Sentinel2Aerosol& aerosol, int first, int end, Visit visit) {
    ColumnSums columns(aerosol.cols);
    RowSamples samples(aerosol.cols);
    const auto change = [&](int row, int sign) {
        samples.read(aerosol, row);
        columns.add_row(samples.count, samples.aot, samples.eps, sign);
    };
    for (int row = std::max(0, first - kHalf); row < std::min(first + kHalf, aerosol.rows); ++row)
        change(row, 1);
    for (int row = first; row < end; ++row) {
        if (row + kHalf < aerosol.rows) change(row + kHalf, 1);
        if (row > first && row - kHalf - 1 >= 0) change(row - kHalf - 1, -1);
        visit(row, columns);
    }
}

// Averages of failed pixels, row by row in the order of columns; NaN where there is none (yet).
struct FailedAverages {
    std::vector<std::vector<float>> aot, eps;
    bool any_average = false;                             // of any pixel, failed or not
    int first_without = std::numeric_limits<int>::max();  // rows with pixels that have none
    int last_without = -1;
};

FailedAverages first_pass(const Sentinel2Aerosol& aerosol, int threads) {
    FailedAverages result;
    result.aot.resize(static_cast<std::size_t>(aerosol.rows));
    result.eps.resize(static_cast<std::size_t>(aerosol.rows));
    std::mutex mutex;
    const auto strips = static_cast<std::size_t>((aerosol.rows + kStripRows - 1) / kStripRows);
    parallel_for(strips, threads, [&](std::size_t strip) {
        const int first = static_cast<int>(strip) * kStripRows;
        bool any = false;
        int first_without = std::numeric_limits<int>::max(), last_without = -1;
        scan_rows(aerosol, first, std::min(first + kStripRows, aerosol.rows),
                  [&](int row, const ColumnSums& columns) {
                      const auto flags = aerosol.flags.row(row);
                      auto& aot = result.aot[static_cast<std::size_t>(row)];
                      auto& eps = result.eps[static_cast<std::size_t>(row)];
                      bool without = false;
                      slide(columns, [&](std::size_t col, const Sum& sum) {
                          if ((flags[col] & kFlagNoData) != 0) return;
                          const bool enough = sum.count > kFewest;
                          any = any || enough;
                          without = without || !enough;
                          if (!is_target(flags[col])) return;
                          aot.push_back(enough ? static_cast<float>(sum.aot / sum.count) : kNone);
                          eps.push_back(enough ? static_cast<float>(sum.eps / sum.count) : kNone);
                      });
                      if (!without) return;
                      first_without = std::min(first_without, row);
                      last_without = row;
                  });
        const std::lock_guard lock(mutex);
        result.any_average = result.any_average || any;
        result.first_without = std::min(result.first_without, first_without);
        result.last_without = std::max(result.last_without, last_without);
    });
    return result;
}

// Averages of all pixels of some rows, which spread from where they are to where they are not.
class Spreader {
 public:
    // Rows from 30 before to 30 after those that lack some.
    Spreader(const Sentinel2Aerosol& aerosol, int first_without, int last_without)
        : aerosol_(aerosol),
          top_(std::max(0, first_without - kHalf)),
          aot_(std::min(aerosol.rows, last_without + kHalf + 1) - top_, aerosol.cols, kNone),
          eps_(aot_.rows(), aerosol.cols, kNone),
          left_(static_cast<std::size_t>(aot_.rows())),
          made_(left_.size()) {}

    void compute_first_averages(int threads) {
        const auto strips = static_cast<std::size_t>((aot_.rows() + kStripRows - 1) / kStripRows);
        parallel_for(strips, threads, [&](std::size_t strip) {
            const int first = top_ + static_cast<int>(strip) * kStripRows;
            const int end = std::min(first + kStripRows, top_ + aot_.rows());
            scan_rows(aerosol_, first, end, [&](int row, const ColumnSums& columns) {
                const auto flags = aerosol_.flags.row(row);
                const auto index = static_cast<std::size_t>(row - top_);
                const auto aot = aot_.row(row - top_), eps = eps_.row(row - top_);
                slide(columns, [&](std::size_t col, const Sum& sum) {
                    if ((flags[col] & kFlagNoData) != 0) return;
                    if (sum.count > kFewest) {
                        aot[col] = static_cast<float>(sum.aot / sum.count);
                        eps[col] = static_cast<float>(sum.eps / sum.count);
                        ++made_[index];
                    } else {
                        ++left_[index];
                    }
                });
            });
        });
    }

    // Raster passes until every pixel has an average, or none can get one any more.
    void spread() {
        while (pass()) throw_if_cancelled();
    }

    // Into the failed pixels that lacked one.
    void complete(FailedAverages& result) const {
        for (int row = 0; row < aot_.rows(); ++row) {
            const auto flags = aerosol_.flags.row(row + top_);
            auto& aot = result.aot[static_cast<std::size_t>(row + top_)];
            auto& eps = result.eps[static_cast<std::size_t>(row + top_)];
            std::size_t next = 0;
            for (std::size_t c = 0; c < flags.size(); ++c) {
                if (!is_target(flags[c])) continue;
                if (std::isnan(aot[next])) {
                    const float found = aot_.row(row)[c];
                    aot[next] = std::isnan(found) ? kDefaultAot : found;
                    eps[next] = std::isnan(found) ? kDefaultEps : eps_.row(row)[c];
                }
                ++next;
            }
        }
    }

 private:
    // One raster pass; whether another one may bring something. Rows further than 30 above the
    // first average see none.
    bool pass() {
        const auto rows = aot_.rows();
        const auto has = [](std::int64_t n) { return n > 0; };
        const auto first_made = std::find_if(made_.begin(), made_.end(), has) - made_.begin();
        const auto first_left = std::find_if(left_.begin(), left_.end(), has) - left_.begin();
        if (first_left == rows || first_made == rows) return false;
        const int first =
            static_cast<int>(std::max<std::ptrdiff_t>(first_left, first_made - kHalf));
        ColumnSums columns(aot_.cols());
        for (int row = std::max(0, first - kHalf); row < std::min(first + kHalf, rows); ++row)
            add_row(columns, row, 1);
        bool progress = false;
        for (int row = first; row < rows; ++row) {
            if (row + kHalf < rows) add_row(columns, row + kHalf, 1);
            if (row > first && row - kHalf - 1 >= 0) add_row(columns, row - kHalf - 1, -1);
            if (left_[static_cast<std::size_t>(row)] > 0) progress |= fill_row(columns, row);
        }
        return progress;
    }

    void add_row(ColumnSums& columns, int row, int sign) {
        const auto aot = aot_.row(row), eps = eps_.row(row);
        counts_.resize(aot.size());
        aot_row_.resize(aot.size());
        eps_row_.resize(aot.size());
        for (std::size_t c = 0; c < aot.size(); ++c) {
            const bool there = !std::isnan(aot[c]);
            counts_[c] = there ? 1 : 0;
            aot_row_[c] = there ? aot[c] : 0.f;
            eps_row_[c] = there ? eps[c] : 0.f;
        }
        columns.add_row(counts_, aot_row_, eps_row_, sign);
    }

    bool fill_row(ColumnSums& columns, int row) {
        const auto flags = aerosol_.flags.row(row + top_);
        const auto aot = aot_.row(row), eps = eps_.row(row);
        const auto index = static_cast<std::size_t>(row);
        bool progress = false;
        slide(columns, [&](std::size_t col, Sum& sum) {
            if ((flags[col] & kFlagNoData) != 0 || !std::isnan(aot[col]) || sum.count == 0) return;
            aot[col] = static_cast<float>(sum.aot / sum.count);
            eps[col] = static_cast<float>(sum.eps / sum.count);
            columns.add_sample(col, aot[col], eps[col]);
            sum.add({1, static_cast<double>(aot[col]), static_cast<double>(eps[col])}, 1);
            --left_[index];
            ++made_[index];
            progress = true;
        });
        return progress;
    }

    const Sentinel2Aerosol& aerosol_;
    int top_;
    Plane<float> aot_, eps_;
    std::vector<std::int64_t> left_, made_;  // per row: pixels without and with an average
    std::vector<std::uint8_t> counts_;
    std::vector<float> aot_row_, eps_row_;
};

bool lacks_some(const FailedAverages& averages) {
    return std::any_of(averages.aot.begin(), averages.aot.end(), [](const auto& row) {
        return std::any_of(row.begin(), row.end(), [](float v) { return std::isnan(v); });
    });
}

// No window of the granule was of any use: the climatological aerosol everywhere.
void set_default(Sentinel2Aerosol& aerosol) {
    for (std::size_t i = 0; i < aerosol.flags.size(); ++i)
        if ((aerosol.flags.cells()[i] & kFlagFill) == 0) aerosol.aot550.cells()[i] = kDefaultAot;
    aerosol.eps_everywhere = kDefaultEps;
}

}  // namespace

void fill_failed(Sentinel2Aerosol& aerosol, int threads) {
    FailedAverages averages = first_pass(aerosol, threads);
    if (!averages.any_average) return set_default(aerosol);
    if (lacks_some(averages)) {
        Spreader spreader(aerosol, averages.first_without, averages.last_without);
        spreader.compute_first_averages(threads);
        spreader.spread();
        spreader.complete(averages);
    }
    for (int row = 0; row < aerosol.rows; ++row) {
        const auto flags = aerosol.flags.row(row);
        const auto aot = aerosol.aot550.row(row);
        auto next = averages.aot[static_cast<std::size_t>(row)].begin();
        for (std::size_t c = 0; c < flags.size(); ++c) {
            if (is_target(flags[c])) aot[c] = *next++;
            if ((flags[c] & (kFlagFailed | kFlagFill)) == kFlagFailed)
                flags[c] = static_cast<std::uint8_t>(flags[c] | kFlagFixed);
        }
    }
    aerosol.fixed_eps = std::move(averages.eps);
}

}  // namespace hls::lasrc
