// SPDX-License-Identifier: Apache-2.0
// Hosts that share a bucket in memory, each of which can be made to die at any single call.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.hpp"
#include "zarr/publish_lock.hpp"
#include "zarr/shared_state.hpp"

namespace hls::zarr {

namespace stdfs = std::filesystem;
using Content = std::map<std::string, std::string>;

inline Bytes bytes_of(std::string_view text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
}

// A bucket as one host sees it. From a chosen call on the host is dead: nothing it asks for happens
// any more. The call itself happens or does not.
class HostView final : public ObjectStore {
 public:
    enum class Stop { before, after };
    struct Stopped : std::exception {};
    struct Calls {
        int made = 0;
        int stop_at = -1;
        Stop stop = Stop::before;
        bool dead = false;
    };

    HostView(ObjectStore& bucket, Calls& calls) : bucket_(bucket), calls_(calls) {}

    std::string name() const override { return "bucket"; }
    bool get(std::string_view key, Bytes& out, std::uint64_t max_bytes) const override {
        return call([&] { return bucket_.get(key, out, max_bytes); });
    }
    bool get_range(std::string_view key, const ByteRange& range, Bytes& out) const override {
        return call([&] { return bucket_.get_range(key, range, out); });
    }
    std::optional<ObjectInfo> head(std::string_view key) const override {
        return call([&] { return bucket_.head(key); });
    }
    std::vector<ObjectInfo> list(std::string_view prefix) const override {
        return call([&] { return bucket_.list(prefix); });
    }
    std::vector<std::string> folders(std::string_view path) const override {
        return call([&] { return bucket_.folders(path); });
    }
    void put(std::string_view key, ByteView content, const PutCondition& condition) override {
        call([&] { bucket_.put(key, content, condition); });
    }
    void publish(const stdfs::path& staged, std::string_view key,
                 const PutCondition& condition) override {
        call([&] { bucket_.publish(staged, key, condition); });
    }
    bool remove(std::string_view key) override {
        return call([&] { return bucket_.remove(key); });
    }
    void sync() override {}

 private:
    template <typename Action>
    std::invoke_result_t<const Action&> call(const Action& action) const {
        const std::lock_guard guard(mutex_);
        const bool due = calls_.made++ == calls_.stop_at;
        if (calls_.dead || (due && calls_.stop == Stop::before)) {
            calls_.dead = true;
            throw Stopped();
        }
        if (due) {
            calls_.dead = true;
            action();
            throw Stopped();
        }
        return action();
    }

    ObjectStore& bucket_;
    Calls& calls_;
    static inline std::mutex mutex_;  // the host's views share their count of calls
};

struct Bucket {
    MemoryStore store;
    MemoryStore beside;

    Content content() const {
        Content objects;
        for (const auto& object : store.list("")) {
            Bytes data;
            store.get(object.key, data);
            objects[object.key] = {reinterpret_cast<const char*>(data.data()), data.size()};
        }
        return objects;
    }
};

// A process on a host, whose state folder it opens.
struct Host {
    Host(Bucket& bucket, const stdfs::path& folder, LeaseOptions lease = {})
        : state(folder, StateFolder::Open::create),
          store(bucket.store, calls),
          beside(bucket.beside, calls),
          shared(state, beside),
          writer(state, "test", lease),
          access{store, nullptr, DurableFiles(), &shared} {}

    HostView::Calls calls;
    StateFolder state;
    HostView store;
    HostView beside;
    SharedState shared;
    Writer writer;
    StoreAccess access;
};

// A transaction as the tool makes them: replaces, adds and removes objects of all phases.
inline void commit_step(Host& host, int step) {
    host.shared.catch_up();
    OwnerLocks rows(host.writer, {"r1/0", "r1/1"});
    StoreTransaction transaction(host.writer, host.access);
    const std::string text = "step " + std::to_string(step);
    for (const char* key : {"a/c/0", "b/c/2"})
        transaction.put(Phase::data, key, bytes_of(text + key));
    transaction.put(Phase::data, "new/" + std::to_string(step), bytes_of(text));
    if (step > 0) transaction.remove(Phase::data, "new/" + std::to_string(step - 1));
    PublishLock publish(host.writer, host.access);
    transaction.put(Phase::coordinates, "time/c/0", bytes_of("time" + text));
    transaction.put(Phase::shapes, "a/zarr.json", bytes_of("shape" + text));
    transaction.put(Phase::consolidated, "zarr.json", bytes_of("root" + text));
    transaction.commit({&rows, &publish.owner()}, 3,
                       [&] { host.state.set_property("step", std::to_string(step)); });
}

inline Content content_of_step(int step) {
    const std::string text = "step " + std::to_string(step);
    return {{"a/c/0", text + "a/c/0"},
            {"b/c/2", text + "b/c/2"},
            {"new/" + std::to_string(step), text},
            {"time/c/0", "time" + text},
            {"a/zarr.json", "shape" + text},
            {"zarr.json", "root" + text}};
}

inline std::string shared_rows(StateFolder& state) {
    std::string rows;
    for (const char* query :
         {"SELECT name, value FROM property ORDER BY 1",
          "SELECT name, generation FROM owner ORDER BY 1",
          "SELECT key, sha256 FROM object ORDER BY 1", "SELECT id, state FROM txn ORDER BY 1"}) {
        auto statement = state.db().prepare(query);
        while (statement.step()) rows += statement.text(0) + "=" + statement.text(1) + "\n";
    }
    return rows;
}

// Makes again what commit_step() staged.
class StepRemaker final : public Remaker {
 public:
    explicit StepRemaker(int step, bool changed = false) : step_(step), changed_(changed) {}
    void restage(Writer&, StoreTransaction& transaction,
                 const std::vector<std::string>& keys) override {
        const Content content = content_of_step(step_);
        for (const std::string& key : keys)
            transaction.put(Phase::data, key,
                            bytes_of(content.at(key) + (changed_ ? " changed" : "")));
    }
    void requeue(const std::vector<std::string>& keys) override { requeued = keys; }

    std::vector<std::string> requeued;

 private:
    int step_;
    bool changed_;
};

}  // namespace hls::zarr
