// SPDX-License-Identifier: Apache-2.0
// HDF5 written and read back through GDAL, in the group layout of the VIIRS grids.
#include "io/hdf5.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <numeric>

#include "core/error.hpp"

namespace hls::io {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kOzone = "/HDFEOS/GRIDS/VIIRS_CMG/Data Fields/Coarse Resolution Ozone";

class Hdf5 : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ =
            stdfs::path(testing::TempDir()) /
            ("hdf5_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        stdfs::remove_all(folder_);
        stdfs::create_directories(folder_);
        path_ = folder_ / "grid.h5";
        std::vector<std::uint8_t> values(20 * 10);
        std::iota(values.begin(), values.end(), std::uint8_t{0});
        Hdf5Writer writer(path_);
        writer.write<std::uint8_t>(kOzone, values, {{20, 10}, {4, 10}, 4});
        writer.write<float>("/line", std::vector<float>{1.5f, 2.f}, {{2}, {}, 0});
        writer.close();
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    stdfs::path folder_, path_;
};

Exit code_of(const std::function<void()>& action, std::string* message = nullptr) {
    try {
        action();
    } catch (const Error& error) {
        if (message) *message = error.message;
        return error.code;
    }
    return Exit::ok;
}

TEST_F(Hdf5, PartsByFullName) {
    const Hdf5Reader reader(path_);
    EXPECT_EQ(reader.read_shaped<std::uint8_t>(kOzone, {20, 10}, {{18, 7}, {2, 3}}),
              (std::vector<std::uint8_t>{187, 188, 189, 197, 198, 199}));
    EXPECT_EQ(reader.read_shaped<float>("/line", {2}), (std::vector<float>{1.5f, 2.f}));
}

TEST_F(Hdf5, WrongFilesAndDataSets) {
    std::string message;
    EXPECT_EQ(code_of(
                  [&] {
                      Hdf5Reader(path_).read_shaped<std::uint8_t>("/absent", {20, 10});
                  },
                  &message),
              Exit::bad_input);
    EXPECT_NE(message.find("grid.h5: data set \"/absent\" is missing"), std::string::npos);
    EXPECT_EQ(code_of(
                  [&] {
                      Hdf5Reader(path_).read_shaped<std::uint8_t>(kOzone, {20, 11});
                  },
                  &message),
              Exit::bad_input);
    EXPECT_NE(message.find("is 20 x 10 instead of 20 x 11"), std::string::npos);
    EXPECT_EQ(code_of([&] {
                  Hdf5Reader(path_).read_shaped<std::uint8_t>(kOzone, {20, 10}, {{18, 7}, {3, 3}});
              }),
              Exit::bad_input);
    EXPECT_EQ(code_of([&] { Hdf5Reader reader(folder_ / "none.h5"); }), Exit::missing_input);
    std::ofstream(folder_ / "text.h5") << "this is not HDF";
    EXPECT_EQ(code_of([&] { Hdf5Reader reader(folder_ / "text.h5"); }), Exit::bad_input);
    stdfs::resize_file(path_, stdfs::file_size(path_) / 2);
    EXPECT_EQ(code_of([&] {
                  Hdf5Reader(path_).read_shaped<std::uint8_t>(kOzone, {20, 10});
              }),
              Exit::bad_input);
}

}  // namespace
}  // namespace hls::io
