// SPDX-License-Identifier: Apache-2.0
// HDF4 written and read back: types, ranks, parts, and files that are absent, damaged or wrong.
#include "io/hdf4.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "core/error.hpp"

namespace hls::io {
namespace {

namespace stdfs = std::filesystem;

class Hdf4 : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ =
            stdfs::path(testing::TempDir()) /
            ("hdf4_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        stdfs::remove_all(folder_);
        stdfs::create_directories(folder_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    stdfs::path cube_file() const {
        const stdfs::path path = folder_ / "cube.hdf";
        std::vector<std::int16_t> cube(4 * 5 * 6);
        std::iota(cube.begin(), cube.end(), std::int16_t{-10});
        Hdf4Writer writer(path, {{"command", "made by a test"}});
        writer.write<std::int16_t>("the cube", cube,
                                   {{4, 5, 6}, 4, {"z", "y", "x"}, {{"key", "0=none"}}});
        const std::vector<float> line{0.5f, -1.f, 3e9f};
        writer.write<float>("line", line, {{3}, 0, {}, {}});
        writer.write<std::int32_t>("index", std::vector<std::int32_t>{1, 70000}, {{2}, 0, {}, {}});
        writer.close();
        return path;
    }

    stdfs::path folder_;
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

TEST_F(Hdf4, TheNameOfAFileIsNotInIt) {
    const auto read = [](const stdfs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    for (const char* name : {"one.hdf", ".another.hdf.12345-0.tmp"}) {
        Hdf4Writer writer(folder_ / name);
        writer.write<std::int32_t>("index", std::vector<std::int32_t>{1, 2}, {{2}, 0, {}, {}});
        writer.close();
    }
    EXPECT_EQ(read(folder_ / "one.hdf"), read(folder_ / ".another.hdf.12345-0.tmp"));
}

TEST_F(Hdf4, PartsOfACube) {
    const Hdf4Reader reader(cube_file());
    EXPECT_TRUE(reader.has("the cube"));
    EXPECT_FALSE(reader.has("cube"));
    EXPECT_EQ(reader.shape("the cube"), (std::vector<int>{4, 5, 6}));
    const auto part = reader.read<std::int16_t>("the cube", {{3, 1, 4}, {1, 2, 2}});
    EXPECT_EQ(part, (std::vector<std::int16_t>{90, 91, 96, 97}));
    EXPECT_EQ(reader.read<std::int16_t>("the cube").size(), 120u);
    EXPECT_EQ(reader.read<float>("the cube", {{0, 0, 0}, {1, 1, 2}}),
              (std::vector<float>{-10, -9}));
    EXPECT_EQ(reader.read<float>("line"), (std::vector<float>{0.5f, -1.f, 3e9f}));
    EXPECT_EQ(reader.read<std::int32_t>("index")[1], 70000);
}

TEST_F(Hdf4, WrongRequestsNameFileAndDataSet) {
    const Hdf4Reader reader(cube_file());
    std::string message;
    EXPECT_EQ(code_of([&] { reader.read<float>("absent"); }, &message), Exit::bad_input);
    EXPECT_NE(message.find("cube.hdf: data set \"absent\" is missing"), std::string::npos);
    EXPECT_EQ(code_of([&] {
                  reader.read<float>("the cube", {{0, 0, 0}, {4, 5, 7}});
              }),
              Exit::bad_input);
    EXPECT_EQ(code_of([&] { reader.read<float>("the cube", {{0, 0}, {4, 5}}); }), Exit::bad_input);
    EXPECT_EQ(code_of(
                  [&] {
                      reader.require_shape("the cube", {4, 5});
                  },
                  &message),
              Exit::bad_input);
    EXPECT_NE(message.find("is 4 x 5 x 6 instead of 4 x 5"), std::string::npos);
    EXPECT_EQ(code_of([&] { reader.read<std::uint16_t>("index"); }), Exit::bad_input);
}

TEST_F(Hdf4, AbsentAndDamagedFiles) {
    EXPECT_EQ(code_of([&] { Hdf4Reader reader(folder_ / "none.hdf"); }), Exit::missing_input);
    std::ofstream(folder_ / "text.hdf") << "this is not HDF";
    EXPECT_EQ(code_of([&] { Hdf4Reader reader(folder_ / "text.hdf"); }), Exit::bad_input);
    const stdfs::path path = cube_file();
    stdfs::resize_file(path, stdfs::file_size(path) / 2);
    EXPECT_EQ(code_of([&] { Hdf4Reader(path).read<std::int16_t>("the cube"); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { Hdf4Writer writer(folder_ / "no" / "such" / "folder.hdf"); }),
              Exit::cannot_create);
}

TEST_F(Hdf4, SameInputSameBytes) {
    const auto bytes = [](const stdfs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const std::string first = bytes(cube_file());
    EXPECT_EQ(first, bytes(cube_file()));
}

}  // namespace
}  // namespace hls::io
