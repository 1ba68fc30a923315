// SPDX-License-Identifier: Apache-2.0
// Archives from strangers: what is whole comes out as it was, what is hostile or damaged is
// refused.
#include "fs/unpack.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>

#include "core/error.hpp"
#include "fs/zip_directory.hpp"

namespace hls::fs {
namespace {

namespace stdfs = std::filesystem;

class UnpackTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = stdfs::temp_directory_path() / ("hls_unpack_" + std::to_string(::getpid()));
        stdfs::create_directories(folder_);
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    // Runs `script` with z, t: an empty zip and tar file to fill, and info(name, mode).
    stdfs::path make(const std::string& script, const std::string& name = "a.zip") {
        const auto path = folder_ / name;
        stdfs::remove(path);
        std::ofstream(folder_ / "make.py")
            << "import io, stat, sys, tarfile, zipfile\n"
               "path = sys.argv[1]\n"
               "def info(name, mode=0o100644):\n"
               "    i = zipfile.ZipInfo(name); i.create_system = 3; i.external_attr = mode << 16\n"
               "    return i\n"
               "def member(t, name, text=b'', **more):\n"
               "    i = tarfile.TarInfo(name); i.size = len(text)\n"
               "    for k, v in more.items(): setattr(i, k, v)\n"
               "    t.addfile(i, io.BytesIO(text))\n"
            << script;
        const std::string command =
            "python3 -W ignore " + (folder_ / "make.py").string() + ' ' + path.string();
        EXPECT_EQ(std::system(command.c_str()), 0) << script;
        return path;
    }
    static Error error_of(const std::function<void()>& body) {
        try {
            body();
        } catch (const Error& error) {
            return error;
        }
        return {Exit::ok, ""};
    }
    stdfs::path folder_;
};

const std::string kGood =
    "z = zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED)\n"
    "z.writestr('P/', '')\n"
    "z.writestr('P/a.txt', 'alpha')\n"
    "z.writestr('P/b/c.bin', bytes(range(256)) * 40)\n";

TEST_F(UnpackTest, WhatIsWholeComesOut) {
    const auto zip = make(kGood + "z.close()\n");
    test_archive(zip);
    const auto members = read_zip_directory(zip);
    ASSERT_EQ(members.size(), 3u);
    EXPECT_TRUE(members[0].folder);
    EXPECT_EQ(members[2].name, "P/b/c.bin");
    EXPECT_EQ(members[2].bytes, 10240u);
    EXPECT_LT(members[2].packed_bytes, 10240u);
    stdfs::create_directory(folder_ / "out");
    unpack_archive(zip, folder_ / "out");
    std::ifstream in(folder_ / "out/P/b/c.bin", std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}).size(), 10240u);
    EXPECT_EQ(stdfs::file_size(folder_ / "out/P/a.txt"), 5u);

    const auto tar =
        make("t = tarfile.open(path, 'w')\nmember(t, 'x/y.txt', b'why')\nt.close()\n", "a.tar");
    unpack_archive(tar, folder_ / "out");
    EXPECT_EQ(stdfs::file_size(folder_ / "out/x/y.txt"), 3u);
}

TEST_F(UnpackTest, HostileMembersAreRefusedAndNothingGetsOut) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"z.writestr('../evil', 'x')", "unsafe"},
        {"z.writestr('P/../../evil', 'x')", "unsafe"},
        {"z.writestr('/evil', 'x')", "unsafe"},
        {"z.writestr('C:evil', 'x')", "unsafe"},
        {"z.writestr(info('P\\\\..\\\\evil'), 'x')", "unsafe"},
        {"z.writestr(info('P/li\\nne'), 'x')", "unsafe"},
        {"z.writestr(info('P/link', 0o120777), '/etc/passwd')", "link"},
        {"z.writestr('P/a.txt', 'again')", "twice"},
        {"z.writestr('P/A.TXT', 'again')", "twice"},
        {"z.writestr('P/bomb', bytes(30_000_000))", "times its size"},
        {"[z.writestr(f'P/{i}', '') for i in range(4100)]", "4096"}};
    for (const auto& [line, why] : cases) {
        const auto zip = make(kGood + line + "\nz.close()\n");
        const auto out = folder_ / "in" / "out";
        stdfs::create_directories(out);
        const Error tested = error_of([&] { test_archive(zip); });
        EXPECT_EQ(tested.code, Exit::bad_input) << line;
        EXPECT_NE(tested.message.find(why), std::string::npos) << line << ": " << tested.message;
        EXPECT_EQ(error_of([&] { unpack_archive(zip, out); }).code, Exit::bad_input) << line;
        EXPECT_FALSE(stdfs::exists(folder_ / "in/evil")) << line;
        EXPECT_FALSE(stdfs::exists(folder_ / "evil")) << line;
        EXPECT_FALSE(stdfs::is_symlink(out / "P/link")) << line;
        stdfs::remove_all(folder_ / "in");
    }
    EXPECT_FALSE(stdfs::exists("/evil"));
    for (const std::string line :
         {"member(t, 'l', type=tarfile.SYMTYPE, linkname='/etc')",
          "member(t, 'h', type=tarfile.LNKTYPE, linkname='x')",
          "member(t, 'd', type=tarfile.CHRTYPE)", "member(t, '../evil', b'x')"}) {
        const auto tar =
            make("t = tarfile.open(path, 'w')\nmember(t, 'x', b'x')\n" + line + "\nt.close()\n",
                 "a.tar");
        EXPECT_EQ(error_of([&] { test_archive(tar); }).code, Exit::bad_input) << line;
    }
}

TEST_F(UnpackTest, AnyFlippedOrMissingByteOfTheDataShows) {
    const auto zip =
        make(kGood +
             "z.writestr('P/n', bytes((i * 7919 >> 3) & 255 for i in range(5000)))\nz.close()\n");
    std::ifstream in(zip, std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    const auto damaged = folder_ / "damaged.zip";
    for (std::size_t at = 60; at < whole.size() - 22; at += 37) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
        std::ofstream(damaged, std::ios::binary) << bytes;
        const Error error = error_of([&] {
            read_zip_directory(damaged);
            test_archive(damaged);
        });
        // Dates, attributes and version fields carry nothing.
        if (error.code == Exit::ok) continue;
        EXPECT_EQ(error.code, Exit::bad_input) << at;
    }
    // The bytes of the last member, behind its header.
    const auto data = whole.find("P/n") + 3 + 100;
    std::string bytes = whole;
    bytes[data] = static_cast<char>(bytes[data] ^ 1);
    std::ofstream(damaged, std::ios::binary) << bytes;
    EXPECT_EQ(error_of([&] { test_archive(damaged); }).code, Exit::bad_input);
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() - 1}) {
        std::ofstream(damaged, std::ios::binary) << whole.substr(0, length);
        EXPECT_EQ(error_of([&] { read_zip_directory(damaged); }).code, Exit::bad_input) << length;
    }
    std::ofstream(damaged, std::ios::binary) << whole << "more";
    EXPECT_EQ(error_of([&] { read_zip_directory(damaged); }).code, Exit::bad_input);
    EXPECT_EQ(error_of([&] { read_zip_directory("/no/such.zip"); }).code, Exit::missing_input);
}

TEST_F(UnpackTest, LyingDirectoriesAreRefused) {
    const auto lie = [&](const std::string& change) {
        const auto zip = make(kGood +
                              "z.close()\nb = bytearray(open(path, 'rb').read())\n"
                              "end = b.rindex(b'PK\\5\\6'); first = b.index(b'PK\\1\\2')\n" +
                              change + "\nopen(path, 'wb').write(b)\n");
        return error_of([&] { read_zip_directory(zip); }).message;
    };
    EXPECT_NE(lie("b[end + 10] = 2").find("more members"), std::string::npos);
    EXPECT_NE(lie("b[end + 10] = 4").find("more members"), std::string::npos);
    EXPECT_NE(lie("b[end + 16] += 1").find("does not end"), std::string::npos);
    EXPECT_NE(lie("i = b.index(b'P/a.txt'); b[i] = 81").find("another name"), std::string::npos);
    // All members at the place of the first: a quine of overlaps.
    EXPECT_NE(lie("i = b.rindex(b'P/a.txt') - 4; b[i:i + 4] = bytes(4)").find("name"),
              std::string::npos);
    EXPECT_EQ(lie(""), "");
}

TEST_F(UnpackTest, Zip64IsRead) {
    const auto zip = make(
        "z = zipfile.ZipFile(path, 'w')\n"
        "with z.open(info('P/big'), 'w', force_zip64=True) as f: f.write(b'x' * 1000)\n"
        "[z.writestr(f'P/{i}', '') for i in range(66000)]\nz.close()\n");
    const auto members = read_zip_directory(zip);
    ASSERT_EQ(members.size(), 66001u);
    EXPECT_EQ(members[0].bytes, 1000u);
}

}  // namespace
}  // namespace hls::fs
