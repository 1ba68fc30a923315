// SPDX-License-Identifier: Apache-2.0
// The golden Landsat case: NASA's LaSRC 3.1.0 on a synthetic granule, read in place.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/view2d.hpp"
#include "io/raster.hpp"

#define SKIP_WITHOUT_GOLDEN_DATA() \
    if (!std::filesystem::exists(golden::folder())) GTEST_SKIP() << "no " << golden::folder()

namespace hls::lasrc::golden {

inline constexpr const char* kProduct = "LC08_L1TP_042029_20200629_20200708_02_T1";

inline std::filesystem::path folder() {
    const char* data = std::getenv("HLS_TEST_DATA");
    return std::filesystem::path(data ? data : "../shared/data") / "golden" / "lasrc_landsat";
}
inline std::filesystem::path granule() {
    return folder() / kProduct;
}
inline std::string granule_file(const std::string& suffix) {
    return (granule() / (std::string(kProduct) + suffix)).string();
}
inline std::filesystem::path ancillary() {
    return folder() / "ancillary";
}
inline std::filesystem::path tables() {
    return ancillary() / "LDCMLUT";
}

template <typename T>
Plane<T> read(const std::string& path) {
    return io::RasterReader(path).template read<T>();
}
template <typename T>
Plane<T> expected(const std::string& name) {
    return read<T>((folder() / "expected" / (name + ".tif")).string());
}

// How far two sets of numbers agree.
struct Agreement {
    long total = 0, same = 0, near = 0;
    double worst = 0;
    double tolerance;

    explicit Agreement(double near_tolerance) : tolerance(near_tolerance) {}
    void add(double got, double want) {
        const double difference = std::fabs(got - want);
        ++total;
        same += difference == 0 ? 1 : 0;
        near += difference <= tolerance ? 1 : 0;
        worst = difference > worst ? difference : worst;
    }
    double percent_same() const {
        return 100. * static_cast<double>(same) / static_cast<double>(total);
    }
    double percent_near() const {
        return 100. * static_cast<double>(near) / static_cast<double>(total);
    }
    void print(const std::string& what) const {
        std::printf("%-24s %8ld values, identical %8.4f %%, within %g %8.4f %%, largest %g\n",
                    what.c_str(), total, percent_same(), tolerance, percent_near(), worst);
    }
};

template <typename T>
Agreement compare(const Plane<T>& got, const Plane<T>& want, double tolerance) {
    Agreement agreement(tolerance);
    for (std::size_t i = 0; i < want.size(); ++i)
        agreement.add(static_cast<double>(got.cells()[i]), static_cast<double>(want.cells()[i]));
    return agreement;
}

}  // namespace hls::lasrc::golden
