// SPDX-License-Identifier: Apache-2.0
#include "io/array_file.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <fmt/format.h>
#include <gdal.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/error.hpp"
#include "io/gdal_session.hpp"

namespace hls::io {
namespace {

struct TypeRow {
    ArrayType type;
    GDALDataType gdal;
    std::size_t bytes;
};

// GDAL 3.6 has no signed byte: NetCDF's come as int16, and are narrowed here.
constexpr std::array kTypes{
    TypeRow{ArrayType::u8, GDT_Byte, 1},     TypeRow{ArrayType::i16, GDT_Int16, 2},
    TypeRow{ArrayType::u16, GDT_UInt16, 2},  TypeRow{ArrayType::i32, GDT_Int32, 4},
    TypeRow{ArrayType::u32, GDT_UInt32, 4},  TypeRow{ArrayType::i64, GDT_Int64, 8},
    TypeRow{ArrayType::u64, GDT_UInt64, 8},  TypeRow{ArrayType::f32, GDT_Float32, 4},
    TypeRow{ArrayType::f64, GDT_Float64, 8}, TypeRow{ArrayType::i8, GDT_Int16, 1},
};

constexpr int kMaxGroups = 64;  // nested

// Owners of GDAL's handles.
struct GroupDeleter {
    using pointer = GDALGroupH;
    void operator()(GDALGroupH handle) const { GDALGroupRelease(handle); }
};
struct ArrayDeleter {
    using pointer = GDALMDArrayH;
    void operator()(GDALMDArrayH handle) const { GDALMDArrayRelease(handle); }
};
struct TypeDeleter {
    using pointer = GDALExtendedDataTypeH;
    void operator()(GDALExtendedDataTypeH handle) const { GDALExtendedDataTypeRelease(handle); }
};
struct DatasetDeleter {
    using pointer = GDALDatasetH;
    void operator()(GDALDatasetH handle) const { GDALClose(handle); }
};
struct StringListDeleter {
    void operator()(char** list) const { CSLDestroy(list); }
};
using Group = std::unique_ptr<void, GroupDeleter>;
using ArrayHandle = std::unique_ptr<void, ArrayDeleter>;
using TypeHandle = std::unique_ptr<void, TypeDeleter>;
using Dataset = std::unique_ptr<void, DatasetDeleter>;
using StringList = std::unique_ptr<char*, StringListDeleter>;

std::vector<std::string> strings_of(char** list) {
    const StringList owner(list);
    std::vector<std::string> strings;
    for (char** at = list; at != nullptr && *at != nullptr; ++at) strings.emplace_back(*at);
    return strings;
}

AttributeValue value_of(GDALAttributeH attribute) {
    const TypeHandle type(GDALAttributeGetDataType(attribute));
    const auto klass = GDALExtendedDataTypeGetClass(type.get());
    if (klass == GEDTC_STRING) {
        auto strings = strings_of(GDALAttributeReadAsStringArray(attribute));
        if (strings.size() == 1) return std::move(strings.front());
        return strings;
    }
    const auto number = GDALExtendedDataTypeGetNumericDataType(type.get());
    if (number == GDT_Int64 || number == GDT_UInt64) {
        std::size_t bytes = 0;
        GByte* const raw = GDALAttributeReadAsRaw(attribute, &bytes);
        const auto* first = reinterpret_cast<const std::int64_t*>(raw);
        std::vector<std::int64_t> integers(first, first + bytes / sizeof(std::int64_t));
        GDALAttributeFreeRawResult(attribute, raw, bytes);
        return integers;
    }
    std::size_t count = 0;
    double* const numbers = GDALAttributeReadAsDoubleArray(attribute, &count);
    const std::vector<double> values(numbers, numbers + count);
    CPLFree(numbers);
    const bool integral = number != GDT_Float32 && number != GDT_Float64;
    if (!integral) return values;
    return std::vector<std::int64_t>(values.begin(), values.end());
}

Attributes attributes_of(GDALAttributeH* list, std::size_t count) {
    Attributes attributes;
    for (std::size_t i = 0; i < count; ++i)
        attributes.emplace_back(GDALAttributeGetName(list[i]), value_of(list[i]));
    GDALReleaseAttributes(list, count);
    return attributes;
}

std::vector<ArrayDimension> dimensions_of(GDALMDArrayH array) {
    std::size_t count = 0;
    GDALDimensionH* const list = GDALMDArrayGetDimensions(array, &count);
    std::vector<ArrayDimension> dimensions;
    for (std::size_t i = 0; i < count; ++i)
        dimensions.push_back({GDALDimensionGetName(list[i]), GDALDimensionGetSize(list[i])});
    GDALReleaseDimensions(list, count);
    return dimensions;
}

std::optional<ArrayType> type_of(GDALMDArrayH array) {
    const TypeHandle type(GDALMDArrayGetDataType(array));
    const auto klass = GDALExtendedDataTypeGetClass(type.get());
    if (klass == GEDTC_STRING) return ArrayType::text;
    if (klass != GEDTC_NUMERIC) return std::nullopt;
    const auto number = GDALExtendedDataTypeGetNumericDataType(type.get());
    for (const auto& row : kTypes)
        if (row.gdal == number) return row.type;
    return std::nullopt;
}

const TypeRow& row_of(ArrayType type) {
    for (const auto& row : kTypes)
        if (row.type == type) return row;
    throw Error{Exit::internal, "no GDAL type for this array type"};
}

// Whether an array that GDAL gives as int16 holds signed bytes: its raster side still tells them.
bool holds_bytes(const std::string& path, const std::string& name) {
    const auto subdataset = fmt::format("NETCDF:\"{}\":{}{}", path,
                                        name.find('/') == std::string::npos ? "" : "/", name);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    const Dataset dataset(
        GDALOpenEx(subdataset.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr));
    CPLPopErrorHandler();
    CPLErrorReset();
    if (!dataset || GDALGetRasterCount(dataset.get()) == 0) return false;
    const char* kind =
        GDALGetMetadataItem(GDALGetRasterBand(dataset.get(), 1), "PIXELTYPE", "IMAGE_STRUCTURE");
    return kind != nullptr && std::string_view(kind) == "SIGNEDBYTE";
}

// As in "True", which GDAL does not take for "true".
bool says_unsigned(const Attributes& attributes) {
    for (const auto& [name, value] : attributes)
        if (const auto* text = std::get_if<std::string>(&value); name == "_Unsigned" && text)
            return EQUAL(text->c_str(), "true");
    return false;
}

struct Box {
    std::vector<GUInt64> start;
    std::vector<std::size_t> count;
    std::size_t elements = 1;
};

Box box_of(const ArrayInfo& array, const std::vector<std::uint64_t>& start,
           const std::vector<std::uint64_t>& count, const std::string& path) {
    Box box;
    bool inside = start.size() == array.dimensions.size() && count.size() == start.size();
    for (std::size_t d = 0; inside && d < start.size(); ++d) {
        const auto size = array.dimensions[d].size;
        inside = start[d] <= size && count[d] <= size - start[d];
        box.start.push_back(start[d]);
        box.count.push_back(count[d]);
        box.elements *= count[d];
    }
    if (!inside)
        throw Error{Exit::bad_input,
                    fmt::format("{}: a part outside the array {}", path, array.name)};
    return box;
}

std::string cut(std::string text) {
    text.erase(text.find_last_not_of(std::string_view(" \0", 2)) + 1);
    return text;
}

}  // namespace

std::size_t array_type_bytes(ArrayType type) {
    return type == ArrayType::text ? 0 : row_of(type).bytes;
}

bool looks_like_netcdf(const std::string& path) {
    require_readable(path);
    std::array<char, 8> head{};
    VSILFILE* const file = VSIFOpenL(path.c_str(), "rb");
    const std::size_t got = file == nullptr ? 0 : VSIFReadL(head.data(), 1, head.size(), file);
    if (file != nullptr) VSIFCloseL(file);
    const std::string_view start(head.data(), got);
    return start.starts_with("CDF") || start == "\x89HDF\r\n\x1a\n";
}

struct ArrayFile::State {
    std::string path;
    Dataset dataset;
    Group root;
    std::vector<ArrayInfo> arrays;
    std::set<std::string> bytes;  // arrays that GDAL gives as int16
    Attributes attributes;

    void list(GDALGroupH group, const std::string& prefix, int depth);
    ArrayHandle open(const std::string& name) const;
    void read(const std::string& name, const Box& box, GDALDataType as,
              std::span<std::byte> out) const;
};

void ArrayFile::State::list(GDALGroupH group, const std::string& prefix, int depth) {
    char show_all[] = "SHOW_ALL=YES";
    char* const options[] = {show_all, nullptr};
    for (const auto& name : strings_of(GDALGroupGetMDArrayNames(group, options))) {
        const ArrayHandle array(GDALGroupOpenMDArray(group, name.c_str(), nullptr));
        if (!array) continue;
        const auto type = type_of(array.get());
        if (!type) continue;  // compound and reference types have no place in a store
        std::size_t count = 0;
        GDALAttributeH* const found = GDALMDArrayGetAttributes(array.get(), &count, options);
        ArrayInfo info{prefix + name, *type, dimensions_of(array.get()),
                       attributes_of(found, count)};
        if (*type == ArrayType::i16 && !info.dimensions.empty() && holds_bytes(path, info.name)) {
            info.type = says_unsigned(info.attributes) ? ArrayType::u8 : ArrayType::i8;
            bytes.insert(info.name);
        }
        arrays.push_back(std::move(info));
    }
    if (depth >= kMaxGroups) return;
    for (const auto& name : strings_of(GDALGroupGetGroupNames(group, nullptr))) {
        const Group below(GDALGroupOpenGroup(group, name.c_str(), nullptr));
        if (below) list(below.get(), prefix + name + "/", depth + 1);
    }
}

ArrayHandle ArrayFile::State::open(const std::string& name) const {
    return ArrayHandle(GDALGroupOpenMDArrayFromFullname(root.get(), ("/" + name).c_str(), nullptr));
}

void ArrayFile::State::read(const std::string& name, const Box& box, GDALDataType as,
                            std::span<std::byte> out) const {
    const GdalErrors errors;
    const auto handle = open(name);
    const TypeHandle type(GDALExtendedDataTypeCreate(as));
    if (!handle ||
        !GDALMDArrayRead(handle.get(), box.start.data(), box.count.data(), nullptr, nullptr,
                         type.get(), out.data(), out.data(), out.size()) ||
        errors.failed())
        errors.raise(Exit::bad_input, fmt::format("cannot read {} of", name), path);
}

ArrayFile::ArrayFile(std::string path) : state_(std::make_unique<State>()) {
    state_->path = std::move(path);
    init_gdal();
    require_readable(state_->path);
    const GdalErrors errors;
    constexpr const char* kDrivers[] = {"netCDF", nullptr};
    state_->dataset.reset(GDALOpenEx(state_->path.c_str(),
                                     GDAL_OF_MULTIDIM_RASTER | GDAL_OF_VERBOSE_ERROR, kDrivers,
                                     nullptr, nullptr));
    if (!state_->dataset) errors.raise(Exit::bad_input, "not a NetCDF file:", state_->path);
    state_->root.reset(GDALDatasetGetRootGroup(state_->dataset.get()));
    if (!state_->root) errors.raise(Exit::bad_input, "not a NetCDF file:", state_->path);
    std::size_t count = 0;
    GDALAttributeH* const found = GDALGroupGetAttributes(state_->root.get(), &count, nullptr);
    state_->attributes = attributes_of(found, count);
    state_->list(state_->root.get(), "", 0);
    if (errors.failed()) errors.raise(Exit::bad_input, "damaged NetCDF file:", state_->path);
}

ArrayFile::~ArrayFile() = default;
ArrayFile::ArrayFile(ArrayFile&&) noexcept = default;
ArrayFile& ArrayFile::operator=(ArrayFile&&) noexcept = default;

const std::string& ArrayFile::path() const {
    return state_->path;
}
const std::vector<ArrayInfo>& ArrayFile::arrays() const {
    return state_->arrays;
}
const Attributes& ArrayFile::attributes() const {
    return state_->attributes;
}
const ArrayInfo* ArrayFile::find(const std::string& name) const {
    const auto found = std::find_if(state_->arrays.begin(), state_->arrays.end(),
                                    [&](const ArrayInfo& array) { return array.name == name; });
    return found == state_->arrays.end() ? nullptr : &*found;
}

void ArrayFile::read(const ArrayInfo& array, const std::vector<std::uint64_t>& start,
                     const std::vector<std::uint64_t>& count, std::span<std::byte> out) const {
    const auto box = box_of(array, start, count, path());
    if (out.size() != box.elements * array_type_bytes(array.type))
        throw Error{Exit::internal, fmt::format("{}: {} bytes for {} elements of {}", path(),
                                                out.size(), box.elements, array.name)};
    if (out.empty()) return;
    if (state_->bytes.contains(array.name)) {
        std::vector<std::int16_t> wide(box.elements);
        state_->read(array.name, box, GDT_Int16, std::as_writable_bytes(std::span(wide)));
        std::ranges::transform(wide, out.begin(),
                               [](std::int16_t value) { return static_cast<std::byte>(value); });
    } else {
        state_->read(array.name, box, row_of(array.type).gdal, out);
    }
}

std::vector<std::string> ArrayFile::read_text(const ArrayInfo& array,
                                              const std::vector<std::uint64_t>& start,
                                              const std::vector<std::uint64_t>& count) const {
    const auto box = box_of(array, start, count, path());
    std::vector<char*> pointers(box.elements, nullptr);
    if (pointers.empty()) return {};
    const GdalErrors errors;
    const auto handle = state_->open(array.name);
    const TypeHandle type(GDALExtendedDataTypeCreateString(0));
    const bool done = handle && GDALMDArrayRead(handle.get(), box.start.data(), box.count.data(),
                                                nullptr, nullptr, type.get(), pointers.data(),
                                                pointers.data(), pointers.size() * sizeof(char*));
    std::vector<std::string> strings;
    for (char* text : pointers) {
        strings.push_back(text == nullptr ? std::string() : cut(text));
        CPLFree(text);
    }
    if (!done || errors.failed())
        errors.raise(Exit::bad_input, fmt::format("cannot read {} of", array.name), path());
    return strings;
}

}  // namespace hls::io
