// SPDX-License-Identifier: Apache-2.0
#include "io/hdf5.hpp"

#include <cpl_error.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gdal_priv.h>
#include <hdf5.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <numeric>
#include <type_traits>

#include "core/error.hpp"

namespace hls::io {
namespace {

// The HDF5 library of Debian is built without its thread-safe option. Reads through GDAL and our
// writes take this lock.
std::mutex& hdf5_lock() {
    static std::mutex lock;
    return lock;
}

template <typename T>
GDALDataType gdal_type() {
    if constexpr (std::is_same_v<T, std::uint8_t>) return GDT_Byte;
    if constexpr (std::is_same_v<T, std::uint16_t>) return GDT_UInt16;
    if constexpr (std::is_same_v<T, std::int16_t>) return GDT_Int16;
    if constexpr (std::is_same_v<T, std::int32_t>) return GDT_Int32;
    if constexpr (std::is_same_v<T, float>) return GDT_Float32;
}

template <typename T>
hid_t native_type() {
    if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_NATIVE_UINT8;
    if constexpr (std::is_same_v<T, std::uint16_t>) return H5T_NATIVE_UINT16;
    if constexpr (std::is_same_v<T, std::int16_t>) return H5T_NATIVE_INT16;
    if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
    if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
}

std::size_t product(const std::vector<int>& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, [](std::size_t n, int size) {
        return n * static_cast<std::size_t>(size);
    });
}

[[noreturn]] void bad(const std::filesystem::path& path, const std::string& what) {
    throw Error{Exit::bad_input, fmt::format("{}: {}", path.string(), what),
                "fetch the file again"};
}

std::unique_ptr<GDALDataset> open_quietly(const std::filesystem::path& path) {
    GDALAllRegister();
    const char* drivers[] = {"HDF5", nullptr};
    return std::unique_ptr<GDALDataset>(GDALDataset::Open(
        path.c_str(), GDAL_OF_MULTIDIM_RASTER | GDAL_OF_READONLY, drivers, nullptr, nullptr));
}

class QuietGdal {
 public:
    QuietGdal() { CPLPushErrorHandler(CPLQuietErrorHandler); }
    ~QuietGdal() { CPLPopErrorHandler(); }
    QuietGdal(const QuietGdal&) = delete;
    QuietGdal& operator=(const QuietGdal&) = delete;
};

void require_shape(const GDALMDArray& array, const std::vector<int>& shape,
                   const std::filesystem::path& path, const std::string& name) {
    std::vector<std::uint64_t> found;
    for (const auto& dimension : array.GetDimensions()) found.push_back(dimension->GetSize());
    if (!std::equal(found.begin(), found.end(), shape.begin(), shape.end(),
                    [](std::uint64_t a, int b) { return a == static_cast<std::uint64_t>(b); }))
        bad(path, fmt::format("data set \"{}\" is {} instead of {}", name, fmt::join(found, " x "),
                              fmt::join(shape, " x ")));
}

hid_t creation_properties(const Hdf5Layout& layout) {
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    // Without times of its own the same data give the same bytes.
    H5Pset_obj_track_times(properties, false);
    if (!layout.chunk.empty()) {
        const std::vector<hsize_t> chunk(layout.chunk.begin(), layout.chunk.end());
        H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
        if (layout.deflate > 0) H5Pset_deflate(properties, static_cast<unsigned>(layout.deflate));
    }
    return properties;
}

}  // namespace

Hdf5Reader::Hdf5Reader(std::filesystem::path path) : path_(std::move(path)) {
    if (::access(path_.c_str(), R_OK) != 0)
        throw Error{Exit::missing_input,
                    fmt::format("cannot read {}: {}", path_.string(), std::strerror(errno))};
    const std::scoped_lock lock(hdf5_lock());
    const QuietGdal quiet;
    if (!open_quietly(path_)) bad(path_, "not an HDF5 file, or damaged");
}

template <typename T>
std::vector<T> Hdf5Reader::read_shaped(const std::string& name, const std::vector<int>& shape,
                                       const Hyperslab& slab) const {
    const std::scoped_lock lock(hdf5_lock());
    const QuietGdal quiet;
    const auto dataset = open_quietly(path_);
    if (!dataset) bad(path_, "not an HDF5 file, or damaged");
    const auto root = dataset->GetRootGroup();
    const auto array = root ? root->OpenMDArrayFromFullname(name) : nullptr;
    if (!array) bad(path_, fmt::format("data set \"{}\" is missing", name));
    require_shape(*array, shape, path_, name);
    const std::vector<int>& sizes = slab.count.empty() ? shape : slab.count;
    std::vector<GUInt64> start(shape.size(), 0);
    if (!slab.start.empty()) start.assign(slab.start.begin(), slab.start.end());
    const std::vector<std::size_t> count(sizes.begin(), sizes.end());
    std::vector<T> values(product(sizes));
    if (!array->Read(start.data(), count.data(), nullptr, nullptr,
                     GDALExtendedDataType::Create(gdal_type<T>()), values.data()))
        bad(path_, fmt::format("data set \"{}\" is damaged", name));
    return values;
}

Hdf5Writer::Hdf5Writer(std::filesystem::path path) : path_(std::move(path)) {
    const std::scoped_lock lock(hdf5_lock());
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    id_ = H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (id_ < 0) throw Error{Exit::cannot_create, fmt::format("cannot create {}", path_.string())};
}

Hdf5Writer::~Hdf5Writer() {
    const std::scoped_lock lock(hdf5_lock());
    if (id_ >= 0) H5Fclose(id_);
}

template <typename T>
void Hdf5Writer::write(const std::string& name, std::span<const T> values,
                       const Hdf5Layout& layout) {
    if (values.size() != product(layout.shape))
        throw Error{Exit::internal,
                    fmt::format("{}: \"{}\" has {} values for {}", path_.string(), name,
                                values.size(), fmt::join(layout.shape, " x "))};
    const std::scoped_lock lock(hdf5_lock());
    const std::vector<hsize_t> sizes(layout.shape.begin(), layout.shape.end());
    const hid_t space = H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    const hid_t creation = creation_properties(layout);
    const hid_t set =
        H5Dcreate2(id_, name.c_str(), native_type<T>(), space, links, creation, H5P_DEFAULT);
    bool ok = set >= 0 &&
              H5Dwrite(set, native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0;
    if (set >= 0) ok = H5Dclose(set) >= 0 && ok;
    H5Pclose(creation);
    H5Pclose(links);
    H5Sclose(space);
    if (!ok)
        throw Error{Exit::io_error, fmt::format("cannot write \"{}\" to {}", name, path_.string()),
                    "is the disk full?"};
}

void Hdf5Writer::close() {
    const std::scoped_lock lock(hdf5_lock());
    const hid_t id = id_;
    id_ = -1;
    if (H5Fclose(id) < 0)
        throw Error{Exit::io_error, fmt::format("cannot finish {}", path_.string()),
                    "is the disk full?"};
}

template <typename T>
void replace_hdf5(const std::filesystem::path& path, const std::string& name,
                  std::span<const T> values) {
    const std::scoped_lock lock(hdf5_lock());
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    if (file < 0) bad(path, "not an HDF5 file that can be changed");
    const hid_t set = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
    const hid_t space = set < 0 ? -1 : H5Dget_space(set);
    const bool fits =
        space >= 0 && H5Sget_simple_extent_npoints(space) == static_cast<hssize_t>(values.size());
    bool ok =
        fits && H5Dwrite(set, native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0;
    if (space >= 0) H5Sclose(space);
    if (set >= 0) ok = H5Dclose(set) >= 0 && ok;
    ok = H5Fclose(file) >= 0 && ok;
    if (!fits) bad(path, fmt::format("data set \"{}\" is missing or of another size", name));
    if (!ok)
        throw Error{Exit::io_error, fmt::format("cannot write \"{}\" to {}", name, path.string()),
                    "is the disk full?"};
}

#define HLS_INSTANTIATE(T)                                                                         \
    template std::vector<T> Hdf5Reader::read_shaped<T>(                                            \
        const std::string&, const std::vector<int>&, const Hyperslab&) const;                      \
    template void Hdf5Writer::write<T>(const std::string&, std::span<const T>, const Hdf5Layout&); \
    template void replace_hdf5<T>(const std::filesystem::path&, const std::string&,                \
                                  std::span<const T>);
HLS_INSTANTIATE(std::uint8_t)
HLS_INSTANTIATE(std::uint16_t)
HLS_INSTANTIATE(std::int16_t)
HLS_INSTANTIATE(std::int32_t)
HLS_INSTANTIATE(float)
#undef HLS_INSTANTIATE

}  // namespace hls::io
