// SPDX-License-Identifier: Apache-2.0
// An output exists completely or not at all.
#include "fs/atomic_output.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/error.hpp"

namespace hls::fs {
namespace {

namespace stdfs = std::filesystem;

class AtomicOutput : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (stdfs::temp_directory_path() / "hls-atomic-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { stdfs::remove_all(folder_); }

    std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(stdfs::directory_iterator(folder_), stdfs::directory_iterator()));
    }
    static std::string read(const stdfs::path& path) {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static Exit code_of(const auto& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code;
        }
        return Exit::ok;
    }

    stdfs::path folder_;
};

TEST_F(AtomicOutput, FileAppearsOnCommitOnly) {
    {
        AtomicFile file(folder_ / "a.txt", IfExists::refuse);
        std::ofstream(file.temporary()) << "half";
        EXPECT_FALSE(stdfs::exists(folder_ / "a.txt"));
    }
    EXPECT_EQ(entries(), 0u) << "an abandoned file leaves nothing";
    write_text_atomically(folder_ / "a.txt", "whole", IfExists::refuse);
    EXPECT_EQ(read(folder_ / "a.txt"), "whole");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicOutput, RefusesWhatExists) {
    write_text_atomically(folder_ / "a", "old", IfExists::refuse);
    EXPECT_EQ(code_of([&] { write_text_atomically(folder_ / "a", "new", IfExists::refuse); }),
              Exit::cannot_create);
    EXPECT_EQ(read(folder_ / "a"), "old");
    write_text_atomically(folder_ / "a", "new", IfExists::replace);
    EXPECT_EQ(read(folder_ / "a"), "new");
}

TEST_F(AtomicOutput, ReplacesNoDeviceOrPipe) {
    ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
    stdfs::create_symlink("pipe", folder_ / "link");
    for (const char* name : {"pipe", "link"})
        for (const auto mode : {IfExists::refuse, IfExists::replace})
            EXPECT_EQ(code_of([&] { write_text_atomically(folder_ / name, "new", mode); }),
                      Exit::cannot_create);
    EXPECT_EQ(code_of([&] { check_output("/dev/stdout", IfExists::replace); }),
              Exit::cannot_create);
    EXPECT_TRUE(stdfs::is_fifo(folder_ / "pipe"));
    EXPECT_TRUE(stdfs::is_symlink(folder_ / "link"));
    EXPECT_EQ(entries(), 2u);
}

TEST_F(AtomicOutput, RefusesWhatAppearedMeanwhile) {
    AtomicFile file(folder_ / "a", IfExists::refuse);
    std::ofstream(file.temporary()) << "mine";
    std::ofstream(folder_ / "a") << "theirs";
    EXPECT_EQ(code_of([&] { file.commit(); }), Exit::cannot_create);
    EXPECT_EQ(read(folder_ / "a"), "theirs");
}

TEST_F(AtomicOutput, FolderIsSwappedAsAWhole) {
    const auto target = folder_ / "scene";
    for (const char* text : {"one", "two"}) {
        AtomicDirectory directory(target.string() + "/", IfExists::replace);
        std::ofstream(directory.temporary() / "file") << text;
        directory.commit();
        EXPECT_EQ(read(target / "file"), text);
        EXPECT_EQ(entries(), 1u) << "the old folder is gone";
    }
    {
        AtomicDirectory abandoned(folder_ / "other", IfExists::refuse);
        std::ofstream(abandoned.temporary() / "file") << "x";
    }
    EXPECT_EQ(entries(), 1u);
    EXPECT_EQ(code_of([&] { AtomicDirectory again(target, IfExists::refuse); }),
              Exit::cannot_create);
}

TEST_F(AtomicOutput, MakesMissingParents) {
    write_text_atomically(folder_ / "x" / "y" / "a", "deep", IfExists::refuse);
    EXPECT_EQ(read(folder_ / "x" / "y" / "a"), "deep");
    EXPECT_EQ(code_of([&] {
                  write_text_atomically(folder_ / "x" / "y" / "a" / "b", "", IfExists::refuse);
              }),
              Exit::cannot_create);
}

}  // namespace
}  // namespace hls::fs
