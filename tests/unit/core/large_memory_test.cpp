// SPDX-License-Identifier: Apache-2.0
#include "core/large_memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

#include "core/view2d.hpp"

namespace hls {
namespace {

TEST(LargeMemory, HoldsSmallAndLargeArrays) {
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, std::size_t{1000}, (std::size_t{4} << 20) - 1,
          std::size_t{4} << 20, (std::size_t{5} << 20) + 3}) {
        LargeVector<std::uint32_t> numbers(count);
        std::iota(numbers.begin(), numbers.end(), 1u);
        const LargeVector<std::uint32_t> copy = numbers;
        numbers.push_back(7);
        ASSERT_EQ(copy.size() + 1, numbers.size());
        EXPECT_TRUE(std::equal(copy.begin(), copy.end(), numbers.begin()));
        EXPECT_EQ(numbers.back(), 7u);
    }
}

TEST(LargeMemory, RefusesWhatCannotBe) {
    EXPECT_THROW(LargeAllocator<std::uint64_t>().allocate(~std::size_t{0} / 4), std::bad_alloc);
}

TEST(LargeMemory, PlanesOfAnySizeStartWithTheirValue) {
    const Plane<std::int16_t> plane(3001, 3001, -5);
    EXPECT_EQ(plane(0, 0), -5);
    EXPECT_EQ(plane(3000, 3000), -5);
}

}  // namespace
}  // namespace hls
