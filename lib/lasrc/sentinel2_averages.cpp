// SPDX-License-Identifier: Apache-2.0
// Averages for the failed areas of a Sentinel-2 granule (lasrc.md 9.3), by sums that slide along
// rows and columns: the cost of a pixel does not depend on the size of the window. AOT and eps are
// averaged one after the other, which halves the memory.
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

enum class Quantity { aot, eps };

struct Sum {
    int count = 0;
    double total = 0;

    void add(const Sum& other, int sign) {
        count += sign * other.count;
        total += sign * other.total;
    }
    float mean() const { return static_cast<float>(total / count); }
};

// Values of one row that count; the others are 0 and count 0.
struct Samples {
    explicit Samples(int cols) : count(static_cast<std::size_t>(cols)), value(count.size()) {}

    std::vector<std::uint8_t> count;
    std::vector<float> value;
};

// Sums of the columns of up to 61 rows.
class ColumnSums {
 public:
    explicit ColumnSums(int cols) : count_(static_cast<std::size_t>(cols)), total_(count_.size()) {}

    void add_row(const Samples& samples, int sign) {
        const double weight = sign;
        for (std::size_t c = 0; c < count_.size(); ++c) {
            count_[c] += sign * samples.count[c];
            total_[c] += weight * static_cast<double>(samples.value[c]);
        }
    }
    void add_sample(std::size_t col, float value) {
        ++count_[col];
        total_[col] += static_cast<double>(value);
    }
    Sum operator[](int col) const {
        return {count_[static_cast<std::size_t>(col)], total_[static_cast<std::size_t>(col)]};
    }
    int cols() const { return static_cast<int>(count_.size()); }

 private:
    std::vector<int> count_;
    std::vector<double> total_;
};

// Calls visit(col, sum of the columns within 30) for every column; what visit adds to the sum stays
// in it, if it adds the same to the column.
template <typename Visit>
void slide(const ColumnSums& columns, Visit visit) {
    Sum sum;
    const int cols = columns.cols();
    for (int c = 0; c < std::min(kHalf, cols); ++c) sum.add(columns[c], 1);
    for (int c = 0; c < cols; ++c) {
        if (c + kHalf < cols) sum.add(columns[c + kHalf], 1);
        if (c > kHalf) sum.add(columns[c - kHalf - 1], -1);
        visit(static_cast<std::size_t>(c), sum);
    }
}

// Whether the pixel has data and is to get an average.
bool is_target(std::uint8_t flags) {
    return (flags & (kFlagFailed | kFlagNoData | kFlagFill)) == kFlagFailed;
}

// Samples of the first pass: pixels neither fill nor failed. Pixels without data that are no window
// corner count with 0, as in the reference.
void read_samples(const Sentinel2Aerosol& aerosol, Quantity quantity, int row, Samples& out) {
    if (quantity == Quantity::eps) {
        aerosol.eps_row(row, out.value);
    } else {
        const auto values = aerosol.aot550.row(row);
        std::copy(values.begin(), values.end(), out.value.begin());
    }
    const auto flags = aerosol.flags.row(row);
    for (std::size_t c = 0; c < out.count.size(); ++c) {
        const bool used = (flags[c] & (kFlagFill | kFlagFailed)) == 0;
        out.count[c] = used ? 1 : 0;
        out.value[c] = used ? out.value[c] : 0.f;
    }
}

// Calls visit(row, columns) for rows [first, end) with the sums of the rows within 30 of each.
template <typename Visit>
void scan_rows(const Sentinel2Aerosol& aerosol, Quantity quantity, int first, int end,
               Visit visit) {
    ColumnSums columns(aerosol.cols);
    Samples samples(aerosol.cols);
    const auto change = [&](int row, int sign) {
        read_samples(aerosol, quantity, row, samples);
        columns.add_row(samples, sign);
    };
    for (int row = std::max(0, first - kHalf); row < std::min(first + kHalf, aerosol.rows); ++row)
        change(row, 1);
    for (int row = first; row < end; ++row) {
        if (row + kHalf < aerosol.rows) change(row + kHalf, 1);
        if (row > first && row - kHalf - 1 >= 0) change(row - kHalf - 1, -1);
        visit(row, columns);
    }
}

// Calls body(first, end) for strips of rows of [first, end), several at a time.
template <typename Body>
void for_strips(int first, int end, int threads, Body body) {
    const int strips = (end - first + kStripRows - 1) / kStripRows;
    parallel_for(static_cast<std::size_t>(strips), threads, [&](std::size_t strip) {
        const int top = first + static_cast<int>(strip) * kStripRows;
        body(top, std::min(top + kStripRows, end));
    });
}

// Averages of failed pixels, row by row in the order of columns; NaN where there is none (yet).
struct FailedAverages {
    std::vector<std::vector<float>> rows;
    bool any_average = false;                             // of any pixel, failed or not
    bool lacks_some = false;                              // of failed pixels
    int first_without = std::numeric_limits<int>::max();  // rows with pixels that have none
    int last_without = -1;

    void merge(const FailedAverages& strip) {
        any_average = any_average || strip.any_average;
        lacks_some = lacks_some || strip.lacks_some;
        first_without = std::min(first_without, strip.first_without);
        last_without = std::max(last_without, strip.last_without);
    }
};

FailedAverages first_pass(const Sentinel2Aerosol& aerosol, Quantity quantity, int threads) {
    FailedAverages result;
    result.rows.resize(static_cast<std::size_t>(aerosol.rows));
    std::mutex mutex;
    for_strips(0, aerosol.rows, threads, [&](int first, int end) {
        FailedAverages strip;
        scan_rows(aerosol, quantity, first, end, [&](int row, const ColumnSums& columns) {
            const auto flags = aerosol.flags.row(row);
            auto& averages = result.rows[static_cast<std::size_t>(row)];
            averages.reserve(
                static_cast<std::size_t>(std::count_if(flags.begin(), flags.end(), is_target)));
            bool without = false;
            slide(columns, [&](std::size_t col, const Sum& sum) {
                if ((flags[col] & kFlagNoData) != 0) return;
                const bool enough = sum.count > kFewest;
                strip.any_average = strip.any_average || enough;
                without = without || !enough;
                if (!is_target(flags[col])) return;
                averages.push_back(enough ? sum.mean() : kNone);
                strip.lacks_some = strip.lacks_some || !enough;
            });
            if (!without) return;
            strip.first_without = std::min(strip.first_without, row);
            strip.last_without = row;
        });
        const std::lock_guard lock(mutex);
        result.merge(strip);
    });
    return result;
}

// Averages of all pixels of some rows, which spread from where they are to where they are not.
class Spreader {
 public:
    // Rows from 30 before to 30 after those that lack some.
    Spreader(const Sentinel2Aerosol& aerosol, Quantity quantity, const FailedAverages& lacking,
             int threads)
        : aerosol_(aerosol),
          quantity_(quantity),
          top_(std::max(0, lacking.first_without - kHalf)),
          average_(std::min(aerosol.rows, lacking.last_without + kHalf + 1) - top_, aerosol.cols,
                   kNone),
          left_(static_cast<std::size_t>(average_.rows())),
          made_(left_.size()),
          samples_(aerosol.cols) {
        for_strips(top_, top_ + average_.rows(), threads,
                   [&](int first, int end) { compute_first_averages(first, end); });
    }

    // Raster passes until every pixel has an average, or none can get one any more.
    void spread() {
        while (pass()) throw_if_cancelled();
    }

    // Into the failed pixels that lacked one.
    void complete(FailedAverages& result) const {
        const float none = quantity_ == Quantity::aot ? kDefaultAot : kDefaultEps;
        for (int row = 0; row < average_.rows(); ++row) {
            const auto flags = aerosol_.flags.row(row + top_);
            const auto found = average_.row(row);
            auto next = result.rows[static_cast<std::size_t>(row + top_)].begin();
            for (std::size_t c = 0; c < flags.size(); ++c) {
                if (!is_target(flags[c])) continue;
                if (std::isnan(*next)) *next = std::isnan(found[c]) ? none : found[c];
                ++next;
            }
        }
    }

 private:
    void compute_first_averages(int first, int end) {
        scan_rows(aerosol_, quantity_, first, end, [&](int row, const ColumnSums& columns) {
            const auto flags = aerosol_.flags.row(row);
            const auto index = static_cast<std::size_t>(row - top_);
            const auto average = average_.row(row - top_);
            slide(columns, [&](std::size_t col, const Sum& sum) {
                if ((flags[col] & kFlagNoData) != 0) return;
                const bool enough = sum.count > kFewest;
                if (enough) average[col] = sum.mean();
                ++(enough ? made_ : left_)[index];
            });
        });
    }

    // One raster pass; whether another one may bring something. Rows further than 30 above the
    // first average see none.
    bool pass() {
        const int rows = average_.rows();
        const auto has = [](std::int64_t n) { return n > 0; };
        const auto first_made = std::find_if(made_.begin(), made_.end(), has) - made_.begin();
        const auto first_left = std::find_if(left_.begin(), left_.end(), has) - left_.begin();
        if (first_left == rows || first_made == rows) return false;
        const int first =
            static_cast<int>(std::max<std::ptrdiff_t>(first_left, first_made - kHalf));
        ColumnSums columns(average_.cols());
        for (int row = std::max(0, first - kHalf); row < std::min(first + kHalf, rows); ++row)
            add_row(columns, row, 1);
        bool progress = false;
        for (int row = first; row < rows; ++row) {
            if (row % kStripRows == 0) throw_if_cancelled();
            if (row + kHalf < rows) add_row(columns, row + kHalf, 1);
            if (row > first && row - kHalf - 1 >= 0) add_row(columns, row - kHalf - 1, -1);
            if (left_[static_cast<std::size_t>(row)] > 0) progress |= fill_row(columns, row);
        }
        return progress;
    }

    void add_row(ColumnSums& columns, int row, int sign) {
        const auto average = average_.row(row);
        for (std::size_t c = 0; c < average.size(); ++c) {
            const bool there = !std::isnan(average[c]);
            samples_.count[c] = there ? 1 : 0;
            samples_.value[c] = there ? average[c] : 0.f;
        }
        columns.add_row(samples_, sign);
    }

    bool fill_row(ColumnSums& columns, int row) {
        const auto flags = aerosol_.flags.row(row + top_);
        const auto average = average_.row(row);
        const auto index = static_cast<std::size_t>(row);
        bool progress = false;
        slide(columns, [&](std::size_t col, Sum& sum) {
            if ((flags[col] & kFlagNoData) != 0 || !std::isnan(average[col]) || sum.count == 0)
                return;
            average[col] = sum.mean();
            columns.add_sample(col, average[col]);
            sum.add({1, static_cast<double>(average[col])}, 1);
            --left_[index];
            ++made_[index];
            progress = true;
        });
        return progress;
    }

    const Sentinel2Aerosol& aerosol_;
    Quantity quantity_;
    int top_;
    Plane<float> average_;
    std::vector<std::int64_t> left_, made_;  // per row: pixels without and with an average
    Samples samples_;
};

FailedAverages averages_of(const Sentinel2Aerosol& aerosol, Quantity quantity, int threads) {
    FailedAverages averages = first_pass(aerosol, quantity, threads);
    if (!averages.any_average || !averages.lacks_some) return averages;
    Spreader spreader(aerosol, quantity, averages, threads);
    spreader.spread();
    spreader.complete(averages);
    return averages;
}

// No window of the granule was of any use: the climatological aerosol everywhere.
void set_default(Sentinel2Aerosol& aerosol) {
    for (std::size_t i = 0; i < aerosol.flags.size(); ++i)
        if ((aerosol.flags.cells()[i] & kFlagFill) == 0) aerosol.aot550.cells()[i] = kDefaultAot;
    aerosol.eps_everywhere = kDefaultEps;
}

}  // namespace

void fill_failed(Sentinel2Aerosol& aerosol, int threads) {
    const FailedAverages aot = averages_of(aerosol, Quantity::aot, threads);
    if (!aot.any_average) return set_default(aerosol);
    aerosol.fixed_eps = averages_of(aerosol, Quantity::eps, threads).rows;
    for (int row = 0; row < aerosol.rows; ++row) {
        const auto flags = aerosol.flags.row(row);
        const auto values = aerosol.aot550.row(row);
        auto next = aot.rows[static_cast<std::size_t>(row)].begin();
        for (std::size_t c = 0; c < flags.size(); ++c) {
            if (is_target(flags[c])) values[c] = *next++;
            if ((flags[c] & (kFlagFailed | kFlagFill)) == kFlagFailed)
                flags[c] = static_cast<std::uint8_t>(flags[c] | kFlagFixed);
        }
    }
}

}  // namespace hls::lasrc
