// SPDX-License-Identifier: Apache-2.0
// Memory for whole images. What visits pixels out of order, as floods and shadows do, would spend
// most of its time on finding pages of 4 KiB: large arrays ask for pages of 2 MiB.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace hls {

// Uninitialised, aligned for any T; free with free_memory() and the same size. Throws
// std::bad_alloc.
void* allocate_memory(std::size_t bytes);
void free_memory(void* memory, std::size_t bytes) noexcept;

// For containers that may hold a whole band.
template <typename T>
struct LargeAllocator {
    using value_type = T;

    LargeAllocator() = default;
    template <typename U>
    LargeAllocator(const LargeAllocator<U>&) {}

    T* allocate(std::size_t count) {
        if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_alloc();
        return static_cast<T*>(allocate_memory(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        free_memory(memory, count * sizeof(T));
    }
    bool operator==(const LargeAllocator&) const = default;
};

template <typename T>
using LargeVector = std::vector<T, LargeAllocator<T>>;

}  // namespace hls
