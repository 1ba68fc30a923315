// SPDX-License-Identifier: Apache-2.0
#include "core/large_memory.hpp"

#include <sys/mman.h>

#include <new>

namespace hls {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
// Smaller arrays do not gain what rounding up costs.
constexpr std::size_t kLarge = 8 * kLargePage;

}  // namespace

void* allocate_memory(std::size_t bytes) {
    if (bytes < kLarge) return ::operator new(bytes);
    void* const memory = ::operator new (bytes, std::align_val_t{kLargePage});
    // Advice: where it is not taken, pages are small.
    ::madvise(memory, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
    return memory;
}

void free_memory(void* memory, std::size_t bytes) noexcept {
    if (bytes < kLarge)
        ::operator delete(memory);
    else
        ::operator delete (memory, std::align_val_t{kLargePage});
}

}  // namespace hls
