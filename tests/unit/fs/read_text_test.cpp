// SPDX-License-Identifier: Apache-2.0
// Whole files up to a limit, and what is said of others.
#include "fs/read_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.hpp"

namespace hls::fs {
namespace {

class ReadText : public testing::Test {
 protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path write(const std::string& text) {
        const auto path = folder_ / "file";
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    static Exit refusal(const std::filesystem::path& path, std::size_t limit) {
        try {
            read_text(path, limit);
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    }

    std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) /
                                    testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ReadText, WholeFilesUpToTheLimit) {
    for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 200000UL}) {
        std::string text(size, 'x');
        if (size > 0) text.back() = '\0';
        const auto path = write(text);
        EXPECT_EQ(read_text(path, size), text);
        if (size > 0) {
            EXPECT_EQ(refusal(path, size - 1), Exit::bad_input) << size;
        }
    }
}

TEST_F(ReadText, SaysWhatIsNoFile) {
    EXPECT_EQ(refusal(folder_ / "absent", 10), Exit::missing_input);
    EXPECT_EQ(refusal(folder_, 10), Exit::missing_input);
}

}  // namespace
}  // namespace hls::fs
