// SPDX-License-Identifier: Apache-2.0
#include "io/hdf4.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mfhdf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <mutex>
#include <numeric>
#include <type_traits>

#include "core/error.hpp"

namespace hls::io {
namespace {

std::mutex& hdf4_lock() {
    static std::mutex lock;
    return lock;
}

constexpr int kHighDescriptor = 900;

// -1 where that cannot be, as without /proc.
int open_high(const std::filesystem::path& path) {
    const int low = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    const int high = low < 0 ? -1 : ::fcntl(low, F_DUPFD_CLOEXEC, kHighDescriptor);
    if (low >= 0) ::close(low);
    if (high < 0 || ::access("/proc/self/fd", X_OK) == 0) return high;
    ::close(high);
    return -1;
}

template <typename T>
constexpr int32 number_type() {
    if constexpr (std::is_same_v<T, std::uint8_t>) return DFNT_UINT8;
    if constexpr (std::is_same_v<T, std::int8_t>) return DFNT_INT8;
    if constexpr (std::is_same_v<T, std::int16_t>) return DFNT_INT16;
    if constexpr (std::is_same_v<T, std::uint16_t>) return DFNT_UINT16;
    if constexpr (std::is_same_v<T, std::int32_t>) return DFNT_INT32;
    if constexpr (std::is_same_v<T, float>) return DFNT_FLOAT32;
    if constexpr (std::is_same_v<T, double>) return DFNT_FLOAT64;
}

std::size_t product(const std::vector<int>& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, [](std::size_t n, int size) {
        return n * static_cast<std::size_t>(size);
    });
}

[[noreturn]] void bad(const std::filesystem::path& path, const std::string& name,
                      const std::string& what) {
    throw Error{Exit::bad_input, fmt::format("{}: data set \"{}\" {}", path.string(), name, what),
                "fetch the file again"};
}

// An open SDS, closed at the end of the scope. The lock must be held.
class DataSet {
 public:
    DataSet(std::int32_t file, const std::filesystem::path& path, const std::string& name) {
        const int32 index = SDnametoindex(file, name.c_str());
        if (index != FAIL) id_ = SDselect(file, index);
        if (id_ == FAIL) bad(path, name, "is missing");
        std::array<int32, H4_MAX_VAR_DIMS> sizes{};
        int32 rank = 0;
        int32 attributes = 0;
        if (SDgetinfo(id_, nullptr, &rank, sizes.data(), &type, &attributes) == FAIL || rank < 1) {
            SDendaccess(id_);
            bad(path, name, "is damaged");
        }
        shape.assign(sizes.begin(), sizes.begin() + rank);
    }
    ~DataSet() { SDendaccess(id_); }
    DataSet(const DataSet&) = delete;
    DataSet& operator=(const DataSet&) = delete;

    std::int32_t id() const { return id_; }

    std::vector<int> shape;
    int32 type = 0;

 private:
    int32 id_ = FAIL;
};

bool inside(const Hyperslab& slab, const std::vector<int>& shape) {
    if (slab.start.size() != shape.size() || slab.count.size() != shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (slab.start[i] < 0 || slab.count[i] < 1 || slab.count[i] > shape[i] - slab.start[i])
            return false;
    return true;
}

template <typename T>
bool read_raw(const DataSet& set, const Hyperslab& slab, std::vector<T>& values) {
    std::vector<int32> start(slab.start.begin(), slab.start.end());
    std::vector<int32> count(slab.count.begin(), slab.count.end());
    values.resize(product(slab.count));
    return SDreaddata(set.id(), start.data(), nullptr, count.data(), values.data()) != FAIL;
}

// False when a value does not fit into T.
template <typename T, typename S>
bool convert(const std::vector<S>& stored, std::vector<T>& values) {
    values.resize(stored.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const double value = static_cast<double>(stored[i]);
        if constexpr (std::is_integral_v<T>)
            if (!(value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max()))
                return false;
        values[i] = static_cast<T>(stored[i]);
    }
    return true;
}

template <typename T, typename S>
std::vector<T> read_as(const DataSet& set, const Hyperslab& slab,
                       const std::function<void(const std::string&)>& fail) {
    std::vector<S> stored;
    if (!read_raw(set, slab, stored)) fail("is damaged");
    if constexpr (std::is_same_v<T, S>) {
        return stored;
    } else {
        std::vector<T> values;
        if (!convert(stored, values)) fail("has values out of range");
        return values;
    }
}

}  // namespace

Hdf4Reader::Hdf4Reader(std::filesystem::path path) : path_(std::move(path)) {
    if (::access(path_.c_str(), R_OK) != 0)
        throw Error{Exit::missing_input,
                    fmt::format("cannot read {}: {}", path_.string(), std::strerror(errno))};
    const std::scoped_lock lock(hdf4_lock());
    id_ = SDstart(path_.c_str(), DFACC_READ);
    if (id_ == FAIL)
        throw Error{Exit::bad_input,
                    fmt::format("{}: not an HDF4 file, or damaged", path_.string()),
                    "fetch the file again"};
}

Hdf4Reader::~Hdf4Reader() {
    const std::scoped_lock lock(hdf4_lock());
    SDend(id_);
}

bool Hdf4Reader::has(const std::string& name) const {
    const std::scoped_lock lock(hdf4_lock());
    return SDnametoindex(id_, name.c_str()) != FAIL;
}

std::vector<int> Hdf4Reader::shape(const std::string& name) const {
    const std::scoped_lock lock(hdf4_lock());
    return DataSet(id_, path_, name).shape;
}

void Hdf4Reader::require_shape(const std::string& name, const std::vector<int>& wanted) const {
    const std::vector<int> found = shape(name);
    if (found != wanted)
        bad(path_, name,
            fmt::format("is {} instead of {}", fmt::join(found, " x "), fmt::join(wanted, " x ")));
}

template <typename T>
std::vector<T> Hdf4Reader::read(const std::string& name, const Hyperslab& slab) const {
    const std::scoped_lock lock(hdf4_lock());
    const DataSet set(id_, path_, name);
    const bool whole = slab.start.empty() && slab.count.empty();
    const Hyperslab part =
        whole ? Hyperslab{std::vector<int>(set.shape.size(), 0), set.shape} : slab;
    if (!inside(part, set.shape))
        bad(path_, name,
            fmt::format("is {}, too small for what is asked", fmt::join(set.shape, " x ")));
    const auto fail = [&](const std::string& what) { bad(path_, name, what); };
    switch (set.type) {
        case DFNT_UINT8:
        case DFNT_UCHAR8:
            return read_as<T, std::uint8_t>(set, part, fail);
        case DFNT_INT8:
        case DFNT_CHAR8:
            return read_as<T, std::int8_t>(set, part, fail);
        case DFNT_INT16:
            return read_as<T, std::int16_t>(set, part, fail);
        case DFNT_UINT16:
            return read_as<T, std::uint16_t>(set, part, fail);
        case DFNT_INT32:
            return read_as<T, std::int32_t>(set, part, fail);
        case DFNT_FLOAT32:
            return read_as<T, float>(set, part, fail);
        case DFNT_FLOAT64:
            return read_as<T, double>(set, part, fail);
        default:
            bad(path_, name, fmt::format("has the unknown number type {}", set.type));
    }
}

Hdf4Writer::Hdf4Writer(std::filesystem::path path, const Hdf4Attributes& attributes)
    : path_(std::move(path)) {
    const std::scoped_lock lock(hdf4_lock());
    // The library keeps the name it was given in the file. Ours is temporary, so it gets one that
    // is always the same instead, that of a descriptor far above those in use.
    descriptor_ = open_high(path_);
    const std::string constant_name = fmt::format("/proc/self/fd/{}", descriptor_);
    id_ = SDstart(descriptor_ < 0 ? path_.c_str() : constant_name.c_str(), DFACC_CREATE);
    if (id_ == FAIL) {
        if (descriptor_ >= 0) ::close(descriptor_);
        throw Error{Exit::cannot_create, fmt::format("cannot create {}", path_.string())};
    }
    for (const auto& [name, text] : attributes)
        SDsetattr(id_, name.c_str(), DFNT_CHAR8, static_cast<int32>(text.size()), text.data());
}

Hdf4Writer::~Hdf4Writer() {
    const std::scoped_lock lock(hdf4_lock());
    if (id_ != FAIL) SDend(id_);
    if (descriptor_ >= 0) ::close(descriptor_);
}

template <typename T>
void Hdf4Writer::write(const std::string& name, std::span<const T> values,
                       const Hdf4Layout& layout) {
    if (values.size() != product(layout.shape))
        throw Error{Exit::internal,
                    fmt::format("{}: \"{}\" has {} values for {}", path_.string(), name,
                                values.size(), fmt::join(layout.shape, " x "))};
    const std::scoped_lock lock(hdf4_lock());
    std::vector<int32> sizes(layout.shape.begin(), layout.shape.end());
    std::vector<int32> start(sizes.size(), 0);
    const int32 set = SDcreate(id_, name.c_str(), number_type<T>(),
                               static_cast<int32>(sizes.size()), sizes.data());
    bool ok = set != FAIL;
    if (ok && layout.deflate > 0) {
        comp_info compression{};
        compression.deflate.level = layout.deflate;
        ok = SDsetcompress(set, COMP_CODE_DEFLATE, &compression) != FAIL;
    }
    for (std::size_t i = 0; ok && i < layout.dimensions.size(); ++i)
        ok = SDsetdimname(SDgetdimid(set, static_cast<int>(i)), layout.dimensions[i].c_str()) !=
             FAIL;
    for (const auto& [key, text] : layout.attributes)
        ok = ok && SDsetattr(set, key.c_str(), DFNT_CHAR8, static_cast<int32>(text.size()),
                             text.data()) != FAIL;
    // The C interface takes the data without const but does not change it.
    ok = ok && SDwritedata(set, start.data(), nullptr, sizes.data(),
                           const_cast<T*>(values.data())) != FAIL;
    if (set != FAIL) ok = SDendaccess(set) != FAIL && ok;
    if (!ok)
        throw Error{Exit::io_error, fmt::format("cannot write \"{}\" to {}", name, path_.string()),
                    "is the disk full?"};
}

void Hdf4Writer::close() {
    const std::scoped_lock lock(hdf4_lock());
    const std::int32_t id = id_;
    id_ = FAIL;
    if (SDend(id) == FAIL)
        throw Error{Exit::io_error, fmt::format("cannot finish {}", path_.string()),
                    "is the disk full?"};
}

#define HLS_INSTANTIATE(T)                                                                   \
    template std::vector<T> Hdf4Reader::read<T>(const std::string&, const Hyperslab&) const; \
    template void Hdf4Writer::write<T>(const std::string&, std::span<const T>, const Hdf4Layout&);
HLS_INSTANTIATE(std::uint8_t)
HLS_INSTANTIATE(std::int8_t)
HLS_INSTANTIATE(std::int16_t)
HLS_INSTANTIATE(std::uint16_t)
HLS_INSTANTIATE(std::int32_t)
HLS_INSTANTIATE(float)
#undef HLS_INSTANTIATE

}  // namespace hls::io
