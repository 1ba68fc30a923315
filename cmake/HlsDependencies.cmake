# SPDX-License-Identifier: Apache-2.0
# Every external library, found once. Modules name the imported targets they use.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(GDAL CONFIG REQUIRED)
find_package(PROJ CONFIG REQUIRED)
find_package(EXPAT REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
find_package(Boost REQUIRED COMPONENTS filesystem)

# Debian packages CLI11 and nlohmann-json header only, HDF4 without a .pc file.
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
find_path(NLOHMANN_JSON_INCLUDE_DIR nlohmann/json.hpp REQUIRED)
find_path(HDF4_INCLUDE_DIR mfhdf.h PATH_SUFFIXES hdf REQUIRED)
find_library(HDF4_MFHDF_LIBRARY NAMES mfhdfalt REQUIRED)
find_library(HDF4_DF_LIBRARY NAMES dfalt REQUIRED)
add_library(hdf4 INTERFACE IMPORTED)
target_include_directories(hdf4 SYSTEM INTERFACE ${HDF4_INCLUDE_DIR})
target_link_libraries(hdf4 INTERFACE ${HDF4_MFHDF_LIBRARY} ${HDF4_DF_LIBRARY})
