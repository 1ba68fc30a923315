// SPDX-License-Identifier: Apache-2.0
#include "zarr/durable_files.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <fstream>

#include "core/error.hpp"
#include "temporary_folder.hpp"
#include "zarr/scratch.hpp"

namespace hls::zarr {
namespace {

namespace stdfs = std::filesystem;

// Answers one write in its own way.
class OddCalls : public FileCalls {
 public:
    enum class Answer { as_is, invalid, no_space, half, odd_length, interrupted };

    OddCalls(int at_write, Answer answer) : at_(at_write), answer_(answer) {}

    ssize_t write(int descriptor, const void* data, std::size_t bytes) override {
        if (writes_++ != at_) return FileCalls::write(descriptor, data, bytes);
        switch (answer_) {
            case Answer::invalid:
                errno = EINVAL;
                return -1;
            case Answer::no_space:
                errno = ENOSPC;
                return -1;
            case Answer::interrupted:
                errno = EINTR;
                return -1;
            case Answer::half:
                return FileCalls::write(descriptor, data, bytes / 2 / 4096 * 4096);
            case Answer::odd_length:  // refused by direct I/O, short otherwise
                return FileCalls::write(descriptor, data, bytes / 2 + 1);
            case Answer::as_is:
                break;
        }
        return FileCalls::write(descriptor, data, bytes);
    }
    int writes() const { return writes_; }

 private:
    int writes_ = 0;
    int at_;
    Answer answer_;
};

std::string content_of(const stdfs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class DurableFilesTest : public testing::TestWithParam<bool> {
 protected:
    // At an address that direct I/O takes, or next to one.
    ByteView content(std::size_t bytes) {
        const auto memory = scratch_.take(bytes + 1).subspan(GetParam() ? 0 : 1, bytes);
        for (std::size_t i = 0; i < bytes; ++i)
            memory[i] = static_cast<std::byte>((i * 2654435761U) >> 13 & 0xff);
        return memory;
    }
    static std::string text(ByteView bytes) {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    TemporaryFolder folder_;
    Scratch scratch_;
};

TEST_P(DurableFilesTest, WritesAnyNumberOfBytes) {
    const DurableFiles files;
    for (const std::size_t bytes : {0, 1, 4095, 65535, 65536, 65537, 69632, 200'001, 3 << 20}) {
        const auto wanted = content(bytes);
        const auto path = folder_ / std::to_string(bytes);
        files.write_new(path, wanted);
        EXPECT_EQ(content_of(path), text(wanted)) << bytes;
        EXPECT_THROW(files.write_new(path, wanted), Error);  // it exists
        EXPECT_EQ(content_of(path), text(wanted)) << bytes;
    }
}

TEST_P(DurableFilesTest, GetsThroughWhateverWriteAnswers) {
    using Answer = OddCalls::Answer;
    const auto wanted = content(300'000);
    for (const Answer answer : {Answer::as_is, Answer::invalid, Answer::no_space, Answer::half,
                                Answer::odd_length, Answer::interrupted})
        for (int at = 0; at < 2; ++at) {
            OddCalls calls(at, answer);
            const DurableFiles files(calls);
            const auto path = folder_ / "file";
            stdfs::remove(path);
            bool failed = false;
            try {
                files.write_new(path, wanted);
            } catch (const Error& error) {
                failed = true;
                EXPECT_EQ(error.code, Exit::io_error);
            }
            const auto where = testing::Message() << static_cast<int>(answer) << " at " << at;
            // Either all of it or nothing at all.
            EXPECT_EQ(stdfs::exists(path), !failed) << where;
            if (!failed) {
                EXPECT_EQ(content_of(path), text(wanted)) << where;
            }
            if (answer == Answer::no_space) {
                EXPECT_EQ(failed, at < calls.writes()) << where;
            }
        }
}

INSTANTIATE_TEST_SUITE_P(Addresses, DurableFilesTest, testing::Bool(), [](const auto& aligned) {
    return aligned.param ? "aligned" : "unaligned";
});

class CountingCalls : public FileCalls {
 public:
    int fsync(int descriptor) override {
        ++syncs;
        if (syncs == fail_at) {
            errno = EIO;
            return -1;
        }
        return FileCalls::fsync(descriptor);
    }
    int syncfs(int descriptor) override {
        ++whole_syncs;
        return FileCalls::syncfs(descriptor);
    }
    std::atomic<int> syncs = 0;
    std::atomic<int> whole_syncs = 0;
    int fail_at = 0;
};

// An error of one sync is told, and the others are tried all the same.
TEST(SyncAll, SyncsEachOnceAndTellsErrors) {
    const TemporaryFolder folder;
    CountingCalls calls;
    const DurableFiles files(calls);
    std::vector<stdfs::path> paths;
    for (int i = 0; i < 10; ++i) {
        paths.push_back(folder / std::to_string(i));
        std::ofstream(paths.back()) << "content";
    }
    const std::vector<stdfs::path> folders{folder / ""};
    files.sync_all(paths, folders);
    EXPECT_EQ(calls.syncs, 11);
    for (int at = 1; at <= 11; ++at) {
        calls.syncs = 0;
        calls.fail_at = at;
        try {
            files.sync_all(paths, folders);
            ADD_FAILURE() << "call " << at;
        } catch (const Error& error) {
            EXPECT_EQ(error.code, Exit::io_error);
        }
        EXPECT_EQ(calls.syncs, 11);
    }
    for (int i = 10; i < 60; ++i) {
        paths.push_back(folder / std::to_string(i));
        std::ofstream(paths.back()) << "content";
    }
    files.sync_all(paths, folders);
    EXPECT_EQ(calls.whole_syncs, 1);
}

}  // namespace
}  // namespace hls::zarr
