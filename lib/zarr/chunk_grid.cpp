// SPDX-License-Identifier: Apache-2.0
#include "zarr/chunk_grid.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/error.hpp"

namespace hls::zarr {
namespace {

// The list of parts stays below a gigabyte.
constexpr std::uint64_t kMaxParts = 4'000'000;

// Steps `index` to its successor in C order inside [first, end); false after the last.
bool advance(Shape& index, const Shape& first, const Shape& end) {
    for (std::size_t d = index.size(); d-- > 0;) {
        if (++index[d] < end[d]) return true;
        index[d] = first[d];
    }
    return false;
}

ChunkPart part_of(const Shape& shape, const Shape& chunk_shape, const Region& region,
                  const Shape& chunk) {
    const std::size_t rank = shape.size();
    ChunkPart part{chunk, Shape(rank), Shape(rank), Shape(rank), true};
    for (std::size_t d = 0; d < rank; ++d) {
        const std::uint64_t origin = chunk[d] * chunk_shape[d];
        const std::uint64_t chunk_end = std::min(origin + chunk_shape[d], shape[d]);
        const std::uint64_t first = std::max(origin, region.start[d]);
        const std::uint64_t end = std::min(chunk_end, region.start[d] + region.count[d]);
        part.in_chunk[d] = first - origin;
        part.in_region[d] = first - region.start[d];
        part.count[d] = end - first;
        part.whole_chunk = part.whole_chunk && first == origin && end == chunk_end;
    }
    return part;
}

// The innermost dimensions of a box that both sides hold densely, as one run.
struct Runs {
    std::size_t outer_rank;  // dimensions that are looped over
    std::size_t bytes;       // of one run
};

Runs dense_runs(const Shape& count, std::size_t element_bytes, const std::vector<std::ptrdiff_t>& a,
                const std::vector<std::ptrdiff_t>& b) {
    Runs runs{count.size(), element_bytes};
    while (runs.outer_rank > 0) {
        const std::size_t d = runs.outer_rank - 1;
        const auto stride = static_cast<std::ptrdiff_t>(runs.bytes);
        if (count[d] != 1 && (a[d] != stride || b[d] != stride)) break;
        runs.bytes *= count[d];
        --runs.outer_rank;
    }
    return runs;
}

// Calls body(offset in a, offset in b) for every element of the first `rank` dimensions.
template <typename Body>
void for_each_offset(const Shape& count, std::size_t rank, const std::vector<std::ptrdiff_t>& a,
                     const std::vector<std::ptrdiff_t>& b, Body body) {
    Shape index(rank, 0);
    std::ptrdiff_t at_a = 0;
    std::ptrdiff_t at_b = 0;
    while (true) {
        body(at_a, at_b);
        std::size_t d = rank;
        while (d-- > 0) {
            at_a += a[d];
            at_b += b[d];
            if (++index[d] < count[d]) break;
            at_a -= a[d] * static_cast<std::ptrdiff_t>(count[d]);
            at_b -= b[d] * static_cast<std::ptrdiff_t>(count[d]);
            index[d] = 0;
        }
        if (d == static_cast<std::size_t>(-1)) return;
    }
}

bool empty(const Shape& count) {
    return std::find(count.begin(), count.end(), 0u) != count.end();
}

}  // namespace

std::uint64_t Region::elements() const {
    std::uint64_t product = 1;
    for (const auto n : count)
        if (__builtin_mul_overflow(product, n, &product))
            throw Error{Exit::bad_input, "a region of more than 2^64 elements"};
    return product;
}

Region whole(const Shape& shape) {
    return {Shape(shape.size(), 0), shape};
}

void require_inside(const Region& region, const Shape& shape, std::string_view what) {
    bool inside = region.start.size() == shape.size() && region.count.size() == shape.size();
    for (std::size_t d = 0; inside && d < shape.size(); ++d)
        inside = region.start[d] <= shape[d] && region.count[d] <= shape[d] - region.start[d];
    if (!inside)
        throw Error{Exit::bad_input,
                    fmt::format("{}: region [{}]+[{}] is not inside [{}]", what,
                                fmt::join(region.start, ","), fmt::join(region.count, ","),
                                fmt::join(shape, ","))};
}

Shape grid_shape(const Shape& shape, const Shape& chunk_shape) {
    Shape grid(shape.size());
    for (std::size_t d = 0; d < shape.size(); ++d)
        grid[d] = shape[d] / chunk_shape[d] + (shape[d] % chunk_shape[d] != 0 ? 1 : 0);
    return grid;
}

std::vector<ChunkPart> chunk_parts(const Shape& shape, const Shape& chunk_shape,
                                   const Region& region) {
    require_inside(region, shape, "chunks of a region");
    if (empty(region.count)) return {};
    Shape first(shape.size());
    Shape end(shape.size());
    std::uint64_t chunks = 1;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        first[d] = region.start[d] / chunk_shape[d];
        end[d] = (region.start[d] + region.count[d] - 1) / chunk_shape[d] + 1;
        if (__builtin_mul_overflow(chunks, end[d] - first[d], &chunks) || chunks > kMaxParts)
            throw Error{Exit::bad_input, fmt::format("a region of more than {} chunks", kMaxParts),
                        "take a smaller region, or larger chunks"};
    }
    std::vector<ChunkPart> parts;
    parts.reserve(chunks);
    Shape chunk = first;
    do parts.push_back(part_of(shape, chunk_shape, region, chunk));
    while (advance(chunk, first, end));
    return parts;
}

std::string chunk_key(const ChunkKeys& keys, const Shape& chunk) {
    const bool v3 = keys.style == ChunkKeys::Style::v3_default;
    if (chunk.empty()) return v3 ? "c" : "0";
    std::string key = v3 ? "c" : "";
    for (const auto index : chunk) {
        if (!key.empty()) key += keys.separator;
        key += std::to_string(index);
    }
    return key;
}

std::optional<Shape> parse_chunk_key(const ChunkKeys& keys, std::size_t rank,
                                     std::string_view key) {
    Shape chunk;
    const char* at = key.data();
    const char* const end = at + key.size();
    if (keys.style == ChunkKeys::Style::v3_default && rank > 0) {
        if (key.size() < 2 || key[0] != 'c' || key[1] != keys.separator) return std::nullopt;
        at += 2;
    }
    while (chunk.size() < rank) {
        if (!chunk.empty() && (at == end || *at++ != keys.separator)) return std::nullopt;
        std::uint64_t index = 0;
        const auto [next, error] = std::from_chars(at, end, index);
        if (error != std::errc{}) return std::nullopt;
        chunk.push_back(index);
        at = next;
    }
    // Leading zeros, signs and trailing characters do not survive the way back.
    if (chunk_key(keys, chunk) != key) return std::nullopt;
    return chunk;
}

std::vector<std::ptrdiff_t> dense_strides(const Shape& shape, std::size_t element_bytes) {
    std::vector<std::ptrdiff_t> strides(shape.size());
    auto stride = static_cast<std::ptrdiff_t>(element_bytes);
    for (std::size_t d = shape.size(); d-- > 0;) {
        strides[d] = stride;
        stride *= static_cast<std::ptrdiff_t>(shape[d]);
    }
    return strides;
}

void copy_box(const Shape& count, std::size_t element_bytes, const StridedView& from,
              const StridedSpan& to) {
    if (empty(count)) return;
    const auto runs = dense_runs(count, element_bytes, from.strides, to.strides);
    for_each_offset(count, runs.outer_rank, from.strides, to.strides,
                    [&](std::ptrdiff_t source, std::ptrdiff_t target) {
                        std::memcpy(to.data + target, from.data + source, runs.bytes);
                    });
}

void fill_box(const Shape& count, ByteView element, const StridedSpan& to) {
    if (empty(count)) return;
    const auto runs = dense_runs(count, element.size(), to.strides, to.strides);
    const bool same_bytes =
        std::all_of(element.begin(), element.end(), [&](std::byte b) { return b == element[0]; });
    for_each_offset(count, runs.outer_rank, to.strides, to.strides,
                    [&](std::ptrdiff_t target, std::ptrdiff_t) {
                        std::byte* const run = to.data + target;
                        if (same_bytes) {
                            std::memset(run, std::to_integer<int>(element[0]), runs.bytes);
                            return;
                        }
                        std::memcpy(run, element.data(), element.size());
                        // Doubles what is there until the run is full.
                        for (std::size_t done = element.size(); done < runs.bytes; done *= 2)
                            std::memcpy(run + done, run, std::min(done, runs.bytes - done));
                    });
}

}  // namespace hls::zarr
