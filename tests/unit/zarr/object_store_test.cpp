// SPDX-License-Identifier: Apache-2.0
// Both stores behave alike, and the one on disk loses nothing when a call fails.
#include "zarr/object_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <thread>

#include "core/error.hpp"
#include "temporary_folder.hpp"
#include "zarr/local_store.hpp"

namespace hls::zarr {
namespace {

ByteView bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string get(const ObjectStore& store, std::string_view key) {
    Bytes out;
    if (!store.get(key, out)) return "(none)";
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

Exit code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code;
    }
    return Exit::ok;
}

void check_store(ObjectStore& store) {
    EXPECT_EQ(get(store, "a/b"), "(none)");
    EXPECT_FALSE(store.head("a/b"));
    store.put("a/b", bytes("hello"));
    store.put("a/c/d", bytes(""));
    store.put("top", bytes("x"));
    EXPECT_EQ(get(store, "a/b"), "hello");
    EXPECT_EQ(get(store, "a"), "(none)");  // a folder is no object
    EXPECT_EQ(get(store, "a/b/c"), "(none)");

    Bytes part;
    ASSERT_TRUE(store.get_range("a/b", {1, 3}, part));
    EXPECT_EQ(part, Bytes(bytes("ell").begin(), bytes("ell").end()));
    ASSERT_TRUE(store.get_range("a/b", {2, 2, true}, part));
    EXPECT_EQ(part, Bytes(bytes("lo").begin(), bytes("lo").end()));
    EXPECT_EQ(code_of([&] { store.get_range("a/b", {4, 2}, part); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { store.get_range("a/b", {6, 1, true}, part); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { store.get_range("a/b", {~0ull, 2}, part); }), Exit::bad_input);
    EXPECT_EQ(code_of([&] { store.get("a/b", part, 4); }), Exit::bad_input);

    const auto keys = [&](std::string_view prefix) {
        std::vector<std::string> found;
        for (const auto& object : store.list(prefix)) found.push_back(object.key);
        return found;
    };
    EXPECT_EQ(keys(""), (std::vector<std::string>{"a/b", "a/c/d", "top"}));
    EXPECT_EQ(keys("a/"), (std::vector<std::string>{"a/b", "a/c/d"}));
    EXPECT_EQ(keys("to"), std::vector<std::string>{"top"});
    EXPECT_EQ(keys("none/"), std::vector<std::string>{});
    EXPECT_EQ(store.folders(""), std::vector<std::string>{"a"});
    EXPECT_EQ(store.folders("a"), std::vector<std::string>{"c"});

    const auto version = store.head("a/b")->version;
    EXPECT_EQ(code_of([&] { store.put("a/b", bytes("y"), {true, ""}); }), Exit::temporary);
    EXPECT_EQ(code_of([&] { store.put("a/b", bytes("y"), {false, "other"}); }), Exit::temporary);
    store.put("a/b", bytes("HELLO"), {false, version});
    EXPECT_EQ(get(store, "a/b"), "HELLO");
    EXPECT_NE(store.head("a/b")->version, version);
    EXPECT_TRUE(store.remove("a/b"));
    EXPECT_FALSE(store.remove("a/b"));
    store.sync();
    EXPECT_EQ(get(store, "a/b"), "(none)");
    for (const char* key : {"../x", "/etc/x", "a//b", "", "caf\xe9"})
        EXPECT_EQ(code_of([&] { store.put(key, bytes("x")); }), Exit::bad_input) << key;
}

TEST(ObjectStore, InMemory) {
    MemoryStore store;
    check_store(store);
}

TEST(ObjectStore, InAFolder) {
    const TemporaryFolder folder;
    LocalStore store(folder / "s.zarr");
    EXPECT_EQ(store.list("").size(), 0u);
    check_store(store);
    // Nothing but objects in the store, nothing left in the staging area.
    EXPECT_TRUE(std::filesystem::is_empty(store.staging()));
}

// Fails the n-th call that changes the disk, and every one after it, as a dying disk does.
class FailingCalls final : public FileCalls {
 public:
    FailingCalls(int allowed, int error) : allowed_(allowed), error_(error) {}
    int open(const char* path, int flags, unsigned mode) override {
        const bool writes = (flags & O_CREAT) != 0;
        return writes && fails() ? -1 : FileCalls::open(path, flags, mode);
    }
    ssize_t write(int descriptor, const void* data, std::size_t size) override {
        // Short writes on the way.
        return fails() ? -1 : FileCalls::write(descriptor, data, (size + 1) / 2);
    }
    int fsync(int descriptor) override { return fails() ? -1 : FileCalls::fsync(descriptor); }
    int rename(const char* from, const char* to) override {
        return fails() ? -1 : FileCalls::rename(from, to);
    }
    int mkdir(const char* path, unsigned mode) override {
        return fails() ? -1 : FileCalls::mkdir(path, mode);
    }
    int calls() const { return calls_; }

 private:
    bool fails() {
        errno = error_;
        return ++calls_ > allowed_;
    }
    int allowed_;
    int error_;
    int calls_ = 0;
};

TEST(LocalStore, AFailedPutLeavesTheOldObjectOrTheNewOne) {
    for (const int error : {ENOSPC, EIO}) {
        bool succeeded = false;
        for (int allowed = 0; !succeeded; ++allowed) {
            ASSERT_LT(allowed, 100);
            const TemporaryFolder folder;
            LocalStore(folder / "s").put("red/0.0", bytes("old"));
            FailingCalls calls(allowed, error);
            LocalStore store(folder / "s", {}, calls);
            const auto code = code_of([&] { store.put("red/0.0", bytes("new content")); });
            succeeded = code == Exit::ok;
            EXPECT_TRUE(succeeded || code == Exit::io_error || code == Exit::cannot_create);
            const auto now = get(LocalStore(folder / "s"), "red/0.0");
            EXPECT_TRUE(now == "new content" || (!succeeded && now == "old")) << now;
            EXPECT_TRUE(std::filesystem::is_empty(store.staging()));
        }
    }
}

// Readers of an object that is replaced all the time see one of its contents, whole.
TEST(LocalStore, ReadersNeverSeeATornObject) {
    const TemporaryFolder folder;
    LocalStore store(folder / "s");
    const std::string contents[] = {std::string(300'000, 'a'), std::string(200'000, 'b')};
    store.put("k", bytes(contents[0]));
    std::jthread writer([&](const std::stop_token& stop) {
        DurableFiles files;
        for (int i = 0; !stop.stop_requested(); ++i) {
            const auto staged = store.staging() / std::to_string(i);
            files.write_new(staged, bytes(contents[i % 2]));
            store.publish(staged, "k");
        }
    });
    for (int i = 0; i < 3000; ++i) {
        const auto now = get(store, "k");
        ASSERT_TRUE(now == contents[0] || now == contents[1]) << now.size();
    }
}

}  // namespace
}  // namespace hls::zarr
