// SPDX-License-Identifier: Apache-2.0
// Archives: members of tar files, and names that try to climb out.
#include "fs/archive.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>

#include "core/error.hpp"

namespace hls::fs {
namespace {

namespace stdfs = std::filesystem;

// One ustar member: header block, content, padding.
std::string tar_member(const std::string& name, const std::string& content, char kind = '0') {
    std::string header(512, '\0');
    header.replace(0, name.size(), name);
    header.replace(100, 7, "0000644");
    char size[13];
    std::snprintf(size, sizeof size, "%011zo", content.size());
    header.replace(124, 11, size);
    header.replace(136, 11, "00000000000");
    header.replace(148, 8, "        ");
    header[156] = kind;
    header.replace(257, 8, std::string("ustar\00000", 8));
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    char check[8];
    std::snprintf(check, sizeof check, "%06o", sum);
    header.replace(148, 7, std::string(check, 7));
    return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

class ArchiveTest : public ::testing::Test {
 protected:
    void SetUp() override {
        path_ =
            stdfs::temp_directory_path() / ("hls_archive_" + std::to_string(::getpid()) + ".tar");
    }
    void TearDown() override { stdfs::remove(path_); }
    void write(const std::string& members) {
        std::ofstream(path_, std::ios::binary) << members << std::string(1024, '\0');
    }
    static Exit code_of(const std::function<void()>& body) {
        try {
            body();
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    }
    stdfs::path path_;
};

TEST_F(ArchiveTest, ListsAndReadsRegularFiles) {
    write(tar_member("./a/", "", '5') + tar_member("./a/one.txt", "first") +
          tar_member("two.txt", std::string(5000, 'x')));
    const auto members = list_archive(path_);
    ASSERT_EQ(members.size(), 2U);
    EXPECT_EQ(members[0].name, "a/one.txt");
    EXPECT_EQ(members[0].bytes, 5U);
    EXPECT_EQ(members[1].name, "two.txt");
    EXPECT_EQ(read_archive_member(path_, "a/one.txt", 100), "first");
    EXPECT_EQ(read_archive_member(path_, "two.txt", 5000).size(), 5000U);
}

TEST_F(ArchiveTest, RefusesNamesThatLeadOut) {
    for (const char* name : {"../evil", "a/../../evil", "/etc/passwd", "a\\..\\evil"}) {
        write(tar_member(name, "x"));
        EXPECT_EQ(code_of([&] { list_archive(path_); }), Exit::bad_input) << name;
    }
}

TEST_F(ArchiveTest, RefusesLargeOrAbsentMembers) {
    write(tar_member("a", std::string(1000, 'x')));
    EXPECT_EQ(code_of([&] { read_archive_member(path_, "a", 999); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { read_archive_member(path_, "b", 999); }), Exit::bad_input);
}

TEST_F(ArchiveTest, CorruptMissingAndEmptyFiles) {
    std::ofstream(path_) << "this is no archive, but a text that is long enough to be looked at";
    EXPECT_EQ(code_of([&] { list_archive(path_); }), Exit::bad_input);
    const auto whole = tar_member("a", std::string(4000, 'x'));
    std::ofstream(path_, std::ios::binary) << whole.substr(0, 2000);
    EXPECT_EQ(code_of([&] { read_archive_member(path_, "a", 9999); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { list_archive("/no/such.tar"); }), Exit::missing_input);
}

}  // namespace
}  // namespace hls::fs
