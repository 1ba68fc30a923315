// SPDX-License-Identifier: Apache-2.0
// 2-D arrays: View2D borrows, Plane owns. Row-major, row 0 = north, element (row, col).
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/large_memory.hpp"

namespace hls {

template <typename T>
class View2D {
 public:
    View2D() = default;
    // `stride` is the distance between rows in elements.
    View2D(T* data, int rows, int cols, std::ptrdiff_t stride)
        : data_(data), rows_(rows), cols_(cols), stride_(stride) {}
    View2D(T* data, int rows, int cols) : View2D(data, rows, cols, cols) {}

    // A view of mutable elements reads as a view of constant ones.
    operator View2D<const T>() const requires(!std::is_const_v<T>) {
        return {data_, rows_, cols_, stride_};
    }

    int rows() const { return rows_; }
    int cols() const { return cols_; }
    std::ptrdiff_t stride() const { return stride_; }
    T* data() const { return data_; }
    T& operator()(int row, int col) const { return data_[row * stride_ + col]; }
    std::span<T> row(int r) const { return {data_ + r * stride_, static_cast<std::size_t>(cols_)}; }
    View2D rows(int first, int count) const {
        return {data_ + first * stride_, count, cols_, stride_};
    }

 private:
    T* data_ = nullptr;
    int rows_ = 0;
    int cols_ = 0;
    std::ptrdiff_t stride_ = 0;
};

template <typename T>
class Plane {
 public:
    Plane() = default;
    Plane(int rows, int cols, T value = {})
        : cells_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols), value),
          rows_(rows),
          cols_(cols) {}

    // `values` are rows * cols, row after row.
    Plane(int rows, int cols, const std::vector<T>& values)
        : cells_(values.begin(), values.end()), rows_(rows), cols_(cols) {}

    int rows() const { return rows_; }
    int cols() const { return cols_; }
    std::size_t size() const { return cells_.size(); }
    T* data() { return cells_.data(); }
    const T* data() const { return cells_.data(); }
    T& operator()(int row, int col) { return cells_[index(row, col)]; }
    const T& operator()(int row, int col) const { return cells_[index(row, col)]; }
    std::span<T> row(int r) { return {data() + index(r, 0), static_cast<std::size_t>(cols_)}; }
    std::span<const T> row(int r) const {
        return {data() + index(r, 0), static_cast<std::size_t>(cols_)};
    }
    View2D<T> view() { return {data(), rows_, cols_}; }
    View2D<const T> view() const { return {data(), rows_, cols_}; }
    LargeVector<T>& cells() { return cells_; }
    const LargeVector<T>& cells() const { return cells_; }

 private:
    std::size_t index(int row, int col) const {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(cols_) +
               static_cast<std::size_t>(col);
    }

    LargeVector<T> cells_;
    int rows_ = 0;
    int cols_ = 0;
};

}  // namespace hls
