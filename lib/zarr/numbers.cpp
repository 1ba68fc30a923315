// SPDX-License-Identifier: Apache-2.0
#include "zarr/numbers.hpp"

#include <cstring>

#include "core/error.hpp"

namespace hls::zarr {
namespace {

template <typename T>
std::vector<double> numbers_of(ByteView elements) {
    std::vector<double> numbers(elements.size() / sizeof(T));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        T value;
        std::memcpy(&value, elements.data() + i * sizeof(T), sizeof(T));
        numbers[i] = static_cast<double>(value);
    }
    return numbers;
}

}  // namespace

std::vector<double> to_numbers(const DataType& type, ByteView elements) {
    const auto by_size = [&]<typename T1, typename T2, typename T4, typename T8>() {
        switch (type.bytes) {
            case 1:
                return numbers_of<T1>(elements);
            case 2:
                return numbers_of<T2>(elements);
            case 4:
                return numbers_of<T4>(elements);
            default:
                return numbers_of<T8>(elements);
        }
    };
    if (type.kind == TypeKind::integer)
        return by_size.operator()<std::int8_t, std::int16_t, std::int32_t, std::int64_t>();
    if (type.kind == TypeKind::unsigned_integer || type.kind == TypeKind::boolean)
        return by_size.operator()<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>();
    if (type == kFloat32) return numbers_of<float>(elements);
    if (type == kFloat64) return numbers_of<double>(elements);
    throw Error{Exit::bad_input, data_type_name(type) + " is no type of numbers"};
}

}  // namespace hls::zarr
