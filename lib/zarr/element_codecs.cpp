// SPDX-License-Identifier: Apache-2.0
#include "zarr/element_codecs.hpp"

#include <fmt/format.h>
#include <zfp.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>

#include "core/error.hpp"

namespace hls::zarr {
namespace {

template <typename T, T (*Swap)(T)>
void swap_as(ByteView in, std::span<std::byte> out) {
    for (std::size_t at = 0; at + sizeof(T) <= in.size(); at += sizeof(T)) {
        T value;
        std::memcpy(&value, in.data() + at, sizeof value);
        value = Swap(value);
        std::memcpy(out.data() + at, &value, sizeof value);
    }
}

std::uint16_t swap16(std::uint16_t v) {
    return __builtin_bswap16(v);
}
std::uint32_t swap32(std::uint32_t v) {
    return __builtin_bswap32(v);
}
std::uint64_t swap64(std::uint64_t v) {
    return __builtin_bswap64(v);
}

std::vector<std::ptrdiff_t> permuted(const std::vector<std::ptrdiff_t>& strides,
                                     const std::vector<std::size_t>& order) {
    std::vector<std::ptrdiff_t> result(order.size());
    for (std::size_t d = 0; d < order.size(); ++d) result[d] = strides[order[d]];
    return result;
}

template <typename Body>
void with_unsigned(std::size_t bytes, Body body) {
    switch (bytes) {
        case 1:
            return body(std::uint8_t{});
        case 2:
            return body(std::uint16_t{});
        case 4:
            return body(std::uint32_t{});
        default:
            return body(std::uint64_t{});
    }
}

// Calls step(previous, element) -> new element for every element after the first; `previous` is
// the original one if `of_originals`, else the new one.
template <typename T, typename Step>
void chain_elements(std::span<std::byte> elements, bool of_originals, Step step) {
    T previous = 0;
    for (std::size_t at = 0; at + sizeof(T) <= elements.size(); at += sizeof(T)) {
        T value;
        std::memcpy(&value, elements.data() + at, sizeof value);
        const T result = step(previous, value);
        std::memcpy(elements.data() + at, &result, sizeof result);
        previous = of_originals ? value : result;
    }
}

zfp_type zfp_type_of(const DataType& type) {
    if (type == kFloat32) return zfp_type_float;
    if (type == kFloat64) return zfp_type_double;
    if (type == kInt32) return zfp_type_int32;
    if (type == kInt64) return zfp_type_int64;
    return zfp_type_none;
}

struct ZfpDeleter {
    void operator()(zfp_stream* stream) const { zfp_stream_close(stream); }
    void operator()(zfp_field* field) const { zfp_field_free(field); }
    void operator()(bitstream* bits) const { stream_close(bits); }
};

[[noreturn]] void damaged_zfp() {
    throw Error{Exit::bad_input, "zfpy: damaged data, or another shape than the chunk's"};
}

}  // namespace

void swap_units(ByteView in, std::size_t unit_bytes, std::span<std::byte> out) {
    if (unit_bytes == 2) return swap_as<std::uint16_t, swap16>(in, out);
    if (unit_bytes == 4) return swap_as<std::uint32_t, swap32>(in, out);
    if (unit_bytes == 8) return swap_as<std::uint64_t, swap64>(in, out);
    if (in.data() != out.data()) std::copy(in.begin(), in.end(), out.begin());
}

void shuffle_bytes(ByteView in, std::size_t width, std::span<std::byte> out) {
    const std::size_t count = in.size() / width;
    for (std::size_t b = 0; b < width; ++b)
        for (std::size_t i = 0; i < count; ++i) out[b * count + i] = in[i * width + b];
}

void unshuffle_bytes(ByteView in, std::size_t width, std::span<std::byte> out) {
    const std::size_t count = in.size() / width;
    for (std::size_t b = 0; b < width; ++b)
        for (std::size_t i = 0; i < count; ++i) out[i * width + b] = in[b * count + i];
}

Shape transposed(const Shape& shape, const std::vector<std::size_t>& order) {
    std::vector<std::size_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::size_t> all(shape.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (sorted != all)
        throw Error{
            Exit::bad_input,
            fmt::format("transpose: order is no permutation of {} dimensions", shape.size())};
    Shape result(shape.size());
    for (std::size_t d = 0; d < shape.size(); ++d) result[d] = shape[order[d]];
    return result;
}

void transpose(const Shape& shape, const std::vector<std::size_t>& order, std::size_t element_bytes,
               ByteView in, std::span<std::byte> out) {
    const Shape result = transposed(shape, order);
    copy_box(result, element_bytes,
             {in.data(), permuted(dense_strides(shape, element_bytes), order)},
             {out.data(), dense_strides(result, element_bytes)});
}

void transpose_back(const Shape& shape, const std::vector<std::size_t>& order,
                    std::size_t element_bytes, ByteView in, std::span<std::byte> out) {
    const Shape stored = transposed(shape, order);
    copy_box(stored, element_bytes, {in.data(), dense_strides(stored, element_bytes)},
             {out.data(), permuted(dense_strides(shape, element_bytes), order)});
}

void difference(const DataType& type, std::span<std::byte> elements) {
    with_unsigned(type.bytes, [&](auto sample) {
        using T = decltype(sample);
        chain_elements<T>(elements, true,
                          [](T previous, T value) { return static_cast<T>(value - previous); });
    });
}

void running_sum(const DataType& type, std::span<std::byte> elements) {
    with_unsigned(type.bytes, [&](auto sample) {
        using T = decltype(sample);
        chain_elements<T>(elements, false,
                          [](T previous, T value) { return static_cast<T>(value + previous); });
    });
}

void decode_zfp(const DataType& type, ByteView in, std::span<std::byte> out, Scratch& copy) {
    const std::unique_ptr<zfp_stream, ZfpDeleter> stream(zfp_stream_open(nullptr));
    const std::unique_ptr<zfp_field, ZfpDeleter> field(zfp_field_alloc());
    if (!stream || !field) throw Error{Exit::resource, "zfpy: out of memory"};

    // zfp reads without looking where its input ends: it gets a copy with zeros behind, first for
    // the header, then for as much as a stream of these parameters can have at most.
    const auto padded = [&](std::size_t bytes) {
        const auto memory = copy.take(std::max(bytes, in.size()) + 64);
        std::copy(in.begin(), in.end(), memory.begin());
        std::fill(memory.begin() + static_cast<std::ptrdiff_t>(in.size()), memory.end(),
                  std::byte{0});
        return std::unique_ptr<bitstream, ZfpDeleter>(stream_open(memory.data(), memory.size()));
    };
    auto bits = padded(ZFP_HEADER_MAX_BITS / 8);
    zfp_stream_set_bit_stream(stream.get(), bits.get());
    if (zfp_read_header(stream.get(), field.get(), ZFP_HEADER_FULL) == 0) damaged_zfp();
    if (field->type != zfp_type_of(type) || zfp_field_size(field.get(), nullptr) == 0 ||
        zfp_field_size(field.get(), nullptr) != out.size() / type.bytes)
        damaged_zfp();
    const std::size_t most = zfp_stream_maximum_size(stream.get(), field.get());
    if (most == 0 || most > 16 * (out.size() + 1024)) damaged_zfp();

    bits = padded(most);
    zfp_stream_set_bit_stream(stream.get(), bits.get());
    zfp_stream_rewind(stream.get());
    zfp_read_header(stream.get(), field.get(), ZFP_HEADER_FULL);
    zfp_field_set_pointer(field.get(), out.data());
    if (zfp_decompress(stream.get(), field.get()) == 0) damaged_zfp();
}

std::vector<std::string> decode_strings(ByteView in, std::uint64_t count) {
    const auto cut = [] { return Error{Exit::bad_input, "vlen-utf8: damaged or cut data"}; };
    const auto next_u32 = [&] {
        if (in.size() < 4) throw cut();
        std::uint32_t value = 0;
        std::memcpy(&value, in.data(), 4);
        in = in.subspan(4);
        return value;
    };
    if (next_u32() != count || count > in.size() / 4) throw cut();
    std::vector<std::string> strings;
    strings.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint32_t bytes = next_u32();
        if (bytes > in.size()) throw cut();
        strings.emplace_back(reinterpret_cast<const char*>(in.data()), bytes);
        in = in.subspan(bytes);
    }
    if (!in.empty()) throw cut();
    return strings;
}

}  // namespace hls::zarr
